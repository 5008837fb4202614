#!/bin/bash
# One run recorded three times: by netfsnoop, by ftrace as text, and by trace-cmd; import.check imports
# the other two and compares.
# lab: --no-mount --add /usr/bin/trace-cmd
set -euo pipefail

# shellcheck source=tests/vm/guest/lab.sh disable=SC1091
. /lab.sh
# shellcheck source=tests/vm/tests/guest/ftrace.sh disable=SC1091
. /lab/test/ftrace.sh

events=(-e cifs)
[[ ! -d $tracefs/events/netfs ]] || events+=(-e netfs)
ftrace_start 16384
trace-cmd record -q -C mono "${events[@]}" -o "$OUT/trace.dat" -- \
	netfsnoop record -o "$OUT/t.nsn" -- /bin/bash /lab/test/import-load.sh
ftrace_stop "$OUT/ftrace.txt"
trace-cmd report "$OUT/trace.dat" >"$OUT/report.txt"
