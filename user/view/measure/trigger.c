// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "view/kit/ntstatus.h"
#include "view/measure/totals.h"
#include "view/measure/trigger.h"

static unsigned int on_of(const char *name, size_t len)
{
	static const struct {
		const char *name;
		enum trigger_on on;
	} known[] = { { "error", ON_ERROR },
		      { "reconnect", ON_RECONNECT },
		      { "finding", ON_FINDING } };

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strlen(known[i].name) == len && !memcmp(known[i].name, name, len))
			return known[i].on;
	return 0;
}

int trigger_parse(const char *names, unsigned int *ret_on)
{
	unsigned int all = 0;

	for (const char *p = names;; p++) {
		size_t len = strcspn(p, ",");
		unsigned int on = on_of(p, len);

		if (!on)
			return -EINVAL;
		all |= on;
		p += len;
		if (!*p)
			break;
	}
	*ret_on = all;
	return 0;
}

/* ---- requests ---- */

/*
 * What ran before the recording began took longer than can be seen, and what is handed on without
 * its end is still open. The latency of one that is over and was not timed is anybody's guess.
 */
static void time_request(const struct model *m, const struct request *r, struct trigger *t)
{
	uint64_t now = model_recording(m)->now_ns;

	t->began_ns = r->first_ns;
	t->partial = r->partial;
	t->open = !r->freed && !r->done_ns;
	if (r->done_ns > r->first_ns)
		t->took_ns = r->done_ns - r->first_ns;
	else if (t->open && now > r->first_ns)
		t->took_ns = now - r->first_ns;
}

bool trigger_of_request(const struct trigger_options *o, const struct model *m,
			const struct request *r, struct trigger *ret)
{
	*ret = (struct trigger){ .request = r, .error = request_outcome(r) };
	time_request(m, r, ret);
	if (!r->described)
		return false;
	if (o->on & ON_SLOWER && ret->took_ns >= o->slower_ns && (ret->took_ns || !o->slower_ns))
		ret->on |= ON_SLOWER;
	if (o->on & ON_ERROR && ret->error)
		ret->on |= ON_ERROR;
	return ret->on;
}

/* ---- commands ---- */

/* May lawfully take hours, or gets no answer at all: MS-SMB2 3.3.5.14, 3.3.5.16, 3.3.5.19. */
static bool patient(const struct command *c)
{
	return c->cmd == SMB2_CHANGE_NOTIFY || c->cmd == SMB2_CANCEL ||
	       c->cmd == SMB2_OPLOCK_BREAK || (c->cmd == SMB2_LOCK && c->interim);
}

static void time_command(const struct model *m, const struct command *c, struct trigger *t)
{
	uint64_t begin = command_begin(c), now = model_recording(m)->now_ns;

	t->began_ns = begin ? begin : c->response_ns ? c->response_ns : c->done_ns;
	if (command_latency(c, &t->took_ns) || !begin)
		return;
	if (c->failed && c->failed_ns > begin) {
		t->took_ns = c->failed_ns - begin;
	} else if (!c->answered && !c->failed && c->sent_ns && now > begin) {
		t->open = true;
		t->took_ns = now - begin;
	}
}

/* Reads and writes of a request are in its time; their errors are told, as they have a status. */
bool trigger_of_command(const struct trigger_options *o, const struct model *m,
			const struct command *c, struct trigger *ret)
{
	bool answered = c->answered || c->done_ns;

	*ret = (struct trigger){ .command = c };
	time_command(m, c, ret);
	if (o->on & ON_SLOWER && !c->rreq && !patient(c) && ret->took_ns >= o->slower_ns &&
	    (ret->took_ns || !o->slower_ns))
		ret->on |= ON_SLOWER;
	if (o->on & ON_ERROR && command_failed(c) &&
	    (c->failed || !answered || !ntstatus_is_answer(c->status)))
		ret->on |= ON_ERROR;
	return ret->on;
}

/* ---- events ---- */

bool trigger_of_event(const struct trigger_options *o, const struct model *m,
		      const struct ev_hdr *ev, struct trigger *ret)
{
	const struct probe_info *p = model_probe(m, ev->probe);

	if (!(o->on & ON_RECONNECT) || ev->kind != EV_RECONNECT || !p ||
	    strcmp(p->name, "smb3_reconnect"))
		return false;
	*ret = (struct trigger){ .on = ON_RECONNECT,
				 .began_ns = ev->ts,
				 .reconnect = (const void *)ev };
	return true;
}
