#!/bin/bash
# One run recorded three times: by netfsnoop, by ftrace as text and by trace-cmd; import.check imports
# the other two and compares.
# lab: --no-mount --add /usr/bin/trace-cmd
set -euo pipefail

# shellcheck source=tests/vm/guest/lab.sh disable=SC1091
. /lab.sh
# shellcheck source=tests/vm/tests/guest/ftrace.sh disable=SC1091
. /lab/test/ftrace.sh

ftrace_start 16384
events=(-e cifs)
[[ ! -d $tracefs/events/netfs ]] || events+=(-e netfs)
trace-cmd start -q -C mono -b 16384 "${events[@]}" >/dev/null
for event in $per_folio; do
	[[ ! -e $tracefs/events/netfs/$event/enable ]] || echo 0 >"$tracefs/events/netfs/$event/enable"
done
netfsnoop record -o "$OUT/t.nsn" -- /bin/bash /lab/test/import-load.sh
ftrace_stop "$OUT/ftrace.txt"
trace-cmd stop >/dev/null
trace-cmd extract -o "$OUT/trace.dat" >/dev/null
trace-cmd report "$OUT/trace.dat" >"$OUT/report.txt"
