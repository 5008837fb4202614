#!/usr/bin/env bats
# `dump`: records as they are.
load common

golden=tests/golden/7.3-mixed.nsn

@test "dump: every record, on a line of its own" {
	run --separate-stderr "$nf" dump "$golden"
	[ "$status" = 0 ]
	[ -z "$stderr" ]
	[ "$(grep -cv '^\[ *[0-9]*\.[0-9]*\] [a-z_]* size=[0-9]* flags=0x[0-9a-f]* probe=' <<<"$output")" = 0 ]
	# as many as the other views count
	[ "${#lines[@]}" = "$("$nf" export --to json "$golden" | jq -s 'map(select(.type == "summary"))[0].records')" ]
	[[ $output == *"] sreq size=88 flags=0x1 probe="*"(netfs_sreq) cpu="*" comm=\"dd\" : rreq=00000001 sreq=1 start[B]=0x"*" what="*"(PREP) source="*"(UPLD)"* ]]
}

@test "dump --kind: by name, by number, several" {
	run "$nf" dump --kind mark "$golden"
	[ "$status" = 0 ]
	[[ ${lines[0]} == *"] mark "*"mark=1(start)"* ]]
	[[ ${lines[-1]} == *"mark=2(stop)"* ]]
	"$nf" dump -k 138 "$golden" | cmp - <(printf '%s\n' "${lines[@]}")
	[ "$("$nf" dump -k mark,138,mount "$golden" | cut -d] -f2 | cut -d' ' -f2 | sort -u | xargs)" = "mark mount" ]
}

@test "dump --kind: none of these is an answer, a name that there is not is a mistake" {
	run "$nf" dump --kind eio "$golden"
	[ "$status" = 1 ]
	[ -z "$output" ]
	run "$nf" dump --kind 77 "$golden"
	[ "$status" = 1 ]
	run "$nf" dump --kind smb_cdm "$golden"
	[ "$status" = 2 ]
	[[ $output == *"no kind of record 'smb_cdm'; did you mean 'smb_cmd'?"* ]]
	run "$nf" dump --kind frobnicate "$golden"
	[ "$status" = 2 ]
	[[ $output == *"no kind of record 'frobnicate'; docs/format.md has their names"* ]]
	run "$nf" dump --kind 256 "$golden"
	[ "$status" = 2 ]
}

@test "dump --limit: so many records" {
	[ "$("$nf" dump -n 3 "$golden" | wc -l)" = 3 ]
	[ "$("$nf" dump --limit 2 -k sreq "$golden" | wc -l)" = 2 ]
	run "$nf" dump -n 0 "$golden"
	[ "$status" = 2 ]
}

@test "dump: what is cut off is a gap, and is told" {
	head -c -300 tests/golden/6.12-mixed.nsn >"$tmp/cut.nsn"
	run --separate-stderr "$nf" dump "$tmp/cut.nsn"
	[ "$status" = 0 ]
	[[ ${lines[-1]} == *"] ---- gap: "*" ----" ]]
	[[ $stderr == *"the trace is cut off"* ]]
}

@test "dump --raw: the stream; compressed it is the same trace again" {
	"$nf" dump --raw "$golden" >"$tmp/raw"
	zstd -q --check "$tmp/raw" -o "$tmp/again.nsn"
	cmp <("$nf" report "$golden") <("$nf" report "$tmp/again.nsn")
	"$nf" import -o "$tmp/new.nsn" tests/cases/import/unknown-state.txt
	"$nf" dump --raw "$tmp/new.nsn" | zstd -q --check >"$tmp/plain.nsn"
	cmp <("$nf" report --json "$tmp/new.nsn") <("$nf" report --json "$tmp/plain.nsn")
	[ "$(stat -c %s "$tmp/new.nsn")" -lt "$(stat -c %s "$tmp/plain.nsn")" ]
	script -qec "$nf dump --raw $golden" /dev/null | grep -q "will not write binary data to a terminal"
}
