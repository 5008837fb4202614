#!/bin/bash
# iov_iter_revert(): the calls in netfs and cifs seen through kprobes on them and through the
# breakpoint are the same calls, whichever way they were found.
# kernels: 6.12 7.3
# lab: --strict-dmesg
set -uo pipefail

# shellcheck source=tests/vm/tests/guest/tap.sh disable=SC1091
. /lab/test/tap.sh

# on_netfs: since 6.10 cifs does its I/O through netfs; before, it reverts hardly anything
on_netfs() { grep -q ' netfs_perform_write.*\[netfs\]' /proc/kallsyms; }
drop_caches() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
}

# record NAME WAY COMMAND: to NAME.nsn; its JSON lines to NAME.json
record() {
	netfsnoop record -q --revert-probe "$2" -o "$1.nsn" -- bash -c "$3" >"$1.log" 2>&1
	netfsnoop report --json "$1.nsn" >"$1.json"
}

holds() { # NAME JQ-CONDITION on the array of all lines
	[[ $(jq -s "$2" "$1.json") == true ]]
}

count() { # NAME WAY [JQ-CONDITION]
	jq -s "map(select(.type == \"revert\" and .via == \"$2\" and (${3:-true}))) | length" "$1.json"
}

# same NAME [JQ-CONDITION]: both ways saw the same calls, with the same arguments
same() {
	jq -s --arg n "$1" "map(select(.type == \"revert\" and (${2:-true}))) | group_by(.via) |
		map(map([.tid, .iter, .iter_type, .offset, .count, .unroll, .segs, .slot, .caller, .rreq, .sreq]) | sort) |
		length == 2 and .[0] == .[1]" "$1.json" | grep -qx true
}

# says PATTERN: doctor does; into a file, as a reader that leaves early would break its pipe
says() {
	netfsnoop doctor -v >doctor.txt 2>&1
	grep -q "$1" doctor.txt
}
sites() { netfsnoop doctor -v 2>/dev/null | grep -E '^ +(call|jump|conditional jump) ' | sort; }

netfsnoop doctor -v >doctor.txt 2>&1
check "doctor finds nothing wrong" $?
grep -q '^reverts  .*callsite.*breakpoint' doctor.txt
check "... call sites and breakpoint work" $?
grep -q 'calls found in .*cifs\.ko' doctor.txt
check "... the calls are found in the module's file" $?
sites >sites.file
sed 's/^/# /' sites.file
(($(wc -l <sites.file) > 0))
check "... $(wc -l <sites.file) of them" $?
grep -q 'iov_iter_revert_kprobe .*refuses' doctor.txt
check "... and says why a kprobe does not" $?

dd if=/dev/urandom of=/tmp/data bs=1M count=8 status=none
smb_umount "$MNT"
smb_mount vers=3.1.1,seal,cache=strict,rsize=262144,wsize=262144
seal="cp /tmp/data $MNT/x; sync; echo 3 >/proc/sys/vm/drop_caches; cmp /tmp/data $MNT/x"
record seal all "$seal"
nothing_lost seal.nsn
check "seal: nothing lost" $?
if on_netfs; then
	same seal
	check "seal: call sites and breakpoint saw the same: $(count seal callsite), $(count seal breakpoint)" $?
	(($(count seal callsite '.caller | test("^crypt_message.*\\[cifs\\]$")') >= 32))
	check "seal: ... from crypt_message, once a write at least" $?
	# shellcheck disable=SC2016 # variables of jq
	holds seal 'map(select(.type == "request" and .write) | .rreq) as $w | map(select(.type == "revert" and .rreq != null)) |
		length >= 32 and all(.rreq as $r | $w | index($r)) and all(.sreq != null and .known_by != null)'
	check "seal: ... those of a sending thread belong to its write request" $?
	holds seal 'map(select(.type == "revert")) | all(.iter_type == "FOLIOQ" and .unroll == 262144 and .slot != null)'
	check "seal: ... each takes 256 KiB back, of a folio queue" $?
