#!/usr/bin/env bats
# `report` on files that are traces, were traces, and never were.
load common

@test "a file that does not exist: one line, 2" {
	run "$nf" report "$tmp/nothing"
	[ "$status" = 2 ]
	one_line
	[[ $output == *"$tmp/nothing"* ]]
}

@test "an empty file: one line, 2" {
	: >"$tmp/empty"
	run "$nf" report "$tmp/empty"
	[ "$status" = 2 ]
	one_line
	[[ $output == *empty* ]]
}

@test "a text file: one line, 2" {
	echo "just text" >"$tmp/text"
	run "$nf" report "$tmp/text"
	[ "$status" = 2 ]
	one_line
	[[ $output == *text* ]]
}

@test "foreign zstd data: one line, 2" {
	echo "just text" | zstd -q >"$tmp/foreign"
	run "$nf" report "$tmp/foreign"
	[ "$status" = 2 ]
	one_line
	[[ $output == *zstd* ]]
}

@test "random bytes: one line, 2" {
	head -c 65536 /dev/urandom >"$tmp/random"
	run "$nf" report "$tmp/random"
	[ "$status" = 2 ]
	one_line
}

@test "a directory: one line" {
	run "$nf" report "$tmp"
	[ "$status" = 2 ] || [ "$status" = 3 ]
	one_line
}

@test "a trace, without privilege" {
	need_trace
	cp "$golden" "$tmp/t.nsn"
	chmod 644 "$tmp/t.nsn"
	run --separate-stderr as_user "$nf" report "$tmp/t.nsn"
	[ "$status" = 0 ]
	[ -z "$stderr" ]
	[[ $output == *kernel* ]]
}

@test "a trace from standard input is the same" {
	need_trace
	"$nf" report --json "$golden" >"$tmp/file.json"
	"$nf" report --json - <"$golden" >"$tmp/pipe.json"
	cmp "$tmp/file.json" "$tmp/pipe.json"
}

@test "--json: every line is an object with a type, first trace, last summary" {
	need_trace
	"$nf" report --json "$golden" >"$tmp/json"
	jq -es 'all(type == "object" and (.type | type == "string"))
		and first.type == "trace" and last.type == "summary"' "$tmp/json"
	jq -es 'all(.. | numbers; . == floor)' "$tmp/json"
}

@test "--json: the summary adds up" {
	need_trace
	"$nf" report --json "$golden" >"$tmp/json"
	jq -es '(last.requests | map_values(.count) | add) == (map(select(.type == "request")) | length)' "$tmp/json"
	jq -es 'last.subrequests | .read.count + .write.count' "$tmp/json" >"$tmp/sum"
	[ "$(cat "$tmp/sum")" = "$(grep -c '"type":"subrequest"' "$tmp/json")" ]
	jq -es '(last.commands | map_values(.count) | add) == (map(select(.type == "command")) | length)' "$tmp/json"
}

# two_frames FILE: the golden trace again, its records in two blocks as a longer recording has them
two_frames() {
	"$nf" dump --raw "$golden" >"$tmp/raw"
	# a record begins with its size; the first one comes after the header, whose size is its word 6
	half=$(od -An -v -w2 -tu2 "$tmp/raw" | awk '
		{ word[NR - 1] = $1 }
		END {
			for (at = word[6]; at < NR; at += word[at / 2])
				;
			print at
		}')
	head -c "$half" "$tmp/raw" | zstd -q --check >"$1"
	tail -c +$((half + 1)) "$tmp/raw" | zstd -q --check >>"$1"
}

@test "a truncated trace: what is there, and that it is cut" {
	need_trace
	two_frames "$tmp/two.nsn"
	"$nf" report --json "$tmp/two.nsn" >"$tmp/two.json"
	"$nf" report --json "$golden" | cmp - "$tmp/two.json"
	whole=$(jq 'select(.type == "summary") | .records' "$tmp/two.json")
	for cut in 1 100 1000; do
		head -c -$cut "$tmp/two.nsn" >"$tmp/cut.nsn"
		run --separate-stderr "$nf" report "$tmp/cut.nsn"
		[ "$status" = 0 ]
		[[ $stderr == *cut* && $output == *"unfinished block"* ]]
		grep -q "all: the end is missing .* from \[.*\] on, or more" <<<"$output"
		"$nf" report --json "$tmp/cut.nsn" 2>/dev/null | jq -es 'any(.type == "loss" and .to_ns == null)' >/dev/null
		records=$("$nf" report --json "$tmp/cut.nsn" 2>/dev/null | jq 'select(.type == "summary") | .records')
		[ "$records" -gt 0 ]
		[ "$records" -lt "$whole" ]
	done
}

@test "a trace cut within its first block: one line, 2" {
	need_trace
	head -c $(($(stat -c %s "$golden") / 2)) "$golden" >"$tmp/cut.nsn"
	run "$nf" report "$tmp/cut.nsn"
	[ "$status" = 2 ]
	one_line
	[[ $output == *cut* ]]
}

@test "a trace with a byte changed somewhere: no crash, and it is said" {
	need_trace
	size=$(stat -c %s "$golden")
	for at in $((size / 3)) $((size / 2)) $((size * 3 / 4)); do
		cp "$golden" "$tmp/bad.nsn"
		chmod 600 "$tmp/bad.nsn"
		byte=$(od -An -tu1 -j $at -N 1 "$golden")
		# shellcheck disable=SC2059 # the byte's escape is the format
		printf "\\x$(printf %02x $((byte ^ 255)))" | dd of="$tmp/bad.nsn" bs=1 seek=$at conv=notrunc status=none
		run --separate-stderr "$nf" report "$tmp/bad.nsn"
		[ "$status" = 0 ] || [ "$status" = 2 ]
		[ -n "$stderr" ]
	done
}

@test "a full output device is an error, 3" {
	need_trace
	for how in '' --json --events --timeline; do
		run bash -c "'$nf' report $how '$golden' >/dev/full"
		[ "$status" = 3 ] || { echo "report $how: $status"; false; }
		one_line
	done
}

@test "a reader that goes away ends it quietly" {
	need_trace
	run bash -c "'$nf' report --events '$golden' | head -n 1"
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 1 ]
}

