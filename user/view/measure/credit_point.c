// SPDX-License-Identifier: GPL-2.0-only
#include "view/measure/credit_point.h"

static const char *fn_text(uint8_t fn)
{
	static const char *const names[] = {
		[EV_CFN_WAIT_MTU] = "wait_mtu", [EV_CFN_WAIT_FREE] = "wait_free",
		[EV_CFN_ADD] = "add",		[EV_CFN_ADJUST] = "adjust",
		[EV_CFN_SET] = "set",		[EV_CFN_ADD_FROM_HDR] = "add_from_header",
	};

	return fn < ARRAY_SIZE(names) ? names[fn] : "?";
}

static bool of_function(const struct model *m, const struct ev_credit_fn_rec *ev,
			struct credit_point *ret)
{
	*ret = (struct credit_point){
		.conn = model_conn(m, ev->conn),
		.time_ns = ev->hdr.ts,
		.tid = ev->hdr.tid,
		.what = fn_text(ev->fn),
		.entry = !(ev->hdr.flags & EVF_EXIT),
		.value = ev->value,
		.rc = ev->rc,
		.credits = ev->credits,
		.echo = ev->echo,
		.oplock = ev->oplock,
		.in_flight = ev->in_flight,
		.instance = ev->instance,
		.rreq = ev->rreq,
		.sreq = ev->sreq,
		.synth = ev->hdr.flags & EVF_SYNTH,
	};
	return ret->conn;
}

static bool of_tracepoint(const struct model *m, const struct ev_credit *ev,
			  struct credit_point *ret)
{
	const struct probe_info *p = model_probe(m, ev->hdr.probe);

	*ret = (struct credit_point){
		.conn = model_conn(m, ev->conn),
		.time_ns = ev->hdr.ts,
		.tid = ev->hdr.tid,
		.what = p ? p->name : "?",
		.value = ev->change,
		.credits = ev->credits,
		.echo = -1,
		.oplock = -1,
		.in_flight = ev->in_flight,
	};
	return ret->conn && !ret->conn->ledger;
}

bool credit_point_of(const struct model *m, const struct ev_hdr *ev, struct credit_point *ret)
{
	switch (ev->kind) {
	case EV_CREDIT_FN:
		return of_function(m, (const void *)ev, ret);
	case EV_CREDIT:
		return of_tracepoint(m, (const void *)ev, ret);
	default:
		return false;
	}
}
