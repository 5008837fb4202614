#!/bin/bash
# Another file system on netfs: requests of 9p, with and without --fs 9p, next to those of cifs.
# p9.check compares them with ftrace.
# lab: --9p scratch
set -euo pipefail

# shellcheck source=tests/vm/guest/lab.sh disable=SC1091
. /lab.sh
# shellcheck source=tests/vm/tests/guest/ftrace.sh disable=SC1091
. /lab/test/ftrace.sh

MIB=4
p9=/mnt/9p
mkdir -p $p9
modprobe -a 9p 9pnet_virtio
mount -t 9p -o trans=virtio,version=9p2000.L,cache=loose,msize=262144 scratch $p9
dd if=/dev/urandom of=/tmp/data bs=1M count=$MIB status=none
uname -r >"$OUT/release"

# Only what 9p does is traced by ftrace: the netfs events do not name the file system.
cat >/tmp/load <<'END2'
instance=/sys/kernel/tracing/instances/netfsnoop-test
echo 1 >$instance/tracing_on
dd if=/tmp/data of=/mnt/9p/x bs=64K status=none
sync /mnt/9p/x
echo 3 >/proc/sys/vm/drop_caches
cmp /tmp/data /mnt/9p/x || exit 1
dd if=/mnt/9p/x of=/dev/null bs=256K iflag=direct status=none || echo "no direct reads"
# requests are freed by a worker
sleep 1
echo 0 >$instance/tracing_on
cp /tmp/data /mnt/smb/x
sync /mnt/smb/x
echo 3 >/proc/sys/vm/drop_caches
cmp /tmp/data /mnt/smb/x
END2

# run NAME OPTION...
run() {
	local name=$1
	shift
	ftrace_start 32768
	echo 0 >"$instance/tracing_on"
	netfsnoop record -o "$OUT/$name.nsn" "$@" -- /bin/bash /tmp/load 2>&1 | tee "$OUT/$name.log"
	ftrace_stop "$OUT/$name.ftrace"
	rmdir "$instance"
	rm -f $p9/x "$MNT/x"
}

run all
run only --fs 9p
