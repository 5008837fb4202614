#!/bin/bash
# The kernel dies in the middle of a test, of the historical bug with panic_on_oops=1. The guest's part ends
# with its death; xfstests-crash.check looks at the console and at what is on the disk.
# kernels: none: make test-crash
# lab: --no-mount --data 64 --may-die --timeout 400 --add tests/xfstests:/lab/xfstests
set -uo pipefail

# shellcheck source=tests/vm/guest/lab.sh disable=SC1091
. /lab.sh

cp -r /lab/xfstests /tmp/xfs
cd /tmp/xfs || exit
mkdir -p /data
mount -t ext4 /dev/vdb /data || exit 1
options=username=root,password=pw,vers=3.1.1,sign,rsize=65536,wsize=65536
export TEST_DIR=$MNT RESULT_BASE=/data/results SYNC=/tmp/sync
export TEST_MOUNT="mount -t cifs //127.0.0.1/share $MNT -o $options" TEST_UMOUNT="umount $MNT"
modprobe cifs
[[ -e /sys/module/cifs/parameters/mutant ]] || {
	echo "no cifs with the bug: its source can no longer be had"
	exit 1
}
$TEST_MOUNT
echo 1 >/proc/sys/kernel/panic_on_oops
dmesg -n 7 # the mutant announces itself at this level
netfsnoop xfstests --crash-safe -o /data/run -- ./check generic/001 generic/002 generic/011 generic/001
echo "it lives"
exit 1
