/* SPDX-License-Identifier: GPL-2.0-only */
/* What gzip, xz and zstd have packed, and text that grows up to a limit. */
#ifndef NETFSNOOP_LOG_UNPACK_H
#define NETFSNOOP_LOG_UNPACK_H

#include "base/base.h"

struct log_text {
	char *data; /* size bytes, and room for a NUL */
	size_t size, room, max;
	bool cut; /* there was more than max */
};

void log_text_free(struct log_text *t);
/* Room for some more bytes behind what is there: how many, 0 the limit is reached, -ENOMEM. */
ssize_t log_text_room(struct log_text *t);
/* Appends; what is beyond the limit is left out. 0, -ENOMEM. */
int log_text_add(struct log_text *t, const char *data, size_t size);

/*
 * Takes *data out of gzip, xz or zstd, if it is in one of them; *data is freed then and a new one is the
 * caller's, with a NUL behind it. max: as log_file_read() has it. -EBADMSG damaged (*data has what came
 * before the damage), -ENOMEM.
 */
int log_unpack(char **data, size_t *size, size_t max, bool *cut);

#endif
