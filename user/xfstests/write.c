// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "xfstests/write.h"

static FILE *open_new(int dir, const char *name, char *temp, size_t room)
{
	int fd;
	FILE *f;

	snprintf(temp, room, "%s.new", name);
	fd = openat(dir, temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return NULL;
	f = fdopen(fd, "w");
	if (!f)
		close(fd);
	return f;
}

static int put_in_place(int dir, const char *temp, const char *name, FILE *f, int rc)
{
	if (fclose(f) && !rc)
		rc = -errno;
	if (!rc && renameat(dir, temp, dir, name))
		rc = -errno;
	if (rc)
		unlinkat(dir, temp, 0);
	return rc;
}

static int write_test(int dir, const char *name, xfs_test_fn fn, const struct testrun *r,
		      const struct test *t)
{
	char temp[600];
	FILE *f = open_new(dir, name, temp, sizeof(temp));

	return f ? put_in_place(dir, temp, name, f, fn(f, r, t)) : -errno;
}

int xfs_write_run(int dir, const char *name, xfs_run_fn fn, const struct testrun *r,
		  const struct testrun_info *info)
{
	char temp[64];
	FILE *f = open_new(dir, name, temp, sizeof(temp));

	return f ? put_in_place(dir, temp, name, f, fn(f, r, info)) : -errno;
}

int xfs_write_pages(int dir, const struct testrun *r, const struct test *t)
{
	static const struct {
		const char *suffix;
		xfs_test_fn fn;
	} pages[] = { { "txt", testrun_text }, { "json", testrun_json }, { "html", testrun_html } };
	struct test_slug slug = test_slug(t);
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(pages); i++) {
		char name[sizeof(slug.s) + 8];

		snprintf(name, sizeof(name), "%s.%s", slug.s, pages[i].suffix);
		rc = write_test(dir, name, pages[i].fn, r, t);
	}
	return rc;
}

void xfs_write_beside(const struct testrun *r, const struct test *t)
{
	const char *slash = strrchr(t->name, '/');
	__autoclose int dir = -1;
	char name[EV_TEST_LEN + 32];

	if (!t->result_dir)
		return;
	dir = open(t->result_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return;
	snprintf(name, sizeof(name), "%s.netfsnoop.txt", slash ? slash + 1 : t->name);
	write_test(dir, name, testrun_text, r, t);
	snprintf(name, sizeof(name), "%s.netfsnoop.json", slash ? slash + 1 : t->name);
	write_test(dir, name, testrun_json, r, t);
}
