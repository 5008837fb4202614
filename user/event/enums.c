// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "bpf/event.h"
#include "event/enums.h"

const struct kernel_enum kernel_enums[NAMES_MAX] = {
#define KERNEL_ENUM(id, type, category, event, field) { #type, category, event, field },
#include "event/enums.def"
#undef KERNEL_ENUM
};

const char *kernel_enum_of(const char *event, const char *field)
{
	for (size_t i = 0; i < NAMES_MAX; i++) {
		const struct kernel_enum *e = &kernel_enums[i];

		if (e->event && !strcmp(e->event, event) && !strcmp(e->field, field))
			return e->type;
	}
	return NULL;
}

#define MOST_WORDS 20 /* the commands of SMB2 */

static const char *const words[WORD_ENUMS][MOST_WORDS] = {
#define WORD(e, value, word) [WORDS_##e][value] = word,
#include "event/enums.def"
#undef WORD
};

const char *enum_word(enum word_enum e, uint64_t value)
{
	return value < MOST_WORDS ? words[e][value] : NULL;
}
