#!/bin/bash
# A direct write to an SMB share whose file system is full returns 0 instead of an error on Linux 6.12 to 6.18:
# write() == 0, errno unset. A program that loops until everything is written never ends (POSIX gives it no reason to
# stop); dd reports ENOSPC only because coreutils takes a return value of 0 for it. netfs_collect_write_results()
# (fs/netfs/write_collect.c) keeps the server's STATUS_DISK_FULL in the stream and never passes it on to the request,
# whose error netfs_unbuffered_write_iter_locked() returns.
#
# Seen with 6.18.15+deb13-amd64 (trixie-backports) and Samba 4.17 on the same machine: "write(1, ..., 65536) = 0"; with
# 7.3.4+deb13-amd64 "= -1 ENOSPC". Boots both with tests/vm/run, which runs only the distribution's kernel, smbd,
# mount.cifs, dd and strace. Exit status: 0 the behaviour is still there, 1 it has changed, 2 it cannot be tried here.
set -euo pipefail

lab=$(cd -- "$(dirname -- "$0")/../tests/vm" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/guest.sh" <<'END'
mkdir -p "$SRV/small"
mount -t tmpfs -o size=512k small "$SRV/small"
dd if=/dev/zero of="$SRV/small/fill" bs=64K count=8 status=none
strace -e trace=write dd if=/dev/zero of="$MNT/small/w" bs=64K count=1 oflag=direct status=none 2>&1 | sed -n 's/.*65536) *= /write of 65536 bytes: /p'
END

# said KERNEL: what write() returned there
said() {
	local status=0
	"$lab/fetch-kernel" "$1" >/dev/null || status=$?
	((!status)) || { echo "no kernel $1" >&2; exit 2; }
	"$lab/run" --kernel "$1" --netfsnoop /bin/true --out "$work/out" "$work/guest.sh" | sed -n 's/^write of 65536 bytes: //p' | head -n 1
}

old=$(said 6.18.15+deb13) new=$(said 7.3.4+deb13)
echo "6.18.15: write() of 65536 bytes to a full share returns $old"
echo "7.3.4:   write() of 65536 bytes to a full share returns $new"
[[ $old == 0 && $new == "-1 ENOSPC"* ]]
