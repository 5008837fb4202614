#!/bin/bash
# The guest's part of tests/provoke/survey: each fault on each kind of mount, and under it each operation on files of its
# own. $OUT/cells has a line per cell: mount, fault, operation, faults met, outcome, findings; by tabs.
set -uo pipefail

# shellcheck source=tests/vm/guest/lab.sh disable=SC1091
. /lab.sh

PIECES=8 # of 64 KiB per file
LIMIT=40 # seconds for an operation
none=/mnt/none
mkdir -p "$none" got
printf 'username=root\npassword=pw\n' >cred
head -c $((PIECES * 65536)) /dev/urandom >data

uname -r >"$OUT/kernel"
operations='read-buffered read-direct read-unbuffered write-back write-through write-direct write-unbuffered append copy'

# do_operation NAME: prints what its program says; its status
do_operation() {
	case $1 in
	read-buffered) dd if="$MNT/$1" of="got/$1" bs=64k status=none ;;
	read-direct) dd if="$MNT/$1" of="got/$1" bs=64k iflag=direct status=none ;;
	read-unbuffered) dd if="$none/$1" of="got/$1" bs=256k iflag=fullblock status=none ;;
	write-back) dd if=data of="$MNT/$1" bs=64k conv=fsync status=none ;;
	write-through) dd if=data of="$MNT/$1" bs=128k oflag=sync status=none ;;
	write-direct) dd if=data of="$MNT/$1" bs=128k oflag=direct status=none ;;
	write-unbuffered) dd if=data of="$none/$1" bs=256k status=none ;;
	append) dd if=data of="$MNT/$1" bs=64k oflag=append conv=notrunc,fsync status=none ;;
	copy) cp "$MNT/$1.from" "$MNT/$1" ;;
	esac
}

# prepare NAME: the files of an operation, on the server
prepare() {
	rm -f "$SRV/$1" "$SRV/$1.from" "got/$1"
	case $1 in
	read-*) cp data "$SRV/$1" ;;
	append) cp data "$SRV/$1" ;;
	copy) cp data "$SRV/$1.from" ;;
	esac
}

# whole NAME: do both sides have the same bytes?
whole() {
	case $1 in
	read-*) cmp -s data "got/$1" ;;
	append) cat data data | cmp -s - "$SRV/$1" ;;
	*) cmp -s data "$SRV/$1" ;;
	esac
}

# has NAME: what there is of what should be
has() {
	local file=$SRV/$1 size
	[[ $1 != read-* ]] || file=got/$1
	size=$(stat -c %s "$file" 2>/dev/null || echo 0)
	if [[ $1 == append ]]; then cat data data; else cat data; fi | cmp -s -n "$size" - "$file" &&
		echo "the first $size bytes" || echo 'other bytes'
}

# outcome NAME STATUS TEXT
outcome() {
	if (($2)); then
		echo "error: $(sed -n 's/.*: //p' <<<"$3" | tail -1)"
	elif whole "$1"; then
		echo whole
	else
		echo "WRONG: no error, $(has "$1")"
	fi
}

faults_so_far() { grep -c '"type":"fault"' "$name.log"; }

# operate: each operation; what came of it to $name.outcomes. Stops at one that hangs.
operate() {
	local op pid before text status
	for op in $operations; do
		before=$(faults_so_far)
		do_operation "$op" >"$name.text" 2>&1 &
		pid=$!
		if ! lab_wait "$LIMIT" eval "! kill -0 $pid 2>/dev/null"; then
			printf '%s\t%s\tHANG: not over after %s s\n' "$op" $(($(faults_so_far) - before)) "$LIMIT" >>"$name.outcomes"
			netfsnoop hang >"$name-$op.hang" 2>&1
			return 1
		fi
		wait "$pid"
		status=$?
		text=$(<"$name.text")
		printf '%s\t%s\t%s\n' "$op" $(($(faults_so_far) - before)) "$(outcome "$op" "$status" "$text")" >>"$name.outcomes"
	done
}

# findings OPERATION: of its file, but for notes
findings() {
	jq -r --arg f "/$1" 'select(.type == "finding" and .verdict != "note" and (.path // "" | endswith($f)))
		| "\(.check_id): \(.kind) (\(.verdict))"' "$name.findings" | sort -u | paste -sd ';'
}

# cells MOUNT FAULT: a line for each
cells() {
	local op met outcome
	while IFS=$'\t' read -r op met outcome; do
		printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$op" "$met" "$outcome" "$(findings "$op")" | tee -a "$OUT/cells"
	done <"$name.outcomes"
}

# group MOUNT OPTIONS FAULT PLAN
group() {
	local op proxy status=0
	name=$1-$3
	printf '%b\n' "$4" >"$name.plan"
	for op in $operations; do prepare "$op"; done
	rm -f ready "$name.outcomes"
	netfsnoop provoke --credentials cred --log "$name.log" --ready-file ready "$name.plan" 2>"$name.said" &
	proxy=$!
	lab_wait 60 test -e ready || { cat "$name.said"; return 1; }
	smb_mount "$2,cache=strict,port=1445,rsize=65536,wsize=65536" || return 1
	smb_mount "$2,cache=none,port=1445,rsize=65536,wsize=65536" "$none" || return 1
	export -f operate do_operation faults_so_far outcome whole has lab_wait
	export name operations none LIMIT
	rm -f "$name.recording"
	netfsnoop record -q --paths --faults "$name.log" -o "$name.nsn" --ready-file "$name.recording" >"$name.record" 2>&1 &
	local recorder=$!
	lab_wait 60 test -e "$name.recording" || cat "$name.record"
	operate || status=1
	sleep 0.5
	kill -INT "$recorder"
	wait "$recorder"
	if ((!status)); then
		smb_umount "$none"
		smb_umount "$MNT"
	fi
	netfsnoop check --json "$name.nsn" >"$name.findings" 2>"$name.check"
	cells "$1" "$3"
	netfsnoop check "$name.nsn" >"$name.check" 2>&1 || true
	kill "$proxy" 2>/dev/null
	wait "$proxy" 2>/dev/null
	return "$status"
}

while IFS='|' read -r fault plan; do
	[[ -n $fault && $fault != \#* ]] || continue
	[[ -z ${FAULTS:-} || " $FAULTS " == *" $fault "* ]] || continue
	for mount in ${MOUNTS:-unsigned signed sealed}; do
		case $mount in
		unsigned) options=vers=3.1.1 ;;
		signed) options=vers=3.1.1,sign ;;
		sealed) options=vers=3.1.1,seal ;;
		esac
		group "$mount" "$options" "$fault" "$plan" || { echo "stopped at $mount $fault"; exit 1; }
	done
done </lab/survey.faults
dmesg | grep -iE 'BUG|WARNING|oops|sign fail' | head
exit 0
