// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "base/fmt.h"
#include "base/units.h"
#include "cmd/filter_args.h"

enum { OPT_TEST = 0x400, OPT_FILE };

static const struct argp_option options[] = {
	{ "fs", 'F', "TYPE", 0, "Only requests of this file system type (cifs, smb3, 9p, ...)", 0 },
	{ "mount", 'm', "DIR", 0, "Only requests of the file system mounted at DIR", 0 },
	{ "pid", 'p', "PID", 0, "Only requests that process PID (a tgid) started", 0 },
	{ "inode", 'i', "INO", 0, "Only requests of inode number INO", 0 },
	{ "file", OPT_FILE, "PATTERN", 0,
	  "Only requests of files whose name fits, as recorded with record --paths: '*.db', "
	  "'/mail/*'",
	  0 },
	{ "test", OPT_TEST, "NAME[#N]", 0,
	  "Only requests of this test of an xfstests run (generic/306), or of its Nth run", 0 },
	{ 0 },
};

/* "/mnt/smb/" is "/mnt/smb" */
static void cut_slashes(char *path)
{
	for (size_t n = strlen(path); n > 1 && path[n - 1] == '/'; n--)
		path[n - 1] = '\0';
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct filter_args *f = state->input;
	uint64_t n;

	switch (key) {
	case 'F':
		f->fs = arg;
		return 0;
	case 'm':
		cut_slashes(arg);
		f->mount = arg;
		return 0;
	case 'p':
		if (parse_number(arg, 1, INT32_MAX, &n))
			argp_error(state, "not a process id: %s", arg);
		f->pid = n;
		return 0;
	case 'i':
		if (parse_number(arg, 1, UINT64_MAX, &f->ino))
			argp_error(state, "not an inode number: %s", arg);
		return 0;
	case OPT_FILE:
		f->file = arg;
		return 0;
	case OPT_TEST:
		f->test = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp filter_argp = { .options = options, .parser = parse };

struct request_filter filter_of(const struct filter_args *a)
{
	return (struct request_filter){ .fs = a->fs,
					.mount = a->mount,
					.tgid = a->pid,
					.ino = a->ino,
					.file = a->file,
					.test = a->test };
}

static int count_request(void *ctx, const struct request *r)
{
	struct filter_hits *h = ctx;

	h->requests += filter_request(h->filter, h->m, r);
	return 0;
}

void filter_hits_init(struct filter_hits *h, const struct model *m, const struct request_filter *f)
{
	*h = (struct filter_hits){ .listener = { .request = count_request, .ctx = h },
				   .m = m,
				   .filter = f };
}

/* "; its mounts: /mnt/smb, /mnt/b", if the one that was asked for is not among them */
static void list_mounts(const struct filter_hits *h, char *text, size_t room)
{
	size_t n = 0;

	*text = '\0';
	for (const struct mount *mnt = model_mounts(h->m); mnt && n < room; mnt = mnt->hh.next) {
		char point[128];

		if (!strcmp(mnt->point, h->filter->mount)) {
			*text = '\0';
			return;
		}
		n += snprintf(text + n, room - n, "%s%s", n ? ", " : "; its mounts are ",
			      fmt_escape(point, sizeof(point), mnt->point));
	}
}

void filter_nothing(const struct filter_hits *h, const char *path, struct err *err)
{
	char mounts[256] = "";

	if (h->filter->mount)
		list_mounts(h, mounts, sizeof(mounts));
	err_set(err, 0, "no request in %s matches the filters%s%s", path, mounts,
		h->filter->file && !model_recording(h->m)->paths
			? "; names of files were not recorded (record --paths)"
		: h->filter->file ? "; names begin at the root of the share, as in /dir/a.db"
				  : "");
}

bool filter_hit_nothing(const struct filter_hits *h, const char *path, struct err *err)
{
	if (!filter_restricts(h->filter) || h->requests)
		return false;
	filter_nothing(h, path, err);
	return true;
}
