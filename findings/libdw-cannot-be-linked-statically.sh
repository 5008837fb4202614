#!/bin/bash
# libdw.a and libelf.a of Debian 13 cannot be linked: they call eu_search_tree_init() and others of elfutils' own
# libeu.a, which is in no package. The smallest static program that calls elf_begin() or dwarf_begin() stops at ld.
# Shared libraries are not affected.
#
# Seen with libelf-dev and libdw-dev 0.192-4 of trixie, gcc 14: "undefined reference to `eu_search_tree_init'". Makes a
# chroot of trixie in a temporary folder (mmdebstrap). Exit status 0 as long as that is so, 1 once it has changed, 2
# where it cannot be tried.
set -euo pipefail

version=0.192-4
if ((EUID)) || ! command -v mmdebstrap >/dev/null; then
	echo "needs root and mmdebstrap"
	exit 2
fi
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
packages=gcc,libc6-dev,pkg-config,libdw-dev,libelf-dev,zlib1g-dev,libzstd-dev,liblzma-dev,libbz2-dev
mmdebstrap --quiet --variant=minbase --include=$packages trixie "$work/root" >"$work/log" 2>&1 ||
	{ tail -n 3 "$work/log"; exit 2; }
in_root() { chroot "$work/root" /usr/bin/env -i PATH=/usr/bin:/bin LC_ALL=C sh -c "$1"; }
# shellcheck disable=SC2016 # a field of dpkg-query
[[ $(in_root 'dpkg-query -W -f "\${Version}" libdw-dev') == "$version" ]] || { echo "trixie has another libdw-dev now"; exit 2; }

cat >"$work/root/elf.c" <<'END'
#include <libelf.h>
int main(void) { return elf_version(EV_CURRENT) == EV_NONE || elf_begin(0, ELF_C_READ, 0) == 0; }
END
cat >"$work/root/dwarf.c" <<'END'
#include <elfutils/libdw.h>
int main(void) { return dwarf_begin(0, DWARF_C_READ) == 0; }
END
changed=0
for pair in elf:libelf dwarf:libdw; do
	program=${pair%:*} library=${pair#*:}
	in_root "gcc $program.c -o $program \$(pkg-config --libs $library)" 2>"$work/shared" ||
		{ echo "$library: even the shared library cannot be linked"; cat "$work/shared"; exit 2; }
	if in_root "gcc -static $program.c -o $program \$(pkg-config --static --libs $library)" 2>"$work/static"; then
		echo "$library $version: linked statically"
		changed=1
		continue
	fi
	missing=$(grep -o 'undefined reference to `[a-z_]*' "$work/static" | sed 's/.*`//' | sort -u | paste -sd ' ')
	echo "$library $version, static: undefined $missing"
	[[ $missing == *eu_* ]] || changed=1
done
exit $changed
