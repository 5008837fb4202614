#!/usr/bin/env bats
# `record` and `doctor` where nothing can be recorded.
load common

# What this machine lacks; the tests of a machine that can record are those in the VM.
cannot_record() {
	[ "$(id -u)" != 0 ] || [ ! -d /sys/module/cifs ] || skip "this machine can record"
}

@test "record without privilege: one line with the remedy, 3" {
	cd "$tmp"
	run as_user "$nf" record -d 1 -o /tmp/never
	[ "$status" = 3 ]
	one_line
	[[ $output == *root* && $output == *sudo* ]]
	[ ! -e /tmp/never ]
}

@test "... with a command: 125, and the command has not run" {
	run as_user "$nf" record -o /tmp/never -- touch "/tmp/netfsnoop-ran.$$"
	[ "$status" = 125 ]
	one_line
	[ ! -e "/tmp/netfsnoop-ran.$$" ]
	[ ! -e /tmp/never ]
}

@test "record without cifs: one line with the remedy, 3 or 125" {
	cannot_record
	run "$nf" record -d 1 -o "$tmp/never"
	[ "$status" = 3 ]
	one_line
	[[ $output == *cifs* || $output == *BTF* || $output == *root* ]]
	run "$nf" record -o "$tmp/never" -- true
	[ "$status" = 125 ]
	[ ! -e "$tmp/never" ]
}

@test "a failed record does not spoil an old trace" {
	cannot_record
	echo old >"$tmp/old"
	run "$nf" record -d 1 -o "$tmp/old"
	[ "$status" = 3 ]
	[ "$(cat "$tmp/old")" = old ]
}

@test "-q keeps the reason" {
	cannot_record
	run "$nf" record -q -d 1 -o "$tmp/never"
	[ "$status" = 3 ]
	one_line
}

@test "--check-only writes nothing: no output, no flight recorder" {
	for more in '-o x.nsn' '--flight-recorder 30s,64M'; do
		# shellcheck disable=SC2086 # a list of words
		run "$nf" record --check-only $more
		[ "$status" = 2 ]
		[[ $output == *--check-only* ]]
	done
}

@test "doctor without privilege says what it needs, 3" {
	run as_user "$nf" doctor
	[ "$status" = 3 ]
	[[ $output == *root* ]]
}

@test "record: a flight recorder takes a time and a size, and makes files" {
	for bad in 30s 64M 30s,1K 0s,64M ten,64M; do
		run "$nf" record --flight-recorder "$bad"
		[ "$status" -eq 2 ]
		[[ $output == *30s,64M* ]]
	done
	run "$nf" record --flight-recorder 30s,64M -o -
	[ "$status" -eq 2 ]
	[[ $output == *"give -o a name"* ]]
	run "$nf" record --flight-files 0
	[ "$status" -eq 2 ]
}

@test "record: what saves a window needs a flight recorder" {
	for args in "--slower 1s" "--on error"; do
		# shellcheck disable=SC2086 # a list of words
		run "$nf" record $args
		[ "$status" -eq 2 ]
		[[ $output == *"--flight-recorder"* ]]
	done
	for args in "--slower 10" "--on oops"; do
		# shellcheck disable=SC2086 # a list of words
		run "$nf" record --flight-recorder 30s,64M $args
		[ "$status" -eq 2 ]
	done
}
