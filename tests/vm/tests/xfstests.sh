#!/bin/bash
# `netfsnoop xfstests` around a stand-in for check (tests/xfstests): every test is found, its phases are
# where its own clock says, its events are those ftrace counts, and check notices nothing of it.
# kernels: 6.12
# lab: --no-mount --add tests/xfstests:/lab/xfstests
set -uo pipefail

# shellcheck source=tests/vm/tests/guest/tap.sh disable=SC1091
. /lab/test/tap.sh
# shellcheck source=tests/vm/tests/guest/ftrace.sh disable=SC1091
. /lab/test/ftrace.sh

# is TITLE FILE FILTER WANT: what jq makes of a file
is() {
	local got
	got=$(jq -c "$3" "$2")
	[[ $got == "$4" ]]
	check "$1" $?
	[[ $got == "$4" ]] || echo "# $3: $got, not $4"
}
holds() { is "$1" "$2" "$3" true; }

cp -r /lab/xfstests /tmp/xfs
cd /tmp/xfs || exit
options=username=root,password=pw,vers=3.1.1,sign,rsize=65536,wsize=65536
export TEST_DIR=$MNT RESULT_BASE=/tmp/results SYNC=/tmp/sync
export TEST_MOUNT="mount -t cifs //127.0.0.1/share $MNT -o $options" TEST_UMOUNT="umount $MNT"
modprobe cifs
$TEST_MOUNT
names=(generic/00{1..8})

run() { # DIR ARGS...: check under netfsnoop
	local dir=$1
	shift
	netfsnoop xfstests -o "$dir" -- ./check "$@"
}

# ---- check's own side, with and without us ----

mkdir -p $RESULT_BASE/generic
echo "BUG: of an earlier run" >$RESULT_BASE/generic/006.dmesg
echo "of an earlier run" >$RESULT_BASE/generic/004.out.bad
cp -r $RESULT_BASE /tmp/leftovers
./check "${names[@]}" >/tmp/plain.out 2>/tmp/plain.err
plain=$?
mv $RESULT_BASE /tmp/results.plain
rm -f $SYNC.*
cp -r /tmp/leftovers $RESULT_BASE

