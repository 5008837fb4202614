#!/bin/sh
# Every shell script passes shellcheck; they are found by their first line.
set -eu

command -v shellcheck >/dev/null || { echo "shellcheck is missing: make deps"; exit 1; }
scripts=$(tests/lint/files | while IFS= read -r f; do
	case $f in *.bats) continue ;; esac
	first=$(head -c 64 "$f" | tr -d '\0' | head -n 1)
	case $first in
	'#!/bin/sh'* | '#!/bin/bash'* | '# shellcheck shell='*) printf '%s\n' "$f" ;;
	esac
done)
# SC2319, of newer ones, warns of "$?" behind [[ ]] and (( )): what a check of a test is about
# shellcheck disable=SC2086 # a list of words
shellcheck -x -e SC2319 $scripts || {
	echo "do: fix it, or disable the one warning on its line and say why"
	exit 1
}
