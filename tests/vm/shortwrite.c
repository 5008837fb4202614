// SPDX-License-Identifier: GPL-2.0-only
/*
 * shortwrite FILE OFFSET: write(2) from a buffer that is mapped only at its beginning, so that the
 * kernel copies less than it wanted to. Prints what write(2) returned.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096
#define LENGTH \
	(16 * PAGE) /* whole folios: netfs_perform_write() takes back what it copied of one */
#define MAPPED 1000 /* bytes of the buffer that are there */

int main(int argc, char **argv)
{
	ssize_t n;
	char *p;
	int fd;

	if (argc != 3)
		errx(2, "usage: shortwrite FILE OFFSET");
	p = mmap(NULL, PAGE + LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED || munmap(p + PAGE, LENGTH))
		err(1, "mmap");
	memset(p, 'x', PAGE);
	fd = open(argv[1], O_WRONLY | O_CREAT, 0644);
	if (fd < 0)
		err(1, "%s", argv[1]);
	n = pwrite(fd, p + PAGE - MAPPED, LENGTH, atoll(argv[2]));
	printf("%zd%s%s\n", n, n < 0 ? " " : "", n < 0 ? strerror(errno) : "");
	return close(fd) ? 1 : 0;
}
