#!/bin/bash
# A broken rule in a test that passes: the finding is that test's, and only its.
# kernels: none: VM_KERNELS="6.12 7.3" VM_TESTS=xfstests-mutant make test-vm
# lab: --no-mount --add tests/xfstests:/lab/xfstests
set -uo pipefail

cp -r /lab/xfstests /tmp/xfs
cd /tmp/xfs || exit
options=username=root,password=pw,vers=3.1.1,sign,rsize=65536,wsize=65536
export TEST_DIR=$MNT RESULT_BASE=/tmp/results SYNC=/tmp/sync
export TEST_MOUNT="mount -t cifs //127.0.0.1/share $MNT -o $options" TEST_UMOUNT="umount $MNT"
modprobe cifs
$TEST_MOUNT
netfsnoop xfstests -o "$OUT/run" -- ./check generic/001 generic/010 generic/001
status=$?
cp -r $RESULT_BASE "$OUT/results"
bad=0
is() { # title, filter, what is wanted
	local got
	got=$(jq -c "$2" "$OUT/run/run.json")
	[[ $got == "$3" ]] && echo "ok - $1" && return
	echo "not ok - $1: $got, not $3"
	bad=1
}
((status == 0)) || bad=1
is "check passes all" '[.tests[].result]' '["pass","pass","pass"]'
is "the test in the middle broke rules" '[.tests[].verdict]' '["clean","findings","clean"]'
is "... as the mutant does" '[.tests[1].findings[].check_id] | unique' '["transfer"]'
grep -q '1 passed, but broke rules' "$OUT/run/index.html" || bad=1
grep -q transfer "$OUT/run/tests/generic-010.1.txt" || bad=1
grep -q transfer "$OUT/results/generic/010.netfsnoop.txt" || bad=1
grep -q 'type="netfsnoop"' "$OUT/run/junit.xml" || bad=1
exit $bad
