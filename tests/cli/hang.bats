#!/usr/bin/env bats
# `hang` of copies of /proc that are not whole: "nothing hangs" is said of what was read, never of the rest.
load common

# calm DIR: a copy of /proc in which nothing hangs
calm() {
	mkdir -p "$1/fs/cifs" "$1/7/task/7"
	sed '/State:/d; /Req On Wire/s/Req On Wire: [0-9]*/Req On Wire: 0/' tests/hang/6.12-read/fs/cifs/DebugData >"$1/fs/cifs/DebugData"
	cp tests/hang/6.12-read/238/task/238/* "$1/7/task/7"
	echo '[<0>] do_poll+0x1/0x2' >"$1/7/task/7/stack"
}

@test "hang: a calm copy of /proc hangs not" {
	calm "$tmp/calm"
	run --separate-stderr "$nf" hang --proc "$tmp/calm" --proc "$tmp/calm"
	[ "$status" = 0 ]
	[[ ${lines[0]} == "nothing hangs" ]]
}

@test "hang: lists that were cut, and stacks that are not there, leave it unclear" {
	for what in cut line stack tasks; do
		calm "$tmp/$what"
	done
	truncate -s -20 "$tmp/cut/fs/cifs/DebugData"
	sed -i '/Shares/,$d' "$tmp/line/fs/cifs/DebugData"
	rm "$tmp/stack/7/task/7/stack"
	rm -r "$tmp/tasks/7"
	for what in cut line stack tasks; do
		run --separate-stderr "$nf" hang --proc "$tmp/$what" --proc "$tmp/$what"
		[ "$status" = 4 ]
		[[ ${lines[0]} == "nothing hangs as far as could be read, but some data could not be read: unclear" ]]
		[[ $what == stack || $what == tasks || $output != *"  nothing hangs"$'\n'* ]]
		run --separate-stderr "$nf" hang --json --proc "$tmp/$what" --proc "$tmp/$what"
		[ "$status" = 4 ]
		jq -es '.[0].hangs == null and .[0].verdict == "unclear"' <<<"$output"
	done
	run --separate-stderr "$nf" hang --proc "$tmp/stack" --proc "$tmp/stack"
	[[ $output == *"the stack of 1 of 1 task could not be read"* ]]
}
