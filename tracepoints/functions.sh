#!/bin/bash
# Write user/oops/functions.def: which function belongs to which file system, from the symbol tables
# of the kernels of the lab. Where such a file system is built in, a report names no module.
set -euo pipefail

usage() {
	echo "usage: tracepoints/functions.sh [KERNEL]... >user/oops/functions.def"
	echo "KERNEL: as tests/vm/kernels has them (default: all that can still be had)"
}

# module, and the name under which its functions are known
modules="cifs:cifs netfs:netfs fscache:fscache cachefiles:cachefiles ksmbd:ksmbd smbdirect:smbdirect
9p:9p 9pnet:9p kafs:afs ceph:ceph libceph:ceph"

# names without what the compiler hung on to them
plain() {
	sed -E 's/\.(isra|constprop|part|cold|llvm)\..*//; s/\.cold$//' | sort -u
}

# functions FILE
functions() {
	case $1 in *.xz) xz -dc "$1" ;; *) cat "$1" ;; esac >"$work/file"
	nm "$work/file" | awk '$2 ~ /^[tT]$/ { print $3 }' | plain |
		grep -E '^[a-zA-Z_][a-zA-Z0-9_]{5,}$' | grep -vE '^(__pfx_|__cfi_|init_module|cleanup_module)'
}

[[ ${1:-} != -* ]] || { usage && exit 0; }
here=$(dirname -- "$0")
# shellcheck disable=SC2046 # a list of words
(($#)) || set -- $("$here/../tests/vm/fetch-kernel" --list)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for kernel; do
	dir=$("$here/../tests/vm/fetch-kernel" "$kernel") || { echo "left out: $kernel" >&2 && continue; }
	basename -- "$dir" | sed 's/_.*//' >>"$work/kernels"
	for pair in $modules; do
		file=$(find "$dir" -name "${pair%%:*}.ko*" -print -quit)
		[[ -z $file ]] || functions "$file" | sed "s/\$/ ${pair#*:}/"
	done
	# a name that the kernel itself has says nothing; its table is to be had from a running one only
	# shellcheck disable=SC2016 # the guest expands it
	echo 'awk "NF == 3 { print \$3 }" /proc/kallsyms >"$OUT/names"' >"$work/names.sh"
	"$here/../tests/vm/run" --kernel "$kernel" --no-modules --out "$work/out" "$work/names.sh" >&2
	plain <"$work/out/names" >>"$work/vmlinux"
done | LC_ALL=C sort -u >"$work/all"
echo "/* SPDX-License-Identifier: GPL-2.0-only */"
echo "/* Made by tracepoints/functions.sh; sorted by name. A function of two of them is in none, but one of fscache and netfs"
echo " * is in netfs, of which fscache has been a part since 6.8. Kernels:"
sort -uV "$work/kernels" | paste -sd' ' | fold -sw 110 | sed 's/^/ * /; s/ *$//'
echo " */"
LC_ALL=C sort -u "$work/vmlinux" | LC_ALL=C awk '
	NR == FNR { kernel[$1]; next }
	$1 in kernel { next }
	owner[$1] == "fscache" && $2 == "netfs" { owner[$1] = $2; next }
	{ count[$1]++; owner[$1] = $2; names[++n] = $1 }
	END { for (i = 1; i <= n; i++) if (count[names[i]] == 1) print "F(" names[i] ", " owner[names[i]] ")" }' - "$work/all"
