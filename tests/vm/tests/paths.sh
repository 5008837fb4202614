#!/bin/bash
# Names of files: with --paths each request has the name that its file had, whatever bytes are in it; without,
# no name is in the trace.
set -uo pipefail

# shellcheck source=tests/vm/tests/guest/tap.sh disable=SC1091
. /lab/test/tap.sh

DEEP=20

# The names are in a script of their own: a command line is recorded.
cat >work.bash <<'END_WORK'
put() { dd if=/dev/zero of="$1" bs=64K count=2 conv=fsync status=none; }
cd "$MNT" || exit
mkdir -p outer-dir/inner-dir
put outer-dir/inner-dir/nested-name
put outer-dir/inner-dir/nested-name
for ((i = 0, deep = 0; i < DEEP; i++)); do
	mkdir "level$i" && cd "level$i" || exit
done
put deep-name
cd "$MNT" || exit
put before-rename
mv before-rename after-rename
put after-rename
put "with  blanks"
put $'esc\e[31m'
put $'new\nline'
put $'not-utf8-\xff'
exit 0
END_WORK
export MNT DEEP

record() { # NAME OPTION...
	local name=$1
	shift
	netfsnoop record -o "$name.nsn" "$@" -- bash work.bash 2>"$OUT/$name.err"
	netfsnoop report --json "$name.nsn" >"$name.json"
	netfsnoop report --timeline "$name.nsn" >"$name.txt"
	netfsnoop report "$name.nsn" >>"$name.txt"
	netfsnoop report --events "$name.nsn" >>"$name.txt"
}
inode() { stat -c %i -- "$MNT/$1"; }
# paths INODE: of its requests, one a line, without repeats
paths() { jq -r "select(.type == \"request\" and .ino == \"$1\") | .path" named.json | sort -u; }

record plain
check "a recording without --paths" $?
[[ $(jq -r 'select(.type == "request") | .path' plain.json | sort -u) == null ]]
check "its requests have no path" $?
[[ $(jq -r 'select(.type == "trace") | .paths' plain.json) == false ]]
check "and it says that none were recorded" $?

rm -rf "${SRV:?}"/*
record named --paths
check "a recording with --paths" $?
[[ $(jq -r 'select(.type == "trace") | .paths' named.json) == true ]]
check "it says so" $?
nested=$(inode outer-dir/inner-dir/nested-name)
[[ $(paths "$nested") == /outer-dir/inner-dir/nested-name ]]
check "every request of a file has its path" $?
grep -q "$MNT inode $nested /outer-dir/inner-dir/nested-name  by" named.txt
check "in the head of a timeline too" $?
deep=$(paths "$(stat -c %i "$MNT"/level0/level1/level2/level3/level4/level5/level6/level7/level8/level9/*/*/*/*/*/*/*/*/*/*/deep-name)")
echo "# $deep"
[[ $deep == .../level5/* && $deep == */level19/deep-name && $(tr -cd / <<<"$deep" | wc -c) == 16 ]]
check "a deep tree is cut, and that is said" $?
# the record before the rename and the one after it
[[ $(paths "$(inode after-rename)") == $'/after-rename\n/before-rename' ]]
check "each request has the name of its time" $?
[[ $(paths "$(inode 'with  blanks')") == '/with  blanks' ]]
check "blanks stay" $?

# hostile NAME AS: what the server took
hostile() {
	[[ -e $MNT/$1 ]] || { echo "# cifs does not permit $2"; return 0; }
	[[ $(paths "$(inode "$1")") == "/$2" ]]
}
hostile $'esc\e[31m' 'esc\x1b[31m'
check "an escape is shown, not sent" $?
hostile $'new\nline' 'new\x0aline'
check "a newline ends no line" $?
hostile $'not-utf8-\xff' 'not-utf8-\xff'
check "a byte that is no UTF-8 is a number, if cifs takes one" $?
! grep -q $'\e' named.txt named.json
check "no control character comes through" $?

netfsnoop report --json --file '*-name' named.nsn | jq -es 'map(select(.type == "request")) | length > 0 and all(.path | test("-name$"))' >/dev/null
check "--file chooses by name" $?
unknown=$(jq -r 'select(.type == "request" and .fs == "cifs" and .path == null) | .rreq' named.json | wc -l)
((unknown == 0))
check "no request of cifs is without ($unknown)" $?
netfsnoop export --to json --redact named.nsn -o redacted.json
! grep -q "nested-name\|inner-dir" redacted.json &&
	jq -r 'select(.type == "request") | .path // empty' redacted.json | grep -q '^/name-[0-9a-f]*/name-[0-9a-f]*/name-[0-9a-f]*$'
check "redacted, a path keeps its shape and nothing else" $?
netfsnoop export --to sqlite named.nsn -o named.sqlite && netfsnoop export --to html named.nsn -o named.html
check "the exports take it" $?
echo "$nested" >nested # paths.check looks for it
nothing_lost named.nsn && nothing_lost plain.nsn
check "nothing was lost" $?
done_testing
