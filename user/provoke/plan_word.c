// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/similar.h"
#include "base/units.h"
#include "provoke/plan_word.h"

#define BLANKS " \t\r"

char *words_next(struct words *w)
{
	char *word = w->rest + strspn(w->rest, BLANKS);
	size_t len = strcspn(word, BLANKS);

	if (!len)
		return NULL;
	w->rest = word + len + (word[len] != '\0');
	word[len] = '\0';
	return word;
}

int words_wrong(const struct words *w, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(w->err, -EINVAL, "%s:%u: %s", w->file, w->line, text);
}

/* "half", "50%", "64K" */
static int parse_amount(const char *word, struct fault *f)
{
	size_t len = strlen(word);
	char number[16];

	f->percent = !strcmp(word, "half") || word[len - 1] == '%';
	if (!strcmp(word, "half"))
		f->value = 50;
	if (!strcmp(word, "half"))
		return 0;
	if (!f->percent)
		return parse_size(word, &f->value);
	snprintf(number, sizeof(number), "%.*s", (int)len - 1, word);
	return parse_number(number, 0, 99, &f->value);
}

static int parse_grant(const char *word, struct fault *f)
{
	f->fewer = !strcmp(word, "fewer");
	return f->fewer ? 0 : parse_number(word, 0, UINT16_MAX, &f->value);
}

static int parse_where(const char *word, struct fault *f)
{
	static const char *const names[] = {
		[CUT_BEFORE] = "before", [CUT_WITHIN] = "within", [CUT_AFTER] = "after"
	};

	for (int i = CUT_BEFORE; i <= CUT_AFTER; i++)
		if (!strcmp(word, names[i]))
			f->where = i;
	return f->where == CUT_NOT ? -EINVAL : 0;
}

static int no_status(const struct words *w, const char *word)
{
	struct similar near = { .word = word };
	const char *names[] = {
#define NTSTATUS(name, value, commands, forgets) #name,
#include "provoke/statuses.def"
#undef NTSTATUS
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		similar_try(&near, names[i]);
	if (near.best)
		return words_wrong(w, "no status %s; did you mean %s?", word, near.best);
	return words_wrong(w, "no status %s; docs/provoke.md lists them", word);
}

static const char *const wanted[] = {
	[ARG_STATUS] = "a status, such as DISK_FULL",
	[ARG_AMOUNT] = "bytes or a share, such as 4096, 64K, half or 10%",
	[ARG_SIZE] = "a size, such as 64K",
	[ARG_GRANT] = "a number of credits, or fewer",
	[ARG_NUMBER] = "a number from 1 to 65535",
	[ARG_DURATION] = "a duration, such as 200ms",
	[ARG_WHERE] = "before, within or after",
};

static int parse_argument(enum argument kind, const char *word, struct fault *f)
{
	switch (kind) {
	case ARG_AMOUNT:
		return parse_amount(word, f);
	case ARG_SIZE:
		return parse_size(word, &f->value);
	case ARG_GRANT:
		return parse_grant(word, f);
	case ARG_NUMBER:
		return parse_number(word, 1, UINT16_MAX, &f->value);
	case ARG_DURATION:
		return parse_duration(word, &f->value);
	case ARG_WHERE:
		return parse_where(word, f);
	case ARG_STATUS:
		f->status = status_find(word);
		return f->status ? 0 : -EINVAL;
	case ARG_NONE:
		break;
	}
	return 0;
}

int words_argument(struct words *w, struct fault *f)
{
	const struct fault_info *info = &fault_infos[f->id];
	const char *word = info->argument == ARG_NONE ? NULL : words_next(w);

	if (info->argument == ARG_NONE)
		return 0;
	if (!word)
		return words_wrong(w, "%s needs %s", info->name, wanted[info->argument]);
	if (!parse_argument(info->argument, word, f))
		return 0;
	if (info->argument == ARG_STATUS)
		return no_status(w, word);
	return words_wrong(w, "%s takes %s, not %s", info->name, wanted[info->argument], word);
}

static const struct option {
	const char *name;
	unsigned int bit;
	bool duration;
	uint64_t min, max;
	size_t at; /* in struct fault */
} options[] = {
	{ "for", OPTION_FOR, false, 1, UINT32_MAX, offsetof(struct fault, times) },
	{ "keep", OPTION_KEEP, false, 1, UINT16_MAX, offsetof(struct fault, keep) },
	{ "late", OPTION_LATE, true, 0, 0, offsetof(struct fault, late_ns) },
	{ "behind", OPTION_BEHIND, false, 1, 1000, offsetof(struct fault, behind) },
	{ "refuse", OPTION_REFUSE, true, 0, 0, offsetof(struct fault, refuse_ns) },
};

static int parse_option(struct words *w, const struct option *o, struct fault *f)
{
	const char *word = words_next(w);
	uint64_t *value = (void *)((char *)f + o->at);

	if (!word)
		return words_wrong(w, "%s needs %s", o->name,
				   o->duration ? "a duration" : "a number");
	if (o->duration ? !parse_duration(word, value) : !parse_number(word, o->min, o->max, value))
		return 0;
	if (o->duration)
		return words_wrong(w, "%s takes a duration, such as 200ms, not %s", o->name, word);
	return words_wrong(w, "%s takes a number from %llu to %llu, not %s", o->name,
			   (unsigned long long)o->min, (unsigned long long)o->max, word);
}

static const struct option *find_option(const char *word, unsigned int allowed)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].bit & allowed && !strcmp(options[i].name, word))
			return &options[i];
	return NULL;
}

