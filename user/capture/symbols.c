// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "capture/symbols.h"

/* Records of other CPUs with the same address, and a time a hair earlier, come after this one. */
#define LEAD_NS 1000000ULL
#define CALL	5

/* What is printed of a return address is the call before it, as %pB does. */
static int name(struct revert *r, uint64_t addr, bool is_return, uint64_t ts,
		const struct record_sink *to)
{
	const struct ksyms *k = revert_ksyms(r);
	struct ksym sym;
	int rc = revert_first_use(r, addr);

	if (rc <= 0)
		return rc;
	if (!k || ksyms_find(k, addr - is_return, &sym))
		return 0;
	return records_sym(to, ts > LEAD_NS ? ts - LEAD_NS : 0, addr, &sym);
}

int symbols_name(struct revert *r, const struct ev_revert *ev, const struct record_sink *to)
{
	int rc = name(r, ev->caller, true, ev->hdr.ts, to);

	/* a tail call returns to its caller's caller */
	if (!rc && ev->site && ev->site + CALL != ev->caller)
		rc = name(r, ev->site, false, ev->hdr.ts, to);
	return rc;
}
