#!/bin/bash
# What recording costs a workload; runs in the guest of tests/bench/capture, under QEMU's -icount.
# For each tracer a line "NAME ELAPSED_NS IDLE_NS TRACER_NS ATTACH_NS REST_NS" in costs: of the workload,
# of which the tracer's own threads had so much; of attaching; of ending it.
set -euo pipefail

# shellcheck source=tests/vm/guest/lab.sh disable=SC1091
. /lab.sh

events=/sys/kernel/tracing/events
bench=$MNT/bench
export bench

# Direct and buffered, writes and reads; the scale is the number of calls.
# shellcheck disable=SC2016
workload='
dd if=/dev/zero of=$bench bs=16k count='$SCALE' oflag=direct status=none
dd if=$bench of=/dev/null bs=16k iflag=direct status=none
dd if=/dev/zero of=$bench bs=16k count='$SCALE' conv=fsync status=none
echo 3 >/proc/sys/vm/drop_caches
dd if=$bench of=/dev/null bs=16k status=none
'

# of all its threads, user and system
cpu_ns() { cat /proc/"$1"/task/*/schedstat | awk '{ ns += $1 } END { print ns }'; }

measure() { # name pid
	local before=0 after=0

	[[ ! $2 ]] || before=$(cpu_ns "$2")
	meter bash -c "$workload" 2>spent
	[[ ! $2 ]] || after=$(cpu_ns "$2")
	echo "$1 $(<spent) $((after - before))" | tee -a workloads
}

now() { echo "${EPOCHREALTIME/./}000"; }

# round NAME COMMAND...: COMMAND says that it records by the file ready
round() {
	local name=$1 start attached ended pid
	shift
	rm -f ready tracer
	start=$(now)
	"$@" >"$name.out" 2>"$name.err" &
	lab_wait 600 test -e ready || { cat "$name.err"; return 1; }
	attached=$(now)
	pid=$(cat tracer 2>/dev/null || echo $!)
	measure "$name" "$pid"
	ended=$(now)
	kill -INT "$pid"
	wait $! || cat "$name.err"
	echo "$name $((attached - start)) $(($(now) - ended))" >>around
}

# traced FILE COMMAND...: one that makes no ready file; it records once FILE of tracefs is not 0
traced() {
	local file=$1
	shift
	"$@" &
	echo $! >tracer
	until [[ $(<"$file") != 0 ]]; do sleep 0.05; done
	sleep 1
	touch ready
	wait $!
}

# settled COMMAND...: one that does not say when it records
settled() {
	"$@" &
	echo $! >tracer
	sleep "$SETTLE"
	touch ready
	wait $!
}

# A probe of bpftrace on each tracepoint, that prints its fields; those that are arrays are left out. It knows no
# enums of modules: their names will do.
bpftrace_script() {
	local format group event fields
	sed -nE 's/^\tfield:enum ([a-z_0-9]+) .*size:1;.*/enum \1 { bench_\1 } __attribute__((packed));/p
		s/^\tfield:enum ([a-z_0-9]+) .*size:4;.*/enum \1 { bench_\1 };/p' "$events"/{netfs,cifs}/*/format | sort -u
	for format in "$events"/{netfs,cifs}/*/format; do
		event=${format%/format} group=${event%/*}
		group=${group##*/} event=${event##*/}
		mapfile -t fields < <(sed -nE '/common_|__data_loc|\[/d; s/^\tfield:.*[ *]([a-z_0-9A-Z]+);.*/\1/p' "$format")
		printf 'tracepoint:%s:%s { printf("%%llu %%d %s' "$group" "$event" "$event"
		printf ' %.0s%%lx' "${fields[@]}"
		printf '\\n", nsecs, tid'
		printf ', (uint64)args->%s' "${fields[@]}"
		echo '); }'
	done
}

bash -c "$workload" # warm
for name in $TRACERS; do
	case $name in
	none) measure none '' ;;
	record) round record netfsnoop record -q -o record.nsn --ready-file ready ;;
	old) round old netfsnoop-old record -q -o old.nsn --ready-file ready ;;
	check) round check netfsnoop record -q --check -o check.nsn --ready-file ready ;;
	check-only) round check-only netfsnoop record -q --check-only --ready-file ready ;;
	floor) round floor floor /lab/floor.bpf.o ready ;;
	trace-cmd) round trace-cmd traced $events/cifs/smb3_cmd_enter/enable trace-cmd record -q -o trace-cmd.dat -e netfs -e cifs ;;
	perf) SETTLE=5 round perf settled perf record -q -a -e 'netfs:*' -e 'cifs:*' -o perf.data ;;
	bpftrace)
		bpftrace_script >script.bt
		SETTLE=120 round bpftrace settled bpftrace -q -B full -o bpftrace.txt script.bt
		;;
	profile)
		sysctl -q kernel.bpf_stats_enabled=1
		netfsnoop record -q -o profile.nsn --ready-file profile.ready &
		lab_wait 600 test -e profile.ready
		bash -c "$workload"
		bpftool -j prog show >profile.json
		kill -INT $!
		wait $!
		sysctl -q kernel.bpf_stats_enabled=0
		;;
	esac
done
