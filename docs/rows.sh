#!/bin/sh
# rows.sh DIR: writes what is made of rows.def into the tree at DIR, which may be a copy of these files.
set -eu

here=user/view/export
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
"${CC:-cc}" -std=gnu11 -Wall -Wextra -Werror -Iuser -o "$tmp/gen" docs/rows.c
mkdir -p "$1/$here/json" "$1/$here/sqlite" "$1/docs"
"$tmp/gen" schema >"$tmp/schema"
"$tmp/gen" sql >"$tmp/sql"
mv "$tmp/schema" "$1/$here/json/export.schema.json"
mv "$tmp/sql" "$1/$here/sqlite/export_tables.sql"
# the part of a page between two lines
for page in json.md sql.md; do
	"$tmp/gen" $page >"$tmp/part"
	awk -v part="$tmp/part" '
		/^<!-- rows.def: / { print; while ((getline line < part) > 0) print line; print ""; skip = 1; next }
		/^<!-- end of rows.def/ { skip = 0 }
		!skip { print }
	' docs/$page >"$tmp/page"
	mv "$tmp/page" "$1/docs/$page"
done
