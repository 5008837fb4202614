#!/usr/bin/env bats
# `import`: what others recorded with ftrace.
load common

text=tests/import/trace.txt

# quoted [PREFIX]: the text as a mail has it, wrapped at 60 columns
quoted() {
	echo "Somebody wrote:"
	fold -s -w 60 "$text" | sed "s/^/${1-> }/"
}

@test "import: text of tracefs becomes a trace that report, check and export read" {
	run --separate-stderr "$nf" import -o "$tmp/t.nsn" "$text"
	[ "$status" = 0 ]
	[ -z "$output" ]
	[[ $stderr == "netfsnoop: 18 events over 0.001 s in $tmp/t.nsn" ]]
	[ "$(stat -c %a "$tmp/t.nsn")" = 600 ]
	run "$nf" report --json "$tmp/t.nsn"
	[ "$status" = 0 ]
	jq -es 'map(select(.type == "request")) | length == 1 and (.[0].subrequests | length) == 1' <<<"$output"
	run "$nf" report -R 2a "$tmp/t.nsn"
	[[ $output == *SUBMT* ]]
	run "$nf" report "$tmp/t.nsn"
	[[ $output == *"imported from ftrace text: times are of ftrace's clock"* ]]
	run "$nf" export --to json "$tmp/t.nsn"
	[ "$status" = 0 ]
}

@test "import: each check is clean, or says that ftrace had not what it needs" {
	"$nf" import -o "$tmp/t.nsn" "$text" 2>/dev/null
	run "$nf" check "$tmp/t.nsn"
	[ "$status" = 4 ]
	[ "${#lines[@]}" = $(($(nr_checks) + 1)) ]
	for line in "${lines[@]::$(nr_checks)}"; do
		[[ $line =~ ^[a-z-]+\ +(clean|nothing\ to\ judge|not\ evaluated:\ .*imported\ from\ ftrace) ]]
	done
	[[ ${lines[-1]} == "$(nr_checks) checks, 0 findings; "*" could not be evaluated: see above" ]]
	[[ $output == *"lifecycle       clean"* && $output == *"ref-balance     clean"* ]]
	[[ $output == *"retry-loop      not evaluated: smb3_reconnect is off: imported from ftrace, and no such event"* ]]
}

@test "import --all-events: what is not in the text did not happen" {
	"$nf" import --all-events -o "$tmp/t.nsn" "$text" 2>/dev/null
	run "$nf" check --checks retry-loop "$tmp/t.nsn"
	[ "${lines[0]}" = "retry-loop      nothing to judge: no retries or waits" ]
}

@test "import: a mail with the same, quoted and wrapped, is the same" {
	"$nf" import -o "$tmp/t.nsn" "$text" 2>/dev/null
	quoted | "$nf" import -o "$tmp/mail.nsn" - 2>"$tmp/err"
	[[ $(<"$tmp/err") != *"could not be read"* ]]
	# the header of the text is broken, so the mail says not that nothing is missing
	diff <("$nf" report --events "$tmp/t.nsn") <("$nf" report --events "$tmp/mail.nsn" | grep -v LOST)
}

@test "import: damage is counted, and what it leaves is inconclusive" {
	sed '/SUBMT/s/f=102.*//; /smb3_cmd_enter/s/mid=.*//' "$text" >"$tmp/damaged"
	run "$nf" import -o "$tmp/t.nsn" "$tmp/damaged"
	[ "$status" = 0 ]
	[[ $output == *"skipped 2 unreadable netfs or cifs events"* ]]
	run "$nf" check "$tmp/t.nsn"
	[ "$status" = 0 ] || [ "$status" = 4 ]
	[[ $output != *"violation"* ]]
}

@test "import: what is broken in a whole trace is a violation" {
	sed '/PUT SUBREQ/d; s/\(PUT WORK IP *r=\)0/\11/; s,18/18,17/17,' "$text" >"$tmp/leak"
	"$nf" import -o "$tmp/t.nsn" "$tmp/leak" 2>/dev/null
	run "$nf" check "$tmp/t.nsn"
	[ "$status" = 1 ]
	[[ $output == *ref-balance*violation* ]]
}

