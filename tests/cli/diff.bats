#!/usr/bin/env bats
# `diff`: two recordings, two directories.
load common

a=tests/golden/6.12-mixed.nsn
b=tests/golden/7.3-mixed.nsn

@test "diff: a trace does not differ from itself" {
	run --separate-stderr "$nf" diff "$a" "$a"
	[ "$status" = 0 ]
	[ -z "$stderr" ]
	[[ ${lines[-1]} == "0 differences that matter" ]]
	[[ $output != *" *"$'\n'* ]]
}

@test "diff: two kernels: what is the same, what differs, and what cannot be said" {
	run "$nf" diff "$a" "$b"
	[ "$status" = 1 ]
	[[ $output == *"kernel 6.12."*"kernel 7.3."* ]]
	[[ $output =~ requests\ +6\ +6 ]]
	[[ $output =~ "SMB commands per MiB"\ +[0-9.]+\ +[0-9.]+\ +-[0-9]+\ %\ \* ]]
	# eight reads are no distribution
	[[ $output =~ "read: stage on the wire".*"too few (7, 7)" ]]
	for line in "${lines[@]}"; do
		[ "${#line}" -le 96 ]
	done
}

@test "diff: a kernel without netfs: what it has not is not compared" {
	run "$nf" diff tests/golden/6.1-mixed.nsn "$b"
	[ "$status" = 1 ]
	[[ $output == *"checks not evaluated: "*" in A, "*" in B"* ]]
}

@test "diff: losses are said, and what they may explain is no difference" {
	run "$nf" diff "$a" tests/golden/6.12-lossy.nsn
	[ "$status" = 0 ]
	[[ $output == *"607 records lost: amounts with + are lower bounds"* ]]
	grep -qE '^ *requests  *6  *4\+ *$' <<<"$output"
	"$nf" diff --json "$a" tests/golden/6.12-lossy.nsn | jq -es '
		map(select(.name == "requests")) | .[0].trust_a == "exact" and .[0].trust_b == "lower-bound" and .[0].verdict == "unknown"'
}

@test "diff --threshold: how much of a single number is a difference" {
	run "$nf" diff --threshold 1000 "$a" "$b"
	[ "$status" = 0 ]
	run "$nf" diff --threshold x "$a" "$b"
	[ "$status" = 2 ]
}

@test "diff --json: a head, rows, findings" {
	"$nf" diff --json "$a" "$b" >"$tmp/json" || [ $? = 1 ]
	jq -es '.[0] | .type == "diff" and .version == 2 and .recording_a.kernel != .recording_b.kernel' "$tmp/json"
	jq -es 'map(select(.type == "row")) | length > 20 and all(.verdict | IN("same", "differs", "slight", "too-few", "unknown"))' "$tmp/json"
	jq -es '(.[0].differences) == ([.[] | select(.verdict == "differs")] | length)' "$tmp/json"
}

@test "diff --html: one page without scripts and links" {
	"$nf" diff --html "$tmp/d.html" "$a" "$b" >/dev/null || [ $? = 1 ]
	[ "$(stat -c %a "$tmp/d.html")" = 600 ]
	grep -q '<tr class="differs"><td>SMB commands per MiB</td>' "$tmp/d.html"
	run ! grep -qiE '<script|https?:|src=' "$tmp/d.html"
	[ "$(grep -o '<table>' "$tmp/d.html" | wc -l)" = "$(grep -o '</table>' "$tmp/d.html" | wc -l)" ]
}

@test "diff: file names are escaped" {
	cp "$a" "$tmp/<script>"$'\e'"[31m.nsn"
	run "$nf" diff --html "$tmp/e.html" "$tmp/<script>"$'\e'"[31m.nsn" "$a"
	[ "$status" = 0 ]
	[[ $output != *$'\e'* ]]
	grep -q '&lt;script&gt;\\x1b\[31m' "$tmp/e.html"
	run ! grep -q '<script' "$tmp/e.html"
}

@test "diff: directories of xfstests, test by test" {
	mkdir "$tmp/x" "$tmp/y"
	t='"section":null,"repeat":1,"counts":{"requests":100,"retries":0}'
	printf '%s\n' '{"type":"header"}' "{\"type\":\"test\",\"name\":\"generic/001\",\"result\":\"pass\",$t}" \
		"{\"type\":\"test\",\"name\":\"generic/002\",\"result\":\"pass\",$t}" >"$tmp/x/run.json"
	sed '/002/s/pass/fail/' "$tmp/x/run.json" >"$tmp/y/run.json"
	run "$nf" diff "$tmp/x" "$tmp/y"
	[ "$status" = 1 ]
	[[ $output =~ "generic/002"\ +result\ +pass\ -\>\ fail\ \* ]]
	[[ $output != *generic/001* ]]
	run "$nf" diff "$tmp/x" "$tmp/x"
	[ "$status" = 0 ]
	run "$nf" diff "$tmp/x" "$a"
	[ "$status" = 2 ]
	one_line
}

@test "diff: usage, no such file, no trace" {
	run "$nf" diff "$a"
	[ "$status" = 2 ]
	run "$nf" diff "$a" "$tmp/absent"
	[ "$status" = 2 ]
	one_line
	run "$nf" diff "$a" tests/cli/diff.bats
	[ "$status" = 2 ]
	one_line
}
