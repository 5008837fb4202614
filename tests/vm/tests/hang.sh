#!/bin/bash
# netfsnoop hang: silent on a healthy mount, and with a server that is stopped in the middle it names
# request, message, connection and waiting task. With a netfs module whose reads never end (see
# hang.prepare) it tells the two apart.
# kernels: none: make test-crash
# lab: --no-mount
# shellcheck disable=SC2016 # $pid and $id are jq's
set -uo pipefail

# shellcheck source=tests/vm/tests/guest/tap.sh disable=SC1091
. /lab/test/tap.sh

# look NAME EXPECTED-STATUS: text and JSON to $OUT; NAME-1 is what --json looked at
look() {
	local status=0
	netfsnoop hang --json >"$OUT/$1.json" || status=$?
	netfsnoop hang >"$OUT/$1.txt"
	cat "$OUT/$1.txt"
	check "$1: exit status $status" $((status != $2))
}

holds() { # title, name, jq filter over all lines
	local status=1
	[[ $(jq -s --argjson pid "${pid:-0}" "$3" "$OUT/$2.json") != true ]] || status=0
	check "$2: $1" $status
}

# save NAME: the texts of /proc that tell, as tests/hang has them
save() {
	local to=$OUT/proc/$1 tid fd
	mkdir -p "$to/fs/netfs" "$to/fs/cifs" "$to/self"
	cat /proc/fs/netfs/requests >"$to/fs/netfs/requests"
	cat /proc/fs/netfs/stats >"$to/fs/netfs/stats"
	cat /proc/fs/cifs/DebugData >"$to/fs/cifs/DebugData"
	head -n 12 /proc/self/sched >"$to/self/sched"
	for tid in $(jq -r 'select(.type == "task") | .tid' "$OUT/$1.json"); do
		local t=$to/$tid/task/$tid from=/proc/$tid/task/$tid
		mkdir -p "$t/fd" "$t/fdinfo"
		for file in stack stat comm syscall; do cat "$from/$file" >"$t/$file"; done
		head -n 12 "$from/sched" >"$t/sched"
		for fd in 0 1; do
			[[ -e $from/fdinfo/$fd ]] || continue
			cat "$from/fdinfo/$fd" >"$t/fdinfo/$fd"
			ln -s "$(readlink "$from/fd/$fd")" "$t/fd/$fd"
		done
		rmdir --ignore-fail-on-non-empty "$t/fd" "$t/fdinfo"
	done
}

server() { kill -"$1" -- "-$(cat /run/samba/smbd.pid)"; }

gone() { ! kill -0 "$1" 2>/dev/null; }

modprobe cifs
dd if=/dev/urandom of="$SRV/big" bs=1M count=4 status=none
dd if=/dev/urandom of="$SRV/big2" bs=1M count=4 status=none
smb_mount vers=3.1.1,sign,cache=strict,rsize=262144,wsize=262144
exec 6<"$MNT/big" 7<"$MNT/big2"
look healthy 0
holds "one connection, no request" healthy '[.[].type] | (map(select(. == "connection")) | length == 1) and (any(. == "request") | not)'

# a reader that passes the page cache, with a recorder beside it
netfsnoop record -q -o "$OUT/beside.nsn" --ready-file /tmp/beside &
recorder=$!
lab_wait 90 test -e /tmp/beside
server STOP
dd of=/dev/null bs=1M count=1 iflag=direct status=none <&6 &
pid=$!
sleep 2
look read 1
save read
netfsnoop hang --json --trace "$OUT/beside.nsn" >"$OUT/history.json"
server CONT
holds "the server does not answer" read '.[0].verdict == "server"'
holds "the request, and the task that waits for it" read 'any(.type == "request" and .origin == "DR" and .verdict == "server" and .task == $pid and .by_position)'
holds "the message, on the connection, of that task" read '(map(select(.type == "connection"))[0].conn) as $id | any(.type == "message" and .cmd == "READ" and .state == "submitted" and .stuck and .pid == $pid and .conn == $id)'
holds "the connection has something on the wire" read 'any(.type == "connection" and .verdict == "server" and .in_flight > 0)'
holds "the task's stack and file" read 'any(.type == "task" and .tid == $pid and .path == "/mnt/smb/big" and (.stack | any(startswith("netfs_unbuffered_read_iter"))))'
holds "since when it waits" read 'any(.type == "task" and .tid == $pid and .not_run_ns > 1000000000 and .not_run_ns < 60000000000)'
holds "cifsd waits for data" read 'any(.type == "task" and .cifsd and .waits_for == "receive")'
holds "its history, from the file that is being written" history 'map(select(.type == "request"))[0].rreq as $r | map(select(.type == "history" and .rreq == $r)) | length == 1 and .[0].tid == $pid and (.[0].subrequests | length > 0 and all(.mid != null and .state == "sent, no answer"))'
holds "what to collect" read 'any(.type == "next" and (.command | startswith("tcpdump ")))'
lab_wait 30 gone $pid
kill -INT $recorder
wait $recorder
look answered 0

# an answer that netfs forgets; its reader waits for ever
lost=''
arm=/sys/module/netfs/parameters/mutant
if [[ -e $arm ]]; then
	echo 1 >$arm
	dd of=/dev/null bs=64K count=1 iflag=direct status=none <&6 &
	pid=$!
	lost=$pid
	sleep 3
	look lost 1
	save lost
	holds "lost in this kernel" lost '.[0].verdict == "lost"'
	holds "the request, and the task that waits for it" lost 'any(.type == "request" and .verdict == "lost" and .task == $pid)'
	holds "no message, nothing on the wire" lost '(any(.type == "message") | not) and any(.type == "connection" and .in_flight == 0 and .verdict == "nothing")'
fi

# a reader and a writer of the page cache
# The writer alone may hold the file: whoever else closes it, be it by exit, waits for its writeback.
(
	exec >"$MNT/w"
	until [[ -e /tmp/stopped ]]; do sleep 0.1; done
	exec dd if=/dev/zero bs=64K count=8 conv=fsync,notrunc status=none
) &
pid=$!
sleep 1
server STOP
cat <&7 >/dev/null &
reader=$!
touch /tmp/stopped
sleep 2
look writeback 1
save writeback
server CONT
holds "the request, and the task that waits for it" writeback 'any(.type == "request" and .origin == "WB" and .verdict == "server" and .task == $pid)'
holds "the message" writeback 'any(.type == "message" and .cmd == "WRITE" and .stuck)'
holds "the task's stack and file" writeback 'any(.type == "task" and .tid == $pid and .path == "/mnt/smb/w" and (.stack | any(contains("writeback"))))'
pid=$reader
holds "the readahead, and who waits for it" writeback 'any(.type == "request" and .origin == "RA" and .verdict == "server" and .task == $pid)'
lab_wait 30 gone "$reader"
[[ $lost ]] || look answered-too 0

done_testing
