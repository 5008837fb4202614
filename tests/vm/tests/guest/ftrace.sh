# shellcheck shell=bash
# The kernel's own trace of the same events, in an instance of its own.
tracefs=/sys/kernel/tracing
instance=$tracefs/instances/netfsnoop-test

# Hundreds per MiB, and netfsnoop does not record them by default
per_folio='netfs_folio netfs_folioq netfs_progress netfs_collect_folio'

# ftrace_start KIB-PER-CPU
ftrace_start() {
	local event

	mkdir "$instance"
	echo "$1" >"$instance/buffer_size_kb"
	echo mono >"$instance/trace_clock"
	[[ ! -e $instance/events/netfs/enable ]] || echo 1 >"$instance/events/netfs/enable"
	echo 1 >"$instance/events/cifs/enable"
	for event in $per_folio; do
		[[ ! -e $instance/events/netfs/$event/enable ]] || echo 0 >"$instance/events/netfs/$event/enable"
	done
}

# ftrace_stop FILE: fails if the trace has holes
ftrace_stop() {
	echo 0 >"$instance/tracing_on"
	cat "$instance/trace" >"$1"
	cat "$instance"/per_cpu/cpu*/stats >"$1.stats"
	! grep -E '^(overrun|commit overrun|dropped events): [1-9]' "$1.stats"
}
