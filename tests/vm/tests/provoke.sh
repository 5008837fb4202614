#!/bin/bash
# The kernel's client through `provoke`: with an empty plan all data are the same; each fault is in the trace as meant.
# The client then has all the data, or the program is told of an error (which of the two is up to the kernel, and told in
# a line of this test), but no wrong data; and it never finds a signature that is wrong.
# kernels: 6.12 7.3
# lab: --no-mount --strict-dmesg
set -uo pipefail

# shellcheck source=tests/vm/tests/guest/tap.sh disable=SC1091
. /lab/test/tap.sh

printf 'username=root\npassword=pw\n' >cred
head -c $((8 << 20)) /dev/urandom >"$SRV/big"
head -c $((4 << 20)) /dev/urandom >small

# through PLAN NAME COMMAND...: with the share mounted through the proxy, recorded to NAME.nsn with the faults; what the
# proxy did is in NAME.log
through() {
	printf '%s\n' "$1" >"$2.plan"
	rm -f ready
	netfsnoop provoke --credentials cred --log "$2.log" --ready-file ready "$2.plan" 2>"$2.said" &
	local proxy=$!
	lab_wait 60 test -e ready
	smb_mount "$opts,port=1445" || cat "$2.said"
	netfsnoop record -q --check --faults "$2.log" -o "$2.nsn" -- "${@:3}" >"$2.out" 2>&1
	status=$?
	smb_umount "$MNT"
	kill "$proxy"
	wait "$proxy"
}

# shown FAULT: how often
shown() { jq -s --arg f "$1" 'map(select(.type == "fault" and .fault == $f)) | length' "$name.log"; }
# traced CONDITION: does it hold of some object of the report?
traced() { [[ $(netfsnoop report --json "$name.nsn" | jq -s "any($1)") == true ]]; }

