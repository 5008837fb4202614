// SPDX-License-Identifier: GPL-2.0-only
/* Which kernels behave alike, and in which way a request does its I/O. */
#include "check/inside.h"

/* The newest first: a later kernel keeps most names of an earlier one. */
static const struct {
	enum name_id name;
	enum family family;
} families[] = {
	{ SREQ_CONSUMED, FAMILY_COLLECT },
	{ SREQ_IO_RETRY_NEEDED, FAMILY_COLLECT },
	{ SREQ_ADD_DONATIONS, FAMILY_DONATE },
	{ SREQ_ADDED, FAMILY_DONATE },
};

enum family family_of(const struct names *n)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (names_has(n, families[i].name))
			return families[i].family;
	return FAMILY_NONE;
}

const char *families_text(unsigned int f)
{
	return f == FAMILY_ANY ? "all: 6.1 (cifs without netfs), 6.12, 7.x and upstream since 6.14"
			       : "those whose cifs uses netfs: 6.12, 7.x and upstream since 6.14";
}

static const struct {
	enum name_id origin;
	enum request_way way;
} ways[] = {
	{ ORIGIN_READAHEAD, WAY_READ_BUFFERED },
	{ ORIGIN_READPAGE, WAY_READ_BUFFERED },
	{ ORIGIN_READ_GAPS, WAY_READ_BUFFERED },
	{ ORIGIN_READ_FOR_WRITE, WAY_READ_BUFFERED },
	{ ORIGIN_READ_SINGLE, WAY_READ_BUFFERED },
	{ ORIGIN_UNBUFFERED_READ, WAY_READ_DIRECT },
	{ ORIGIN_DIO_READ, WAY_READ_DIRECT },
	{ ORIGIN_WRITEBACK, WAY_WRITEBACK },
	{ ORIGIN_WRITEBACK_SINGLE, WAY_WRITEBACK },
	{ ORIGIN_WRITETHROUGH, WAY_WRITETHROUGH },
	{ ORIGIN_UNBUFFERED_WRITE, WAY_WRITE_DIRECT },
	{ ORIGIN_DIO_WRITE, WAY_WRITE_DIRECT },
	{ ORIGIN_PGPRIV2_COPY_TO_CACHE, WAY_TO_CACHE },
};

enum request_way way_of(const struct check *c, const struct request *r)
{
	enum name_id origin =
		r->origin_known ? names_id(check_names(c), NAMES_ORIGIN, r->origin) : NAME_UNKNOWN;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		if (ways[i].origin == origin)
			return ways[i].way;
	return WAY_UNKNOWN;
}
