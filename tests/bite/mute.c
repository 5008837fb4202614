// SPDX-License-Identifier: GPL-2.0-only
/* Drops the findings of the check and kind in $MUTE ("stuck silence"); writes the others to $TOLD.
 */
#include <errno.h>
#include <string.h>

#include "check/engine.h"

int mute_raise(struct finding *f, struct check *c);

int mute_raise(struct finding *f, struct check *c)
{
	const char *mute = getenv("MUTE"), *path = getenv("TOLD");
	__autofclose FILE *told = path ? fopen(path, "a") : NULL;
	char name[96];

	if (!f)
		return -ENOMEM;
	snprintf(name, sizeof(name), "%s %s", f->check->id, f->kind);
	if (told)
		fprintf(told, "%s\n", name);
	if (!mute || strcmp(mute, name))
		return finding_raise(f, c);
	finding_free(f);
	return 0;
}
