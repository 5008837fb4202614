// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>

#include "base/file.h"

int file_read(const char *path, size_t max, char **ret_data, size_t *ret_size)
{
	__autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	__autofree char *buf = NULL;
	size_t have = 0, room = 4096;

	if (fd < 0)
		return -errno;
	for (;;) {
		char *bigger = realloc(buf, room + 1);
		ssize_t n;

		if (!bigger)
			return -ENOMEM;
		buf = bigger;
		n = read(fd, buf + have, room - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		have += n;
		if (n == 0 || have >= max)
			break;
		if (have == room)
			room *= 2;
	}
	if (have > max)
		have = max;
	buf[have] = '\0';
	if (ret_size)
		*ret_size = have;
	*ret_data = TAKE(buf);
	return 0;
}

int fd_write_all(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		size -= n;
	}
	return 0;
}
