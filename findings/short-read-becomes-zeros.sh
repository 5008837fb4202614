#!/bin/bash
# A lawful short READ answer makes cifs hand out zeros for data, without an error: buffered reads of Linux 6.12 and 7.3.
# [MS-SMB2] 3.3.5.12 lets a server answer with fewer bytes than were asked for; a direct read then asks for the rest. For
# buffered reads cifs_issue_read() (fs/smb/client/file.c) sets NETFS_SREQ_CLEAR_TAIL before the answer is there, which
# tells netfs to clear what is missing and to count it as read: right at the end of a file, wrong in the middle of one.
#
# Seen with 6.12.118+deb13-amd64 and 7.3.4+deb13-amd64 (trixie-security, trixie-backports) and Samba 4.17: the third READ
# of 64 KiB is answered with 32 KiB, and 32768 bytes of the file read as zeros. Boots both with tests/vm/run, which runs only
# the distribution's kernel, smbd, mount.cifs and cmp, and a relay that makes one answer shorter, on an unsigned mount.
# Exit status: 0 the behaviour is still there, 1 it has changed, 2 it cannot be tried here.
set -euo pipefail

lab=$(cd -- "$(dirname -- "$0")/../tests/vm" && pwd)
command -v gcc >/dev/null || { echo "no gcc" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/relay.c" <<'END'
/* relay: port 1446 to 445; the third successful READ answer is cut to half of its data */
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static unsigned char buf[4 + 0xffffff];
static int reads;

static int whole(int fd, unsigned char *to, size_t len)
{
	for (ssize_t n; len; to += n, len -= n)
		if ((n = read(fd, to, len)) <= 0)
			return 0;
	return 1;
}

/* One message: 4 bytes of transport header, of which 3 are the length, then [MS-SMB2] 2.2.1 and 2.2.20. */
static int forward(int from, int to, int answers)
{
	uint32_t len, data;

	if (!whole(from, buf, 4))
		return 0;
	len = buf[1] << 16 | buf[2] << 8 | buf[3];
	if (!whole(from, buf + 4, len))
		return 0;
	unsigned char *m = buf + 4;
	if (answers && len > 80 && m[12] == 8 && !memcmp(m + 8, "\0\0\0\0", 4) && ++reads == 3) {
		memcpy(&data, m + 68, 4);
		len -= data / 2;
		data -= data / 2;
		memcpy(m + 68, &data, 4);
		buf[1] = len >> 16;
		buf[2] = len >> 8;
		buf[3] = len;
	}
	for (uint32_t at = 0; at < len + 4;) {
		ssize_t n = write(to, buf + at, len + 4 - at);
		if (n <= 0)
			return 0;
		at += n;
	}
	return 1;
}

int main(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(1446),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int ear = socket(AF_INET, SOCK_STREAM, 0), server = socket(AF_INET, SOCK_STREAM, 0), client;

	if (bind(ear, (void *)&at, sizeof(at)) || listen(ear, 1))
		return 1;
	client = accept(ear, NULL, NULL);
	at.sin_port = htons(445);
	if (connect(server, (void *)&at, sizeof(at)))
		return 1;
	for (;;) {
		struct pollfd p[] = { { client, POLLIN, 0 }, { server, POLLIN, 0 } };

		poll(p, 2, -1);
		if (p[0].revents && !forward(client, server, 0))
			return 0;
		if (p[1].revents && !forward(server, client, 1))
			return 0;
	}
}
END
gcc -O2 -static -o "$work/relay" "$work/relay.c"
cat >"$work/guest.sh" <<'END'
tr '\0' x </dev/zero | head -c 1048576 >"$SRV/f"
relay &
sleep 2
smb_mount vers=2.1,port=1446,cache=strict,rsize=65536 || exit
cp "$MNT/f" copy && echo "status 0"
echo "zeros $(tr -d x <copy | wc -c)"
smb_umount
END
cat >"$work/script.sh" <<END
. /lab.sh
. /lab/guest.sh
END

# said KERNEL: what cp said, and how many zeros it read
said() {
	local status=0
	"$lab/fetch-kernel" "$1" >/dev/null || status=$?
	((!status)) || { echo "no kernel $1" >&2; exit 2; }
	"$lab/run" --kernel "$1" --no-mount --netfsnoop /bin/true --add "$work/relay" --add "$work/guest.sh" --out "$work/out" \
		"$work/script.sh" | grep -E '^(status|zeros) ' | paste -sd' '
}

old=$(said 6.12.118+deb13) new=$(said 7.3.4+deb13)
echo "6.12.118: cp of 1 MiB of x, one READ answered short: $old"
echo "7.3.4:    cp of 1 MiB of x, one READ answered short: $new"
[[ $old == "status 0 zeros 32768" && $new == "status 0 zeros 32768" ]]
