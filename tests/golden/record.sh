# Runs in the guest (tests/golden/update): small real traces, one of each kind of request.
. /lab.sh

cat >/tmp/workload.sh <<'W'
dd if=/dev/zero of=/mnt/smb/f bs=256k count=2 oflag=direct status=none
dd if=/mnt/smb/f of=/dev/null bs=512k count=1 iflag=direct status=none
cp /tmp/small /mnt/smb/g
sync /mnt/smb/g
echo 3 >/proc/sys/vm/drop_caches
cat /mnt/smb/g >/dev/null
cat /mnt/smb/missing 2>/dev/null
true
W
head -c 300000 /dev/zero >/tmp/small
smb_umount
smb_mount vers=3.1.1,sign,cache=strict,rsize=131072,wsize=131072
netfsnoop record -q -o "$OUT/mixed.nsn" -- bash /tmp/workload.sh
netfsnoop record -q --ring-size 4K -o "$OUT/lossy.nsn" -- bash /tmp/workload.sh