@test "import: fewer events than the header counts are an excerpt: one CPU's lines, a line less" {
	sed '/PUT SUBREQ/d; s/\(PUT WORK IP *r=\)0/\11/' "$text" >"$tmp/less"
	grep -E '^#|\[000\]' tests/import/7.3.txt >"$tmp/one"
	for log in less one; do
		run "$nf" import -o "$tmp/t.nsn" "$tmp/$log"
		[[ $output == *"looks like an excerpt"* ]]
		run "$nf" check "$tmp/t.nsn"
		[ "$status" = 4 ]
		[[ $output != *violation* ]]
	done
}

@test "import: without time stamps nothing has a duration" {
	sed -E 's/ [0-9]+\.[0-9]{6}: / /' "$text" >"$tmp/untimed"
	run "$nf" import -o "$tmp/t.nsn" "$tmp/untimed"
	[ "$status" = 0 ]
	[[ ${lines[0]} == *" in $tmp/t.nsn; without time stamps, only their order is known" ]]
	run "$nf" report --timeline "$tmp/t.nsn"
	[[ $output == *SUBMT* && $output != *" us"* && $output != *" ns"* ]]
	run "$nf" report "$tmp/t.nsn"
	[[ $output == *"when     for an unknown time"* && $output == *"only the order of events is known"* ]]
	[[ $output != *"Slowest requests"* && $output != *" us"* && $output != *" ms"* ]]
	"$nf" report --json "$tmp/t.nsn" >"$tmp/json"
	jq -es 'map(select(.type == "request") | .latency_ns) | length > 0 and all(. == null)' "$tmp/json"
	jq -es 'map(select(.type == "command") | .latency_ns) | length > 0 and all(. == null)' "$tmp/json"
	jq -es 'map(select(.type == "summary"))[0] | has("duration_ns") and .duration_ns == null' "$tmp/json"
}

# forms of every front: tests/unit/test_import.c; here the text of one recording in each
@test "import: a dump in the kernel log, differences of times, an instance and grep say the same" {
	"$nf" import -o "$tmp/plain.nsn" "$text"
	# whether the text is whole a header alone says
	"$nf" report --json "$tmp/plain.nsn" | jq -c 'select(.type == "request") | del(.lost)' >"$tmp/want"
	grep -q request "$tmp/want"
	sed -E '/^#/d; s/^/[   77.000001] /' "$text" >"$tmp/log"
	sed -E 's/^( *[^#]* [0-9]+\.[0-9]+:) /\1 (+17)   /' "$text" >"$tmp/diff"
	sed -E '/^#/!s/^/one:  /' "$text" >"$tmp/instance"
	sed -E '/^#/!s/^/mail.txt:7:  /' "$text" >"$tmp/grep"
	for form in log diff instance grep; do
		cmp "$text" "$tmp/$form" && false
		"$nf" import -o "$tmp/t.nsn" "$tmp/$form"
		"$nf" report --json "$tmp/t.nsn" | jq -c 'select(.type == "request") | del(.lost)' | diff "$tmp/want" - ||
			{ echo "$form differs"; false; }
	done
}

@test "import: what is left out is named; raw fields are refused with a way out" {
	echo 'cp-51 [000] 5.0: smb3_enter: cifs_readv: xid=1' >>"$tmp/others"
	cat "$text" >>"$tmp/others"
	run "$nf" import -o "$tmp/t.nsn" "$tmp/others"
	[[ $output == *"does not keep:"*" smb3_enter 1"* ]]
	echo '   0.000 cp/51 netfs:netfs_sreq(rreq: 42, index: 1, what: 3)' >"$tmp/raw"
	run "$nf" import -o "$tmp/t.nsn" "$tmp/raw"
	[ "$status" = 2 ]
	[[ $output == *"numbers for states"*"import the recording itself"* ]]
}

