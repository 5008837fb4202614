#!/bin/sh
# The schema, the SQL tables and the tables of two pages are what rows.def says.
set -eu

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
docs/rows.sh "$tmp"
status=0
for f in $(cd "$tmp" && find . -type f | sort); do
	cmp -s "$tmp/$f" "$f" || {
		echo "${f#./} is not what user/view/export/rows/rows.def says"
		status=1
	}
done
[ $status = 0 ] || echo "do: make rows"
exit $status
