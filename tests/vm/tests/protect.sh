#!/bin/bash
# What protects a connection is told as it is: signed, sealed (of which no capture shows message ids), or SMB 1, of which no
# command is seen, so that no check of commands is clean.
# kernels: 6.1 6.12 7.3
# lab: --no-mount --strict-dmesg
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

over vers=3.1.1,seal,cache=none && connection 'sealed, ' && row '.sealed and .bad_signatures == 0'
check "sealed" $?
filters | grep 'no filter: the connection is sealed' >/dev/null && ! filters | grep 'msg_id'
check "... there is no filter for its messages" $?

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
