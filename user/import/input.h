/* SPDX-License-Identifier: GPL-2.0-only */
/* Text that is imported, line by line, whatever it is packed in. It is read twice: see edge.h. */
#ifndef NETFSNOOP_IMPORT_INPUT_H
#define NETFSNOOP_IMPORT_INPUT_H

#include "base/base.h"

struct input {
	FILE *f;
	FILE *own;	     /* a copy that can be read again, or the text that was unpacked */
	char *text;	     /* of that */
	uint64_t long_lines; /* of which only the begin was kept */
	bool cut;	     /* more than can be unpacked: only the begin is there */
};

/*
 * Borrows from, which may be a pipe; takes it out of gzip, xz, zstd, UTF-16 and mails. 0 or -errno;
 * -EBADMSG: what it is packed in is damaged, and nothing of it could be read.
 */
int input_open(struct input *in, FILE *from);
void input_close(struct input *in);
/* From the first line on, each without its end, for as long as the function returns 0. Bounded in memory. */
int input_each(struct input *in, int (*line)(void *ctx, const char *text), void *ctx);

#endif
