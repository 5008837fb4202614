#!/bin/sh
# Functions have at most 60 lines, files 600: C, JavaScript, shell. A flat switch may be longer, as it is a table.
# Prints the ten longest functions.
set -eu

MAX_FUNCTION=60
MAX_FILE=600
# the wire format, on one page
LONG='^bpf/event\.h$'

scripts() {
	tests/lint/files | while IFS= read -r f; do
		case $f in
		*.sh | *.bash) ;;
		*.*) continue ;;
		*) case $(head -c 64 "$f" | tr -d '\0' | head -n 1) in '#!/bin/sh'* | '#!/bin/bash'*) ;; *) continue ;; esac ;;
		esac
		printf '%s\n' "$f"
	done
}

# In all three a body ends with a "}" in column 1. In C it begins with a "{" there, and its name is before the last
# "(" outside.
lengths() {
	# shellcheck disable=SC2046 # no blanks in the names of our files
	awk '
	FNR == 1 {
		open = 0
		name = ""
		c = FILENAME ~ /\.[ch]$/
	}
	c && !open && /^[A-Za-z_].*\(/ && !/;[ \t]*$/ {
		name = $0
		sub(/\(.*/, "", name)
		sub(/.*[ \t*]/, "", name)
		if (name == "SEC" || name == "PROBE")
			name = $0
	}
	c && /^{/ || !c && /^(async )?(function )?[A-Za-z_][A-Za-z_0-9]*\(.*\) \{$/ {
		open = FNR
		flat = 0
		if (!c) {
			name = $0
			sub(/\(.*/, "", name)
			sub(/.* /, "", name)
		}
	}
	open && /^[ \t]*(case .*|default):|^[ \t]*(return .*|break);$/ { flat++ }
	/^}/ && open {
		if (name != "" && flat < 0.8 * (FNR - open))
			print FNR - open + 1, FILENAME ":" open, name
		open = 0
		name = ""
	}' $(tests/lint/files '*.c' '*.h' '*.js') $(scripts) | sort -rn
}

status=0
all=$(lengths)
printf '%s\n' "$all" | head -n 10 | awk '{ printf "%4d lines  %s  %s\n", $1, $2, $3 }'
long=$(printf '%s\n' "$all" | awk -v max=$MAX_FUNCTION '$1 > max { print $2 ": " $3 " has " $1 " lines, more than " max }')
if [ -n "$long" ]; then
	printf '%s\n' "$long"
	status=1
fi
for f in $({ tests/lint/files '*.c' '*.h' '*.js'; scripts; } | grep -v "$LONG"); do
	n=$(($(wc -l <"$f")))
	[ $n -gt $MAX_FILE ] || continue
	echo "$f has $n lines, more than $MAX_FILE"
	status=1
done
[ $status = 0 ] || echo "do: split by what the parts do, not in the middle"
exit $status
