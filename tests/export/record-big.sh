#!/bin/bash
# record-big.sh SUBREQUESTS SECONDS: in the guest. Mixed I/O over SMB, buffered and direct, until there are so
# many subrequests or so much time has passed. Small rsize and wsize make many of them with little data.
set -euo pipefail

# shellcheck source=tests/vm/guest/lab.sh disable=SC1091
. /lab.sh

# SMB reads and writes so far: what subrequests become
done_so_far() { awk '$1 == "Reads:" || $1 == "Writes:" { n += $2 } END { print n + 0 }' /proc/fs/cifs/Stats; }

if [[ ${1:-} == workload ]]; then
	while (($(done_so_far) < $2 && SECONDS < $3)); do
		fio --output=/tmp/fio.txt --directory="$MNT" --ioengine=psync --bs=1m --size=4m --fallocate=none \
			--name=buffered --rw=rw --numjobs=1 --name=direct --rw=randrw --direct=1 --numjobs=1
		echo "$(done_so_far) after $SECONDS s"
	done
	exit
fi
smb_umount "$MNT"
smb_mount vers=3.1.1,sign,cache=strict,rsize=4096,wsize=4096
netfsnoop record --ring-size 64M -o "$OUT/big.nsn" -- bash "$0" workload "${1:-100000}" "${2:-1200}"
