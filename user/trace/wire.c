// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "trace/wire.h"

/* Records are used where they lie. No big-endian machine has asked for a byte-swapping pass yet. */
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "netfsnoop trace files are little-endian, and so must be the host"
#endif

static struct ev_hdr *upgrade(struct ev_hdr *hdr, const struct ev_kind_info *info,
			      union wire_copy *copy)
{
	/* a text of no bytes at all has no room for its NUL */
	size_t need = info->min_size + (info->text ? EV_ALIGN : 0);

	if (hdr->size >= need)
		return hdr;
	memset(copy, 0, sizeof(*copy));
	memcpy(copy, hdr, hdr->size);
	copy->hdr.size = need;
	return &copy->hdr;
}

/* Closes strings, so that whoever uses the record need not ask. */
static struct ev_hdr *repair(struct ev_hdr *hdr, const struct ev_kind_info *info)
{
	char *bytes = (char *)hdr;

	if (info->text)
		bytes[hdr->size - 1] = '\0';
	for (unsigned int i = 0; i < info->nr_ends; i++)
		bytes[info->ends[i]] = '\0';
	return hdr;
}

int wire_record(void *data, size_t left, union wire_copy *copy, const struct ev_hdr **ret_ev)
{
	const struct ev_kind_info *info;
	struct ev_hdr *hdr = data;
	int size;

	if (left < sizeof(*hdr))
		return -EBADMSG;
	size = hdr->size;
	if (hdr->size < sizeof(*hdr) || hdr->size % EV_ALIGN || hdr->size > left)
		return -EBADMSG;
	info = ev_kind_info(hdr->kind);
	*ret_ev = info ? repair(upgrade(hdr, info, copy), info) : NULL;
	return size;
}
