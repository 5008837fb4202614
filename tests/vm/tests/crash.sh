#!/bin/bash
# The historical bug with panic_on_oops=1: what a kernel that dies leaves of our finding. The guest's part
# ends with its death; crash.check looks at the console and at the disk.
# kernels: none: make test-crash
# lab: --no-mount --data 64 --may-die --timeout 400
set -uo pipefail

# shellcheck source=tests/vm/guest/lab.sh disable=SC1091
. /lab.sh

arm=/sys/module/cifs/parameters/mutant
modprobe cifs
[[ -e $arm ]] || {
	echo "no cifs with the bug: its source can no longer be had"
	exit 1
}
mkdir -p /data
mount -t ext4 /dev/vdb /data || exit 1
dd if=/dev/urandom of="$SRV/f" bs=64K count=16 status=none
smb_mount vers=3.1.1,sign,cache=strict,rsize=65536,wsize=65536 || exit 1

# Killed, it leaves its settings behind; doctor puts them back.
before=$(cat /proc/sys/kernel/ftrace_dump_on_oops /sys/kernel/tracing/tracing_on)
netfsnoop record --crash-safe -q -o /data/killed.nsn --ready-file /tmp/killed &
lab_wait 120 test -e /tmp/killed || exit 1
during=$(cat /proc/sys/kernel/ftrace_dump_on_oops /sys/kernel/tracing/buffer_size_kb)
kill -KILL $!
wait $! 2>/dev/null
netfsnoop doctor --restore
after=$(cat /proc/sys/kernel/ftrace_dump_on_oops /sys/kernel/tracing/tracing_on)
size=$(cat /sys/kernel/tracing/buffer_size_kb)
small=${during#*$'\n'} # the kernel rounds
echo "settings: before ${before//$'\n'/ }, during ${during//$'\n'/ }, after ${after//$'\n'/ }, buffer $size"
[[ $during == 1$'\n'* && $small -lt 64 && $after == "$before" && $size -gt 1000 ]] || exit 1
[[ $(cat /sys/kernel/tracing/events/bpf_trace/bpf_trace_printk/enable) == 0 ]] || exit 1
echo "settings: restored"

echo 1 >/proc/sys/kernel/panic_on_oops
netfsnoop record --crash-safe -o /data/run.nsn --ready-file /tmp/ready &
lab_wait 120 test -e /tmp/ready || exit 1
dd if=/dev/zero of="$MNT/healthy" bs=64K count=4 oflag=direct status=none
sync /data/run.nsn
# what came before is on the disk within a second; wait until it is
# shellcheck disable=SC2317 # lab_wait calls it
written() { [[ $(stat -c %s /data/run.nsn) -gt $1 ]]; }
lab_wait 60 written 4096 || exit 1
for _ in 1 2 3; do
	size=$(stat -c %s /data/run.nsn)
	dd if=/dev/zero of="$MNT/healthy" bs=64K count=4 oflag=direct status=none
	lab_wait 60 written "$size" || exit 1
done
dmesg -n 7 # the mutant announces itself at this level
echo "now it dies"
echo 1 >"$arm"
cat "$MNT/f" >/dev/null
sleep 30
echo "it lives"
exit 1
