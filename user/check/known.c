// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "check/inside.h"

static const struct known {
	const char *check, *kind, *kernels, *text;
} table[] = {
#define KNOWN(id, check, kind, kernels, what) \
	[KNOWN_##id] = { check, kind, kernels, "known defect of this kernel: " what },
#include "check/known.def"
#undef KNOWN
};

static bool is_one_of(const char *release, const char *prefixes)
{
	for (const char *p = prefixes; *p;) {
		size_t len = strcspn(p, " ");

		if (!strncmp(release, p, len))
			return true;
		p += len + strspn(p + len, " ");
	}
	return false;
}

void finding_known(struct finding *f, const struct check *c, enum known_id id)
{
	const char *release = model_recording(check_model(c))->release;
	const struct known *k = &table[id];

	if (!f || f->verdict != VERDICT_VIOLATION)
		return;
	if (!release) {
		finding_doubt(f, "some kernels are known to do that, and the recording does not "
				 "say which one it is of");
		return;
	}
	if (strcmp(f->check->id, k->check) || strcmp(f->kind, k->kind) ||
	    !is_one_of(release, k->kernels))
		return;
	f->verdict = VERDICT_KNOWN;
	f->doubt = k->text;
}