@test "import: text without an event of ours is refused, and no file is left" {
	echo "netfs_rreq: what is it?" >"$tmp/prose"
	run "$nf" import -o "$tmp/none.nsn" "$tmp/prose"
	[ "$status" = 2 ]
	one_line
	[[ $output == *"trace-cmd record -e netfs"* ]]
	[ ! -e "$tmp/none.nsn" ]
}

@test "import: no such file, no file, no room" {
	run "$nf" import "$tmp/absent"
	[ "$status" = 2 ]
	one_line
	run "$nf" import
	[ "$status" = 2 ]
	run "$nf" import -o /dev/full "$text"
	[ "$status" = 3 ]
	one_line
}

@test "import: a trace.dat that is none does not crash the program" {
	printf '\027\010\104tracing6\0garbage' >"$tmp/bad.dat"
	run "$nf" import -o "$tmp/t2.nsn" "$tmp/bad.dat"
	if "$nf" --version | grep -q '^features:.*+trace\.dat'; then
		[ "$status" = 2 ]
	else
		[ "$status" = 3 ]
		[[ $output == *libtracecmd* ]]
	fi
	one_line
	[[ $output == *"trace-cmd report"* ]]
	[ ! -e "$tmp/t2.nsn" ]
}

@test "import: direct reads of real kernels, from tracefs" {
	for kernel in 6.12 7.3; do
		"$nf" import --all-events -o "$tmp/t.nsn" "tests/import/$kernel.txt" 2>"$tmp/err"
		[[ $(<"$tmp/err") != *"could not be read"* ]]
		run "$nf" check "$tmp/t.nsn"
		[ "$status" = 4 ]
		[[ $output == *"retry-rules     nothing to judge"* ]]
		for check in lifecycle ref-balance coverage retry-loop; do
			grep -q "^$check *clean" <<<"$output"
		done
		"$nf" report --json "$tmp/t.nsn" >"$tmp/json"
		# the third ends at the file's end
		jq -es 'map(select(.type == "request")) | map(.transferred) == [131072, 131072, 0]
			and all(.origin == "DR" and (.partial | not)) and (map(.subrequests) | add) == 6' "$tmp/json"
	done
}

@test "import: a reference count that jumps is of a filter nobody speaks of, and no violation" {
	sed '/PUT SUBREQ/d' "$text" >"$tmp/filtered"
	"$nf" import -o "$tmp/t.nsn" "$tmp/filtered" 2>/dev/null
	run "$nf" check --checks ref-balance,lifecycle "$tmp/t.nsn"
	[ "$status" = 4 ]
	[[ $output == *"inconclusive, error: events of this request are missing: its reference count jumps"* ]]
}

@test "import: what perf says it lost is a loss" {
	sed '/netfs_sreq:.*FREE/a cat 412 [000] 100.000911: PERF_RECORD_LOST lost 3' "$text" >"$tmp/perf"
	run "$nf" import -o "$tmp/t.nsn" "$tmp/perf"
	[[ $output == *"ftrace lost or overwrote 3 events"* ]]
	run "$nf" report "$tmp/t.nsn"
	[[ $output == *"overlap a loss"* ]]
}

@test "import: lines cut at a width say so, are losses, and blame nobody" {
	for width in 92 100 132 157; do
		cut -c1-$width tests/import/7.3.txt >"$tmp/cut"
		run "$nf" import -o "$tmp/t.nsn" "$tmp/cut"
		[ "$status" = 0 ]
		[[ $output == *"lines are cut at $width bytes: lines of that length were skipped"* ]]
		[[ $output != *"raw fields"* ]]
		run "$nf" check "$tmp/t.nsn"
		[ "$status" = 4 ]
		[[ $output != *violation* && ${lines[-1]} == *"; the recording lost "*" or more records" ]]
	done
}

