#!/bin/bash
# A ring far too small: every event is either in the trace or counted as lost. The kernel's
# perf counters say how many there were; loss.check compares.
# lab: --strict-dmesg
set -euo pipefail

# shellcheck source=tests/vm/guest/lab.sh disable=SC1091
. /lab.sh

(cd /sys/kernel/tracing/events && printf '%s\n' netfs/*/ cifs/*/) |
	sed -n 's,^\([a-z]*\)/\(.*\)/$,\1:\2,p' | grep -v '\*' >"$OUT/events"

dd if=/dev/urandom of=/tmp/data bs=1M count=8 status=none
cat >/tmp/load <<'END'
cp /tmp/data /mnt/smb/x
dd if=/mnt/smb/x of=/dev/null bs=64K iflag=direct status=none
sleep 2
END
# The counters run inside the recording. Nothing may happen outside of them, so the load waits
# for the deferred close, which comes after 1 s.
sync
netfsnoop record --ring-size 4K -o "$OUT/t.nsn" -- \
	tpcount -o "$OUT/fired" -f "$OUT/events" -- bash /tmp/load 2>&1 | tee "$OUT/record.log"
uname -r >"$OUT/release"
