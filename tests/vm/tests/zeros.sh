#!/bin/bash
# Zeros that netfs makes without asking the server, lawfully: behind the end of a file, in what a truncate has
# added, and while others change the size. transfer must not take them for zeros-unasked.
# kernels: 6.12 7.3
set -uo pipefail

# shellcheck source=tests/vm/tests/guest/tap.sh disable=SC1091
. /lab/test/tap.sh

cat >work.bash <<'END_WORK'
anew() { sync; echo 3 >/proc/sys/vm/drop_caches; }
cat "$MNT/odd" >/dev/null # ends within a page
head -c 65536 /tmp/data >"$MNT/sparse"
truncate -s 1M "$MNT/sparse"
anew
cmp <(cat /tmp/data <(head -c $((1 << 20)) /dev/zero) | head -c $((1 << 20))) "$MNT/sparse" || exit
for ((i = 0; i < 60; i++)); do
	truncate -s $((RANDOM * 8)) "$MNT/moving"
	dd if=/tmp/data of="$MNT/moving" bs=5000 count=1 seek=$((RANDOM % 40)) conv=notrunc status=none
done &
writer=$!
while kill -0 "$writer" 2>/dev/null; do
	cat "$MNT/moving" >/dev/null
	anew
done
wait "$writer"
exit 0
END_WORK
export MNT
head -c 65536 /dev/urandom >/tmp/data
head -c 5000 /tmp/data >"$SRV/odd"
: >"$SRV/moving"

netfsnoop record -o zeros.nsn -- bash work.bash 2>"$OUT/zeros.err"
check "files are read while they grow and shrink, and what was added reads as zeros" $?
zeros=$(netfsnoop report --json zeros.nsn | jq -s 'map(select(.type == "subrequest" and .source == "ZERO")) | length')
echo "# $zeros subrequests of zeros"
((zeros > 0))
check "some are zeros that the server was not asked for" $?
netfsnoop check --json zeros.nsn >check.json
jq -es 'map(select(.type == "finding" and .kind == "zeros-unasked" and .verdict == "violation")) == []' check.json >/dev/null
check "they are lawful" $?
done_testing zeros.nsn
