// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "base/fmt.h"
#include "view/kit/json_value.h"
#include "view/text/oops_place.h"

static void frame_text(char *ret, size_t room, const struct sym_frame *f)
{
	char file[300], function[160];

	fmt_escape(file, sizeof(file), *f->file ? f->file : "?");
	fmt_escape(function, sizeof(function), f->function);
	if (f->line)
		snprintf(ret, room, "%s:%u in %s", file, f->line, function);
	else
		snprintf(ret, room, "%s:? in %s", file, function);
}

/* Calls of thunks say which register held the target (arch/x86/lib/retpoline.S). */
static void callee_text(char *ret, size_t room, const char *callee)
{
	static const char thunk[] = "__x86_indirect_thunk_";
	char name[200];

	if (!strncmp(callee, thunk, sizeof(thunk) - 1)) {
		fmt_escape(name, sizeof(name), callee + sizeof(thunk) - 1);
		snprintf(ret, room, "after an indirect call through %s", name);
		return;
	}
	fmt_escape(name, sizeof(name), callee);
	snprintf(ret, room, "after the call to %s", name);
}

char *place_short(char *ret, size_t room, const struct sym_place *p)
{
	*ret = '\0';
	if (p->how == SYM_LINE)
		frame_text(ret, room, &p->frame[0]);
	else if (p->how == SYM_CALL)
		callee_text(ret, room, p->callee);
	return ret;
}

static void print_escaped(FILE *out, const char *indent, const char *before, const char *text)
{
	char line[1024];

	if (*text)
		fprintf(out, "%s%s%s\n", indent, before, fmt_escape(line, sizeof(line), text));
}

void place_print(FILE *out, const char *indent, const struct sym_place *p)
{
	char text[600];

	if (p->how == SYM_LINE)
		for (uint32_t i = 0; i < p->nr_frames; i++) {
			frame_text(text, sizeof(text), &p->frame[i]);
			fprintf(out, "%s%s%s\n", indent, i ? "inlined at " : "", text);
		}
	else if (p->how == SYM_CALL)
		fprintf(out, "%sreturn address %s\n", indent, place_short(text, sizeof(text), p));
	print_escaped(out, indent, "from ", p->from);
	print_escaped(out, indent, "caution: ", p->caution);
	print_escaped(out, indent, "no line: ", p->why);
}

static json_t *frames_json(const struct sym_place *p)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < p->nr_frames; i++) {
		const struct sym_frame *f = &p->frame[i];

		if (json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "function",
							  json_name(f->function), "file",
							  json_name(f->file), "line",
							  json_number_if(f->line, f->line))) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

json_t *place_json(const struct sym_place *p)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "frames", frames_json(p), "callee",
			 json_name(p->how == SYM_CALL ? p->callee : NULL), "from",
			 json_name(p->from), "caution", json_name(p->caution), "unresolved",
			 json_name(p->why));
}
