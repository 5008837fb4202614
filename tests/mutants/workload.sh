#!/bin/bash
# workload.sh NAME KIND SHOTS MODULE...: in the guest. Records to $OUT/NAME.nsn an I/O of the KIND
# during which MODULE's bug happens SHOTS times. Hung I/O is left behind: the lab switches off hard.
# The status is 0 when the recording is there and the bug happened, 3 when it did not.
set -uo pipefail

# shellcheck source=tests/vm/guest/lab.sh disable=SC1091
. /lab.sh

name=$1 kind=$2 shots=$3
shift 3
modules=("$@")
opts=vers=3.1.1,sign,cache=strict,rsize=65536,wsize=65536,echo_interval=60
patience=15
again=/mnt/again

die() {
	echo "workload: $*"
	exit 1
}

data() { dd if=/dev/urandom of="$1" bs=64K count="$2" status=none; }

prepare() {
	local module
	for module in cifs netfs; do
		[[ -e /sys/kernel/btf/$module ]] || die "$module has no BTF"
	done
	# Answers that come at once carry their grant themselves; else an interim one does.
	case $kind in
	read-sync | write-nospace)
		printf "\taio read size = 0\n\taio write size = 0\n" >>/etc/samba/smb.conf
		smb_stop && smb_start || die "cannot restart the server"
		;;
	esac
	if [[ $kind == write-nospace ]]; then
		mkdir -p "$SRV/small"
		mount -t tmpfs -o size=512k small "$SRV/small" || die "no small file system"
	fi
	data "$SRV/f" 16
	smb_mount "$opts" || die "cannot mount"
	if [[ $kind == read-locked ]]; then
		mkdir -p "$again"
		smb_mount "$opts,nosharesock" "$again" || die "cannot mount twice"
	fi
	sync
	echo 3 >/proc/sys/vm/drop_caches
}

arm() {
	local module
	for module in "${modules[@]}"; do
		[[ ! -e /sys/module/$module/parameters/mutant ]] || echo "$1" >"/sys/module/$module/parameters/mutant"
	done
}

happened() {
	dmesg | grep -q 'netfsnoop mutant:'
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
	write-nospace) dd if="$SRV/f" of="$MNT/small/w" bs=64K oflag=direct status=none ;;
	read-locked)
		flock "$again/f" sleep 5 &
		sleep 2
		dd if="$MNT/f" of="$OUT/got" bs=64K count=1 iflag=direct status=none
		;;
	mixed)
		healthy
		dd if="$MNT/f" of="$OUT/got" bs=256K status=none
		;;
	*) die "no workload $kind" ;;
	esac
	echo "io: $?"
	! [[ -e $OUT/got ]] || cmp -n "$(stat -c %s "$OUT/got")" "$OUT/got" "$SRV/f" || true
	rm -f "$OUT/got"
}

# what is recorded: I/O without the bug, with it, and once more without
recorded() {
	local pid
	healthy
	arm "$shots"
	io &
	pid=$!
	lab_wait "$patience" eval "! kill -0 $pid 2>/dev/null" || echo "io: hangs"
	arm 0
	timeout -s KILL 5 dd if=/dev/zero of="$MNT/after" bs=64K count=1 oflag=direct status=none &
	sleep 2
}

prepare
export -f recorded healthy arm io die lab_wait
export kind shots patience again MNT SRV OUT
export modules_list="${modules[*]}"
netfsnoop record -o "$OUT/$name.nsn" -- bash -c 'read -r -a modules <<<"$modules_list"; recorded' 2>&1 &
pid=$!
lab_wait 60 eval "! kill -0 $pid 2>/dev/null" || {
	echo "workload: the recorder does not end"
	kill -KILL $pid
}
[[ -s $OUT/$name.nsn ]] || die "no recording"
[[ $shots == 0 ]] || happened || { echo "workload: the bug did not happen"; exit 3; }