export CLOCKS=/tmp/clocks
ftrace_start 65536
echo 1 >"$instance/events/printk/console/enable"
run "$OUT/run" "${names[@]}" >/tmp/traced.out 2>/tmp/traced.err
traced=$?
ftrace_stop "$OUT/ftrace"
check "ftrace lost nothing" $?
unset CLOCKS
cp /tmp/traced.err "$OUT"
((plain == 1 && traced == 1))
check "check's exit status is what it is without us" $?
seconds() { sed -E 's/ +[0-9]+s$/ Ns/' "$1"; }
diff <(seconds /tmp/plain.out) <(seconds /tmp/traced.out)
check "so is its output" $?
listing() { (cd "$1" && find . ! -name '*.netfsnoop.*' | sort && cat generic/*.out.bad generic/*.notrun && grep -vE '^[A-Z][a-z]{2} [A-Z][a-z]{2} .* [0-9]{4}$|^$' check.log && cut -d' ' -f1 check.time); }
diff <(listing /tmp/results.plain) <(listing $RESULT_BASE)
check "and its results directory" $?
grep -c '^netfsnoop: generic/' /tmp/traced.err | grep -qx 8
check "a line for each test on standard error" $?

# ---- what we say of it ----

run=$OUT/run/run.json
is "every test is found, by its result" "$run" '[.tests[].result]' \
	'["pass","fail","fail","not run","dmesg","killed","pass","pass"]'
is "the reasons are check's" "$run" '[.tests[1,3,5].reason]' \
	'["the script ended with exit status 3","this needs what is not there <&'"'"'\">","the script was killed by signal 9 (Killed)"]'
is "no rule is broken, and the test that was not run has nothing to judge" "$run" \
	'[.tests[] | select(.verdict != "clean") | [.name, .verdict]]' '[["generic/004","nothing to judge"]]'
is "the run as a whole" "$run" '[.finished, .exit_status, .interrupted, .lost]' '[true,1,false,0]'
holds "requests, bytes and commands are counted" "$run" \
	'.tests[0].counts | .written_bytes == 1048576 and .read_bytes == 1048576 and .requests >= 2 and .commands > 10'

# The script's clock has steps of 10 ms, and what it says comes before the mark and after the exec.
jq -r '.tests[] | [.name, .time_ns, .script_ns, .script_end_ns, .end_ns] | @tsv' "$run" >/tmp/phases
awk '
FNR == NR { clock[$1, $2] = $3; next }
{
	mark = $2 / 1e9; script = $3 / 1e9; gone = $4 / 1e9; after = $5 / 1e9
	if (!(clock[$1, "mark"] <= mark + 0.01 && mark <= script && script <= clock[$1, "script"] + 0.01 &&
	      clock[$1, "script"] <= gone + 0.01 && gone <= clock[$1, "end"] + 0.01 && gone <= after)) {
		print "# " $0, clock[$1, "mark"], clock[$1, "script"], clock[$1, "end"]
		bad = 1
	}
	n++
}
END { exit bad || n != 8 }' /tmp/clocks /tmp/phases
check "phases are where the scripts' own clock has them" $?

# ftrace's events between the same marks, of the tracepoints that are probed
netfsnoop report --json "$OUT/run/trace.nsn" >/tmp/report.json
jq -r 'select(.type == "probe" and .state == "on" and (.name | test("^(netfs_|smb3_)"))) | .name' /tmp/report.json >/tmp/probed
awk '
FNR == NR { probed[$1] = 1; next }
match($0, /: [a-z0-9_]+: /) {
	name = substr($0, RSTART + 2, RLENGTH - 4)
	if (name == "console" && /run fstests/) test++
	if (test && name in probed) n[test, name]++
}
END { for (k in n) { split(k, a, SUBSEP); print a[1], a[2], n[k] } }' /tmp/probed "$OUT/ftrace" | sort >/tmp/by-ftrace
jq -r '.tests[] | .test as $t | .window | to_entries[] | select(.key | test("^(netfs_|smb3_)")) | "\($t) \(.key) \(.value)"' "$run" |
	sort >/tmp/by-us
cp /tmp/by-ftrace /tmp/by-us "$OUT"
events=$(awk '{ n += $3 } END { print n }' /tmp/by-us)
[[ -s /tmp/by-ftrace ]] && diff /tmp/by-ftrace /tmp/by-us
check "each test has the events that ftrace counts between the marks ($events)" $?

jq -s --slurpfile run "$run" '
	([.[] | select(.type == "test") | .events.own] | add) as $own |
	([.[] | select(.type == "probe" and (.name | startswith("test_") | not)) | .seen] | add) as $all |
	{own: $own, all: $all, rest: ($run[0].outside + $run[0].ambiguous)}' /tmp/report.json >/tmp/sums
holds "no event is counted twice or lost ($(jq -c . /tmp/sums))" /tmp/sums '.own > 1000 and .own + .rest == .all'
# shellcheck disable=SC2016 # jq's variable
holds "what 007 left behind is 007's, though it ran in 008" "$OUT/run/tests/generic-007.1.json" \
	'.end_ns as $over | [.requests[] | select(.time_ns > $over and .claim == "process")] | length > 0'
cmp -s "$RESULT_BASE/generic/001.netfsnoop.json" "$OUT/run/tests/generic-001.1.json"
check "text and JSON beside check's own files" $?
netfsnoop report -t --test generic/001 "$OUT/run/trace.nsn" >/tmp/timelines && grep -q '^R=' /tmp/timelines
check "report --test shows the test's requests" $?
netfsnoop report -t --test 'generic/001#2' "$OUT/run/trace.nsn" >/dev/null 2>&1
(($? == 1))
check "... and none of a run that was not" $?
! grep -q '<&' "$OUT/run/index.html" && grep -q 'failures="4" errors="0" skipped="1"' "$OUT/run/junit.xml"
check "names and reasons are escaped; junit.xml has both verdicts" $?

# ---- the pages, and what check left of tests that failed ----

pages=$OUT/run/tests
said=$(sed -n 's/^Failures: //p' /tmp/traced.out)
ours=$(grep -o '<strong>Failures:.*</p>' "$OUT/run/index.html" | sed 's/<[^>]*>//g; s/^Failures: //; s/ *$//')
[[ -n $said && $ours == "$said" ]] || echo "# $ours, not $said"
[[ -n $said && $ours == "$said" ]]
check "index.html has the failures that check names" $?
cmp "$pages/generic-003.1.out.bad" $RESULT_BASE/generic/003.out.bad && cmp "$pages/generic-002.1.full" $RESULT_BASE/generic/002.full &&
	cmp "$pages/generic-005.1.dmesg" $RESULT_BASE/generic/005.dmesg
check "check's files of tests that failed are kept" $?
ls "$pages"
! ls "$pages"/generic-00[178].1.{out.bad,full,dmesg} "$pages/generic-004.1.out.bad" "$pages/generic-006.1.dmesg" 2>/dev/null
check "... and none of tests that passed, or of an earlier run" $?
grep -q '<span class="add">+something else</span>' "$pages/generic-003.1.html" &&
	grep -q 'WARNING: of a stand-in' "$pages/generic-005.1.html" && grep -q 'href="generic-002.1.full"' "$pages/generic-002.1.html"
check "the diff, the kernel log and the files are on their pages" $?
for word in 'FSTYP</dt><dd>cifs<' "kernel</dt><dd>$(uname -r)<" 'server</dt><dd>127.0.0.1, signed' 'rsize=65536,wsize=65536' 'generic/001 generic/002'; do
	grep -q "$word" "$OUT/run/index.html" || echo "# not in the index: $word"
done | { ! grep .; }
check "the index says what the run was of" $?
[[ -s $OUT/run/trace.html ]] && grep -q '<a href="trace.html">' "$OUT/run/index.html" &&
	grep -q 'href="../trace.html#R=[0-9a-f]\{8\}&amp;epoch=1&amp;at=' "$pages/generic-001.1.html"
check "requests lead into the page of the trace" $?

# ---- repeats and sections, odd names ----

rm -rf $RESULT_BASE
odd=$'generic/o<b>&"\'\e\xff'
grep -v '^echo' tests/generic/003 >"tests/$odd" && chmod +x "tests/$odd" && echo "QA output created by ${odd#*/}" >"tests/$odd.out"
run "$OUT/again" -i 2 -s A -s B generic/001 "$odd" >/tmp/again.out 2>/tmp/again.err
check "-i 2 with two sections passes" $?
is "repeats and sections are told apart" "$OUT/again/run.json" \
	'[.tests[] | select(.name == "generic/001") | [.repeat, .section, .result]]' \
	'[[1,"A","pass"],[2,"B","pass"],[3,"A","pass"],[4,"B","pass"]]'
is "a name of any bytes" "$OUT/again/run.json" '[.tests[1] | [.name, .result]]' \
	'[["generic/o<b>&\"'"'"'\\x1b\\xff","pass"]]'
! grep -q '<b>&\|'$'\e' "$OUT"/again/index.html "$OUT"/again/junit.xml "$OUT"/again/tests/*.html
check "... is escaped everywhere" $?
[[ -s $RESULT_BASE/A/generic/001.netfsnoop.txt && -s $RESULT_BASE/B/generic/001.netfsnoop.json ]]
check "sections have their own files" $?

# ---- interrupted ----

setsid netfsnoop xfstests -o "$OUT/int" -- ./check generic/001 generic/009 >/tmp/int.out 2>/tmp/int.err &
pid=$!
lab_wait 120 test -e $SYNC.waiting
kill -TERM -- "-$pid"
wait $pid
check "an interrupted check ends with 0, as it does alone" $?
grep -q 'Interrupted!' /tmp/int.out && grep -q 'the run was interrupted' /tmp/int.err
check "... and we say that it was" $?
is "... in run.json too, the last test unfinished" "$OUT/int/run.json" \
	'[.interrupted, [.tests[].result]]' '[true,["pass","unfinished"]]'

# ---- modules come and go; record; joining a run ----

rm -f $SYNC.*
# the check that was interrupted may have died between its umount and its mount, and what it had begun may
# still be at work there
unmounted() { ! grep -q " $MNT " /proc/mounts || $TEST_UMOUNT 2>/dev/null; }
lab_wait 60 unmounted
$TEST_MOUNT
check "the share is mounted anew" $?
TEST_FS_MODULE_RELOAD=1 run "$OUT/reload" generic/001 generic/002 generic/001 >/tmp/reload.out 2>/tmp/reload.err
! grep 'cannot reload' /tmp/reload.out
check "cifs can be loaded anew between tests" $?
# attaching takes seconds on an emulated CPU: a test may be over before
is "... and all tests are there, phases and requests too, or that the probes were out" "$OUT/reload/run.json" \
	'[.tests[] | [.result, (.counts.requests > 0 or (.why | contains("probes were parked"))), .phases.body_ns != null]]' \
	'[["pass",true,true],["fail",true,true],["pass",true,true]]'

netfsnoop record -q -o "$OUT/t.nsn" -- ./check generic/001 >/dev/null 2>&1
netfsnoop report --json --test generic/001 "$OUT/t.nsn" >/tmp/recorded.json
jq -se '[.[] | select(.type == "request")] | length >= 2' /tmp/recorded.json >/dev/null
check "record keeps the marks" $?

rm -f $SYNC.*
./check generic/009 generic/001 >/tmp/attach.out 2>&1 &
lab_wait 120 test -e $SYNC.waiting
netfsnoop xfstests --attach -o "$OUT/attach" --ready-file /tmp/attached 2>/tmp/attach.err &
pid=$!
lab_wait 300 test -e /tmp/attached
touch $SYNC.go
wait $pid
check "--attach ends when check does" $?
holds "... and has its tests" "$OUT/attach/run.json" \
	'[.tests[] | [.name, .result]] | .[-1] == ["generic/001", "pass"]'

# ---- a kernel without BTF: no processes, no tracepoint of the kernel log ----

mkdir /tmp/empty
mount --bind /tmp/empty /sys/kernel/btf
run "$OUT/kmsg" generic/001 generic/002 >/tmp/kmsg.out 2>/tmp/kmsg.err
umount /sys/kernel/btf
is "without BTF marks come from /dev/kmsg: all tests are there, their scripts unseen" "$OUT/kmsg/run.json" \
	'[.tests[] | [.name, .result, .counts.requests > 0, .phases.body_ns]]' \
	'[["generic/001","unknown",true,null],["generic/002","unknown",true,null]]'
grep -q 'check ended with exit status 1, and which test failed is not known' "$OUT/kmsg/index.html"
check "... and the index does not claim that none failed" $?
cp /tmp/*.out /tmp/*.err "$OUT"
done_testing "$OUT"/{run,again,reload,kmsg}/trace*.nsn "$OUT/t.nsn"
