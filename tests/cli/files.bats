#!/usr/bin/env bats
# Nothing is lost: what commands write, what they leave alone, and what they refuse to write over.
load common

text=tests/import/trace.txt

# Which tests need root, as record looks at that first.
need_root() {
	[ "$(id -u)" = 0 ] || skip "not root"
}

# a_trace: a trace of its own in $tmp/t.nsn, and a copy of it to compare with
a_trace() {
	need_trace
	rm -f "$tmp"/t.nsn*
	cp "$golden" "$tmp/t.nsn"
	chmod 600 "$tmp/t.nsn"
}

# on_terminal COMMAND...: its standard output and error are a terminal; sets status and output
on_terminal() {
	TERM=xterm run script -qec "$*" /dev/null </dev/null
}

@test "import: the trace that is there becomes FILE.old, and it is said" {
	echo precious >"$tmp/i.nsn"
	run --separate-stderr "$nf" import -o "$tmp/i.nsn" "$text"
	[ "$status" = 0 ]
	[[ $stderr == *"renamed the earlier $tmp/i.nsn to $tmp/i.nsn.old"* ]]
	[ "$(cat "$tmp/i.nsn.old")" = precious ]
	"$nf" report "$tmp/i.nsn" >/dev/null
	# the second time the first trace is the old one
	cp "$tmp/i.nsn" "$tmp/first"
	"$nf" import -o "$tmp/i.nsn" "$text" 2>/dev/null
	cmp "$tmp/first" "$tmp/i.nsn.old"
}

@test "import: an empty file is nothing to keep, and is its owner's alone then" {
	: >"$tmp/e.nsn"
	chmod 644 "$tmp/e.nsn"
	run --separate-stderr "$nf" import -o "$tmp/e.nsn" "$text"
	[ "$status" = 0 ]
	[ ! -e "$tmp/e.nsn.old" ]
	[ "$(stat -c %a "$tmp/e.nsn")" = 600 ]
}

@test "a link that another user made in a directory as /tmp is not followed" {
	need_root
	mkdir -m 1777 "$tmp/all"
	echo precious >"$tmp/victim"
	ln -s ../victim "$tmp/all/t.nsn"
	chown -h nobody "$tmp/all/t.nsn"
	run "$nf" import -o "$tmp/all/t.nsn" "$text"
	[ "$status" = 3 ] || [ "$status" = 2 ]
	[[ $output == *"is a link of another user"* ]]
	[ "$(cat "$tmp/victim")" = precious ] && [ ! -e "$tmp/victim.old" ]
	run "$nf" export --to json -o "$tmp/all/t.nsn" "$golden"
	[ "$status" != 0 ] && [ "$(cat "$tmp/victim")" = precious ]
	chown -h root "$tmp/all/t.nsn" # one's own is
	"$nf" import -o "$tmp/all/t.nsn" "$text" 2>/dev/null
	[ "$(cat "$tmp/victim.old")" = precious ]
}

@test "import: of a link the file that it leads to is kept, and the link stays" {
	mkdir "$tmp/far"
	echo precious >"$tmp/far/x.nsn"
	ln -s far/x.nsn "$tmp/link.nsn"
	"$nf" import -o "$tmp/link.nsn" "$text" 2>/dev/null
	[ -L "$tmp/link.nsn" ]
	[ "$(cat "$tmp/far/x.nsn.old")" = precious ]
	"$nf" report "$tmp/far/x.nsn" >/dev/null
}