fi

# each way alone sees as many as both together
for way in callsite breakpoint auto; do
	record "$way" "$way" "$seal"
	got=$(jq -s 'map(select(.type == "revert")) | length' "$way.json")
	want=$(count seal callsite)
	((got == want))
	check "--revert-probe $way alone: $got of $want" $?
done
holds auto 'map(select(.type == "probe" and .state == "on" and (.name | startswith("iov_iter_revert")))) | length == 1'
check "auto attaches one way" $?
record off off "$seal"
holds off 'map(select(.type == "revert")) | length == 0'
check "off: none" $?

smb_umount "$MNT"
smb_mount vers=3.1.1,sign,cache=strict
record sign all "$seal"
holds sign 'map(select(.type == "revert")) | length == 0'
check "sign: a healthy kernel takes nothing back" $?

# a short copy from user space; the same on tmpfs is none of our business
drop_caches
record short all "shortwrite $MNT/x 0; shortwrite $MNT/x 1048576; shortwrite $MNT/x 2097152; shortwrite /tmp/data 0"
if on_netfs; then
	same short
	check "short writes: the same: $(count short callsite), $(count short breakpoint)" $?
	(($(count short callsite '.caller | test("^netfs_perform_write.*\\[netfs\\]$")') > 0))
	check "short writes: ... from netfs_perform_write" $?
	holds short 'map(select(.type == "revert")) | all(.rreq == null and .iter_type == "UBUF" and .comm == "shortwrite")'
	check "short writes: ... of the user's iterator, which belongs to no request" $?
fi
holds short 'map(select(.type == "revert")) | all(.caller | test("\\[(cifs|netfs)\\]$"))'
check "callers elsewhere in the kernel are left out" $?

# connections that go away in the middle
cat >cut.bash <<'END'
. /lab.sh
for i in 1 2 3; do
	dd if=/mnt/smb/x of=/dev/null bs=4M iflag=direct status=none &
	sleep 0.0$i
	smb_stop KILL
	smb_start
	wait
	dd if=/tmp/data of=/mnt/smb/y bs=4M oflag=direct status=none &
	sleep 0.0$i
	smb_stop KILL
	smb_start
	wait
done
END
smb_umount "$MNT"
smb_mount vers=3.1.1,seal,cache=none
record cut all "bash $OUT/cut.bash"
holds cut 'map(select(.type == "connection") | .reconnects) | add > 0'
check "retries: connections were lost" $?
if on_netfs; then
	same cut
	check "retries: the same: $(count cut callsite), $(count cut breakpoint)" $?
fi

# a CPU that comes while the recording runs: the breakpoint has to follow
if on_netfs && echo 0 >/sys/devices/system/cpu/cpu1/online; then
	record hotplug all "taskset 1 cp /tmp/data $MNT/h0; echo 1 >/sys/devices/system/cpu/cpu1/online
		sleep 3; taskset 2 cp /tmp/data $MNT/h1"
	same hotplug
	check "hotplug: the same: $(count hotplug callsite), $(count hotplug breakpoint)" $?
	echo 0 >/sys/devices/system/cpu/cpu1/online
	echo 1 >/sys/devices/system/cpu/cpu1/online
fi

# without the file, or with another build's, live text has to do
file=$(modinfo -F filename cifs)
mv "$file" /tmp/cifs.away
says 'calls found in /proc/kcore'
check "without the module's file they are found in /proc/kcore" $?
sites | cmp -s - sites.file
check "... the same calls" $?
cp "$(modinfo -F filename netfs)" "${file%%.ko*}.ko"
says 'calls found in /proc/kcore'
check "a file with another build-id is not used" $?
echo 2 >/proc/sys/kernel/kptr_restrict
says 'iov_iter_revert.*kptr_restrict'
check "hidden addresses are told as such, with the remedy" $?

done_testing
