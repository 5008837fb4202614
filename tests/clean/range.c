// SPDX-License-Identifier: GPL-2.0-only
/*
 * range [-w] FILE SECONDS FROM LENGTH [FROM LENGTH]...: takes exclusive locks on these ranges of bytes, all
 * or none, prints "locked" and holds them for that long. Without -w it gives up where one is taken: status 3.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void lock(int fd, int how, const char *from, const char *length)
{
	struct flock l = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = strtoll(from, NULL, 0),
		.l_len = strtoll(length, NULL, 0),
	};

	if (!fcntl(fd, how, &l))
		return;
	if (errno == EAGAIN || errno == EACCES)
		exit(3);
	err(1, "lock");
}

int main(int argc, char **argv)
{
	int how = F_SETLK, fd;

	if (argc > 1 && !strcmp(argv[1], "-w")) {
		how = F_SETLKW;
		argv++;
		argc--;
	}
	if (argc < 5 || argc % 2 == 0)
		errx(2, "usage: range [-w] FILE SECONDS FROM LENGTH [FROM LENGTH]...");
	fd = open(argv[1], O_RDWR);
	if (fd < 0)
		err(1, "%s", argv[1]);
	for (int i = 3; i < argc; i += 2)
		lock(fd, how, argv[i], argv[i + 1]);
	puts("locked");
	fflush(stdout);
	sleep(atoi(argv[2]));
	return 0;
}
