#!/usr/bin/env bats
# What is said of a recording is so: its length, its events, why there is nothing in it, why a request was slow.
load common

# can_record: --wait-module records without cifs, where programs can be loaded
can_record() {
	[ "$(id -u)" = 0 ] || skip "not root"
	"$nf" record -q --wait-module -o "$tmp/probe.nsn" -- true 2>/dev/null || skip "nothing can be recorded here"
}

# early_stop: $tmp/stop.nsn, as the golden trace, but with the stop mark where the command ended instead of at the end,
# after the seconds in which the probes were taken out; the time from start to stop in $tmp/want
early_stop() {
	"$nf" dump --raw tests/golden/6.12-mixed.nsn >"$tmp/raw"
	python3 - "$tmp/raw" >"$tmp/stop.raw" 2>"$tmp/want" <<-'END'
		import struct, sys

		data, at, records = open(sys.argv[1], "rb").read(), 16, []
		while at < len(data):
		    size, kind = struct.unpack_from("<HB", data, at)
		    records.append((kind, data[at:at + size]))
		    at += size
		mark = lambda kind, r: kind == 138 and struct.unpack_from("<I", r, 24)[0]
		stop = next(r for k, r in records if mark(k, r) == 2)
		sys.stdout.buffer.write(data[:16])
		for kind, record in records:
		    if mark(kind, record) == 2:
		        continue
		    sys.stdout.buffer.write(record)
		    if mark(kind, record) == 6:
		        sys.stdout.buffer.write(stop[:8] + record[8:16] + stop[16:])
		ts = {mark(k, r): struct.unpack_from("<Q", r, 8)[0] for k, r in records if mark(k, r)}
		print(ts[6] - ts[1], file=sys.stderr)
	END
	zstd -qf --check "$tmp/stop.raw" -o "$tmp/stop.nsn"
}

@test "a recording lasts until its stop mark, not until the probes are out" {
	early_stop
	want=$(cat "$tmp/want") # between the marks; what comes behind is 3.9 s later
	run jq "select(.type == \"summary\").duration_ns" <("$nf" report --json "$tmp/stop.nsn")
	[ "$output" = "$want" ] || { echo "$output"; false; }
	"$nf" report "$tmp/stop.nsn" | grep -q '^  when .*, for 2.54 s$'
	# rates are of that time
	"$nf" diff --json tests/golden/6.12-mixed.nsn "$tmp/stop.nsn" >"$tmp/diff" || [ $? = 1 ]
	jq -es --argjson want "$want" '.[0] | .recording_b.duration_ns == $want and .recording_a.duration_ns > 2 * $want' "$tmp/diff"
}

@test "record: the stop mark is stamped before what is written at the end" {
	can_record
	"$nf" record -q --wait-module -o "$tmp/s.nsn" -- sleep 1
	"$nf" dump --raw "$tmp/s.nsn" >"$tmp/s.raw"
	python3 - "$tmp/s.raw" <<-'END'
		import struct, sys

		data, at, stop, behind = open(sys.argv[1], "rb").read(), 16, None, set()
		while at < len(data):
		    size, kind, _, _, _, ts = struct.unpack_from("<HBBHHQ", data, at)
		    if kind == 138 and struct.unpack_from("<I", data, at + 24)[0] == 2:
		        stop = ts
		    elif stop and kind != 147:
		        behind.add(kind)
		        assert ts >= stop, (kind, ts, stop)
		    at += size
		assert stop and {132, 139} <= behind, behind # anchor, hits
	END
	duration=$("$nf" report --json "$tmp/s.nsn" | jq 'select(.type == "summary").duration_ns / 1000000 | floor')
	[ "$duration" -ge 1000 ]
}

