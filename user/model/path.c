// SPDX-License-Identifier: GPL-2.0-only
/* Names of files, by device and inode number. */
#include <errno.h>
#include <string.h>

#include "model/pathname.h"
#include "model/state.h"

/* More than the recorder remembers (bpf/common.bpf.h): it tells of those that are forgotten anew. */
#define MANY_FILES 65536

struct file_key {
	uint64_t ino;
	uint64_t dev;
};

struct file_name {
	struct file_key key;
	char *path; /* NULL: the kernel had none */
	UT_hash_handle hh;
};

static void drop(struct model *m, struct file_name *f)
{
	HASH_DEL(m->files, f);
	free(f->path);
	free(f);
}

/* The half that was told first. */
static void forget_files(struct model *m)
{
	struct file_name *f, *next;
	unsigned int left = MANY_FILES / 2;

	HASH_ITER (hh, m->files, f, next) {
		if (!left--)
			break;
		drop(m, f);
	}
}

static struct file_name *find(const struct model *m, uint32_t dev, uint64_t ino)
{
	struct file_key key = { .ino = ino, .dev = dev };
	struct file_name *f;

	HASH_FIND(hh, m->files, &key, sizeof(key), f);
	return f;
}

static struct file_name *add(struct model *m, const struct file_key *key)
{
	struct file_name *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->key = *key;
	if (!hash_add(hh, m->files, key, sizeof(f->key), f))
		return f;
	free(f);
	return NULL;
}

int path_event(struct model *m, const struct ev_path *ev)
{
	struct file_name *f = find(m, ev->dev, ev->ino);
	const struct file_key key = { .ino = ev->ino, .dev = ev->dev };
	__autofree char *path = NULL;
	int rc = pathname_of(ev, &path);

	if (rc)
		return rc;
	if (!f) {
		if (HASH_COUNT(m->files) >= MANY_FILES)
			forget_files(m);
		f = add(m, &key);
		if (!f)
			return -ENOMEM;
	}
	free(f->path);
	f->path = TAKE(path);
	return 0;
}

const char *model_path(const struct model *m, uint32_t dev, uint64_t ino)
{
	const struct file_name *f = ino ? find(m, dev, ino) : NULL;

	return f ? f->path : NULL;
}

int path_take(const struct model *m, struct request *r)
{
	const char *path = r->path || !m->files ? NULL : model_path(m, r->dev, r->ino);

	if (!path)
		return 0;
	r->path = strdup(path);
	return r->path ? 0 : -ENOMEM;
}

void path_free_all(struct model *m)
{
	struct file_name *f, *next;

	HASH_ITER (hh, m->files, f, next)
		drop(m, f);
}
