#!/bin/sh
# dist.sh VERSION DIR: what git knows of this tree, as it is now, as DIR/netfsnoop-VERSION.tar.gz.
# The file .version in it says to make what git would have said.
set -eu

name=netfsnoop-$1
dir=$2

files() {
	if [ -e .git ]; then
		git ls-files
	else
		find . \( -type f -o -type l \) ! -path './build*' | sed 's,^\./,,'
	fi | while IFS= read -r f; do # without what is deleted but not yet committed
		if [ -f "$f" ] || [ -L "$f" ]; then printf '%s\n' "$f"; fi
	done
}

when=${SOURCE_DATE_EPOCH:-}
[ -n "$when" ] || when=$(git log -1 --format=%ct 2>/dev/null) || when=$(stat -c %Y NEWS)

rm -rf "${dir:?}/$name"
mkdir -p "$dir/$name"
files | tar -c -T - | tar -x -C "$dir/$name"
echo "$1" >"$dir/$name/.version"
tar -c -C "$dir" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$when" "$name" |
	gzip -9n >"$dir/$name.tar.gz"
rm -rf "${dir:?}/$name"
