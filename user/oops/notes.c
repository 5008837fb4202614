// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <string.h>

#include "base/klog.h"
#include "oops/notes.h"
#include "oops/parse.h"

struct message {
	const char *id;
	enum note_role role;
	const char *text, *check, *meaning, *look;
};

/* The more special text stands before the more general one. */
static const struct message messages[] = {
#define M(id, role, text, check, meaning, look) { #id, NOTE_##role, text, check, meaning, look },
#include "oops/messages.def"
#undef M
};

/* Whether text is like pattern, in which * is any text. Linear: the shortest match of each part. */
static bool is_like(const char *text, const char *pattern)
{
	const char *star = NULL, *back = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			back = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star;
			text = ++back;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

/* "\\server text", until 5.0 "Server NAME has not responded": the server goes to ret */
static const char *take_server(const char *text, char *ret, size_t room)
{
	size_t n;

	*ret = '\0';
	if (!strncmp(text, "Server ", 7) && strstr(text, " has not responded in ")) {
		n = strcspn(text + 7, " ");
		copy_text(ret, room, text + 7, n);
		return text + 7 + n + 1;
	}
	if (strncmp(text, "\\\\", 2) != 0)
		return text;
	n = strcspn(text + 2, " ");
	copy_text(ret, room, text + 2, n);
	text += 2 + n;
	return text + strspn(text, " ");
}

/* The errno in "= -11", "rc=-14", "Error -512 ...": ERESTARTSYS and its like have no name outside */
static void take_error(const char *text, char *ret, size_t room)
{
	const char *p = text, *name;
	long value;

	*ret = '\0';
	while ((p = strchr(p, '-')) != NULL) {
		bool starts = p == text || strchr(" =:(", p[-1]);

		p++;
		value = starts && isdigit((unsigned char)*p) ? strtol(p, NULL, 10) : 0;
		if (value < 1 || value > 4095)
			continue;
		name = value == 512 ? "ERESTARTSYS" : strerrorname_np(value);
		snprintf(ret, room, "-%ld%s%.14s%s", value, name ? " (" : "", name ? name : "",
			 name ? ")" : "");
		return;
	}
}

static const struct message *find(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(messages); i++)
		if (is_like(text, messages[i].text))
			return &messages[i];
	return NULL;
}

/* Hexadecimal digits in one word, at least one decimal among them: a pointer, a count, an id */
static bool is_number(const char *word, size_t n)
{
	return strspn(word, "0123456789abcdef") >= n && strcspn(word, "0123456789") < n;
}

/*
 * Whether two texts of one message differ in numbers only: a status, a share, an address (its dots) tell one
 * cause from another.
 */
static bool is_same_text(const char *a, const char *b)
{
	static const char ends[] = " ,:;=()[]";

	for (;;) {
		size_t na = strcspn(a, ends), nb = strcspn(b, ends);

		if (!(is_number(a, na) && is_number(b, nb)) && (na != nb || strncmp(a, b, na) != 0))
			return false;
		a += na;
		b += nb;
		if (*a != *b || !*a)
			return *a == *b;
		a++;
		b++;
	}
}

/* The same message of the same server. */
static struct note *same(struct notes *n, const struct note *like)
{
	for (size_t i = 0; i < n->nr; i++) {
		struct note *have = &n->note[i];

		if (!strcmp(have->id, like->id) && !strcmp(have->server, like->server) &&
		    !strcmp(have->error, like->error) &&
		    (like->role == NOTE_UNKNOWN ? !strcmp(have->text, like->text)
						: is_same_text(have->text, like->text)))
			return have;
	}
	return NULL;
}

static void fill(struct note *like, const struct message *m)
{
	like->id = m ? m->id : "unknown";
	like->role = m ? m->role : NOTE_UNKNOWN;
	like->check = m ? m->check : "";
	like->meaning = m ? m->meaning : "";
	like->look = m ? m->look : "";
}

bool note_read(struct note *ret, const char *text)
{
	const char *rest = klog_without_origin(text);

	*ret = (struct note){ .count = 1 };
	if (!rest)
		return false;
	rest = take_server(rest, ret->server, sizeof(ret->server));
	copy_text(ret->text, sizeof(ret->text), rest, strlen(rest));
	take_error(rest, ret->error, sizeof(ret->error));
	fill(ret, find(rest));
	return ret->role != NOTE_UNKNOWN || klog_is_ours(text);
}

static struct note *add(struct notes *n, const struct note *like, const char *when)
{
	struct note *have = same(n, like);

	if (have) {
		have->count += like->count;
		copy_text(have->last, sizeof(have->last), when, strlen(when));
	} else if (n->nr < OOPS_MAX_NOTES) {
		have = &n->note[n->nr++];
		*have = *like;
	} else {
		n->more++;
	}
	return have;
}

/* "last message repeated 3 times" of sysklogd and others: of the line above */
static bool repeats_last(struct notes *n, const char *text, const char *when, uint64_t line)
{
	const char *said = strstr(text, "last message repeated ");
	unsigned int times;

	if (!said || sscanf(said, "last message repeated %9u times", &times) != 1)
		return false;
	if (n->last && line == n->last_line + 1) {
		n->last->count += times;
		copy_text(n->last->last, sizeof(n->last->last), when, strlen(when));
	}
	return true;
}

void notes_add(struct notes *n, const char *text, const char *when, uint64_t line, uint64_t times)
{
	struct note like;

	if (repeats_last(n, text, when, line))
		return;
	n->last = NULL;
	n->last_line = line;
	if (!note_read(&like, text))
		return;
	like.count = times;
	like.line = line;
	copy_text(like.first, sizeof(like.first), when, strlen(when));
	n->last = add(n, &like, when);
}

static int compare(const void *a, const void *b)
{
	const struct note *x = a, *y = b;

	if (x->role != y->role)
		return x->role < y->role ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

void notes_sort(struct notes *n)
{
	n->last = NULL;
	qsort(n->note, n->nr, sizeof(n->note[0]), compare);
}

const char *note_role_name(enum note_role role)
{
	static const char *const names[] = { [NOTE_CAUSE] = "cause",
					     [NOTE_CONSEQUENCE] = "consequence",
					     [NOTE_STATE] = "state",
					     [NOTE_NOTE] = "note",
					     [NOTE_UNKNOWN] = "unknown" };

	return names[role];
}
