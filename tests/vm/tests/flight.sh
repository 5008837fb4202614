#!/bin/bash
# The flight recorder: minutes of load leave nothing on the disk and do not grow it in memory; then a bug
# happens, and what is saved has its request from the first event.
# kernels: none: make test-crash
# lab: --timeout 400
set -uo pipefail

# shellcheck source=tests/vm/tests/guest/tap.sh disable=SC1091
. /lab/test/tap.sh

arm=/sys/module/cifs/parameters/mutant
[[ -e $arm ]] || {
	echo "no cifs with the bug: its source can no longer be had"
	exit 1
}
saved=$OUT/flight-001.nsn

load() { # SECONDS
	local end=$((SECONDS + $1))
	while ((SECONDS < end)); do
		dd if=/dev/zero of="$MNT/load" bs=256K count=16 oflag=direct status=none
		dd if="$MNT/load" of=/dev/null bs=256K iflag=direct status=none
	done
}
memory() { awk '/^RssAnon/ { print $2 }' "/proc/$pid/status"; } # KiB
saved_only_one() { [[ $(find "$OUT" -name '*.nsn' | wc -l) == "$1" ]]; }
in_saved() { [[ $(jq -s "$1" "$OUT/saved.json") == true ]]; }

dd if=/dev/urandom of="$SRV/f" bs=64K count=4 status=none
netfsnoop record --flight-recorder 10s,1M -o "$OUT/flight.nsn" --ready-file /tmp/ready 2>"$OUT/err" &
pid=$!
lab_wait 90 test -e /tmp/ready
load 30
early=$(memory)
load 60
late=$(memory)
check "memory is bounded: $early KiB after 30 s, $late KiB after 90 s" $((late > early + 1024))
saved_only_one 0
check "nothing is on the disk before something is found" $?

dmesg -n 7
echo 1 >$arm
dd if="$MNT/f" of=/dev/null bs=64K iflag=direct status=none
hit=$(dmesg | sed -n 's/.*netfsnoop mutant: R=\([0-9a-f]*\).*/\1/p' | tail -n 1)
lab_wait 30 test -s "$saved"
check "the window is saved" $?
load 5
kill -INT $pid
wait $pid
check "the recording ends well" $?
saved_only_one 1
check "one finding, one file" $?

netfsnoop report --json "$saved" >"$OUT/saved.json"
check "report reads it" $?
in_saved "map(select(.type == \"request\" and .rreq == \"$hit\"))[0] | .freed and (.partial | not)"
check "the request of the finding, $hit, is in it from its first event" $?
netfsnoop check --json "$saved" >"$OUT/check.json"
check "check finds it there: exit status 1" $(($? != 1))
jq -es "map(select(.check_id == \"transfer\" and .rreq == \"$hit\")) | length == 1" "$OUT/check.json" >/dev/null
check "... the same finding" $?
in_saved 'map(select(.type == "request") | .time_ns) | max - min | . > 5e9 and . < 20e9'
check "the window is about 10 s" $?
(($(stat -c %s "$saved") < 1100000))
check "... of $(stat -c %s "$saved") bytes" $?
done_testing
