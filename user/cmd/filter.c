// SPDX-License-Identifier: GPL-2.0-only
#include "base/units.h"
#include "cmd/filter.h"

enum { OPT_TEST = 0x400 };

static const struct argp_option options[] = {
	{ "fs", 'F', "TYPE", 0, "Only requests of this file system type (cifs, smb3, 9p, ...)", 0 },
	{ "mount", 'm', "DIR", 0, "Only requests of the file system mounted at DIR", 0 },
	{ "pid", 'p', "PID", 0, "Only requests that process PID (a tgid) started", 0 },
	{ "inode", 'i', "INO", 0, "Only requests of inode number INO", 0 },
	{ "test", OPT_TEST, "NAME[#N]", 0,
	  "Only requests of this test of an xfstests run (generic/306), or of its Nth run", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct filter_args *f = state->input;
	uint64_t n;

	switch (key) {
	case 'F':
		f->fs = arg;
		return 0;
	case 'm':
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
	return (struct request_filter){
		.fs = a->fs, .mount = a->mount, .tgid = a->pid, .ino = a->ino, .test = a->test
	};
}
