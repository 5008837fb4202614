// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/similar.h"
#include "base/units.h"
#include "provoke/plan_word.h"

#define MAX_PLAN ((size_t)1 << 20)

#define COMMAND(name) (1u << SMB2_##name)
#define ALL	      ((1u << SMB2_COMMANDS) - 1)
/* what names an open file, and what names a share */
#define ON_HANDLES                                                                          \
	(COMMAND(CLOSE) | COMMAND(FLUSH) | COMMAND(READ) | COMMAND(WRITE) | COMMAND(LOCK) | \
	 COMMAND(QUERY_DIRECTORY) | COMMAND(QUERY_INFO) | COMMAND(SET_INFO))
#define ON_FILES (ON_HANDLES | COMMAND(CREATE) | COMMAND(IOCTL))

static const struct status_info statuses[] = {
#define NTSTATUS(name, value, commands, forgets) { #name, value, commands, FORGETS_##forgets },
#include "provoke/statuses.def"
#undef NTSTATUS
};

const struct fault_info fault_infos[FAULTS] = {
#define FAULT(id, name, slot, commands, argument, options, sentence) \
	[FAULT_##id] = { name, sentence, slot, commands, argument, options },
#include "provoke/faults.def"
#undef FAULT
};

static const char *const command_names[] = {
	"NEGOTIATE",	 "SESSION_SETUP", "LOGOFF",   "TREE_CONNECT", "TREE_DISCONNECT",
	"CREATE",	 "CLOSE",	  "FLUSH",    "READ",	      "WRITE",
	"LOCK",		 "IOCTL",	  "CANCEL",   "ECHO",	      "QUERY_DIRECTORY",
	"CHANGE_NOTIFY", "QUERY_INFO",	  "SET_INFO", "OPLOCK_BREAK",
};

const char *command_name(unsigned int command)
{
	return command < ARRAY_SIZE(command_names) ? command_names[command] : "?";
}

static int command_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(command_names); i++)
		if (!strcasecmp(name, command_names[i]))
			return i;
	return -1;
}

const struct status_info *status_find(const char *name)
{
	if (!strncasecmp(name, "STATUS_", 7))
		name += 7;
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
		if (!strcasecmp(name, statuses[i].name))
			return &statuses[i];
	return NULL;
}

static int no_command(const struct words *w, const char *name)
{
	struct similar near = { .word = name };

	for (size_t i = 0; i < ARRAY_SIZE(command_names); i++)
		similar_try(&near, command_names[i]);
	if (near.best)
		return words_wrong(w, "no command %s; did you mean %s?", name, near.best);
	return words_wrong(w, "no command %s; commands are those of SMB2, such as READ, or any",
			   name);
}

