#!/bin/bash
# What recording costs a workload: the same I/O bare, under ftrace with the same tracepoints, and under
# netfsnoop, in turns, as ratios to the bare run. Runs in the guest: tests/vm/run tests/bench/overhead.sh.
# Emulated machines exaggerate all of it alike; the ratio between the two tracers is what is left.
set -euo pipefail

# shellcheck source=tests/vm/guest/lab.sh disable=SC1091
. /lab.sh

ROUNDS=${ROUNDS:-5}
instance=/sys/kernel/tracing/instances/bench

workload() {
	dd if=/dev/zero of=/mnt/smb/bench bs=64k count=200 oflag=direct status=none
	dd if=/mnt/smb/bench of=/dev/null bs=64k iflag=direct status=none
}

us() { echo $((${EPOCHREALTIME/./})); }

timed() { # name
	local start
	start=$(us)
	workload
	spent[$1]=$((${spent[$1]:-0} + $(us) - start))
}

with_ftrace() {
	mkdir "$instance"
	echo 16384 >"$instance/buffer_size_kb"
	echo 1 >"$instance/events/cifs/enable"
	echo 1 >"$instance/events/netfs/enable"
	for event in netfs_folio netfs_folioq netfs_progress netfs_collect_folio; do
		[[ ! -e $instance/events/netfs/$event ]] || echo 0 >"$instance/events/netfs/$event/enable"
	done
	timed ftrace
	rmdir "$instance"
}

with_netfsnoop() {
	rm -f ready
	netfsnoop record -q -o bench.nsn --ready-file ready &
	lab_wait 60 test -e ready
	timed netfsnoop
	kill -INT $!
	wait
}

declare -A spent
workload # warm
for ((i = 0; i < ROUNDS; i++)); do
	timed bare
	with_ftrace
	with_netfsnoop
done
events=$(netfsnoop report --json bench.nsn | jq 'select(.type == "summary") | .records')
for name in bare ftrace netfsnoop; do
	awk -v name="$name" -v us="${spent[$name]}" -v bare="${spent[bare]}" -v n="$ROUNDS" \
		'BEGIN { printf "%-10s %8.1f ms a run   %.2f of bare\n", name, us / n / 1000, us / bare }'
done
echo "$events events and $(stat -c %s bench.nsn) bytes a run; 400 subrequests"