@test "events are those of probes, not the recorder's own records" {
	for trace in tests/golden/*-mixed.nsn; do
		"$nf" report --json "$trace" >"$tmp/json"
		events=$(jq -s 'map(select(.type == "probe").seen // 0) | add' "$tmp/json")
		[ "$events" -gt 0 ]
		jq -e 'select(.type == "summary") | .events == '"$events"' and .records > .events' "$tmp/json"
		"$nf" report "$trace" | grep -q "^  stream .*, $events events\$"
		"$nf" export --to sqlite -o "$tmp/events.db" "$trace"
		[ "$(sqlite3 "$tmp/events.db" 'SELECT events FROM run')" = "$events" ]
	done
	can_record
	run "$nf" record --wait-module -o "$tmp/none.nsn" -- true
	[[ $output == *"netfsnoop: 0 events in "* ]]
}

@test "nothing recorded: the likely reason, at once, at the end, in report, JSON and check" {
	can_record
	cd "$tmp"
	fs=$(stat -f -c %T /)
	while IFS='|' read -r args reason; do
		# shellcheck disable=SC2086 # a list of words
		run "$nf" record --wait-module -o why.nsn $args -- true
		[ "$status" = 0 ]
		[[ $output =~ "no request will be recorded: "$reason ]] || { echo "$args: $output"; false; }
		[[ ${lines[-1]} =~ "no request was recorded: "$reason$ ]] || { echo "$args: $output"; false; }
		"$nf" report why.nsn | grep -qE "^  none: $reason\$"
		"$nf" report --json why.nsn | jq -e 'select(.type == "summary").nothing | test("^'"$reason"'$")'
		run "$nf" check why.nsn
		[ "$status" = 4 ]
		[[ ${lines[-1]} =~ "no request was recorded: "$reason$ ]]
	done <<-END
		-m /|/ is on [a-z0-9]+, which does not use netfs
		-p 4000000|there was no process 4000000
		--fs nosuch|this kernel has no file system type 'nosuch'
	END
	[ ! -d /sys/module/cifs ] || skip "cifs is loaded ($fs)"
	run "$nf" record --wait-module -o why.nsn -- true
	[[ ${lines[-1]} == "netfsnoop: nothing was recorded: the cifs module was not loaded" ]]
	run "$nf" check why.nsn
	[ "$status" = 4 ]
	[[ ${lines[-1]} == *"; nothing was recorded: the cifs module was not loaded" ]]
}

@test "xfstests: a test that was not run has nothing to judge, in run.json and on the page" {
	can_record
	# of the first namespace, include/linux/proc_ns.h: the kernel's numbers of processes are its own
	[ "$(readlink /proc/self/ns/pid)" = "pid:[4026531836]" ] || skip "processes have other numbers here than for the kernel"
	cd "$tmp"
	mkdir -p xfs/tests/generic
	cat >xfs/check <<-'END'
		#!/bin/bash
		# as xfstests' check does it: the mark, the script, what it leaves
		export RESULT_BASE=$PWD/results RESULT_DIR=$PWD/results/generic seqnum=generic/001
		mkdir -p "$RESULT_DIR"
		printf '%s       ' $seqnum
		echo "run fstests $seqnum at $(date +'%F %T')" >/dev/kmsg
		seq=tests/$seqnum bash -c 'exec ./tests/generic/001'
		echo "[not run] needs more"
		echo "Ran: $seqnum"
		echo "Not run: $seqnum"
	END
	# shellcheck disable=SC2016 # the script expands it
	printf '#!/bin/bash\nsleep $LIVES\necho "needs more" >"$RESULT_DIR/001.notrun"\n' >xfs/tests/generic/001
	chmod +x xfs/check xfs/tests/generic/001
	cd xfs
	# /dev/kmsg is everybody's: another run of this test on the machine may come between. And where no CPU has
	# time, a short script is over before the recorder has looked at it
	for LIVES in 0.2 3 20; do
		export LIVES
		rm -rf out
		"$nf" xfstests -o out -- ./check >live 2>&1 || { cat live; false; }
		! jq -e '.tests | length == 1 and .[0].result == "not run"' out/run.json || break
	done
	jq -e '.tests | length == 1' out/run.json || skip "no test is seen here"
	jq -e '.tests[0] | .result == "not run" and .verdict == "nothing to judge" and .why == "the test was not run"' out/run.json || { jq -c '.tests[0]' out/run.json; false; }
	sed 's/<[^>]*>/ /g' out/index.html | grep -E 'generic/001 +not run +nothing to judge'
	run ! grep -qE 'generic/001.*clean' <(sed 's/<[^>]*>/ /g' out/index.html)
}

@test "report: each wireshark line is one filter that Wireshark takes, folded where it is long" {
	one='smb2\.msg_id == [0-9]+'
	set='smb2\.msg_id in \{[0-9]+(\.\.[0-9]+)?(, [0-9]+(\.\.[0-9]+)?)*\}'
	for trace in tests/golden/*-mixed.nsn tests/export/trouble.nsn tests/export/xfstests.nsn; do
		for width in 60 100; do
			"$nf" report -t --all -n 1000 --width $width "$trace" >"$tmp/text"
			# with what was folded put together again
			awk '/^  wireshark: / { if (f) print f; f = substr($0, 14); next }
				f && /^ +[0-9]+(\.\.[0-9]+)?[,}]/ { sub(/^ +/, " "); f = f $0; next }
				f { print f; f = "" }
				END { if (f) print f }' "$tmp/text" >"$tmp/filters"
			[ "$(wc -l <"$tmp/filters")" = "$(grep -c '^  wireshark: ' "$tmp/text")" ]
			[ -s "$tmp/filters" ]
			run grep -vxE "$one|$set" "$tmp/filters"
			[ -z "$output" ] || { echo "$trace: $output"; false; }
			[ "$(grep -A1 '^  wireshark: ' "$tmp/text" | wc -L)" -le $width ]
		done
	done
	grep -q '^smb2.msg_id in {' "$tmp/filters"
}

# sent_in_turn RREQ: in $tmp/why.db, was each of its subrequests sent only after the one before had its result?
sent_in_turn() {
	sqlite3 "$tmp/why.db" "SELECT count(*) FROM (SELECT sent_ns AS sent,
		lag(coalesce(term_ns, callback_end_ns, response_ns)) OVER (ORDER BY submit_ns) AS before
		FROM attempt WHERE rreq = '$1') WHERE before > sent"
}

@test "report: why a request was slow: overlapping sends are not called serial, and no hex beside a count" {
	serial=0 overlap=0
	for trace in tests/golden/*-mixed.nsn; do
		"$nf" export --to sqlite -o "$tmp/why.db" "$trace"
		"$nf" report -t --all -n 1000 --width 200 "$trace" >"$tmp/text"
		# "[a]" is the kernel's number of a subrequest, hex: how many there are does not stand beside it
		run ! grep -E '^  why: .*\[[0-9a-f]+\].*[0-9]+ subrequests' "$tmp/text"
		awk '/^(R=|cifs-)[0-9a-f]+ / { r = $1; sub(/^R=/, "", r) } /^  why: .* began: / { print r, $0 }' "$tmp/text" >"$tmp/began"
		while read -r rreq line; do
			case $line in
			*"each subrequest was sent only after the previous one had ended")
				[ "$(sent_in_turn "$rreq")" = 0 ] || { echo "$trace: $rreq: $line"; false; }
				((serial += 1))
				;;
			*"others were prepared and sent before it")
				[ "$(sent_in_turn "$rreq")" != 0 ] || { echo "$trace: $rreq: $line"; false; }
				((overlap += 1))
				;;
			esac
		done <"$tmp/began"
	done
	[ $serial -gt 0 ] && [ $overlap -gt 0 ]
}
