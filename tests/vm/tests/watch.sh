#!/bin/bash
# `watch`: lines as requests end, exit status, the trace it keeps says the same.
# kernels: 6.12
# lab: --strict-dmesg --timeout 900
set -uo pipefail

# shellcheck source=tests/vm/tests/guest/tap.sh disable=SC1091
. /lab/test/tap.sh

dd if=/dev/urandom of=/tmp/data bs=1M count=4 status=none
netfsnoop watch --json --requests -o kept.nsn -- cp /tmp/data "$MNT/data" >live.json 2>err
check "watch of a copy is clean: 0" $?
jq -es 'map(select(.type == "request" and .write) | .transferred) | add >= 4194304' live.json >/dev/null
check "--requests --json: the requests have all the bytes" $?
netfsnoop check --json kept.nsn >file.json
grep -E '^\{"type":"(finding|check_result)"' live.json | cmp - file.json
check "the trace it keeps says the same, byte for byte" $?
netfsnoop report --json kept.nsn | jq -c 'select(.type == "request")' >file.requests
jq -c 'select(.type == "request")' live.json | cmp - file.requests
check "... and has the same requests" $?

netfsnoop watch --requests --ready-file ready >live.txt 2>err &
watcher=$!
lab_wait 60 test -e ready
cp "$MNT/data" /tmp/back
lab_wait 30 grep -q ' R=.* sreq .*on /mnt/smb by ' live.txt
check "--requests: a line appears while it runs" $?
kill -TERM $watcher
wait $watcher
check "a signal ends it, clean: 0" $?
[[ $(grep -cE "^[a-z-]+ +(clean|nothing to judge)" live.txt) == $(netfsnoop check --list | wc -l) ]]
check "at the end a line for each check" $?
echo 3 >/proc/sys/vm/drop_caches
netfsnoop watch --requests --inode 1 -- cp "$MNT/data" /tmp/back >none.txt 2>err
check "filters hold" "$(grep -c ' R=' none.txt)"

echo 3 >/proc/sys/vm/drop_caches
netfsnoop watch --once -- cp "$MNT/data" /tmp/back >once.txt 2>err && grep -qE "^$MNT +[0-9.]*[1-9]" once.txt
check "--once: rates of a copy" $?

# top KEYS-FILE: on a terminal of 80x24 that types what is written to the pipe
mkfifo keys
TERM=xterm script -qec "stty rows 24 cols 80; stty -a >before; netfsnoop watch --top --interval 0.2 --ready-file up; echo \$? >status; stty -a >after" top.out <keys >/dev/null &
terminal=$!
exec 3>keys
lab_wait 60 test -e up
echo 3 >/proc/sys/vm/drop_caches
cp "$MNT/data" /tmp/back
lab_wait 30 grep -aqE "$MNT +[0-9.]*[1-9]" top.out
check "--top: a copy shows in the table" $?
printf o >&3
lab_wait 30 grep -aq 'o table' top.out
check "o: what is open" $?
printf q >&3
lab_wait 30 test -s after
exec 3>&-
wait $terminal
[[ $(cat status) == 0 ]] && cmp before after && grep -aq $'\e\[?1049l' top.out
check "q: ends clean, the terminal is as it was" $?

netfsnoop record --check --json -o closing.nsn -- cp /tmp/data "$MNT/data" 2>closing.json
jq -es 'all(type == "object") and (last | .type == "recorded" and .events > 0 and .file == "closing.nsn")' closing.json >/dev/null
check "record --check --json: JSON to its last line" $?

echo "1..$nr"
((!bad))
