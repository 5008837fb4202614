#!/bin/bash
# What the import test records: small, but every kind of request that cifs makes.
set -euo pipefail

# shellcheck source=tests/vm/guest/lab.sh disable=SC1091
. /lab.sh

drop_caches() { echo 3 >/proc/sys/vm/drop_caches; }

smb_mount vers=3.1.1,sign,rsize=65536,wsize=65536,cache=strict
dd if=/dev/urandom of="$MNT/a" bs=64K count=4 conv=fsync status=none
drop_caches
cat "$MNT/a" >/dev/null
dd if="$MNT/a" of=/dev/null bs=128K iflag=direct status=none
dd if=/dev/zero of="$MNT/a" bs=128K count=2 oflag=direct conv=notrunc status=none
echo end >>"$MNT/a"
sync "$MNT/a"
smb_umount "$MNT"
