#!/bin/sh
# Functions have at most 60 lines, .c files 600. Prints the ten longest functions.
set -eu

MAX_FUNCTION=60
MAX_FILE=600

# a body runs from a "{" in column 1 to the next "}" there; its name is before the last "(" outside
lengths() {
	# shellcheck disable=SC2046 # no blanks in the names of our files
	awk '
	FNR == 1 { open = 0; name = "" }
	!open && /^[A-Za-z_].*\(/ && !/;[ \t]*$/ {
		name = $0
		sub(/\(.*/, "", name)
		sub(/.*[ \t*]/, "", name)
		if (name == "SEC" || name == "PROBE")
			name = $0
	}
	/^{/ { open = FNR }
	/^}/ && open {
		if (name != "")
			print FNR - open + 1, FILENAME ":" open, name
		open = 0
		name = ""
	}' $(tests/lint/files '*.c' '*.h') | sort -rn
}

status=0
all=$(lengths)
printf '%s\n' "$all" | head -n 10 | awk '{ printf "%4d lines  %s  %s\n", $1, $2, $3 }'
long=$(printf '%s\n' "$all" | awk -v max=$MAX_FUNCTION '$1 > max { print $2 ": " $3 " has " $1 " lines, more than " max }')
if [ -n "$long" ]; then
	printf '%s\n' "$long"
	status=1
fi
for f in $(tests/lint/files '*.c'); do
	n=$(($(wc -l <"$f")))
	[ $n -gt $MAX_FILE ] || continue
	echo "$f has $n lines, more than $MAX_FILE"
	status=1
done
[ $status = 0 ] || echo "do: split by what the parts do, not in the middle"
exit $status
