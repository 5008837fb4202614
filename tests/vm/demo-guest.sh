# Runs in the guest: buffered and direct, reads and writes, signed; small rsize so that requests split.
. /lab.sh

# the demo shows these lines as they come
echo "step attach the probes"
cat >/tmp/workload.sh <<'W'
set -e
echo "step record 8 MiB copied, compared, read and written directly, and 2 MiB of fio"
dd if=/dev/urandom of=/tmp/data bs=1M count=8 status=none
cp /tmp/data /mnt/smb/buffered
sync /mnt/smb/buffered
echo 3 >/proc/sys/vm/drop_caches
cmp /mnt/smb/buffered /tmp/data
dd if=/tmp/data of=/mnt/smb/direct bs=1M count=4 oflag=direct status=none
dd if=/mnt/smb/direct of=/dev/null bs=1M iflag=direct status=none
fio --name=mixed --directory=/mnt/smb --rw=randrw --bs=64k --size=2m --direct=1 \
	--ioengine=psync --output=/tmp/fio.log
echo "step detach the probes, and shut down"
W

smb_umount
smb_mount vers=3.1.1,sign,cache=strict,rsize=262144,wsize=262144
netfsnoop record -o "$OUT/demo.nsn" -- bash /tmp/workload.sh
echo "step end"
