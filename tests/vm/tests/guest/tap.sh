# shellcheck shell=bash
# TAP output of a guest's test, and the server and mount functions of the lab; sourced.

# shellcheck source=tests/vm/guest/lab.sh disable=SC1091
. /lab.sh

nr=0 bad=0
# check TITLE STATUS: one line of TAP; of a failure also what the command said, if $OUT/err has it
check() {
	((nr += 1))
	if (($2 == 0)); then
		echo "ok $nr - $1"
	else
		((bad += 1))
		echo "not ok $nr - $1"
		[[ ! -s $OUT/err ]] || sed 's/^/# /' "$OUT/err"
	fi
}

# done_testing: the plan; false if a check failed
done_testing() {
	echo "1..$nr"
	((!bad))
}
