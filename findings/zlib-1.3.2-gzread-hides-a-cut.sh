#!/bin/bash
# gzread() of zlib 1.3.2 does not say that a .gz file ends too early: it returns 0 as at the end of the data, gzerror()
# says 0 and gzclose() Z_OK. zlib 1.2.13 reports "unexpected end of file" (Z_BUF_ERROR) by both, as zlib.h promises.
# inflate() is not affected: it never says Z_STREAM_END.
#
# Seen with zlib1g-dev 1:1.3.dfsg+really1.3.2-4 of sid, beside 1:1.2.13.dfsg-1 of bookworm, on 4096 bytes whose .gz
# lacks its last 100. Makes a chroot of each in a temporary folder (mmdebstrap). Exit status 0 as long as that is so, 1
# once it has changed, 2 where it cannot be tried.
set -euo pipefail

if ((EUID)) || ! command -v mmdebstrap >/dev/null; then
	echo "needs root and mmdebstrap"
	exit 2
fi
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
cat >"$work/read.c" <<'END'
#include <stdio.h>
#include <zlib.h>

int main(int argc, char **argv)
{
	gzFile gz = gzopen(argv[argc - 1], "rb");
	int n, error = 0, total = 0;
	char piece[512];

	while ((n = gzread(gz, piece, sizeof(piece))) > 0)
		total += n;
	gzerror(gz, &error);
	printf("%s: %s, last gzread %d, gzerror %d, gzclose %d\n", zlibVersion(),
	       total < 4096 ? "too few bytes" : "all bytes", n, error, gzclose(gz));
	return 0;
}
END
head -c 4096 /dev/urandom | gzip | head -c -100 >"$work/cut.gz"
said=''
for suite in bookworm sid; do
	mmdebstrap --quiet --variant=minbase --include=gcc,libc6-dev,zlib1g-dev \
		--aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Check-Date "false"' "$suite" "$work/$suite" >"$work/log" 2>&1 ||
		{ tail -n 3 "$work/log"; exit 2; }
	cp "$work/read.c" "$work/cut.gz" "$work/$suite/"
	said+=$(chroot "$work/$suite" sh -c 'gcc read.c -o read -lz && ./read cut.gz')$'\n'
done
printf '%s' "$said"
[[ $said == *"1.2.13: too few bytes, last gzread "*", gzerror -5, gzclose -5"*"1.3.2: too few bytes, last gzread 0, gzerror 0, gzclose 0"* ]]
