#!/bin/bash
# What cifs says in the kernel's log is in the trace beside the request that it belongs to: a mount of a share
# that is not there, while a reader of a stopped server waits. What hang and watch make of the same.
set -uo pipefail

# shellcheck source=tests/vm/tests/guest/tap.sh disable=SC1091
. /lab/test/tap.sh

absent() {
	mount -t cifs "//127.0.0.1/nosuchshare" /tmp/absent -o username=root,password=pw,vers=3.1.1
	dd if=/dev/zero of="$MNT/after" bs=64K count=1 oflag=direct status=none
}
export -f absent
export MNT
mkdir /tmp/absent
dd if=/dev/zero of="$MNT/before" bs=64K count=1 oflag=direct status=none

netfsnoop record -o klog.nsn -- bash -c absent 2>"$OUT/record.err"
netfsnoop export --to json klog.nsn >"$OUT/klog.json"
dmesg >"$OUT/dmesg"
grep -c 'CIFS: ' "$OUT/dmesg" | sed 's/^/# messages of cifs in dmesg: /'
# those of dmesg after the recording began, word for word
jq -r 'select(.type == "moment" and .what == "log") | .text' "$OUT/klog.json" >/tmp/said
sed -n 's/^\[[^]]*\] \(CIFS: \|netfs: \)/\1/p' "$OUT/dmesg" | tail -n "$(wc -l </tmp/said)" >/tmp/want
[[ -s /tmp/said ]] && diff /tmp/want /tmp/said | sed 's/^/# /' | { ! grep .; }
check "what cifs said is in the trace, word for word" $?
jq -es 'map(select(.what == "log") | .message // empty) | length > 0' "$OUT/klog.json" >/dev/null
check "... and what one of them means" $?
netfsnoop report klog.nsn >"$OUT/report.txt"
grep -q '^What cifs and netfs logged' "$OUT/report.txt"
check "report has them" $?
netfsnoop export --to sqlite -o klog.db klog.nsn && netfsnoop export --to html -o klog.html klog.nsn && [[ -s klog.html ]]
check "and exports are made" $?

netfsnoop export --redact --to trace -o redacted.nsn klog.nsn && netfsnoop export --to json redacted.nsn >"$OUT/redacted.json"
jq -es '[.[] | select(.what == "log") | .text] | length > 0 and all(test("nosuchshare|127") | not)' "$OUT/redacted.json" >/dev/null
check "a redacted trace has no names of them" $?

netfsnoop watch -- bash -c absent >"$OUT/watch.txt" 2>&1
grep -q ' log: CIFS: ' "$OUT/watch.txt"
check "watch tells them as they come" $?
netfsnoop hang >"$OUT/hang.txt"
grep -q '^What cifs and netfs logged' "$OUT/hang.txt"
check "hang tells them" $?
netfsnoop oops --dmesg >"$OUT/oops.txt"
grep -q "BAD_NETWORK_NAME: ..127.0.0.1.nosuchshare" "$OUT/oops.txt" && ! grep -q x5c "$OUT"/{oops,hang,watch,report}.txt
check "and oops; nothing of what /dev/kmsg escapes is left" $?
done_testing klog.nsn
