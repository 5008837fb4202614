// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "view/export/json/json_line.h"

#define CALL 5 /* bytes of a call instruction */

struct address_text {
	char s[256];
};

/* As a symbol, else as a number; "" for none. */
static struct address_text address(const struct model *m, uint64_t addr)
{
	const char *name = model_symbol(m, addr);
	struct address_text text = { "" };

	if (name)
		snprintf(text.s, sizeof(text.s), "%s", name);
	else if (addr)
		snprintf(text.s, sizeof(text.s), "0x%" PRIx64, addr);
	return text;
}

static const char *via_text(uint8_t via)
{
	static const char *const names[] = { "kprobe", "callsite", "breakpoint" };

	return via < ARRAY_SIZE(names) ? names[via] : NULL;
}

/* How the subrequest is known; null where it is not. */
static const char *knows_text(uint8_t knows)
{
	static const char *const names[] = { NULL, "thread", "netfs_reset_iter", "iterator" };

	return knows < ARRAY_SIZE(names) ? names[knows] : NULL;
}

/* What decided whether it goes past the start; null where nothing could. */
static const char *rule_text(uint8_t rule)
{
	static const char *const names[] = { NULL,    "exact",	   "queue", "direct_bv",
					     "slice", "too_large", NULL };

	return rule < ARRAY_SIZE(names) ? names[rule] : NULL;
}

static bool has_segments(enum name_id type)
{
	return type == ITER_IOVEC || type == ITER_KVEC || type == ITER_BVEC;
}

/* Where a jump stands in the place of the call; its caller is then somebody else's return address.
 */
static struct address_text tail_call(const struct model *m, const struct ev_revert *ev)
{
	return address(m, ev->site && ev->site + CALL != ev->caller ? ev->site : 0);
}

void line_revert(struct json_out *o, const struct model *m, const struct ev_revert *ev)
{
#define ROW_revert
#include "view/export/rows/row_json.h"
#undef ROW_revert
}
