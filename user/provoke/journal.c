// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>

#include "base/clock.h"
#include "base/fmt.h"
#include "provoke/journal.h"

/* Takes line over. */
static void write_line(struct journal *j, json_t *line)
{
	if (j->log && !j->error) {
		errno = 0;
		if (!line)
			j->error = -ENOMEM;
		else if (json_dumpf(line, j->log, JSON_COMPACT) || fputc('\n', j->log) == EOF ||
			 fflush(j->log))
			j->error = errno ? -errno : -EIO;
	}
	json_decref(line);
}

static json_t *new_line(const char *type)
{
	return json_pack("{s:s, s:s, s:I}", "type", type, "time",
			 fmt_wall(clock_ns(CLOCK_REALTIME)).s, "monotonic_ns",
			 (json_int_t)monotonic_ns());
}

static void set_id(json_t *line, const char *key, uint64_t id, int digits)
{
	char text[32];

	snprintf(text, sizeof(text), "0x%0*" PRIx64, digits, id);
	json_object_set_new(line, key, json_string(text));
}

static void set_number(json_t *line, const char *key, uint64_t n)
{
	json_object_set_new(line, key, json_integer(n));
}

static void set_request(json_t *line, const struct exchange *r)
{
	json_object_set_new(line, "command", json_string(command_name(r->command)));
	set_number(line, "mid", r->mid);
	set_id(line, "session_id", r->session, 16);
	set_id(line, "tree_id", r->tree, 8);
	if (!r->has_range)
		return;
	set_number(line, "offset", r->offset);
	set_number(line, "length", r->length);
}

static json_t *rule_line(const char *type, const struct rule *rule, const struct subject *s)
{
	json_t *line = new_line(type);

	set_number(line, "connection", s->connection);
	if (s->session)
		set_number(line, "session", s->session);
	if (s->r)
		set_request(line, s->r);
	set_number(line, "line", rule->line);
	json_object_set_new(line, "fault", json_string(fault_infos[rule->fault.id].name));
	return line;
}

/* "netfsnoop: connection 1: READ, message 42: " */
static void say_subject(FILE *out, const struct subject *s)
{
	fprintf(out, "netfsnoop: connection %u: ", s->connection);
	if (s->r)
		fprintf(out, "%s, message %" PRIu64 ": ", command_name(s->r->command), s->r->mid);
	else
		fprintf(out, "sealed message: ");
}

void journal_fault(struct journal *j, struct rule *rule, const struct subject *s,
		   const struct change *c, const char *text)
{
	j->done++;
	rule->done++;
	if (j->people && j->each) {
		say_subject(j->people, s);
		fprintf(j->people, "%s (%s:%u)\n", text, j->plan, rule->line);
	}
	if (j->log) {
		json_t *line = rule_line("fault", rule, s);

		json_object_set_new(line, "text", json_string(text));
		if (c->was || c->became) {
			set_number(line, "was", c->was);
			set_number(line, "became", c->became);
		}
		if (c->status)
			set_id(line, "status", c->status, 8);
		if (c->again)
			json_object_set_new(line, "again", json_true());
		write_line(j, line);
	}
}

void journal_skipped(struct journal *j, const struct rule *rule, const struct subject *s,
		     const char *why)
{
	j->skipped++;
	if (j->people && j->each) {
		say_subject(j->people, s);
		fprintf(j->people, "no %s: %s (%s:%u)\n", fault_infos[rule->fault.id].name, why,
			j->plan, rule->line);
	}
	if (j->log) {
		json_t *line = rule_line("skipped", rule, s);

		json_object_set_new(line, "why", json_string(why));
		write_line(j, line);
	}
}

void journal_event(struct journal *j, const char *type, unsigned int connection, json_t *more,
		   const char *text)
{
	json_t *line = new_line(type);

	if (j->people)
		fprintf(j->people, "netfsnoop: connection %u: %s\n", connection, text);
	set_number(line, "connection", connection);
	json_object_set_new(line, "text", json_string(text));
	if (more)
		json_object_update(line, more);
	json_decref(more);
	write_line(j, line);
}

static void rule_summary(struct journal *j, const struct rule *r)
{
	const char *name = fault_infos[r->fault.id].name;
	json_t *line = new_line("rule");

	set_number(line, "line", r->line);
	json_object_set_new(line, "fault", json_string(name));
	set_number(line, "counted", r->counted);
	set_number(line, "chosen", r->chosen);
	set_number(line, "done", r->done);
	write_line(j, line);
	if (j->people)
		fprintf(j->people,
			"netfsnoop: %s:%u: %s: fit %" PRIu64 " request%s, chose %" PRIu64
			", shown %" PRIu64 " time%s\n",
			j->plan, r->line, name, r->counted, plural(r->counted), r->chosen, r->done,
			plural(r->done));
}

void journal_summary(struct journal *j, const struct fault_plan *p)
{
	json_t *line = new_line("summary");

	for (size_t i = 0; i < p->nr; i++)
		rule_summary(j, &p->rules[i]);
	set_number(line, "connections", j->connections);
	set_number(line, "faults", j->done);
	set_number(line, "skipped", j->skipped);
	set_number(line, "seed", p->seed);
	write_line(j, line);
	if (j->people)
		fprintf(j->people,
			"netfsnoop: %u connection%s, %" PRIu64 " fault%s shown, %" PRIu64
			" not possible\n",
			j->connections, plural(j->connections), j->done, plural(j->done),
			j->skipped);
}
