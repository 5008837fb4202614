// SPDX-License-Identifier: GPL-2.0-only
/* Which checks can judge a recording: what they need of its probes, its kernel and its connections. */
#include <string.h>

#include "check/engine.h"
#include "check/inside.h"

static const struct probe_info *probe_named(const struct engine *e, const char *name, size_t len)
{
	const struct recording *rec = model_recording(e->m);

	for (uint32_t i = 0; i < rec->nr_probes; i++) {
		const struct probe_info *p = model_probe(e->m, i);

		if (p && strlen(p->name) == len && !memcmp(p->name, name, len))
			return p;
	}
	return NULL;
}

/* One need, alternatives separated by |; *ret_why is the probe that could have done it. */
static bool has_need(const struct engine *e, const char *need, const struct probe_info **ret_why)
{
	for (const char *s = need; *s;) {
		size_t len = strcspn(s, "|");
		const struct probe_info *p = probe_named(e, s, len);

		if (p && p->state == EV_PROBE_ON)
			return true;
		if (p)
			*ret_why = p;
		s += len + (s[len] == '|');
	}
	return false;
}

bool check_has_probe(const struct check *c, const char *name)
{
	const struct probe_info *p = probe_named(c->e, name, strlen(name));

	return p && p->state == EV_PROBE_ON;
}

uint64_t check_probe_hits(const struct check *c, const char *name)
{
	const struct probe_info *p = probe_named(c->e, name, strlen(name));

	return p && p->counted ? p->hits : 0;
}

static void look_at_needs(struct check *c)
{
	const struct probe_info *why = NULL;

	c->active = c->later = false;
	c->missing[0] = 0;
	if (!(c->ops->families & (c->e->family ? (unsigned int)c->e->family : 4u))) {
		snprintf(c->missing, sizeof(c->missing), "%s",
			 model_recording(c->e->m)->imported
				 ? "the imported events do not show which kernel family this is"
				 : "cifs of this kernel does its I/O without netfs");
		return;
	}
	for (const char *const *need = c->ops->needs; *need; need++) {
		if (has_need(c->e, *need, &why))
			continue;
		c->later = !why && model_recording(c->e->m)->netfsnoop &&
			   !model_recording(c->e->m)->imported;
		snprintf(c->missing, sizeof(c->missing), "%.60s %s%s%.100s",
			 why ? why->name : *need,
			 why ? "is off" : "is not among the recorded probes",
			 why && *why->reason ? ": " : "", why ? why->reason : "");
		return;
	}
	c->active = true;
}

void needs_look(struct engine *e)
{
	e->family = family_of(model_names(e->m));
	for (size_t i = 0; i < e->nr; i++)
		if (e->check[i].wanted)
			look_at_needs(&e->check[i]);
	e->looked = true;
}

/* What judges commands says nothing of a connection that shows none. */
static void note_smb1(struct check *c)
{
	if (!c->active || !c->ops->commands)
		return;
	c->smb1 = true;
	if (c->judged)
		return;
	c->active = false;
	snprintf(c->missing, sizeof(c->missing),
		 "the connection is of SMB 1, whose commands are not seen");
}

void needs_finish(struct engine *e)
{
	bool smb1 = model_has_smb1(e->m);

	for (size_t i = 0; smb1 && i < e->nr; i++)
		note_smb1(&e->check[i]);
}
