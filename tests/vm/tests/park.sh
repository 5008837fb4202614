#!/bin/bash
# Parking: while we record, cifs and netfs can be unloaded as if we were not there, and what comes after
# the next load is recorded too.
# kernels: 6.1 7.3
# lab: --strict-dmesg --no-mount
set -uo pipefail

# shellcheck source=tests/vm/tests/guest/tap.sh disable=SC1091
. /lab/test/tap.sh

holds() { # jq filter over all lines of the report
	[[ $(netfsnoop report --json park.nsn | jq -s "$1") == true ]]
}

ms() { awk '{ print int($1 * 1000) }' /proc/uptime; }

# 6.1 has fscache between the two
remove() {
	local m

	for m in cifs fscache netfs; do
		[[ ! -e /sys/module/$m ]] || rmmod "$m" || return
	done
}

# What xfstests' _patient_rmmod does: wait for nobody to hold it, look once a second, then remove it.
patient_rmmod() {
	local start
	start=$(ms)
	until [[ $(cat /sys/module/cifs/refcnt) == 0 ]]; do
		(($(ms) - start < 50000)) || return 1
		sleep 1
	done
	remove && took=$(($(ms) - start))
}

mounted() { smb_mount vers=3.1.1,sign,cache=none,rsize=65536,wsize=65536; }
workload() {
	dd if=/dev/zero of=/mnt/smb/f bs=64k count=20 status=none
	cat /mnt/smb/f >/dev/null
	smb_umount /mnt/smb
}

modprobe cifs
mounted
workload
took=0
patient_rmmod
alone=$took

netfsnoop record -q -o park.nsn --wait-module --ready-file ready &
pid=$!
lab_wait 30 test -e ready
# attached N: the Nth parked span is over, and no other has begun; a module is held long before that. What is
# mounted keeps it so: a slow machine may need longer to see it than an unused module stays attached.
attached() { holds "[.[] | select(.type == \"parked\")] | length == $1 and all(.to_the_end | not)"; }
for round in 1 2; do
	modprobe cifs
	mounted
	lab_wait 90 attached "$round"
	workload
	patient_rmmod
	check "round $round: cifs and netfs go, after $took ms ($alone ms without us)" $?
done
modprobe cifs
mounted
lab_wait 90 attached 3
workload
sleep 15
rmmod cifs
check "a rmmod that asks once goes through when the module has been idle for a while" $?
kill -INT $pid
wait $pid
check "the recording ends well" $?

holds '[.[] | select(.type == "request" and .origin != "RA") | .epoch] | unique == [1, 2, 3]'
check "every load of the modules is an epoch" $?
holds '[.[] | select(.type == "parked") | .asked] == [false, true, true, false]'
check "it let go as somebody asked, twice, and for being idle once" $?
holds '[.[] | select(.type == "subrequest" and .write)] | group_by(.epoch) | map(map(.transferred) | add) == [1310720, 1310720, 1310720]'
check "the writes of all three are there, byte for byte" $?
nothing_lost park.nsn && holds '[.[] | select(.type == "summary")][0] | .open_requests == 0'
check "nothing lost, nothing left open" $?
done_testing