int words_options(struct words *w, struct fault *f)
{
	const struct fault_info *info = &fault_infos[f->id];
	const char *word;

	while ((word = words_next(w))) {
		const struct option *o = find_option(word, info->options);
		int rc = 0;

		if (o)
			rc = parse_option(w, o, f);
		else if (info->options & OPTION_RESET && !strcmp(word, "reset"))
			f->reset = true;
		else
			rc = words_wrong(w, "%s has no option %s", info->name, word);
		if (rc)
			return rc;
	}
	return 0;
}

/* ---- conditions ---- */

typedef int (*number_fn)(const char *text, uint64_t *ret);

static int plain_number(const char *text, uint64_t *ret)
{
	return parse_number(text, 0, UINT64_MAX, ret);
}

/* "3", "2..4", "1M..", "..64K" */
static int parse_range(const char *word, number_fn number, struct range *ret)
{
	const char *dots = strstr(word, "..");
	char first[32];

	*ret = (struct range){ 0, UINT64_MAX };
	if (!dots) {
		if (number(word, &ret->from))
			return -EINVAL;
		ret->to = ret->from;
		return 0;
	}
	snprintf(first, sizeof(first), "%.*s", (int)(dots - word), word);
	if (*first && number(first, &ret->from))
		return -EINVAL;
	if (dots[2] && number(dots + 2, &ret->to))
		return -EINVAL;
	return (*first || dots[2]) && ret->from <= ret->to ? 0 : -EINVAL;
}

/* "5%", "0.1%" in parts of a million */
static int parse_share(const char *word, uint64_t *ret_ppm)
{
	char *end;
	double percent = strtod(word, &end);

	if (end == word || strcmp(end, "%") || !(percent > 0 && percent <= 100))
		return -EINVAL;
	*ret_ppm = percent * 10000 + 0.5;
	return *ret_ppm ? 0 : -EINVAL;
}

static int parse_condition(const char *what, const char *value, struct rule *r)
{
	if (!strcmp(what, "nth"))
		return parse_range(value, plain_number, &r->nth);
	if (!strcmp(what, "every"))
		return parse_number(value, 1, UINT32_MAX, &r->every);
	if (!strcmp(what, "share"))
		return parse_share(value, &r->share_ppm);
	if (!strcmp(what, "times"))
		return parse_number(value, 1, UINT32_MAX, &r->times);
	if (!strcmp(what, "connection"))
		return parse_range(value, plain_number, &r->connection);
	if (!strcmp(what, "session"))
		return parse_range(value, plain_number, &r->session);
	r->positions = true;
	return parse_range(value, parse_size, *what == 'o' ? &r->offset : &r->size);
}

static int no_condition(const struct words *w, const char *word, const char *const *names,
			size_t nr)
{
	struct similar near = { .word = word };

	for (size_t i = 0; i < nr; i++)
		similar_try(&near, names[i]);
	if (near.best)
		return words_wrong(w, "no condition %s; did you mean %s?", word, near.best);
	return words_wrong(
		w,
		"no condition %s; there are nth, every, share, times, offset, size, connection and session",
		word);
}

int words_conditions(struct words *w, struct rule *r)
{
	static const char *const names[] = { "nth",    "every", "share",      "times",
					     "offset", "size",	"connection", "session" };
	const char *word, *value;

	while ((word = words_next(w))) {
		size_t i = 0;

		while (i < ARRAY_SIZE(names) && strcmp(names[i], word))
			i++;
		if (i == ARRAY_SIZE(names))
			return no_condition(w, word, names, ARRAY_SIZE(names));
		value = words_next(w);
		if (!value)
			return words_wrong(w, "%s needs a value", word);
		if (parse_condition(word, value, r))
			return words_wrong(w, "%s does not take %s", word, value);
	}
	return 0;
}
