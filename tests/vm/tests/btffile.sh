#!/bin/bash
# cifs and netfs without BTF, and BTF of files: the number test, through raw tracepoints and kprobes. Then
# once more as on a kernel without any BTF, with that of files, and what doctor says of it all.
# btffile.check looks at the rest.
# kernels: 6.1 6.12
# lab: --no-mount --strict-dmesg --timeout 900 --add tests/vm/tests/compare.sh
set -euo pipefail

# shellcheck source=tests/vm/guest/lab.sh disable=SC1091
. /lab.sh

modules=(--btf-module cifs=/lab/cifs.ko --btf-module netfs=/lab/netfs.ko)
doctor() { # NAME OPTION...
	local name=$1
	shift
	netfsnoop doctor -v "$@" >"$OUT/doctor.$name" 2>&1 || true
}
small() { # OUTPUT OPTION...
	local out=$1
	shift
	# shellcheck disable=SC2016 # for the shell inside
	netfsnoop record -o "$OUT/$out" "$@" -- /bin/bash -c 'dd if=/tmp/data of=$MNT/x bs=1M oflag=direct status=none &&
		echo 3 >/proc/sys/vm/drop_caches && cmp /tmp/data $MNT/x' 2>&1 | tee "$OUT/${out%.nsn}.log"
}

doctor nothing
doctor modules "${modules[@]}"
bash /lab/compare.sh "${modules[@]}"
smb_umount "$MNT"

# the wrong file: refused, and told why
status=0
netfsnoop doctor --btf-module cifs=/lab/netfs.ko >"$OUT/doctor.wrong" 2>&1 || status=$?
echo "$status" >>"$OUT/doctor.wrong"

cp /sys/kernel/btf/vmlinux /tmp/vmlinux.btf
mkdir /tmp/empty
mount --bind /tmp/empty /sys/kernel/btf
smb_mount vers=3.1.1,sign,cache=strict,rsize=65536,wsize=65536
doctor kernel --btf /tmp/vmlinux.btf "${modules[@]}"
small kernel.nsn --btf /tmp/vmlinux.btf "${modules[@]}"
