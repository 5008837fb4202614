/* SPDX-License-Identifier: GPL-2.0-only */
/* A directory for tests of xfstests/, and the files in it. */
#ifndef NETFSNOOP_XFS_UTIL_H
#define NETFSNOOP_XFS_UTIL_H

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

struct place {
	char s[512];
};

static inline struct place place_of(const char *dir, const char *name)
{
	struct place p;

	snprintf(p.s, sizeof(p.s), "%.300s/%.200s", dir, name);
	return p;
}

static inline void put_file(const char *dir, const char *name, const char *text)
{
	FILE *f = fopen(place_of(dir, name).s, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static inline void make_dirs(const char *dir, const char *const *names)
{
	for (; *names; names++)
		assert_int_equal(mkdir(place_of(dir, *names).s, 0755), 0);
}

/* NULL: there is no such file. The caller's to free. */
static inline char *get_file(const char *dir, const char *name)
{
	char *text;

	return file_read(place_of(dir, name).s, 64 << 20, &text, NULL) ? NULL : text;
}

static inline bool has_file(const char *dir, const char *name)
{
	return !access(place_of(dir, name).s, F_OK);
}

/* Does the file have all of these words? They end with NULL. */
static inline void expect_words(const char *dir, const char *name, const char *const *words)
{
	__autofree char *text = get_file(dir, name);

	if (!text)
		fail_msg("there is no %s", name);
	for (; *words; words++)
		if (!strstr(text, *words))
			fail_msg("%s lacks \"%s\": %s", name, *words, text);
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline void remove_tree(const char *dir)
{
	assert_int_equal(nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

#endif
