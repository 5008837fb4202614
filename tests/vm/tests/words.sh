#!/bin/bash
# What a recording says of itself is so: its length, its events, and why there is nothing in it.
set -uo pipefail

# shellcheck source=tests/vm/tests/guest/tap.sh disable=SC1091
. /lab/test/tap.sh

# value TRACE JQ: of its summary
value() { netfsnoop report --json "$1" 2>/dev/null | jq -r "select(.type == \"summary\") | $2"; }
says() {
	grep -qxF "netfsnoop: $2" "$OUT/$1" || { sed 's/^/# /' "$OUT/$1"; false; }
}

# The length: a command that says itself how long it took, and a write in it for the rates.
cat >/tmp/sleeper <<'END'
read -r begin _ </proc/uptime
dd if=/dev/zero of=/mnt/smb/zero bs=256K count=4 oflag=direct status=none
sleep 4
read -r end _ </proc/uptime
awk -v b="$begin" -v e="$end" 'BEGIN { print int((e - b) * 1000) }' >/tmp/took
END
netfsnoop record -o len.nsn -- bash /tmp/sleeper 2>"$OUT/len.err"
took=$(</tmp/took) duration=$(($(value len.nsn .duration_ns) / 1000000))
stop=$(netfsnoop report --json len.nsn | jq -s 'map(select(.type == "summary"))[0].duration_ns') # of the marks alone
echo "# the command took $took ms, the recording $duration ms"
((duration >= took && duration < took + 1500))
check "the recording is as long as its command" $?
[[ $(<"$OUT/len.err") =~ ([0-9]+)\ events\ in\ ([0-9.]+)\ s ]]
said=${BASH_REMATCH[1]} seconds=${BASH_REMATCH[2]}
awk -v a="$seconds" -v d="$duration" 'BEGIN { exit !(a * 1000 > d - 300 && a * 1000 < d + 300) }'
check "record's last line has that length" $?
netfsnoop report len.nsn >"$OUT/len.txt"
# stream from ... to: what the header says is from the start mark to the stop mark
awk '/^  when / { w = $(NF-1) * ($NF == "s" ? 1000 : 1) } END { print w }' "$OUT/len.txt" >/tmp/when
awk -v w="$(</tmp/when)" -v d="$duration" 'BEGIN { exit !(w > d - 60 && w < d + 60) }'
check "report's header too" $?
# 1 MiB in that time; the seconds that taking the probes out takes would make it less
netfsnoop diff --json len.nsn len.nsn | jq -es '[.. | .duration_ns? // empty] | all(. == '"$stop"')' >/dev/null
check "diff too" $?

# The events
# smb2_verify_signature() is looked at each time, and recorded when it fails
hits=$(netfsnoop report --json len.nsn | jq -s 'map(select(.type == "probe" and .name != "smb2_verify_signature_exit") | .hits // 0) | add')
lost=$(netfsnoop report --json len.nsn | jq -s 'map(select(.type == "probe") | .lost // 0) | add')
echo "# $hits hits, $lost lost, $said events of record, $(value len.nsn .events) of report, $(value len.nsn .records) records"
((hits - lost == said))
check "record counts the events of probes" $?
[[ $(value len.nsn .events) == "$said" && $(value len.nsn .records) -gt $said ]]
check "report --json has the same number, of more records" $?
grep -q ", $said events\$" "$OUT/len.txt"
check "report has the same number" $?
echo "$said" >said # words.check looks into the exports

# Nothing, and why; tests/unit/test_doubt.c has the other reasons. Of the other mounts there may be something, of connections too, but no request.
io() { dd if=/dev/zero of="$MNT/other" bs=64K count=1 oflag=direct status=none; }
export -f io
export MNT
nothing() { # NAME OPTION...
	local name=$1
	shift
	netfsnoop record -o "$name.nsn" "$@" -- bash -c io 2>"$OUT/$name.err"
}
nothing tmp -m /tmp
says tmp.err "no request will be recorded: /tmp is on rootfs, which does not use netfs" ||
	says tmp.err "no request will be recorded: /tmp is on tmpfs, which does not use netfs"
check "-m /tmp: said at once" $?
grep -q '^netfsnoop: no request was recorded: /tmp is on .*, which does not use netfs$' "$OUT/tmp.err"
check "... and at the end" $?
netfsnoop report tmp.nsn | grep -q '^  none: /tmp is on .*, which does not use netfs$'
check "... and by report" $?
netfsnoop check tmp.nsn >"$OUT/tmp.check"
tail -n 1 "$OUT/tmp.check" | grep -q '; no request was recorded: /tmp is on .*, which does not use netfs$'
check "... and by check, in the last line" $?
nothing ino -i 999999999
says ino.err "no request was recorded: no request matched the filters"
check "-i of no file" $?
! grep -q 'will be recorded' "$OUT/ino.err"
check "... which nobody knows before" $?
netfsnoop watch -m /tmp -- bash -c io >"$OUT/watch.out" 2>"$OUT/watch.err"
grep -q '^netfsnoop: no request was recorded: /tmp is on' "$OUT/watch.err"
check "watch says it too" $?
nothing some -m "$MNT"
! grep -q 'no request\|nothing was' "$OUT/some.err"
check "nothing of the kind where there is something" $?

# Idle: what the client does by itself, an echo a minute, must not come in between
smb_umount "$MNT"
netfsnoop record -o idle.nsn -- true 2>"$OUT/idle.err"
says idle.err "nothing was recorded: no cifs share was mounted, nor anything else that uses netfs"
check "nothing mounted" $?
netfsnoop check idle.nsn >"$OUT/idle.check"
check "check of it exits with 4" $(($? != 4))
grep -q '; nothing was recorded: no cifs share was mounted, nor anything else that uses netfs$' "$OUT/idle.check"
check "... and says why" $?
[[ $(value idle.nsn .events) == 0 ]]
check "no events are counted" $?

done_testing