/* "READ,WRITE", "any" */
static int parse_commands(struct words *w, struct rule *r)
{
	char *word = words_next(w), *save, *name;

	if (!word)
		return words_wrong(w, "on needs a command, such as READ, or any");
	for (name = strtok_r(word, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
		int command = command_find(name);

		if (!strcasecmp(name, "any"))
			r->any = true;
		else if (command < 0)
			return no_command(w, name);
		else if (command == SMB2_CANCEL)
			return words_wrong(w, "a CANCEL has no response, so no fault");
		else
			r->commands |= 1u << command;
	}
	return 0;
}

static int parse_fault(struct words *w, struct fault *f)
{
	const char *name = words_next(w);
	struct similar near = { .word = name };
	int id = 0, rc;

	if (!name)
		return words_wrong(w, "no fault behind the colon");
	while (id < FAULTS && strcmp(fault_infos[id].name, name))
		similar_try(&near, fault_infos[id++].name);
	if (id == FAULTS && near.best)
		return words_wrong(w, "no fault %s; did you mean %s?", name, near.best);
	if (id == FAULTS)
		return words_wrong(w, "no fault %s; docs/provoke.md lists them", name);
	f->id = id;
	rc = words_argument(w, f);
	if (rc)
		return rc;
	return words_options(w, f);
}

/* A name of the commands in a set, for messages. */
static const char *first_of(uint32_t commands)
{
	return command_name(commands ? __builtin_ctz(commands) : SMB2_COMMANDS);
}

/* What a fault is not made for is an error, unless any took it in. */
static int fit_commands(struct words *w, struct rule *r)
{
	const struct fault *f = &r->fault;
	const struct fault_info *info = &fault_infos[f->id];
	uint32_t lawful = info->commands & (f->status ? f->status->commands : ALL);
	uint32_t wrong = r->commands & ~lawful;

	if (wrong && f->status)
		return words_wrong(w, "no server answers %s to a %s", f->status->name,
				   first_of(wrong));
	if (wrong)
		return words_wrong(w, "%s is no fault of a %s", info->name, first_of(wrong));
	if (r->any)
		r->commands |= lawful;
	if (r->positions && r->commands & ~(COMMAND(READ) | COMMAND(WRITE)))
		r->commands &= COMMAND(READ) | COMMAND(WRITE);
	if (r->positions && !r->commands)
		return words_wrong(w, "offset and size are those of a READ or WRITE");
	r->any = r->any && !r->positions && lawful == ALL;
	return 0;
}

static int check_fault(struct words *w, const struct fault *f)
{
	if (f->id >= FAULT_MAX_READ && f->id <= FAULT_MAX_TRANSACT && f->value < 65536)
		return words_wrong(w, "%s takes 64K or more: less is not lawful",
				   fault_infos[f->id].name);
	if (f->id >= FAULT_MAX_READ && f->id <= FAULT_MAX_TRANSACT && f->value > UINT32_MAX)
		return words_wrong(w, "%s takes less than 4G", fault_infos[f->id].name);
	if ((f->id == FAULT_DELAY || f->id == FAULT_STALL) && !f->value)
		return words_wrong(w, "%s takes more than 0", fault_infos[f->id].name);
	return 0;
}

static int add_rule(struct fault_plan *p, const struct rule *r)
{
	struct rule *rules = reallocarray(p->rules, p->nr + 1, sizeof(*rules));

	if (!rules)
		return -ENOMEM;
	rules[p->nr++] = *r;
	p->rules = rules;
	return 0;
}

/* "COMMANDS CONDITIONS : FAULT"; w begins behind "on". */
static int parse_rule(struct fault_plan *p, struct words *w)
{
	struct range all = { 0, UINT64_MAX };
	struct rule r = {
		.line = w->line,
		.offset = all,
		.size = all,
		.connection = all,
		.session = all,
		.nth = all,
		.fault = { .times = 1, .keep = 1, .late_ns = 100 * NS_PER_MS, .behind = 1 }
	};
	char *colon = strchr(w->rest, ':');
	struct words behind = *w;
	int rc;

	if (!colon)
		return words_wrong(w, "no fault: write on COMMAND CONDITIONS: FAULT");
	*colon = '\0';
	behind.rest = colon + 1;
	rc = parse_commands(w, &r);
	if (rc)
		return rc;
	rc = words_conditions(w, &r);
	if (rc)
		return rc;
	rc = parse_fault(&behind, &r.fault);
	if (rc)
		return rc;
	rc = check_fault(w, &r.fault);
	if (rc)
		return rc;
	rc = fit_commands(w, &r);
	if (rc)
		return rc;
	return add_rule(p, &r);
}

static int parse_seed(struct fault_plan *p, struct words *w)
{
	const char *value = words_next(w);

	if (!value || parse_number(value, 0, UINT64_MAX, &p->seed) || words_next(w))
		return words_wrong(w, "seed takes a number");
	return 0;
}

static int parse_line(struct fault_plan *p, struct words *w)
{
	const char *word;

	w->rest[strcspn(w->rest, "#")] = '\0';
	word = words_next(w);
	if (!word)
		return 0;
	if (!strcmp(word, "seed"))
		return parse_seed(p, w);
	if (!strcmp(word, "on"))
		return parse_rule(p, w);
	return words_wrong(w, "a line begins with on or seed, not with %s", word);
}

int fault_plan_parse(struct fault_plan *p, const char *name, const char *text, struct err *err)
{
	__autofree char *copy = strdup(text);
	struct words w = { .err = err, .file = name };
	char *line, *rest = copy;
	int rc = 0;

	*p = (struct fault_plan){ .name = strdup(name), .seed = 1 };
	if (!copy || !p->name)
		rc = -ENOMEM;
	while (!rc && (line = strsep(&rest, "\n"))) {
		w.line++;
		w.rest = line;
		rc = parse_line(p, &w);
	}
	if (rc)
		fault_plan_free(p);
	return rc;
}

int fault_plan_read(struct fault_plan *p, const char *path, struct err *err)
{
	__autofree char *text = NULL;
	size_t size;
	int rc = file_read(path, MAX_PLAN + 1, &text, &size);

	if (rc)
		return err_set(err, rc, "cannot read %s: %s", path, strerror(-rc));
	if (size > MAX_PLAN || strlen(text) != size)
		return err_set(err, -EINVAL, "%s is no plan: it is no text, or larger than 1 MiB",
			       path);
	return fault_plan_parse(p, path, text, err);
}

void fault_plan_free(struct fault_plan *p)
{
	free(p->name);
	free(p->rules);
	*p = (struct fault_plan){};
}
