// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "view/kit/json_value.h"
#include "view/text/notes.h"

static void print_span(FILE *out, const struct note *m)
{
	char text[200];

	if (!*m->first)
		return;
	fprintf(out, "  [%s", fmt_escape(text, sizeof(text), m->first));
	if (*m->last)
		fprintf(out, " to %s", fmt_escape(text, sizeof(text), m->last));
	fprintf(out, "]");
}

static void print_note(FILE *out, const struct note *m)
{
	char text[800], server[256];

	fprintf(out, "\n  %5" PRIu64 "  %s", m->count, fmt_escape(text, sizeof(text), m->text));
	if (*m->server)
		fprintf(out, "  (%s)", fmt_escape(server, sizeof(server), m->server));
	print_span(out, m);
	if (m->role == NOTE_UNKNOWN) {
		fprintf(out, "\n         This tool does not explain this message.\n");
		return;
	}
	fprintf(out, "\n         %s: %s\n", note_role_name(m->role), m->meaning);
	if (*m->error)
		fprintf(out, "         The error is %s.\n", m->error);
	if (*m->look)
		fprintf(out, "         %s\n", m->look);
	if (*m->check)
		fprintf(out, "         In a recording, the check %s looks for this.\n", m->check);
}

int notes_print(FILE *out, const struct notes *n, bool more)
{
	fprintf(out, "%sWhat cifs and netfs logged, causes first:\n", more ? "\n\n" : "");
	for (size_t i = 0; i < n->nr; i++)
		print_note(out, &n->note[i]);
	if (n->more)
		fprintf(out, "\n  %5" PRIu64 "  more, too many to tell apart\n", n->more);
	return ferror(out) ? -EIO : 0;
}

int notes_json(FILE *out, const struct notes *n, const char *type)
{
	int rc = 0;

	for (size_t i = 0; i < n->nr && !rc; i++) {
		const struct note *m = &n->note[i];
		json_t *o = json_pack(
			"{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "type",
			type, "id", m->id, "role", note_role_name(m->role), "text",
			json_name(m->text), "server", json_name(m->server), "error",
			json_name(m->error), "count", json_number(m->count), "first",
			json_name(m->first), "last", json_name(m->last), "line_number",
			json_number(m->line), "meaning", json_name(m->meaning), "look",
			json_name(m->look), "check_id", json_name(m->check));

		if (!o)
			return -ENOMEM;
		rc = json_dumpf(o, out, JSON_COMPACT) < 0 || putc('\n', out) == EOF ? -EIO : 0;
		json_decref(o);
	}
	return rc;
}
