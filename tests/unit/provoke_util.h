/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of provoke share: bytes written in hex, messages made up, and a flow without sockets. */
#ifndef NETFSNOOP_PROVOKE_UTIL_H
#define NETFSNOOP_PROVOKE_UTIL_H

#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "provoke/flow.h"
#include "provoke/frame.h"
#include "provoke/wire.h"

enum { MAX_BYTES = 4096 };

struct bytes {
	size_t size;
	uint8_t at[MAX_BYTES];
};

static inline int hex_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* Blanks are passed over. */
static inline struct bytes unhex(const char *text)
{
	struct bytes b = { .size = 0 };

	for (; *text; text++) {
		if (!isxdigit((unsigned char)*text))
			continue;
		assert_true(b.size < sizeof(b.at) && isxdigit((unsigned char)text[1]));
		b.at[b.size++] = hex_digit(text[0]) << 4 | hex_digit(text[1]);
		text++;
	}
	return b;
}

static inline void assert_hex(const uint8_t *at, size_t size, const char *text)
{
	struct bytes want = unhex(text);

	assert_int_equal(size, want.size);
	assert_memory_equal(at, want.at, size);
}

/* A request, with a body of zeros up to size. */
static inline struct bytes message(unsigned int command, uint64_t mid, size_t size)
{
	struct bytes b = { .size = size };

	memcpy(b.at, "\xfeSMB", 4);
	put16(b.at + 4, HDR_SIZE);
	put16(b.at + HDR_CHARGE, 1);
	put16(b.at + HDR_COMMAND, command);
	put64(b.at + HDR_MID, mid);
	put64(b.at + HDR_SESSION, 0x1000);
	put32(b.at + HDR_TREE, 7);
	return b;
}

static inline struct bytes response(unsigned int command, uint64_t mid, uint32_t status,
				    uint16_t credits, size_t size)
{
	struct bytes b = message(command, mid, size);

	put32(b.at + HDR_FLAGS, SMB2_FLAG_RESPONSE);
	put32(b.at + HDR_STATUS, status);
	put16(b.at + HDR_CREDITS, credits);
	return b;
}

static inline struct bytes read_request(uint64_t mid, uint64_t offset, uint32_t length)
{
	struct bytes b = message(SMB2_READ, mid, READ_SIZE + 1);

	put32(b.at + READ_LENGTH, length);
	put64(b.at + READ_OFFSET, offset);
	b.at[READ_FILE] = 5;
	return b;
}

static inline struct bytes read_response(uint64_t mid, uint16_t credits, uint32_t length)
{
	struct bytes b = response(SMB2_READ, mid, STATUS_OK, credits, READ_DONE_SIZE + length);

	b.at[READ_DONE_AT] = READ_DONE_SIZE;
	put32(b.at + READ_DONE_LENGTH, length);
	for (uint32_t i = 0; i < length; i++)
		b.at[READ_DONE_SIZE + i] = i;
	return b;
}

static inline struct bytes write_request(uint64_t mid, uint64_t offset, uint32_t length)
{
	struct bytes b = message(SMB2_WRITE, mid, WRITE_SIZE + length);

	put16(b.at + WRITE_AT, WRITE_SIZE);
	put32(b.at + WRITE_LENGTH, length);
	put64(b.at + WRITE_OFFSET, offset);
	b.at[WRITE_FILE] = 5;
	return b;
}

/* A compound of a and b. */
static inline struct bytes both(const struct bytes *a, const struct bytes *b)
{
	struct bytes all = *a;
	size_t next = (a->size + 7) & ~(size_t)7;

	put32(all.at + HDR_NEXT, next);
	memcpy(all.at + next, b->at, b->size);
	all.size = next + b->size;
	return all;
}

/* A run of one connection. */
struct lab {
	struct fault_plan plan;
	struct journal journal;
	struct proxy proxy;
	struct flow *flow;
	struct passage p; /* of the last frame */
};

static inline void lab_begin(struct lab *l, const char *plan)
{
	struct err err = {};

	memset(l, 0, sizeof(*l));
	assert_int_equal(fault_plan_parse(&l->plan, "plan", plan, &err), 0);
	l->journal.plan = "plan";
	l->proxy = (struct proxy){ .plan = &l->plan, .journal = &l->journal };
	l->flow = flow_new(&l->proxy, 1);
	assert_non_null(l->flow);
}

static inline void lab_end(struct lab *l)
{
	passage_free(&l->p);
	flow_free(l->flow);
	fault_plan_free(&l->plan);
}

/* What goes on of a frame: without its head. */
static inline struct bytes lab_pass(struct lab *l, const struct bytes *in, bool from_client)
{
	uint8_t *copy = malloc(in->size); /* so that a sanitizer sees its end */
	struct bytes out = *in;

	passage_free(&l->p);
	memcpy(copy, in->at, in->size);
	assert_int_equal(from_client ? flow_request(l->flow, copy, in->size, &l->p)
				     : flow_response(l->flow, copy, in->size, &l->p),
			 0);
	free(copy);
	if (l->p.data) {
		assert_int_equal(frame_size(l->p.data, FRAME_HEAD), l->p.size);
		out.size = l->p.size - FRAME_HEAD;
		memcpy(out.at, l->p.data + FRAME_HEAD, out.size);
	}
	return out;
}

static inline struct bytes asked(struct lab *l, const struct bytes in)
{
	return lab_pass(l, &in, true);
}

static inline struct bytes answered(struct lab *l, const struct bytes in)
{
	return lab_pass(l, &in, false);
}

#endif
