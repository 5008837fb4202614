#!/bin/bash
# Under QEMU's -icount a repeated string instruction counts as one instruction for each repetition, and Linux clears
# pages with `rep stosb`, a byte a repetition, where the CPU says that this is fast (erms, which `-cpu max` does). So
# a fault of a fresh page is said to cost some thousand instructions more than where the CPU has no erms and fsrm, and
# the kernel stores words. Whoever compares programs by instructions counted that way compares the pages they touch.
#
# Seen with QEMU 7.2.22 (Debian 12) on Debian's 6.12.118: "a fault of a fresh page: 14738 instructions" with -cpu max,
# "7705" with -cpu max,-erms,-fsrm. Builds a static program that is the whole initramfs. Exit status: 0 the behaviour is
# still there, 1 it has changed, 2 it cannot be tried here.
set -euo pipefail

lab=$(cd -- "$(dirname -- "$0")/../tests/vm" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v qemu-system-x86_64 cpio gcc >/dev/null || { echo "needs qemu-system-x86, cpio and gcc"; exit 2; }
kernel=$("$lab/fetch-kernel" 6.12) || exit 2
cat >"$work/init.c" <<'END'
#include <stdio.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <time.h>

#define PAGES 16384

static long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

int main(void)
{
	volatile char *p = mmap(NULL, PAGES << 12, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long long start = now();

	madvise((void *)p, PAGES << 12, MADV_NOHUGEPAGE);
	for (int i = 0; i < PAGES; i++)
		p[i << 12] = 1;
	/* an instruction is 2 ns of the guest's clock: shift=1 */
	printf("a fault of a fresh page: %lld instructions\n", (now() - start) / PAGES / 2);
	fflush(stdout);
	reboot(RB_POWER_OFF);
	return 0;
}
END
gcc -O2 -static -o "$work/init" "$work/init.c"
(cd "$work" && echo init | cpio --quiet -o -H newc >initrd)

# said CPU
said() {
	timeout 300 qemu-system-x86_64 -nodefaults -no-user-config -display none -serial stdio -m 256 -M q35 \
		-accel tcg,thread=single -cpu "$1" -icount shift=1,sleep=off -kernel "$kernel/vmlinuz" -initrd "$work/initrd" \
		-append "console=ttyS0 quiet tsc=reliable" </dev/null 2>/dev/null | tr -d '\r' | sed -n 's/.*a fault of a fresh page: \([0-9]*\) .*/\1/p'
}

fast=$(said max) plain=$(said max,-erms,-fsrm)
echo "-cpu max:             a fault of a fresh page: $fast instructions"
echo "-cpu max,-erms,-fsrm: a fault of a fresh page: $plain instructions"
[[ $fast && $plain ]] || exit 2
((fast > plain + 3000))
