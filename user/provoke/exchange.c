// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "provoke/exchange.h"

/* Where a command has the file it is about: 2.2.15 to 2.2.39. */
static size_t file_at(unsigned int command)
{
	switch (command) {
	case SMB2_CLOSE:
	case SMB2_FLUSH:
	case SMB2_LOCK:
	case SMB2_IOCTL:
	case SMB2_QUERY_DIRECTORY:
	case SMB2_CHANGE_NOTIFY:
		return 72;
	case SMB2_READ:
		return READ_FILE;
	case SMB2_WRITE:
		return WRITE_FILE;
	case SMB2_QUERY_INFO:
		return 88;
	case SMB2_SET_INFO:
		return 80;
	default:
		return 0;
	}
}

/* All ones: that of the command before, 3.3.5.2.7.2; of a CREATE it is not known yet. */
static void take_file(struct exchange *r, const struct message *m, const struct exchange *before)
{
	static const uint8_t same[FILE_ID_SIZE] = { [0 ... FILE_ID_SIZE - 1] = 0xff };
	size_t at = file_at(r->command);

	if (!at || m->size < at + FILE_ID_SIZE)
		return;
	memcpy(r->file, m->at + at, FILE_ID_SIZE);
	r->has_file = memcmp(r->file, same, FILE_ID_SIZE) != 0;
	if (!r->has_file && r->related && before && before->has_file) {
		memcpy(r->file, before->file, FILE_ID_SIZE);
		r->has_file = true;
	}
}

static void take_range(struct exchange *r, const struct message *m)
{
	if (r->command == SMB2_READ && m->size >= READ_SIZE) {
		r->length = get32(m->at + READ_LENGTH);
		r->offset = get64(m->at + READ_OFFSET);
		r->minimum = get32(m->at + READ_MINIMUM);
	} else if (r->command == SMB2_WRITE && m->size >= WRITE_SIZE) {
		r->length = get32(m->at + WRITE_LENGTH);
		r->offset = get64(m->at + WRITE_OFFSET);
	} else {
		return;
	}
	r->has_range = true;
}

int exchange_new(struct exchange **ret, const struct message *m, const struct exchange *before)
{
	struct exchange *r = calloc(1, sizeof(*r));
	uint32_t flags = get32(m->at + HDR_FLAGS);

	if (!r)
		return -ENOMEM;
	r->mid = get64(m->at + HDR_MID);
	r->command = get16(m->at + HDR_COMMAND);
	r->charge = get16(m->at + HDR_CHARGE);
	r->is_signed = flags & SMB2_FLAG_SIGNED;
	r->related = flags & SMB2_FLAG_RELATED;
	r->session = get64(m->at + HDR_SESSION);
	r->tree = get32(m->at + HDR_TREE);
	if (r->related && before) {
		r->session = before->session;
		r->tree = before->tree;
	}
	take_file(r, m, before);
	take_range(r, m);
	*ret = r;
	return 0;
}

void exchange_free(struct exchange *r)
{
	if (!r)
		return;
	free(r->setup);
	free(r);
}