@test "no colours in a pipe, and none that a name brings along" {
	need_trace
	run "$nf" report "$golden"
	[[ $output != *$'\e'* ]]
	run "$nf" report --color=always --timeline -n 1 "$golden"
	[ "$status" = 0 ]
}

@test "the tests of an xfstests run are a table" {
	run "$nf" report tests/export/xfstests.nsn
	[ "$status" = 0 ]
	[[ $output == *"
  generic/006           killed            1        0 B  128.0 KiB      0       0
"* ]]
}

@test "report --lanes: pictures without lists of events" {
	need_trace
	run "$nf" report --lanes "$golden"
	[ "$status" = 0 ]
	[[ $output == *"  [1] "*"p prepare  w credit wait"* ]]
	[[ $output != *"time  # task"* && $output != *SUBMT* ]]
	[ "$(grep -c '^ *all ' <<<"$output")" = "$("$nf" report -t "$golden" | grep -c '^ *all ')" ]
	run "$nf" report -R 3 --lanes "$golden"
	[ "$(grep -c '^ *all ' <<<"$output")" = 1 ]
}

# on_terminal LINES ARG...: what report prints on a terminal of so many lines
on_terminal() {
	local lines=$1
	shift
	script -qec "stty rows $lines cols 80; env -u LINES -u COLUMNS '$nf' report $*" /dev/null </dev/null | tr -d '\r'
}

@test "report: on a terminal, a timeline longer than the screen keeps head and tail, unless --all" {
	need_trace
	"$nf" report -R 3 "$golden" >"$tmp/whole"
	on_terminal 30 --color never -R 3 "$golden" >"$tmp/cut"
	[ "$(wc -l <"$tmp/cut")" -le 30 ]
	grep -qE '^ +\.\.\. [0-9]+ lines left out, --all shows them$' "$tmp/cut"
	[ "$(head -n 3 "$tmp/cut")" = "$(head -n 3 "$tmp/whole")" ]
	[ "$(tail -n 3 "$tmp/cut")" = "$(tail -n 3 "$tmp/whole")" ]
	left=$(sed -nE 's/^ +\.\.\. ([0-9]+) lines.*/\1/p' "$tmp/cut" | awk '{ n += $1 - 1 } END { print n }')
	[ $(($(wc -l <"$tmp/whole") - $(wc -l <"$tmp/cut"))) = "$left" ]
	on_terminal 30 --color never --all -R 3 "$golden" | cmp - "$tmp/whole"
	on_terminal 500 --color never -R 3 "$golden" | cmp - "$tmp/whole"
}

@test "report: probes that nobody misses are a line each, -v names them" {
	for trace in tests/golden/*-{mixed,lossy}.nsn; do
		run "$nf" report "$trace"
		probes=$(sed -n '/^Probes$/,$p' <<<"$output")
		[ "$(wc -l <<<"$probes")" = 4 ]
		[[ $probes == *"  off, not needed or not asked for: "[1-9]*" (-v lists them)"* ]]
		[[ $probes == *"  attached, never fired: "[1-9]*" (-v lists them)"* ]]
		run "$nf" report -v "$trace"
		[[ $output == *"  attached, never fired:"*netfs_failure* && $output == *"  off, not needed: "*iov_iter_revert* ]]
	done
}

@test "report: what failed is told with its bytes, its file and the server's answer" {
	run "$nf" report tests/export/trouble.nsn
	[ "$status" = 0 ]
	[[ $output == *"Failed requests
  R=00000006 DW ENOSPC at [   86.162548]: dd (tid 401)
      256.0 KiB not written, from 0x100000 to 0x140000
      of inode 141733920770 on /mnt/smb
      1 of 1 subrequest failed; the request itself ended without an error
      [1]: WRITE, mid 54, got 0xc000007f DISK_FULL
"* ]] || { echo "$output"; false; }
	[[ $output == *"  DW     cifs          5    1.0 MiB       1 "* ]]
	run "$nf" report tests/golden/7.3-mixed.nsn
	[[ $output != *"Failed requests"* ]]
}
