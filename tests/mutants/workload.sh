#!/bin/bash
# workload.sh NAME KIND SHOTS LIVE MODULE...: in the guest. Records to $OUT/NAME.nsn I/O of that KIND,
# during which the bug in MODULE happens SHOTS
# times, and waits until the check LIVE (-: none) tells of it. I/O that hangs is left behind: the lab
# switches off hard. The status is 0 when there is a recording and the bug did happen.
set -uo pipefail

# shellcheck source=tests/vm/guest/lab.sh disable=SC1091
. /lab.sh

opts=vers=3.1.1,sign,cache=strict,rsize=65536,wsize=65536
again=/mnt/again
patience=15

die() {
	echo "workload: $*"
	exit 1
}

gone() { ! kill -0 "$1" 2>/dev/null; }

# Answers that come at once carry their grant themselves, else an interim one does.
answer_at_once() {
	printf '\taio read size = 0\n\taio write size = 0\n' >>/etc/samba/smb.conf
	if ! smb_stop TERM || ! smb_start; then die "cannot restart the server"; fi
}

prepare() {
	local module
	for module in cifs netfs; do
		[[ -e /sys/kernel/btf/$module ]] || die "$module has no BTF"
	done
	case $kind in
	read-sync | write-nospace) answer_at_once ;;
	esac
	if [[ $kind == write-nospace || $kind == write-*fsync ]]; then
		mkdir -p "$SRV/small"
		mount -t tmpfs -o size=512k small "$SRV/small" || die "no small file system"
	fi
	dd if=/dev/urandom of="$SRV/f" bs=64K count=16 status=none
	smb_mount "$opts" || die "cannot mount"
	if [[ $kind == read-locked ]]; then
		mkdir -p "$again"
		smb_mount "$opts,nosharesock" "$again" || die "cannot mount twice"
	fi
	sync
	echo 3 >/proc/sys/vm/drop_caches
}

# arm N: the bug may happen N times
arm() {
	local module parameter
	for module in "${modules[@]}"; do
		parameter=/sys/module/$module/parameters/mutant
		[[ ! -e $parameter ]] || echo "$1" >"$parameter"
	done
}

healthy() {
	dd if="$SRV/f" of="$MNT/healthy" bs=256K oflag=direct status=none &&
		dd if="$MNT/healthy" of=/dev/null bs=256K iflag=direct status=none
}

io() {
	case $kind in
	read-direct | read-sync) dd if="$MNT/f" of="$OUT/got" bs=256K iflag=direct status=none ;;
	read-direct-one) dd if="$MNT/f" of="$OUT/got" bs=64K count=4 iflag=direct status=none ;;
	read-buffered) dd if="$MNT/f" of="$OUT/got" bs=256K status=none ;;
	write-direct-one) dd if="$SRV/f" of="$MNT/w" bs=64K count=4 oflag=direct status=none ;;
	write-read-back) # without an open in between
		exec 5<>"$MNT/w"
		dd if="$SRV/f" of="$MNT/w" bs=64K count=4 oflag=direct conv=notrunc status=none
		cat <&5 >"$OUT/got"
		exec 5>&-
		;;
	write-buffered) dd if="$SRV/f" of="$MNT/w" bs=64K conv=fsync status=none ;;
	write-nospace) dd if="$SRV/f" of="$MNT/small/w" bs=64K oflag=direct status=none ;;
	write-fsync) dd if="$SRV/f" of="$MNT/small/w" bs=64K conv=fsync status=none ;;
	write-late-fsync)
		dd if="$SRV/f" of="$MNT/small/w" bs=64K status=none && die "no error at close()"
		dd if=/dev/null of="$MNT/small/w" conv=notrunc,fsync status=none
		;;
	read-locked)
		flock "$again/f" sleep 5 &
		sleep 2
		dd if="$MNT/f" of="$OUT/got" bs=64K count=1 iflag=direct status=none
		;;
	everything)
		dd if="$MNT/f" of="$OUT/got" bs=256K count=1 iflag=direct status=none &&
			dd if="$MNT/f" of="$OUT/got" bs=256K status=none &&
			dd if="$SRV/f" of="$MNT/w" bs=64K count=8 oflag=direct status=none &&
			dd if="$SRV/f" of="$MNT/v" bs=256K conv=fsync status=none && cmp "$SRV/f" "$SRV/v"
		;;
	write-two-files)
		exec 5<>"$MNT/victim"
		echo mine >&5
		dd if="$SRV/f" of="$MNT/w" bs=64K count=4 oflag=direct status=none
		cmp -n 262144 "$SRV/f" "$SRV/w"
		exec 5>&-
		;;
	umount) head -c 4096 "$MNT/f" >/dev/null && umount "$MNT" ;;
	mixed)
		dd if="$MNT/f" of="$OUT/got" bs=256K status=none
		dd if="$SRV/f" of="$MNT/w" bs=256K conv=fsync status=none
		;;
	*) die "no workload $kind" ;;
	esac
	echo "io: status $?"
	[[ ! -e $OUT/got ]] || cmp -n "$(stat -c %s "$OUT/got")" "$OUT/got" "$SRV/f"
	rm -f "$OUT/got"
}

# What is recorded: I/O without the bug, with it, and without it again.
recorded() {
	local pid
	healthy
	arm "$shots"
	io &
	pid=$!
	lab_wait "$patience" gone "$pid" || echo "io: hangs"
	arm 0
	timeout -s KILL 5 dd if=/dev/zero of="$MNT/after" bs=64K count=1 oflag=direct status=none &
	if [[ $live != - ]]; then # told while it is recorded, as the command has not ended
		lab_wait 60 grep -aq "\"type\":\"found\",\"check_id\":\"$live\"" "$OUT/live" && echo "live: $live"
	fi
	sleep 2
}

step=$1
[[ $step != recorded ]] || shift
name=$1 kind=$2 shots=$3 live=$4
modules=("${@:5}")
if [[ $step == recorded ]]; then
	recorded
	exit 0
fi
prepare
netfsnoop record --check --json -o "$OUT/$name.nsn" -- bash "$0" recorded "$@" 2>"$OUT/live" &
recorder=$!
lab_wait 300 gone "$recorder" || {
	echo "workload: the recorder does not end"
	kill -KILL "$recorder"
}
grep -av '^{' "$OUT/live"
[[ -s $OUT/$name.nsn ]] || die "no recording"
[[ $shots == 0 ]] || dmesg | grep -q 'netfsnoop mutant:' || die "the bug did not happen"
