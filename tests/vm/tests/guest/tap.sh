# shellcheck shell=bash
# TAP output of a guest's test, and the server and mount functions of the lab; sourced.

# shellcheck source=tests/vm/guest/lab.sh disable=SC1091
. /lab.sh

# shellcheck source=tests/vm/tests/guest/check.sh disable=SC1091
. /lab/test/check.sh

# skipped_runs TRACE...: how many runs of our programs the kernel skipped; 7.x may preempt a task inside
# of one, and a program does not run twice on a CPU
skipped_runs() {
	local trace
	for trace; do netfsnoop report --json "$trace" 2>/dev/null; done |
		jq -s 'map(select(.type == "probe") | .missed // 0) | add // 0'
}

# nothing_lost TRACE: but what the kernel skipped
nothing_lost() {
	(($(netfsnoop report --json "$1" | jq -s 'map(select(.type == "summary"))[0].lost') == $(skipped_runs "$1")))
}

# done_testing [TRACE...]: the plan. False if a check failed; 75, worth another run, if the kernel skipped
# programs in one of the recordings (without any: those here).
done_testing() {
	local skipped
	echo "1..$nr"
	((bad)) || return 0
	(($#)) || set -- ./*.nsn
	skipped=$(skipped_runs "$@")
	((skipped)) || return 1
	echo "# the kernel skipped $skipped runs of our programs"
	return 75
}
