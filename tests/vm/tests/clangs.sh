#!/bin/bash
# The same program with BPF objects of several compilers, CLANGS: each of its programs is loaded, and reads and writes
# are recorded with their subrequests and commands.
# kernels: none: make test-clang
# lab: --strict-dmesg
set -uo pipefail

# shellcheck source=tests/vm/tests/guest/check.sh disable=SC1091
. /lab/test/check.sh

for program in /lab/netfsnoop-*; do
	clang=${program##*/netfsnoop-}
	"$program" doctor -v >"$OUT/$clang.doctor"
	check "$clang: no probe failed" $?
	grep -A1 FAILED "$OUT/$clang.doctor"
	"$program" record -o "$OUT/$clang.nsn" -- bash -c "
		dd if=/dev/urandom of=$MNT/$clang bs=1M count=2 conv=fsync status=none
		echo 3 >/proc/sys/vm/drop_caches
		cat $MNT/$clang >/dev/null" 2>"$OUT/$clang.record"
	check "$clang: recording ends with 0" $?
	tail -n 2 "$OUT/$clang.record"
	"$program" report --json "$OUT/$clang.nsn" >"$OUT/$clang.json"
	jq -se '[.[] | select(.type == "request" and .fs == "cifs")] | all([true, false][] as $w | map(select(.write == $w) |
		.transferred) | add // 0; . >= 2097152)' "$OUT/$clang.json" >/dev/null
	check "$clang: 2 MiB of reads and of writes are in its requests" $?
done
((nr)) || { echo "no program to test: CLANGS"; exit 1; }
echo "$((nr - bad)) passed, $bad failed"
((!bad))
