// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any text through the importer: whatever it is, what comes out are whole records of known kinds,
 * in number no more than the text has lines, and what stands for a text that was read stays
 * bounded.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "event/kinds.h"
#include "import/import.h"

static void fail(const char *why)
{
	fprintf(stderr, "fuzz_import: %s\n", why);
	abort();
}

static int take(void *ctx, const struct ev_hdr *ev)
{
	const struct ev_kind_info *info = ev_kind_info(ev->kind);

	if (!info || ev->size < info->min_size || ev->size % EV_ALIGN)
		fail("a record that is none");
	++*(uint64_t *)ctx;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t records = 0, first, last;
	struct record_sink to = { .add = take, .ctx = &records };
	struct import_counts n;
	struct collect *c;
	FILE *in = size ? fmemopen((void *)data, size, "r") : NULL;
	int rc;

	if (!in)
		return 0;
	if (collect_new(&c))
		fail("no memory");
	rc = import_text(in, c, &n);
	if (rc != -EBADMSG && (rc || collect_flush(c) || collect_write(c, "not in it", &to)))
		fail("an error without a cause");
	if (collect_events(c, &first, &last) + n.damaged + n.others > n.lines)
		fail("more events than lines");
	if (first > last)
		fail("an end before the begin");
	collect_free(c);
	fclose(in);
	return 0;
}
