#!/bin/bash
# The same events counted by netfsnoop, by ftrace and by the kernel's counters; compare.check
# compares them number by number.
# lab: --no-mount --strict-dmesg
set -euo pipefail

# shellcheck source=tests/vm/guest/lab.sh disable=SC1091
. /lab.sh
# shellcheck source=tests/vm/tests/guest/ftrace.sh disable=SC1091
. /lab/test/ftrace.sh

ftrace_start 65536
netfsnoop record -o "$OUT/t.nsn" "$@" -- /bin/bash /lab/test/workload.sh 2>&1 | tee "$OUT/record.log"
ftrace_stop "$OUT/ftrace"
uname -r >"$OUT/release"
# what this kernel has, without us: compare.check asks it whether a probe is off lawfully
cp /sys/kernel/tracing/available_events "$OUT/tracepoints"
ls /sys/kernel/btf >"$OUT/btf"
! echo "p:netfsnoop_test/try iov_iter_revert" >>/sys/kernel/tracing/kprobe_events 2>/dev/null || {
	echo "-:netfsnoop_test/try" >>/sys/kernel/tracing/kprobe_events
	echo iov_iter_revert >"$OUT/kprobes"
}
awk '$2 ~ /^[tTwW]$/ { print $3 }' /proc/kallsyms | sort -u >"$OUT/functions"