# told KIND VERDICT: is there such a finding?
told() {
	[[ $(netfsnoop check --json "$name.nsn" 2>/dev/null | jq -s "any(.type == \"finding\" and .kind == \"$1\" and .verdict == \"$2\")") == true ]]
}
# findings: how many there are of known defects and notes of error-map
findings() { netfsnoop check --json "$name.nsn" 2>/dev/null | jq -s 'map(select(.type == "finding" and .check_id == "error-map")) | length'; }
old() { [[ $(uname -r) == 6.12.* ]]; }
# joined FAULT: each of them is in the trace, at the request and attempt that met it, and its command
joined() {
	[[ $(netfsnoop report --json "$name.nsn" | jq -s --arg f "$1" --argjson n "$(shown "$1")" '
		map(select(.type == "fault" and .fault == $f)) as $faults
		| (map(select(.type == "command" and .faults > 0)) | INDEX(.mid)) as $met
		| $n > 0 and ($faults | length) == $n
		and ($faults | all(.rreq and .sreq and .attempt and .conn and $met[.mid].rreq == .rreq))
	') == true ]]
}

# What is read is what is there, all of it or up to the error that the program is told of.
# shellcheck disable=SC2016 # variables of the guest's script
reading='dd if=$MNT/big of=got bs=1M count=$COUNT status=none && [ $(stat -c %s got) = $((COUNT << 20)) ] || echo "read: an error"
cmp -n $(stat -c %s got) got $SRV/big'
# shellcheck disable=SC2016
writing='dd if=small of=$MNT/put bs=1M conv=fsync status=none || { echo "write: an error"; exit 0; }
cmp small $SRV/put'
no_error() { ! grep -q 'an error' "$name.out"; }
tell() { grep -E '^dd:|an error' "$name.out" | sed "s/^/# $name: /"; }

export MNT SRV COUNT=4
for protect in sign seal; do
	opts=vers=3.1.1,$protect,cache=none,rsize=262144,wsize=262144
	name=$protect-empty
	through '' "$name" bash -ec "$reading; $writing"
	((!status)) && no_error && [[ $(jq -s 'last.faults == 0 and any(.type == "session" and .keys)' "$name.log") == true ]]
	check "$protect: with an empty plan nothing changes" $?

	name=$protect-read
	through 'on READ nth 3: short-read 100000
on READ nth 1: grant 0 for 2
on READ nth 2: pending late 50ms' "$name" bash -ec "$reading"
	tell
	((!status && $(shown short-read) == 1 && $(shown grant) > 0 && $(shown pending) == 1))
	check "$protect: a READ is short, late, without credits: what is read is right" $?
	# 6.12 ends it so, later ones ask for the rest in the same subrequest
	traced '.type == "subrequest" and .len == 262144 and (.transferred == 100000 or .attempts > 1)'
	check "$protect: ... and its subrequest was short, or asked again" $?
	mid=$(jq -r 'select(.type == "fault" and .fault == "short-read") | .mid' "$name.log")
	traced ".type == \"command\" and .cmd == \"READ\" and .mid == \"$(printf '0x%x' "$mid")\""
	check "$protect: ... by message $mid" $?
	joined short-read && joined grant && joined pending
	check "$protect: ... and the trace has each fault at the attempt that met it" $?
	rreq=$(netfsnoop report --json "$name.nsn" | jq -r 'select(.type == "fault" and .fault == "short-read") | .rreq')
	netfsnoop report --R "$rreq" "$name.nsn" | grep -E 'the proxy .*\[.*wire .*! short-re[ad]* +100000/262144' >/dev/null
	check "$protect: ... in its timeline, while the command is on the wire" $?
	netfsnoop report "$name.nsn" | grep -A4 'Faults that provoke showed' | grep '1  READ short-read' >/dev/null
	check "$protect: ... and in the summary" $?
	! netfsnoop report "$name.nsn" | grep 'out of time order'
	check "$protect: ... in order of time" $?
	if old; then told retry-given-up known; else (($(findings) == 0)); fi
	check "$protect: ... and 6.12, which gives up what it was to ask again, is told of it" $?

	name=$protect-read-twice
	through 'on READ nth 1: short-read 100000
on READ nth 3: short-read 100000' "$name" bash -ec "$reading"
	tell
	((!status && $(shown short-read) == 2)) && ! no_error && grep -q 'Cannot allocate memory' "$name.out" && told retry-given-up known
	check "$protect: two READs of four are short: the read fails, and it is told why" $?

	name=$protect-write
	through 'on WRITE nth 3: short-write 4096
on WRITE nth 5: grant 0 for 4' "$name" bash -ec "$writing"
	tell
	((!status && $(shown short-write) == 1))
	check "$protect: a WRITE is short: what is written is right" $?
	mid=$(jq -r 'select(.type == "fault" and .fault == "short-write") | .mid' "$name.log")
	traced ".type == \"command\" and .cmd == \"WRITE\" and .mid == \"$(printf '0x%x' "$mid")\""
	check "$protect: ... and is in the trace" $?

	name=$protect-full
	through 'on WRITE nth 4..: status DISK_FULL' "$name" dd if=small of="$MNT/put" bs=1M oflag=direct status=none
	((status)) && grep -q 'No space left on device' "$name.out" && (($(shown status) > 0))
	check "$protect: DISK_FULL: the program is told" $?
	traced '.type == "command" and .cmd == "WRITE" and .status == "0xc000007f" and .faults > 0' && joined status
	check "$protect: ... and so is the trace" $?

	name=$protect-cut
	through 'on READ nth 6: cut within' "$name" bash -ec "$reading; stat $MNT/big >/dev/null"
	tell
	((!status && $(shown cut) == 1)) && [[ $(jq -s 'last.connections >= 2' "$name.log") == true ]]
	check "$protect: the connection ends within a READ: what is read is right" $?
	traced '.type == "connection" and .reconnects > 0' && joined cut
	check "$protect: ... and the reconnect is in the trace" $?
	# nothing is said of what the program was not told of
	if ! grep -q 'Resource temporarily unavailable' "$name.out"; then
		(($(findings) == 0))
	elif old; then
		told not-retried known
	else
		told handed-on note
	fi
	check "$protect: ... and if the program gets EAGAIN, there is a finding" $?
done

opts=vers=3.1.1,sign,hard,cache=none,rsize=262144,wsize=262144
name=hard-cut
through 'on READ nth 6: cut within' "$name" bash -ec "$reading"
tell
# 6.12 hands EAGAIN to the program; later ones ask again, and may do so for two READs of a request, see read-twice
if no_error; then
	(($(findings) == 0))
elif grep -q 'Cannot allocate memory' "$name.out"; then
	told retry-given-up known
else
	old && told not-retried known
fi
check "hard: the connection ends within a READ: it is read, or the findings say why not" $?

# a short answer in the middle of the file; the kernel is known to put zeros there, see docs/checks.md
opts=vers=3.1.1,sign,cache=strict,rsize=262144,wsize=262144
name=buffered
through 'on READ nth 3: short-read 100000' "$name" bash -ec "$reading"
tell
if ((status)); then
	told short-zeroed known && told not-read known
else
	! told short-zeroed known && ! told short-zeroed violation
fi
check "buffered, a short READ: what is read is right, or the findings say what it is" $?

! dmesg | grep -iE 'sign fail|signature verification'
check "the client never finds a wrong signature" $?
done_testing
