// SPDX-License-Identifier: GPL-2.0-only
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "capture/kcore.h"

#define MAX_SEGMENTS 4096

static int read_at(int fd, void *to, size_t size, uint64_t offset)
{
	uint8_t *p = to;

	while (size) {
		ssize_t n = pread(fd, p, size, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		p += n;
		offset += n;
		size -= n;
	}
	return 0;
}

/* The offset in the file of the segment that holds [addr, addr + size). */
static int find_segment(int fd, uint64_t addr, size_t size, uint64_t *ret)
{
	Elf64_Ehdr eh;
	int rc = read_at(fd, &eh, sizeof(eh), 0);

	if (rc)
		return rc;
	if (memcmp(eh.e_ident, ELFMAG, SELFMAG) || eh.e_phnum > MAX_SEGMENTS)
		return -EBADMSG;
	for (int i = 0; i < eh.e_phnum; i++) {
		Elf64_Phdr ph;

		rc = read_at(fd, &ph, sizeof(ph), eh.e_phoff + (uint64_t)i * sizeof(ph));
		if (rc)
			return rc;
		if (ph.p_type != PT_LOAD || addr < ph.p_vaddr || size > ph.p_memsz ||
		    addr - ph.p_vaddr > ph.p_memsz - size)
			continue;
		*ret = ph.p_offset + (addr - ph.p_vaddr);
		return 0;
	}
	return -ENOENT;
}

int kcore_read(const char *path, uint64_t addr, size_t size, uint8_t **ret_data, struct err *err)
{
	__autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	__autofree uint8_t *data = NULL;
	uint64_t offset = 0;
	int rc;

	if (fd < 0)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	rc = find_segment(fd, addr, size, &offset);
	data = malloc(size);
	if (!rc && !data)
		rc = -ENOMEM;
	if (!rc)
		rc = read_at(fd, data, size, offset);
	if (rc)
		return err_set(err, rc, "%s: %s", path, strerror(-rc));
	*ret_data = TAKE(data);
	return 0;
}
