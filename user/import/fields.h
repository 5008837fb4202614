/* SPDX-License-Identifier: GPL-2.0-only */
/* The text that the kernel prints for an event of netfs or cifs, as the fields of its record. */
#ifndef NETFSNOOP_IMPORT_FIELDS_H
#define NETFSNOOP_IMPORT_FIELDS_H

#include "tp/decode.h"

#define FIELDS_MAX 24
#define WORDS_MAX  4
#define WORD_LEN   32

struct fields {
	struct tp_record r; /* answers decode_fields(), once the words are resolved */
	unsigned int nr;
	struct {
		const char *name; /* static */
		uint64_t value;
	} field[FIELDS_MAX];
	unsigned int nr_words;
	char word[WORDS_MAX][WORD_LEN];
	bool bad; /* a value that is none, or more words than the event has */
};

/* The probe of an event's name; PROBE_NONE: we record no such event. */
uint16_t fields_probe(const char *event, size_t len);
/*
 * Parses what stands behind "EVENT: ". By names: the order of keys and words, and keys that are not
 * known, do not matter. decimal: netfs_sreq and netfs_failure print indices of subrequests in
 * decimal, as 6.1 does. False: not such an event, or not all of it.
 */
bool fields_parse(struct fields *f, uint16_t probe, const char *text, bool decimal);
/*
 * Makes numbers of the words. intern(ctx, enum type, word, ret_value) is asked for them; what it
 * returns, if not 0, is returned.
 */
int fields_resolve(struct fields *f, uint16_t probe,
		   int (*intern)(void *ctx, const char *type, const char *text, uint8_t *ret),
		   void *ctx);
/* The value of a field; fallback: it is not there. */
uint64_t fields_value(const struct fields *f, const char *name, uint64_t fallback);

#endif
