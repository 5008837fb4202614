// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "check/grants.h"

static void take(struct grants *g, unsigned int i, struct grant *ret_g)
{
	if (ret_g) {
		*ret_g = g->grant[i];
		if (g->empty_ns < ret_g->ts)
			ret_g->since = g->empty_ns;
	}
	g->nr--;
	memmove(&g->grant[i], &g->grant[i + 1], (g->nr - i) * sizeof(g->grant[0]));
}

/* Others may be sent while a subrequest is prepared, but their callbacks know nothing of it. */
static bool is_io(uint16_t cmd)
{
	return cmd == SMB2_READ || cmd == SMB2_WRITE;
}

int grants_response(struct table *t, const struct seen *ce)
{
	const struct ev_rsp *rsp = (const void *)ce->ev;
	struct grants *g = table_get(t, rsp->hdr.tid, 0);
	const struct command *cmd = ce->command;

	if (!g)
		return -ENOMEM;
	if (!is_final(rsp) && !rsp->credits) /* the kernel is silent about it too */
		return 0;
	if (g->nr == MAX_GRANTS)
		take(g, 0, NULL);
	g->grant[g->nr++] = (struct grant){
		.conn = rsp->conn,
		.mid = rsp->mid,
		.ts = rsp->hdr.ts,
		.since = rsp->hdr.ts,
		.rreq = cmd && is_io(rsp->cmd) ? cmd->rreq : 0,
		.sreq = cmd && is_io(rsp->cmd) ? cmd->sreq : 0,
		.credits = rsp->credits,
		.interim = !is_final(rsp),
	};
	return 0;
}

static int find(const struct grants *g, uint64_t conn, bool interim, uint32_t rreq, uint32_t sreq)
{
	for (unsigned int i = 0; i < g->nr; i++) {
		const struct grant *gr = &g->grant[i];

		if (gr->conn == conn && gr->interim == interim && gr->rreq == rreq &&
		    gr->sreq == sreq)
			return i;
	}
	return -1;
}

static int find_mid(const struct grants *g, uint64_t conn, uint64_t mid)
{
	for (unsigned int i = 0; i < g->nr; i++)
		if (g->grant[i].conn == conn && g->grant[i].mid == mid)
			return i;
	return -1;
}

/* A command from before the recording is nobody's. */
static int find_any(const struct grants *g, const struct ev_credit_fn_rec *ev)
{
	int best = -1;

	for (int i = (int)g->nr - 1; i >= 0; i--) {
		const struct grant *gr = &g->grant[i];

		if (gr->conn != ev->conn || gr->interim || (gr->rreq && ev->rreq))
			continue;
		if (gr->credits == (uint32_t)ev->value)
			return i;
		if (!gr->rreq)
			best = i;
	}
	return best;
}

static enum grant_result compare(struct grants *g, int i, uint32_t credits, const struct ev_hdr *ev,
				 struct grant *ret_g)
{
	take(g, i, ret_g);
	if (!g->nr)
		g->empty_ns = ev->ts;
	if (ret_g->void_)
		return GRANT_UNKNOWN;
	return ret_g->credits == credits ? GRANT_RIGHT : GRANT_WRONG;
}

/* Of the interim ones: the tracepoint prints the change, right after the header was read. */
static enum grant_result pending(struct grants *g, const struct ev_credit *ev, struct grant *ret_g)
{
	for (unsigned int i = 0; i < g->nr; i++)
		if (g->grant[i].interim && g->grant[i].conn == ev->conn)
			return compare(g, i, ev->change, &ev->hdr, ret_g);
	return GRANT_UNKNOWN;
}

static enum grant_result added(struct grants *g, const struct ev_credit_fn_rec *ev,
			       struct grant *ret_g)
{
	int i = ev->fn == EV_CFN_ADD_FROM_HDR ? find_mid(g, ev->conn, ev->mid)
					      : find(g, ev->conn, false, ev->rreq, ev->sreq);

	if (i < 0 && ev->fn == EV_CFN_ADD)
		i = find_any(g, ev);
	if (i >= 0)
		return compare(g, i, ev->value, &ev->hdr, ret_g);
	return ev->value > 0 ? GRANT_EXTRA : GRANT_UNKNOWN;
}

enum grant_result grants_event(struct table *t, const struct seen *ce, struct grant *ret_g)
{
	const struct ev_hdr *ev = ce->ev;
	const struct ev_credit_fn_rec *fn = (const void *)ev;
	struct grants *g = table_find(t, ev->tid, 0);

	*ret_g = (struct grant){ 0 };
	if (!g)
		return GRANT_NONE;
	ret_g->since = g->empty_ns;
	if (ev->kind == EV_CREDIT)
		return ce->probe == P_smb3_pend_credits ? pending(g, (const void *)ev, ret_g)
							: GRANT_NONE;
	if (ev->kind == EV_CREDIT_FN && (fn->fn == EV_CFN_ADD || fn->fn == EV_CFN_ADD_FROM_HDR))
		return added(g, fn, ret_g);
	return GRANT_NONE;
}

void grants_forget_conn(struct table *t, uint64_t conn)
{
	struct cell *cell, *next;

	HASH_ITER (hh, t->cells, cell, next) {
		struct grants *g = (void *)cell->data;

		for (unsigned int i = 0; i < g->nr; i++)
			if (g->grant[i].conn == conn)
				g->grant[i].void_ = true;
	}
}

bool grants_has(struct table *t, uint32_t tid, uint64_t conn, uint64_t mid)
{
	const struct grants *g = table_find(t, tid, 0);

	return g && find_mid(g, conn, mid) >= 0;
}

bool grants_take(struct table *t, uint32_t tid, uint64_t conn, uint64_t mid, struct grant *ret_g)
{
	struct grants *g = table_find(t, tid, 0);
	int i = g ? find_mid(g, conn, mid) : -1;

	if (i < 0)
		return false;
	take(g, i, ret_g);
	return true;
}

bool grants_overdue(struct table *t, const struct check *c, uint64_t ns, struct grant *ret_g,
		    uint32_t *ret_tid)
{
	struct cell *cell, *next;

	HASH_ITER (hh, t->cells, cell, next) {
		struct grants *g = (void *)cell->data;

		if (!g->nr || check_progress(c, g->grant[0].ts) <= ns)
			continue;
		*ret_tid = cell->key.a;
		take(g, 0, ret_g);
		return true;
	}
	return false;
}
