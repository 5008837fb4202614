#!/bin/bash
# `record` as a user meets it: exit status, signals, what is left when it dies.
# kernels: 6.12
# lab: --strict-dmesg
set -uo pipefail

# shellcheck source=tests/vm/tests/guest/tap.sh disable=SC1091
. /lab/test/tap.sh

# is TITLE WANT COMMAND...: the command's exit status; its stderr is in $OUT/err
is() {
	local title=$1 want=$2 status=0
	shift 2
	"$@" >/dev/null 2>"$OUT/err" || status=$?
	((status == want)) || echo "# exit status $status, not $want"
	((status == want))
	check "$title" $?
}

readable() { netfsnoop report "$1" >"$OUT/report" 2>"$OUT/err"; }
json() { netfsnoop report --json "$1" 2>"$OUT/err" | jq -s "$2"; }
holds() { [[ $(json "$1" "$2") == true ]]; }

record() { netfsnoop record -q "$@"; }

is "the command's exit status is kept: 1" 1 record -o r1.nsn -- false
is "a signal becomes 128 + its number" 143 record -o r2.nsn -- sh -c 'kill -TERM $$'
is "--check-only keeps the command's exit status too" 1 record --check-only -- sh -c "cp /etc/passwd $MNT/p; exit 1"
[[ ! -e netfsnoop.nsn ]] && grep -q ref-balance "$OUT/err"
check "... checks, and writes no trace" $?
is "127 for a command that is not there" 127 record -o r3.nsn -- /nonexistent
is "126 for a command that cannot run" 126 record -o r4.nsn -- /etc
is "options of the command are the command's" 3 record -o r5.nsn -- sh -c 'exit 3' -o x --bad

dd if=/dev/urandom of=/tmp/data bs=1M count=8 status=none
is "a copy with default options ends with the status 0" 0 netfsnoop record -o cp.nsn -- cp /tmp/data "$MNT/data"
grep -q ' 0 lost' "$OUT/err"
check "... loses nothing, and says so" $?
readable cp.nsn
check "... and can be read" $?
[[ $(stat -c %a cp.nsn) == 600 ]]
check "a trace is its owner's alone" $?
holds cp.nsn 'map(select(.type == "request" and .write) | .transferred) | add >= 8388608'
check "... its write requests have all the bytes" $?
holds cp.nsn 'map(select(.type == "loss")) | length == 0'
check "... no loss records" $?

started=$SECONDS
is "-d 1 ends by itself" 0 record -d 1 -o d.nsn
((SECONDS - started < 90))
check "... and does not wait for anything else" $?

# in the background: a script's jobs ignore SIGINT unless given their own session
setsid netfsnoop record --ready-file ready -o int.nsn 2>"$OUT/err" &
recorder=$!
lab_wait 60 test -e ready
check "--ready-file appears once recording is on" $?
cp "$MNT/data" /tmp/back
kill -INT $recorder
wait $recorder
check "SIGINT ends a recording with 0" $?
readable int.nsn && holds int.nsn 'map(select(.type == "request")) | length > 0'
check "... its trace has the requests" $?
holds int.nsn 'last | .type == "summary" and .torn_bytes == 0 and .bad_frames == 0'
check "... and is whole" $?

rm -f ready
setsid netfsnoop record --ready-file ready -o kill.nsn 2>"$OUT/err" &
recorder=$!
lab_wait 60 test -e ready
cp "$MNT/data" /tmp/back
sleep 2.5
kill -KILL $recorder
wait $recorder 2>/dev/null
readable kill.nsn
check "kill -9 leaves a readable trace" $?
holds kill.nsn 'map(select(.type == "request")) | length > 0'
check "... with what was recorded up to a second before" $?
size=$(stat -c %s kill.nsn)
head -c $((size - 7)) kill.nsn >cut.nsn
readable cut.nsn
check "a trace that lost its last bytes can be read" $?
grep -qiE 'torn|cut|incomplete' report err
check "... and report says so" $?

# told TARGET: how often the command of a recording gets the SIGTERM that goes to TARGET, while it tidies up for 3 s
told() {
	rm -f ready told
	# shellcheck disable=SC2016 # the command's variable
	setsid netfsnoop record -q --ready-file ready -o told.nsn -- \
		bash -c 'trap "echo >>told" TERM; while ! [[ -e told ]]; do sleep 0.2; done; for ((i = 0; i < 15; i++)); do sleep 0.2; done; exit 3' &
	recorder=$!
	lab_wait 60 test -e ready
	sleep 1
	kill -TERM -- "${1/R/$recorder}"
	wait $recorder
	(($? == 3)) && wc -l <told
}
[[ $(told R) == 1 ]]
check "a signal to the recorder alone is handed on to the command" $?
[[ $(told -R) == 1 ]]
check "... and one to the process group is not told to it twice" $?

rm -f ready
is "filters that name nothing are refused" 3 record -d 1 --mount /nonexistent -o f.nsn
is "a full device is an error" 125 record -o /dev/full -- true
grep -q 'cannot write /dev/full: No space left on device' "$OUT/err"
check "... that names it, and why" $?

# what is there is kept, and nothing is done before everything has been looked at
cp cp.nsn first.nsn
is "a second recording into the same file" 0 netfsnoop record -o cp.nsn -- cp /tmp/data "$MNT/data"
cmp -s first.nsn cp.nsn.old && grep -q "renamed the earlier cp.nsn to .*/cp.nsn.old" "$OUT/err"
check "... keeps the first as cp.nsn.old, and says so" $?
readable cp.nsn && ! cmp -s cp.nsn first.nsn
check "... and is there itself" $?
is "a command that is not there" 127 netfsnoop record -o cp.nsn -- nosuchcommand
[[ $(<"$OUT/err") == "netfsnoop: cannot run nosuchcommand: not found" ]] && cmp -s first.nsn cp.nsn.old
check "... is told in one line, and nothing is replaced" $?
is "an output that cannot be" 125 netfsnoop record -o /nowhere/x -- touch ran
[[ $(<"$OUT/err") == "netfsnoop: cannot write /nowhere/x: its directory does not exist" && ! -e ran ]]
check "... is told in one line, and the command has not run" $?
record -o - -- sh -c "echo words; cp /tmp/data $MNT/data" 2>"$OUT/words" >out.nsn
[[ $(<"$OUT/words") == words ]] && holds out.nsn 'map(select(.type == "request")) | length > 0'
check "-o -: the trace alone is on standard output, the command's goes to standard error" $?
netfsnoop record -q -o /dev/null -- true && [[ -c /dev/null && $(stat -c %a /dev/null) == 666 ]]
check "-o /dev/null leaves the device as it is" $?
netfsnoop watch --json -- echo words >watch.json 2>"$OUT/words"
jq -es 'all(type == "object")' watch.json >/dev/null && grep -qx words "$OUT/words"
check "watch --json: a command's standard output is not among the lines" $?
TERM=xterm script -qec "netfsnoop record -o tty.nsn -- true" terminal </dev/null >/dev/null
grep -aq 'attaching the probes' terminal && grep -aq 'detaching the probes' terminal
check "on a terminal it says that it attaches, and detaches" $?
TERM=dumb script -qec "netfsnoop record -o tty.nsn -- true" terminal </dev/null >/dev/null
! grep -aq 'taching the probes' terminal && ! grep -aq $'\e' terminal
check "... but not where TERM is dumb" $?
mkdir results && echo '{}' >results/run.json
is "xfstests into a directory that has results" 0 netfsnoop xfstests -o results -- true
[[ $(<results.old/run.json) == '{}' && -s results/run.json ]]
check "... keeps them as results.old" $?

done_testing
