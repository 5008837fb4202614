# shellcheck shell=bash
# One line of TAP at a time, in the guest and for what it left; sourced.

nr=0 bad=0
# check TITLE STATUS: of a failure also what the command said, if $OUT/err has it
check() {
	((nr += 1))
	if (($2 == 0)); then
		echo "ok $nr - $1"
	else
		((bad += 1))
		echo "not ok $nr - $1"
		[[ ! -s ${OUT-}/err ]] || sed 's/^/# /' "$OUT/err"
	fi
}

# try TITLE COMMAND...: what it printed is shown if it fails
try() {
	local title=$1 printed status=0
	shift
	printed=$("$@" 2>&1) || status=$?
	check "$title" "$status"
	((status == 0)) || printf '%s\n' "$printed" | head -n 20 | sed 's/^/# /'
}
