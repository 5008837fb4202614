/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a module's code calls a function: call instructions, and jumps in the place of a call. */
#ifndef NETFSNOOP_CALLSITES_H
#define NETFSNOOP_CALLSITES_H

#include "base/base.h"
#include "capture/ksyms.h"

/* The instruction; what bpf/iter.bpf.c finds in the high byte of the cookie. */
enum site_kind {
	SITE_CALL = 0x00,
	SITE_JMP = 0x01, /* tail call */
	SITE_JCC = 0x80, /* conditional tail call, or'ed with the condition code */
};

struct callsite {
	uint64_t addr; /* of the instruction */
	uint8_t kind;  /* enum site_kind */
	struct ksym in;
	int error; /* why there is no probe on it, -errno; 0: there is */
};

struct callsites {
	struct callsite *site;
	size_t nr;
	size_t odd; /* references that are neither calls nor jumps: it is called through a pointer
		     */
};

void callsites_free(struct callsites *s);

struct image;

/* Address of a section of the loaded module; 0: not loaded (any more). */
typedef uint64_t (*section_base)(void *ctx, const char *section);

/*
 * From the relocations of a module file against the callee. x86-64 only: -ENOTSUP elsewhere.
 * -ENOMEM, -EBADMSG.
 */
int callsites_from_image(struct callsites *s, const struct image *img, const char *callee,
			 section_base base, void *ctx);
/*
 * From live text at `start`: every five or six bytes that look like a call of, or a jump to,
 * `target`. Some may be the inside of another instruction; the kernel refuses a probe there.
 */
int callsites_from_text(struct callsites *s, const uint8_t *text, size_t size, uint64_t start,
			uint64_t target);

#endif
