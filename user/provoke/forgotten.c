// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "provoke/forgotten.h"

struct lost {
	const struct status_info *status;
	struct rule *rule;
	uint64_t session;
	uint32_t tree;
	uint8_t file[FILE_ID_SIZE];
};

int forgotten_add(struct forgotten *f, const struct exchange *r)
{
	struct lost *lost;

	if (r->status->forgets == FORGETS_NOTHING)
		return 0;
	lost = reallocarray(f->lost, f->nr + 1, sizeof(*lost));
	if (!lost)
		return -ENOMEM;
	f->lost = lost;
	lost += f->nr++;
	*lost = (struct lost){
		.status = r->status, .rule = r->status_rule, .session = r->session, .tree = r->tree
	};
	memcpy(lost->file, r->file, FILE_ID_SIZE);
	return 0;
}

/* What asks for a session, a tree or a handle that has to be there. */
static bool needs(const struct exchange *r, enum forgets what)
{
	switch (r->command) {
	case SMB2_NEGOTIATE:
	case SMB2_SESSION_SETUP:
	case SMB2_ECHO:
	case SMB2_CANCEL:
	case SMB2_OPLOCK_BREAK:
		return false;
	case SMB2_LOGOFF:
	case SMB2_TREE_CONNECT:
		return what == FORGETS_THE_SESSION;
	default:
		return what != FORGETS_THE_HANDLE || r->has_file;
	}
}

static bool names(const struct exchange *r, const struct lost *l)
{
	enum forgets what = l->status->forgets;

	if (!needs(r, what) || r->session != l->session)
		return false;
	if (what == FORGETS_THE_TREE)
		return r->tree == l->tree;
	return what != FORGETS_THE_HANDLE || !memcmp(r->file, l->file, FILE_ID_SIZE);
}

bool forgotten_find(const struct forgotten *f, struct exchange *r)
{
	for (size_t i = 0; i < f->nr; i++) {
		if (!names(r, &f->lost[i]))
			continue;
		r->status = f->lost[i].status;
		r->status_rule = f->lost[i].rule;
		r->forgotten = true;
		return true;
	}
	return false;
}

void forgotten_renewed(struct forgotten *f, uint64_t session)
{
	for (size_t i = f->nr; i-- > 0;)
		if (f->lost[i].session == session &&
		    f->lost[i].status->forgets == FORGETS_THE_SESSION)
			f->lost[i] = f->lost[--f->nr];
}

void forgotten_free(struct forgotten *f)
{
	free(f->lost);
	*f = (struct forgotten){};
}
