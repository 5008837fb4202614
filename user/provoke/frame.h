/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames of direct TCP ([MS-SMB2] 2.1) and the SMB2 messages in them: one, or a compound (3.2.4.1.4,
 * 3.3.4.1.3). A message is changed in place, or moved to memory of its own when it grows.
 */
#ifndef NETFSNOOP_PROVOKE_FRAME_H
#define NETFSNOOP_PROVOKE_FRAME_H

#include "base/base.h"
#include "provoke/wire.h"

enum {
	FRAME_HEAD = 4,		   /* a zero, and the size of what follows */
	FRAME_MAX = (1 << 24) - 1, /* what the head can say */
	MAX_COMPOUND = 64,	   /* messages; a longer frame is passed on as it is */
};

enum frame_kind {
	FRAME_SMB2,
	FRAME_SEALED, /* 2.2.41: what is in it is not to be seen without keys */
	FRAME_OTHER,  /* SMB1's NEGOTIATE, compressed, NetBIOS keep-alives: none of our business */
};

struct message {
	uint8_t *at;
	size_t size; /* in a compound without the padding behind it */
	size_t room;
	bool own;     /* at is to be freed */
	bool changed; /* needs a new signature, if it has one */
};

struct frame {
	enum frame_kind kind;
	struct message msg[MAX_COMPOUND];
	unsigned int nr; /* 0 unless kind is FRAME_SMB2 */
};

/*
 * The size of the frame at the front of a stream of which have bytes are there, its head included;
 * 0: not enough is there to tell; -EBADMSG: this is no stream of such frames.
 */
int64_t frame_size(const uint8_t *head, size_t have);

/*
 * The messages of what is behind a head: views of data, which must outlive the frame. What is damaged, or
 * longer than MAX_COMPOUND, is FRAME_OTHER.
 */
void frame_parse(struct frame *f, uint8_t *data, size_t size);
void frame_free(struct frame *f);

/* Makes room for size bytes in a message; those beyond its old end are zeros. 0 or -ENOMEM. */
int message_resize(struct message *m, size_t size);
/*
 * Sets the NextCommand fields and paddings of what became of a compound; changed is set where that
 * changed the message. 0 or -ENOMEM.
 */
int frame_link(struct frame *f);
/* The size of all its messages, as linked, without a head. */
size_t frame_total(const struct frame *f);
/* Copies them to ret, which has room for frame_total(). */
void frame_copy(const struct frame *f, uint8_t *ret);
bool frame_changed(const struct frame *f);

void frame_put_head(uint8_t head[FRAME_HEAD], size_t size);

#endif
