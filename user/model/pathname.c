// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "event/kinds.h"
#include "model/pathname.h"

/* A record of a file may say of more names than it has. */
static unsigned int count_names(const struct ev_path *ev, size_t *ret_len)
{
	unsigned int n = 0;
	const char *name;

	*ret_len = 0;
	while (n < ev->nr && *(name = ev_text(&ev->hdr, n))) {
		*ret_len += strlen(name) + 1;
		n++;
	}
	return n;
}

int pathname_of(const struct ev_path *ev, char **ret)
{
	bool whole = ev->how == EV_PATH_WHOLE;
	unsigned int n;
	size_t len;
	char *text, *p;

	*ret = NULL;
	n = count_names(ev, &len);
	if (!n && !whole)
		return 0;
	text = p = malloc(len + sizeof(".../"));
	if (!text)
		return -ENOMEM;
	p = stpcpy(p, whole ? "" : "...");
	if (!n)
		p = stpcpy(p, "/");
	while (n) {
		*p++ = '/';
		p = stpcpy(p, ev_text(&ev->hdr, --n));
	}
	*ret = text;
	return 0;
}
