// SPDX-License-Identifier: GPL-2.0-only
#include "view/json_revert.h"
#include "view/json_value.h"

#define CALL 5 /* bytes of a call instruction */

static json_t *address(const struct model *m, uint64_t addr)
{
	const char *name = model_symbol(m, addr);

	return name ? json_name(name) : json_id_if(addr, addr);
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
static json_t *tail_call(const struct model *m, const struct ev_revert *ev)
{
	return ev->site && ev->site + CALL != ev->caller ? address(m, ev->site) : json_null();
}

json_t *json_revert(const struct model *m, const struct ev_revert *ev)
{
	enum name_id type = names_id(model_names(m), NAMES_ITER_TYPE, ev->iter_type);
	const struct probe_info *p = model_probe(m, ev->hdr.probe);
	const struct task *t = model_task(m, ev->hdr.tid);

	return json_pack(
		"{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"type", "revert", "rreq", json_rreq(ev->rreq, ev->hdr.flags & EVF_SYNTH), "sreq",
		json_sreq(ev->sreq), "known_by", json_name(knows_text(ev->knows)), "iter",
		json_id_if(ev->iter, ev->iter), "iter_type",
		json_name(names_text(model_names(m), NAMES_ITER_TYPE, ev->iter_type)), "offset",
		json_number(ev->offset), "count", json_number(ev->count), "unroll",
		json_number(ev->unroll), "segs", json_number_if(has_segments(type), ev->segs),
		"slot", json_number_if(type == ITER_FOLIOQ, (uint8_t)ev->segs), "caller",
		address(m, ev->caller), "tail_call", tail_call(m, ev), "via",
		json_name(via_text(ev->via)), "probe", json_name(p ? p->name : NULL), "tid",
		json_number(ev->hdr.tid), "comm", json_name(t ? t->comm : NULL), "time_ns",
		json_number(ev->hdr.ts), "rule", json_name(rule_text(ev->rule)), "room",
		json_number_if(rule_text(ev->rule), ev->room), "past",
		json_number_if(ev->rule != EV_RULE_NONE, ev->past));
}
