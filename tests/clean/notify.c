// SPDX-License-Identifier: GPL-2.0-only
/* notify DIRECTORY: returns once something in it has changed (CIFS_IOC_NOTIFY, cifs_ioctl.h). */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct smb3_notify {
	uint32_t completion_filter;
	uint8_t watch_tree;
} __attribute__((packed));

#define CIFS_IOC_NOTIFY _IOW(0xCF, 9, struct smb3_notify)
#define ALL		0xfff /* MS-SMB2 2.2.35 */

int main(int argc, char **argv)
{
	struct smb3_notify what = { .completion_filter = ALL };
	int fd;

	if (argc != 2)
		errx(2, "usage: notify DIRECTORY");
	fd = open(argv[1], O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		err(1, "%s", argv[1]);
	if (ioctl(fd, CIFS_IOC_NOTIFY, &what))
		err(1, "CIFS_IOC_NOTIFY");
	return close(fd) ? 1 : 0;
}
