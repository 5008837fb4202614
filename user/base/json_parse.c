// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "base/json_parse.h"

/* jansson's allocator has no context, and its errors do not tell: 2.14 says "invalid token" where a string had no room. */
static _Thread_local bool refused;

static void *take(size_t n)
{
	void *p = malloc(n);

	refused |= !p;
	return p;
}

int json_parse(const char *text, size_t n, size_t flags, json_t **ret_v, size_t *ret_end)
{
	json_error_t e;

	json_set_alloc_funcs(take, free);
	refused = false;
	*ret_v = json_loadb(text, n, flags, &e);
	if (!*ret_v)
		return refused ? -ENOMEM : -EBADMSG;
	if (ret_end)
		*ret_end = e.position;
	return 0;
}
