# Everything `report` and `check` can say of a trace, in one text. $NETFSNOOP is the program.
NETFSNOOP=$(realpath "${NETFSNOOP:-${O:-$(dirname "${BASH_SOURCE[0]}")/../../build}/netfsnoop}")

render() { # trace
	local mode
	local name=${1##*/}
	unset COLUMNS
	cd "$(dirname "$1")" || return # messages name the trace as it is given
	for mode in "" "--latency --width 80" --json "--timeline --width 80" "--timeline --width 140 --limit 2" --events; do
		echo "=== report $mode"
		# shellcheck disable=SC2086 # words
		"$NETFSNOOP" report --color never $mode "$name" 2>&1 || echo "=== exit $?"
	done
	for mode in "" --json; do
		echo "=== check $mode"
		# shellcheck disable=SC2086 # words
		"$NETFSNOOP" check $mode "$name" 2>&1 || echo "=== exit $?"
	done
}
