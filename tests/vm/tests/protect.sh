#!/bin/bash
# What protects a connection is told as it is: signed, sealed (of which no capture shows message ids), or SMB 1, of which no
# command is seen, so that no check of commands is clean.
# kernels: 6.1 6.12 7.3
# lab: --no-mount --strict-dmesg --timeout 900
set -uo pipefail

# shellcheck source=tests/vm/tests/guest/tap.sh disable=SC1091
. /lab/test/tap.sh

head -c $((1 << 20)) /dev/urandom >"$SRV/f"

# over OPTIONS: copies a file there and back, recorded to trace.nsn
over() {
	smb_mount "$1" || return
	netfsnoop record -q -o trace.nsn -- bash -c "cmp $MNT/f $SRV/f && cp $MNT/f $MNT/g && sync"
	status=$?
	smb_umount "$MNT"
	((!status))
}
# connection WORDS: `report` says so of the connection; sql: what the connection's row has
connection() { netfsnoop report trace.nsn | grep -E "^  0x[0-9a-f]+ 127.0.0.1, $1" >/dev/null; }
row() { [[ $(netfsnoop report --json trace.nsn | jq -s "map(select(.type == \"connection\")) | all($1)") == true ]]; }
# filters: lines of wireshark in the timelines
filters() { netfsnoop report -t trace.nsn | grep '^  wireshark: '; }

over vers=3.1.1,sign,cache=none && connection 'signed, ' && row '.sealed == false and .smb1 == false and .bad_signatures == 0'
check "signed" $?
filters | grep 'smb2.msg_id' >/dev/null && ! filters | grep 'sealed'
check "... its messages can be filtered" $?
[[ $(netfsnoop check trace.nsn) =~ signature\ +clean:\ [1-9] ]]
check "... and its answers verify" $?

# stages: READs have a stage of decryption, and those around it: all of requests that lost no record
stages() {
	netfsnoop report --json trace.nsn | jq -es '
		map(select(.type == "request" and .lost) | .rreq) as $lost |
		map(select(.type == "subrequest" and (.write | not))) |
		any(.stages.decryption_ns > 0) and all((.rreq | IN($lost[])) or
			(.stages.decryption_ns > 0 and .stages.wire_ns != null and .stages.callback_ns != null))' >/dev/null
}
# deciphered THREAD: something, by a thread of that name, and all without an error
deciphered() {
	netfsnoop dump trace.nsn | grep 'crypt_message_exit) ' >ciphered
	grep -q "comm=\"$1" ciphered && ! grep -q 'rc=-' ciphered
}

over vers=3.1.1,sign,cache=none
netfsnoop report --json trace.nsn | jq -es 'map(select(.type == "subrequest")) | all(.stages.decryption_ns == null)' >/dev/null
check "nothing is decrypted where nothing is sealed" $?

over vers=3.1.1,seal,cache=none && connection 'sealed with AES-128-GCM, ' && row '.sealed and .cipher == "AES-128-GCM" and .bad_signatures == 0'
check "sealed" $?
stages && deciphered cifsd && ! deciphered kworker
check "... cifsd decrypts, and how long that takes is a stage of its own" $?
netfsnoop report trace.nsn | grep -E '^  decryption +reads +[1-9]' >/dev/null
check "... in the summary" $?
filters | grep 'no filter: the connection is sealed' >/dev/null && ! filters | grep 'msg_id'
check "... there is no filter for its messages" $?

# a work item gets what comes while other answers are still to come
smb_mount vers=3.1.1,seal,cache=none,rsize=65536,esize=16384
netfsnoop record -q -o trace.nsn -- bash -c "for i in {1..4}; do dd if=$MNT/f of=/dev/null bs=1M iflag=direct status=none & done; wait"
smb_umount "$MNT"
echo "# decrypted by: $(netfsnoop dump trace.nsn | grep 'crypt_message_exit) ' | grep -o 'comm="[^"]*"' | sort | uniq -c | xargs)"
stages
check "with esize= all answers have that stage" $?
deciphered kworker && deciphered cifsd
check "... a work item decrypts what is long" $?
over vers=3.0,seal,cache=none && connection 'sealed with AES-128-CCM, ' && row '.cipher == "AES-128-CCM"' && stages
check "SMB 3.0 seals with CCM" $?

smb_stop TERM
sed -i 's/server min protocol = .*/server min protocol = NT1\n\tntlm auth = yes/' /etc/samba/smb.conf
smb_start
over vers=1.0,cache=none && connection 'SMB 1: its commands are not seen, ' && row '.smb1'
check "SMB 1" $?
netfsnoop report trace.nsn | grep 'none: those of SMB 1 are not seen' >/dev/null
check "... none of its commands is seen, and it is said" $?
netfsnoop check trace.nsn >checked
(($? == 4)) && (($(grep -cE '^(command|signature) .*not evaluated: (the connection is of SMB 1|cifs of this kernel)' checked) == 2))
check "... so the checks of commands are not evaluated" $?
! grep -E '^(command|signature|handles|error-map) +clean' checked
check "... and none is clean" $?
done_testing