@test "import: gzip, a mail in base64 and a pipe say the same" {
	"$nf" import -o "$tmp/plain.nsn" "$text"
	gzip -c "$text" >"$tmp/packed"
	{
		printf 'From: x\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n'
		base64 "$text"
	} >"$tmp/mail"
	iconv -t UTF-16 "$text" >"$tmp/wide"
	for form in packed mail wide; do
		"$nf" import -o "$tmp/t.nsn" "$tmp/$form"
		diff <("$nf" report --events "$tmp/plain.nsn") <("$nf" report --events "$tmp/t.nsn")
		"$nf" import -o "$tmp/t.nsn" - <"$tmp/$form"
		diff <("$nf" report --events "$tmp/plain.nsn") <("$nf" report --events "$tmp/t.nsn")
	done
	head -c 40 "$tmp/packed" >"$tmp/torn"
	rm "$tmp/t.nsn"
	run "$nf" import -o "$tmp/t.nsn" "$tmp/torn"
	[ "$status" = 2 ]
	one_line
	[[ $output == *"damaged"*"copy it again" && ! -e $tmp/t.nsn ]]
}

@test "import: a request whose begin is missing has no latency, and what ftrace does not know is no 0" {
	# the header, and all but the first events of the first request
	sed '/R=00000004 NEW/d; /R=00000004 DIO-READ/d' tests/import/7.3.txt >"$tmp/excerpt"
	"$nf" import -o "$tmp/t.nsn" "$tmp/excerpt"
	"$nf" report --json "$tmp/t.nsn" | jq -es 'map(select(.type == "request" and .rreq == "00000004")) | length == 1 and .[0].latency_ns == null'
	"$nf" report --json "$tmp/t.nsn" | jq -es 'map(select(.type == "request" and .rreq == "00000005"))[0].latency_ns > 0'
	"$nf" report --json "$tmp/t.nsn" | jq -es 'map(select(.type == "command")) | length > 0 and all(.granted == null and .charge == null)'
	"$nf" report --json "$tmp/t.nsn" | jq -es 'map(select(.type == "connection")) | length > 0 and all(.commands == null and .credit_waits == null)'
	run "$nf" report "$tmp/t.nsn"
	[[ $output != *"asked for credits"* && $output != *"0 commands"* && $output != *"0/0"* ]]
	"$nf" export --to sqlite -o "$tmp/t.db" "$tmp/t.nsn"
	[ -z "$(sqlite3 "$tmp/t.db" 'select 1 from command where granted is not null or charge is not null; select 1 from connection where commands is not null or credit_waits is not null')" ]
}

@test "import: times that step back make no duration below zero or beyond the recording" {
	# the second half in front, and a clock that wraps in the middle
	{ sed -n '120,$p' tests/import/7.3.txt; sed -n '1,119p' tests/import/7.3.txt; } >"$tmp/turned"
	sed -E 's/ 161\.([0-9]{6}):/   0.\1:/' tests/import/7.3.txt >"$tmp/wrapped"
	shuf --random-source=tests/import/6.12.txt tests/import/7.3.txt >"$tmp/mixed"
	for form in turned wrapped mixed; do
		run "$nf" import -o "$tmp/t.nsn" "$tmp/$form"
		[[ $output == *"older than the one before: durations across that are unknown"* ]]
		run "$nf" check "$tmp/t.nsn"
		[[ $output != *violation* ]]
		"$nf" report --json "$tmp/t.nsn" >"$tmp/json"
		jq -es '[.. | objects | to_entries[] | select((.key | test("_ns$")) and (.value | type) == "number" and (.value < 0 or .value > 200000000000))] | length == 0' "$tmp/json"
		jq -es '[.. | strings | select(test("^[0-9]{19,}$"))] | length == 0' "$tmp/json"
		run "$nf" report --timeline --all "$tmp/t.nsn"
		[[ ! $output =~ [0-9]{12}" s" ]]
	done
}
