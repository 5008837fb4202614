// SPDX-License-Identifier: GPL-2.0-only
#include "oops/notes.h"
#include "view/json_moment.h"
#include "view/json_value.h"

json_t *json_credit(const struct ledger_point *p)
{
	return json_pack(
		"{s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:i, s:i, s:i, s:o, s:o, s:i, s:o, s:o, s:o, s:b}",
		"type", "credit", "conn", json_id_if(true, p->conn->id), "epoch",
		json_number(p->conn->epoch), "time_ns", json_number(p->time_ns), "tid",
		json_number(p->tid), "what", json_name(p->what), "entry", (int)p->entry, "value",
		(int)p->value, "rc", (int)p->rc, "credits", (int)p->credits, "echo",
		json_signed_if(p->echo >= 0, p->echo), "oplock",
		json_signed_if(p->oplock >= 0, p->oplock), "in_flight", (int)p->in_flight,
		"instance", json_number_if(p->instance, p->instance), "rreq",
		json_rreq(p->rreq, p->synth), "sreq", json_sreq(p->sreq), "synthetic",
		(int)p->synth);
}

/* What a message means: its id, role, check; null where it is none, or is not known. */
static json_t *message_of(const char *text)
{
	struct note n;

	if (!text || !note_read(&n, text) || n.role == NOTE_UNKNOWN)
		return json_null();
	return json_pack("{s:s, s:s, s:o, s:o, s:s, s:o}", "id", n.id, "role",
			 note_role_name(n.role), "server", json_name(n.server), "error",
			 json_name(n.error), "meaning", n.meaning, "check", json_name(n.check));
}

json_t *json_moment(const struct moment *mo)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "type", "moment", "what",
			 json_name(mo->what), "time_ns", json_number(mo->time_ns), "conn",
			 json_id_if(mo->conn, mo->conn), "epoch", json_number(mo->epoch), "value",
			 json_signed_if(true, mo->value), "text", json_name(mo->text), "message",
			 message_of(mo->text));
}

json_t *json_mount(const struct mount *mnt)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "type", "mount", "dev",
			 json_dev(mnt->dev), "fs", json_name(mnt->fstype), "source",
			 json_name(mnt->source), "point", json_name(mnt->point), "options",
			 json_name(mnt->options));
}
