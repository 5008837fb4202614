#!/bin/bash
# What the number test records: four kinds of I/O, each on a mount of its own, with the
# kernel's counters saved at rest before each unmount; the last mount stays. Files go to $OUT.
set -euo pipefail

# shellcheck source=tests/vm/guest/lab.sh disable=SC1091
. /lab.sh

MIB=16
now() {
	local up
	read -r up _ </proc/uptime
	echo "${up/./}0000000"
}

no_connection() { ! grep -qs '^cifsd$' /proc/[0-9]*/comm; }

# begin PHASE OPTIONS
begin() {
	phase=$1
	echo "$phase start $(now)" >>"$OUT/phases"
	sleep 0.1
	smb_mount "$2"
}

# at_rest: everything has been answered, deferred closes (1 s) too
at_rest() {
	sleep 1.5
	cp /proc/fs/cifs/Stats "$OUT/stats.$phase"
	cp /proc/fs/cifs/DebugData "$OUT/debug.$phase"
	echo "$phase cut $(now)" >>"$OUT/phases"
}

end() {
	sleep 0.1
	smb_umount "$MNT"
	lab_wait 20 no_connection
	echo "$phase end $(now)" >>"$OUT/phases"
}

drop_caches() { echo 3 >/proc/sys/vm/drop_caches; }

common=vers=3.1.1,sign
dd if=/dev/urandom of=/tmp/data bs=1M count=$MIB status=none

# (a) nothing cached, both directions
begin uncached $common,cache=none
cp /tmp/data "$MNT/a"
cp "$MNT/a" /tmp/a
cmp /tmp/data /tmp/a
at_rest
end

# (b) written back, then read ahead
begin buffered $common,cache=strict
dd if=/tmp/data of="$MNT/b" bs=1M status=none
sync "$MNT/b"
drop_caches
cmp /tmp/data "$MNT/b"
at_rest
end

# (c) direct, requests of several subrequests
begin direct $common,cache=none,rsize=65536,wsize=65536
dd if=/tmp/data of="$MNT/c" bs=1M oflag=direct status=none
dd if="$MNT/c" of=/dev/null bs=1M iflag=direct status=none
at_rest
end

# (d) the same with other sizes, buffered
begin large $common,cache=strict,rsize=262144,wsize=262144
dd if=/tmp/data of="$MNT/d" bs=1M conv=fsync status=none
drop_caches
dd if="$MNT/d" of=/dev/null bs=1M status=none
# still mounted at the end: the trace's last state is the one of these files
at_rest
echo "$phase end $(now)" >>"$OUT/phases"