@test "what is refused, or holds nothing, replaces nothing" {
	need_trace
	echo old >"$tmp/keep"
	echo "no event" >"$tmp/prose"
	mkdir -p "$tmp/empty"
	for args in "import -o $tmp/keep $tmp/prose" "import -o $tmp/keep $golden" "import -o $tmp/keep $tmp/nothing" \
		"export --to html -o $tmp/keep $tmp/prose" "export --to sqlite -o $tmp/keep $tmp/nothing" \
		"export --to trace --inode 3 -o $tmp/keep $golden" "export --to json --redact=$tmp/nokey -o $tmp/keep $golden" \
		"diff --html $tmp/keep $golden $tmp/prose" "diff --html $tmp/keep $tmp/empty $tmp/empty"; do
		# shellcheck disable=SC2086 # a list of words
		run "$nf" $args
		[ "$status" -ge 2 ] || { echo "$args: $status"; false; }
		[ "$(cat "$tmp/keep")" = old ] || { echo "$args: replaced"; false; }
		[ ! -e "$tmp/keep.old" ]
		# and nothing is made
		# shellcheck disable=SC2086
		run "$nf" ${args//keep/made}
		[ ! -e "$tmp/made" ] || { echo "$args: made"; false; }
	done
}

@test "an output that is the input is refused, by whatever name" {
	a_trace
	ln -s t.nsn "$tmp/t.nsn.sym"
	ln "$tmp/t.nsn" "$tmp/t.nsn.hard"
	for out in t.nsn t.nsn.sym t.nsn.hard; do
		for to in html json sqlite perfetto junit trace; do
			[ "$out $to" = "t.nsn trace" ] || [ "$out" != t.nsn ] || continue
			run "$nf" export --to $to -o "$tmp/$out" "$tmp/t.nsn"
			[ "$status" = 2 ] || { echo "$to to $out: $status: $output"; false; }
			one_line
			[[ $output == *"$tmp/t.nsn is the input"* ]]
			run "$nf" export --to $to -o "$tmp/$out" - <"$tmp/t.nsn"
			[ "$status" = 2 ] || { echo "$to to $out: $status: $output"; false; }
		done
		run "$nf" diff --html "$tmp/$out" "$golden" "$tmp/t.nsn"
		[ "$status" = 2 ]
		run "$nf" diff --html "$tmp/$out" "$tmp/t.nsn" "$golden"
		[ "$status" = 2 ]
	done
	cmp "$golden" "$tmp/t.nsn"
	[ ! -e "$tmp/t.nsn.old" ]

	cp "$text" "$tmp/text"
	run "$nf" import -o "$tmp/text" "$tmp/text"
	[ "$status" = 2 ]
	one_line
	cmp "$text" "$tmp/text"
	head -c 64 /dev/urandom >"$tmp/key"
	cp "$tmp/key" "$tmp/key2"
	run "$nf" export --to trace --redact="$tmp/key" -o "$tmp/key" "$golden"
	[ "$status" = 2 ]
	cmp "$tmp/key" "$tmp/key2"
}

@test "standard output that is the input is refused, by every command that reads" {
	a_trace
	cp tests/oops/seed.txt "$tmp/oops.txt"
	for args in "report" "report --json" "report -t" dump "check" "export --to json" "diff $golden"; do
		run --separate-stderr bash -c "'$nf' $args '$tmp/t.nsn' >>'$tmp/t.nsn'"
		[ "$status" = 2 ] || { echo "$args: $status"; false; }
		[[ $stderr == *"$tmp/t.nsn is the input"* ]]
		run --separate-stderr bash -c "'$nf' $args - <'$tmp/t.nsn' >>'$tmp/t.nsn'"
		[ "$status" = 2 ] || { echo "$args -: $status"; false; }
	done
	cmp "$golden" "$tmp/t.nsn"
	run --separate-stderr bash -c "'$nf' import -o - '$tmp/oops.txt' >>'$tmp/oops.txt'"
	[ "$status" = 2 ]
	run --separate-stderr bash -c "'$nf' oops '$tmp/oops.txt' >>'$tmp/oops.txt'"
	[ "$status" = 2 ]
	run --separate-stderr bash -c "'$nf' oops --trace '$tmp/t.nsn' tests/oops/seed.txt >>'$tmp/t.nsn'"
	[ "$status" = 2 ]
	run --separate-stderr bash -c "'$nf' hang --proc tests/hang/6.12-read --trace '$tmp/t.nsn' >>'$tmp/t.nsn'"
	[ "$status" = 2 ]
	cmp tests/oops/seed.txt "$tmp/oops.txt"
}

@test "what is binary does not go to a terminal" {
	need_trace
	for args in "export --to perfetto $golden" "export --to trace $golden" "export --to perfetto -o /dev/tty $golden" \
		"export --to trace -o - $golden" "import -o - $text" "import -o /dev/tty $text"; do
		on_terminal "$nf $args"
		[ "$status" = 2 ] || { echo "$args: $status: $output"; false; }
		[[ $output == *"will not write binary data to a terminal: give -o FILE"* && ${#lines[@]} = 1 ]] ||
			{ echo "$args: $output"; false; }
	done
	on_terminal "$nf export --to sqlite $golden"
	[ "$status" = 2 ]
	# text does
	on_terminal "$nf export --to json $golden"
	[ "$status" = 0 ]
	[[ $output == *'"type":"summary"'* ]]
}

@test "an output that is a directory, or in none: one line that says so" {
	need_trace
	for args in "export --to html -o OUT $golden" "export --to sqlite -o OUT $golden" "import -o OUT $text" \
		"diff --html OUT $golden $golden"; do
		# shellcheck disable=SC2086 # a list of words
		run "$nf" ${args/OUT/$tmp}
		[ "$status" = 3 ]
		one_line
		[[ $output == *"$tmp is a directory: name a file in it" ]]
		# shellcheck disable=SC2086
		run "$nf" ${args/OUT/$tmp/nowhere/x}
		[ "$status" = 3 ]
		one_line
		[[ $output == *"cannot write $tmp/nowhere/x: its directory does not exist" ]]
	done
}

@test "no room: the output and the cause are named" {
	need_trace
	for to in html json perfetto junit trace; do
		run "$nf" export --to $to -o /dev/full "$golden"
		[ "$status" = 3 ]
		one_line
		[[ $output == *"cannot write /dev/full: No space left on device: free some space, or write to another device" ]]
		run bash -c "'$nf' export --to $to '$golden' >/dev/full"
		[ "$status" = 3 ]
		[[ $output == *"cannot write standard output: No space left on device: free some space, or write to another device" ]]
	done
	run "$nf" import -o /dev/full "$text"
	[[ $output == *"cannot write /dev/full: No space left on device: free some space, or write to another device" ]]
	run "$nf" diff --html /dev/full "$golden" "$golden"
	[ "$status" = 3 ]
	[[ $output == *"cannot write /dev/full: No space left on device"* ]]
	for args in "report" "report --json" "report --events" dump "report -t" "report --latency" "check" "check --json" \
		"diff $golden" "diff --json $golden" "oops --trace"; do
		run bash -c "'$nf' $args '$golden' $([ "$args" != "oops --trace" ] || echo tests/oops/seed.txt) >/dev/full"
		[ "$status" = 3 ] || { echo "$args: $status"; false; }
		[[ $output == *"cannot write standard output: No space left on device: free some space, or write to another device" ]] || { echo "$args: $output"; false; }
	done
	run bash -c "'$nf' hang --proc tests/hang/6.12-read >/dev/full"
	[ "$status" = 3 ]
	[[ $output == *"cannot write standard output: No space left on device: free some space, or write to another device" ]]
}

@test "no room for a database: it is named" {
	need_trace
	need_root
	mkdir "$tmp/small"
	mount -t tmpfs -o size=16k none "$tmp/small" 2>/dev/null || skip "no mount"
	run "$nf" export --to sqlite -o "$tmp/small/db" "$golden"
	umount "$tmp/small"
	[ "$status" = 3 ]
	one_line
	[[ $output == *"cannot write $tmp/small/db: ""No space left on device: free some"* ]]
}

@test "a closed standard output: an error, and no file gets what was for it" {
	a_trace
	for args in "report" "report --json" dump "check" "diff $golden"; do
		run bash -c "'$nf' $args '$tmp/t.nsn' >&-"
		[ "$status" = 3 ] || { echo "$args: $status"; false; }
		one_line
		[[ $output == *"cannot write standard output: Bad file descriptor" ]]
	done
	cmp "$golden" "$tmp/t.nsn"
	run bash -c "'$nf' report - <&-"
	[ "$status" = 3 ]
	one_line
	# where nothing is printed, it is not missed
	"$nf" export --to json -o "$tmp/closed.json" "$golden" >&-
	"$nf" export --to json "$golden" | cmp - "$tmp/closed.json"
}

@test "import into a device changes nothing of it" {
	mode=$(stat -c %a /dev/null)
	"$nf" import -o /dev/null "$text" 2>/dev/null
	[ -c /dev/null ]
	[ "$(stat -c %a /dev/null)" = "$mode" ]
}

@test "import: -o - is standard output, and no file of that name" {
	cd "$tmp"
	"$nf" import -o - "$OLDPWD/$text" 2>err | "$nf" report --json - | jq -es 'map(select(.type == "request")) | length == 1'
	grep -q "in standard output" err
	[ ! -e ./- ]
}

@test "record and xfstests: a COMMAND that cannot run is told before anything else" {
	need_root
	cd "$tmp"
	echo old >old
	echo text >plain
	for command in record xfstests; do
		run -127 "$nf" $command -o old -- nosuchcommand
		one_line
		[[ $output == *"cannot run nosuchcommand: not found"* ]]
		run "$nf" $command -o old -- ./plain
		[ "$status" = 126 ]
		one_line
		run "$nf" $command -o old -- /etc
		[ "$status" = 126 ]
		run -127 "$nf" $command -o old -- 'cp a b'
		[[ $output == *"sh -c 'cp a b'"* ]]
		[ "$(cat old)" = old ]
		[ ! -e old.old ]
	done
	run "$nf" watch -o old -- nosuchcommand
	[ "$status" = 3 ]
	one_line
	[[ $output == *"cannot run nosuchcommand: not found"* ]]
	[ "$(cat old)" = old ]
}

@test "record: what cannot be written is told before anything is attached" {
	need_root
	cd "$tmp"
	head -c 64 /dev/urandom >key
	cp key key2
	for args in "-o $tmp -- true" "-o nowhere/x -- true" "--redact=key -o key -- true" "--ready-file nowhere/x -- true" \
		"-o ready --ready-file ready -- true" "--flight-recorder 1s,1M -o nowhere/x -- true" \
		"-o nf -- ./nf" "--btf=key -o key -- true"; do
		cp "$nf" nf
		: >ready
		# shellcheck disable=SC2086 # a list of words
		run "$nf" record $args
		[ "$status" = 125 ] || { echo "$args: $status"; false; }
		one_line
		[[ $output != *cifs* ]] || { echo "$args: $output"; false; }
		cmp key key2
		cmp "$nf" nf
	done
	run "$nf" watch -o nowhere/x
	[ "$status" = 3 ]
	[[ $output == *nowhere/x* ]]
	run "$nf" xfstests -o /dev/null -- true
	[ "$status" = 125 ]
	[[ $output == *"/dev/null: Not a directory"* ]]
	run "$nf" xfstests -o nowhere/x -- true
	[ "$status" = 125 ]
	[[ $output == *nowhere/x* ]]
}

@test "record -o - does not go to a terminal" {
	need_root
	on_terminal "$nf record -o - -- true"
	[ "$status" = 125 ]
	[[ $output == *"will not write binary data"* ]]
}

@test "record and watch: what cannot be recorded leaves no file" {
	[ "$(id -u)" != 0 ] || [ ! -d /sys/module/cifs ] || skip "this machine can record"
	cd "$tmp"
	run "$nf" record -o new.nsn -- true
	[ "$status" = 125 ]
	run "$nf" watch -o new.nsn -- true
	[ "$status" = 3 ]
	[ ! -e new.nsn ]
}

# A user without rights is refused; a root that can load BPF programs waits for cifs, and records.
@test "xfstests: results of an earlier run stay" {
	cd "$tmp"
	mkdir -m 777 results
	echo '{}' >results/run.json
	echo line >results/live.log
	run as_user "$nf" xfstests -o results -- true
	[ "$status" = 125 ]
	[ "$(cat results/live.log)" = line ]
	need_root
	for old in results.old results.old.2; do
		run "$nf" xfstests -o results -- true
		[ "$status" = 0 ] || skip "nothing can be recorded here"
		[[ $output == *"renamed the earlier results to $tmp/$old"* ]]
		[ -e "$old/run.json" ]
		[ -e results/run.json ]
	done
	[ "$(cat results.old/live.log)" = line ]
}

# can_record: --wait-module records without cifs, where programs can be loaded
can_record() {
	need_root
	"$nf" record -q --wait-module -o "$tmp/probe.nsn" -- true 2>/dev/null || skip "nothing can be recorded here"
}

@test "record: the trace that is there becomes FILE.old, and it is said unless -q" {
	can_record
	cd "$tmp"
	echo precious >r.nsn
	run "$nf" record --wait-module -o r.nsn -- true
	[ "$status" = 0 ]
	[[ $output == *"renamed the earlier r.nsn to $tmp/r.nsn.old"* ]]
	[ "$(cat r.nsn.old)" = precious ]
	"$nf" report r.nsn >/dev/null
	cp r.nsn first
	run "$nf" record -q --wait-module -o r.nsn -- true
	[ -z "$output" ]
	cmp first r.nsn.old
	# watch -o keeps a trace, too
	cp r.nsn second
	run "$nf" watch --wait-module -o r.nsn -- true
	cmp second r.nsn.old
	# what becomes of COMMAND is no reason to lose it
	run "$nf" record -q --wait-module -o r.nsn -- false
	[ "$status" = 1 ]
	"$nf" report r.nsn >/dev/null
}

@test "record -o -: COMMAND's standard output goes to standard error" {
	can_record
	"$nf" record -q --wait-module -o - -- sh -c 'echo words; echo more >&2' 2>"$tmp/err" | "$nf" report --json - >"$tmp/json"
	jq -es 'first.type == "trace"' "$tmp/json"
	[ "$(cat "$tmp/err")" = "words
more" ]
	# else it is its own
	run --separate-stderr "$nf" record -q --wait-module -o "$tmp/o.nsn" -- echo words
	[ "$output" = words ]
	# JSON lines of watch are data as well
	run --separate-stderr "$nf" watch --json --wait-module -- echo words
	jq -es 'all(type == "object")' <<<"$output"
	[[ $stderr == *words* ]]
}

@test "record -o /dev/null: a device is not changed" {
	can_record
	mode=$(stat -c %a /dev/null)
	"$nf" record -q --wait-module -o /dev/null -- true
	[ -c /dev/null ]
	[ "$(stat -c %a /dev/null)" = "$mode" ]
}

@test "record: no room: the file and the cause are named" {
	can_record
	run "$nf" record -q --wait-module -o /dev/full -- true
	[ "$status" = 125 ]
	one_line
	[[ $output == *"cannot write /dev/full: No space left on device: free some space, or write to another device" ]]
}

@test "no room: nothing half made keeps a good name, and what was there is there" {
	need_trace
	# the limit of a file's size, in KiB, stands for a full disk
	for to in html json perfetto trace sqlite; do
		run bash -c "ulimit -f 3; '$nf' export --to $to -o '$tmp/out' '$golden'"
		[ "$status" = 3 ] || { echo "$to: $status $output"; false; }
		one_line
		[[ $output == *"cannot write $tmp/out: "* && ! -e $tmp/out ]] || { echo "$to: $output"; false; }
	done
	for to in html json perfetto trace sqlite; do
		echo "of last week" >"$tmp/out"
		chmod 640 "$tmp/out"
		run bash -c "ulimit -f 3; '$nf' export --to $to -o '$tmp/out' '$golden'"
		[ "$status" = 3 ] || { echo "$to: $status $output"; false; }
		[ "$(cat "$tmp/out")" = "of last week" ] || { echo "$to: the earlier file is gone"; false; }
		"$nf" export --to "$to" -o "$tmp/out" "$golden"
		[ "$(stat -c %a "$tmp/out")" = 640 ] && ! grep -q "of last week" "$tmp/out" || { echo "$to: not replaced"; false; }
		[ "$(ls "$tmp"/out*)" = "$tmp/out" ] || { ls "$tmp"; false; }
		rm "$tmp/out"
	done
	run bash -c "ulimit -f 3; '$nf' diff --html '$tmp/page.html' '$golden' '$golden' >/dev/null"
	[ "$status" = 3 ]
	[[ $output == *"cannot write $tmp/page.html: File too large: see "* && ! -e $tmp/page.html ]]
	"$nf" import -o "$tmp/t.nsn" "$text"
	sum=$(sha256sum <"$tmp/t.nsn")
	run bash -c "ulimit -f 3; '$nf' import -o '$tmp/t.nsn' '$text'"
	[ "$status" = 3 ]
	[[ $output == *"File too large"* ]]
	[ "$(sha256sum <"$tmp/t.nsn")" = "$sum" ]
	[ ! -e "$tmp/t.nsn.old" ]
}
