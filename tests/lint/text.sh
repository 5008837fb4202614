#!/bin/sh
# Text files: no trailing blanks, no carriage returns, an SPDX line in C files, nothing about the
# machine they were written on.
set -eu

status=0
found() { # the places, what they are, what to do
	[ -n "$1" ] || return 0
	printf '%s\n' "$1" | head -n 20
	printf "%s; do: %s\n" "$2" "$3"
	status=1
}

tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT
# text files only: grep -I skips those with NUL bytes
tests/lint/files | grep -v -e '^LICENSE$' -e '^tests/fuzz/corpus/' -e '^tests/golden/' |
	xargs -d '\n' grep -Il '' >"$tmp"
search() { xargs -d '\n' grep -nE "$@" /dev/null <"$tmp" || true; }
# what others wrote is a test's input as it is
written() { search "$@" | grep -v '^tests/cases/' || true; }

cr=$(printf '\r')
found "$(written '[[:blank:]]+$')" "trailing blanks" "sed -i 's/[[:blank:]]*\$//' FILE"
found "$(written "$cr\$")" "carriage returns" "sed -i 's/\\r\$//' FILE"
# a bracket, so that this line does not match itself
found "$(search '(^|[^A-Za-z0-9_.$}/*])/(work|home|root|Users)[/]')" \
	"paths of one machine" "name files relative to the tree"
found "$(grep -E '\.(c|h|def)$' "$tmp" | while IFS= read -r f; do
	head -n 2 "$f" | grep -q 'SPDX-License-Identifier: ' || echo "$f"
done)" "no SPDX-License-Identifier in the first two lines" "add one"
exit $status
