// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "view/kit/json_value.h"
#include "view/text/oops_place.h"
#include "view/text/oops_text.h"

static json_t *ref_json(const struct sym_ref *ref)
{
	if (!*ref->symbol)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "symbol", json_name(ref->symbol), "offset",
			 json_id_if(true, ref->off), "size", json_id_if(ref->size, ref->size),
			 "module", json_name(ref->module), "build_id", json_name(ref->build_id));
}

/* The source that the report itself tells. */
static json_t *source_json(const struct oops_entry *e)
{
	if (!e->line)
		return json_null();
	return json_pack("{s:o, s:o, s:b}", "file", json_name(e->file), "line",
			 json_number(e->line), "inlined", e->inlined);
}

static json_t *entry_json(const struct oops *o, const struct oops_entry *e,
			  const struct sym_place *p)
{
	static const char *const stacks[] = {
		[STACK_CALL] = "call",	     [STACK_ALLOCATED] = "allocated",
		[STACK_FREED] = "freed",     [STACK_WORK] = "work-creation",
		[STACK_BLOCKER] = "blocker", [STACK_CHAIN] = "lock-chain",
		[STACK_OTHER] = "other",
	};

	return json_pack("{s:s, s:o, s:b, s:o, s:o, s:o, s:o, s:o}", "stack", stacks[e->stack],
			 "section", json_name(o->section[e->section].label), "reliable",
			 e->reliable, "context", json_name(e->context), "at", ref_json(&e->at),
			 "address", json_id_if(e->address, e->address), "source", source_json(e),
			 "place", place_json(p));
}

static int append(json_t *list, json_t *item)
{
	return json_array_append_new(list, item);
}

static json_t *trace_json(const struct oops_report *r)
{
	json_t *list = json_array();
	int rc = 0;

	for (size_t i = 0; i < r->o->nr_entries && !rc; i++)
		rc = append(list, entry_json(r->o, &r->o->entry[i], &r->entry[i]));
	if (!rc)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *registers_json(const struct oops *o)
{
	json_t *object = json_object();

	for (size_t i = 0; i < o->nr_regs; i++)
		if (json_object_set_new(object, o->reg[i].name, json_id_if(true, o->reg[i].value)) <
		    0) {
			json_decref(object);
			return NULL;
		}
	return object;
}

static json_t *modules_json(const struct oops *o)
{
	json_t *list = json_array();
	int rc = 0;

	for (size_t i = 0; i < o->nr_modules && !rc; i++)
		rc = append(list, json_name(o->module[i]));
	if (!rc)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *paragraphs_json(const char *text)
{
	json_t *list = json_array();
	int rc = 0;

	while (*text && !rc) {
		size_t n = strcspn(text, "\n");
		__autofree char *one = strndup(text, n);

		rc = append(list, one ? json_name(one) : NULL);
		text += n + (text[n] == '\n');
	}
	if (!rc)
		return list;
	json_decref(list);
	return NULL;
}

/* null: the report did not tell; [] not tainted */
static json_t *taint_json(const struct oops *o)
{
	json_t *list = o->taint_known ? json_array() : json_null();
	int rc = 0;

	for (const char *p = o->taint; *p && !rc; p++) {
		char letter[2] = { *p };

		rc = append(list, json_pack("{s:s, s:o}", "letter", letter, "meaning",
					    json_name(oops_taint_text(*p))));
	}
	if (!rc)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *caller_json(const struct oops *o)
{
	const struct oops_entry *e = *o->at.symbol ? oops_caller(o) : NULL;

	return e ? ref_json(&e->at) : json_null();
}

static json_t *facts_json(const struct oops *o)
{
	return json_pack(
		"{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"type", "oops", "kind", oops_kind_name(o->kind), "title", json_name(o->title),
		"detail", json_name(o->detail), "when", json_name(o->when), "test",
		json_name(o->test), "line_number", json_number(o->first_line), "trap",
		json_name(o->die), "address", json_id_if(o->has_address, o->address), "seconds",
		json_number_if(o->seconds, o->seconds), "cpu", json_number_if(o->has_cpu, o->cpu),
		"pid", json_number_if(o->has_pid, o->pid), "comm", json_name(o->comm), "kernel",
		json_name(o->release), "version", json_name(o->version), "hardware",
		json_name(o->hardware), "panic", json_name(o->panic));
}

/* Who printed it, who is in the way, and what lockdep says. */
static json_t *others_json(const struct oops *o)
{
	return json_pack("{s:o, s:b, s:o, s:o, s:o, s:o, s:o}", "caller_id", json_name(o->caller),
			 "mixed", o->mixed, "blocker", json_name(o->blocker), "blocker_pid",
			 json_number_if(*o->blocker, o->blocker_pid), "lock_wanted",
			 json_name(o->lock_wanted), "lock_held", json_name(o->lock_held),
			 "scenario", json_name(o->scenario));
}

static json_t *report_json(const struct oops_report *r)
{
	const struct oops *o = r->o;
	json_t *facts = facts_json(o), *others = others_json(o);
	json_t *rest = json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:{s:s, s:s, s:o}}", "file",
		json_name(o->file), "line", json_number_if(*o->file, o->line), "at",
		ref_json(&o->at), "place", place_json(&r->at), "caller", caller_json(o), "taint",
		taint_json(o), "workqueue", json_name(o->workqueue), "registers", registers_json(o),
		"trace", trace_json(r), "modules", modules_json(o), "meaning", "id", r->meaning.id,
		"title", r->meaning.title, "text", paragraphs_json(r->meaning.text));

	if (facts && rest && others && !json_object_update(facts, others) &&
	    !json_object_update(facts, rest)) {
		json_decref(others);
		json_decref(rest);
		return facts;
	}
	json_decref(facts);
	json_decref(others);
	json_decref(rest);
	return NULL;
}

int oops_json_print(FILE *out, const struct oops_report *r)
{
	json_t *line = report_json(r);
	int rc = 0;

	if (!line)
		return -ENOMEM;
	errno = 0;
	if (json_dumpf(line, out, JSON_COMPACT) < 0 || putc('\n', out) == EOF)
		rc = ferror(out) && errno ? -errno : -ENOMEM;
	json_decref(line);
	return rc;
}
