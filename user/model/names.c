// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "model/names.h"

#define MAX_VALUE 255 /* the kernel's trace enums are bytes; smb_eio_trace is near 140 */

struct entry {
	char *raw;
	const char *text; /* of names.def, or raw */
	enum name_id id;
};

struct names {
	struct entry entry[NAMES_MAX][MAX_VALUE + 1];
	bool has[NAME_ID_MAX];
};

static const struct known_name {
	enum name_enum kind;
	enum name_id id;
	const char *raw;
	const char *text;
} known[] = {
#define NAME(kind, enumerator, id, text) { NAMES_##kind, id, #enumerator, text },
#include "model/names.def"
#undef NAME
};

int names_new(struct names **ret_n)
{
	*ret_n = calloc(1, sizeof(**ret_n));
	return *ret_n ? 0 : -ENOMEM;
}

void names_free(struct names *n)
{
	if (!n)
		return;
	for (int e = 0; e < NAMES_MAX; e++)
		for (int v = 0; v <= MAX_VALUE; v++)
			free(n->entry[e][v].raw);
	free(n);
}

/* Without BTF an enumerator is known only by the text the kernel prints for it: "=FREE". */
static bool is_it(const struct known_name *k, const struct entry *entry)
{
	return !strcmp(entry->raw[0] == '=' ? k->text : k->raw,
		       entry->raw + (entry->raw[0] == '='));
}

static void look_up(struct names *n, enum name_enum e, struct entry *entry)
{
	entry->text = entry->raw + (entry->raw[0] == '=');
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (known[i].kind != e || !is_it(&known[i], entry))
			continue;
		entry->text = known[i].text;
		entry->id = known[i].id;
		n->has[entry->id] = true;
		return;
	}
}

int names_add(struct names *n, const struct ev_enum_rec *rec)
{
	const char *type = rec->text;
	size_t room = rec->hdr.size - sizeof(*rec), len = strlen(type);

	if (len + 1 >= room)
		return -EBADMSG;
	for (int e = 0; e < NAMES_MAX; e++) {
		struct entry *entry;

		if (strcmp(kernel_enums[e].type, type) || rec->value < 0 || rec->value > MAX_VALUE)
			continue;
		entry = &n->entry[e][rec->value];
		free(entry->raw);
		*entry = (struct entry){ .raw = strdup(type + len + 1) };
		if (!entry->raw)
			return -ENOMEM;
		look_up(n, e, entry);
	}
	return 0;
}

static const struct entry *find(const struct names *n, enum name_enum e, int64_t value)
{
	if (value < 0 || value > MAX_VALUE || !n->entry[e][value].raw)
		return NULL;
	return &n->entry[e][value];
}

enum name_id names_id(const struct names *n, enum name_enum e, int64_t value)
{
	const struct entry *entry = find(n, e, value);

	return entry ? entry->id : NAME_UNKNOWN;
}

const char *names_text(const struct names *n, enum name_enum e, int64_t value)
{
	const struct entry *entry = find(n, e, value);

	return entry ? entry->text : "?";
}

const char *names_word(const void *names, enum name_enum e, int64_t value)
{
	return names_text(names, e, value);
}

bool names_has(const struct names *n, enum name_id id)
{
	return n->has[id];
}
