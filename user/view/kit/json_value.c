// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fmt.h"
#include "view/kit/json_value.h"

int json_print(FILE *out, json_t *line)
{
	int rc = line ? 0 : -ENOMEM;

	errno = 0;
	if (line && (json_dumpf(line, out, JSON_COMPACT) < 0 || putc('\n', out) == EOF))
		rc = ferror(out) && errno ? -errno : -ENOMEM;
	json_decref(line);
	return rc;
}

json_t *json_add(json_t *list, json_t *value)
{
	if (!json_array_append_new(list,
				   value)) /* NULL is an error of either, which takes the value */
		return list;
	json_decref(list);
	return NULL;
}

json_t *json_number(uint64_t v)
{
	char text[24];

	if (v <= INT64_MAX)
		return json_integer((json_int_t)v);
	snprintf(text, sizeof(text), "%" PRIu64, v);
	return json_string(text);
}

json_t *json_number_if(bool known, uint64_t v)
{
	return known ? json_number(v) : json_null();
}

json_t *json_lost(uint64_t count, bool at_least)
{
	return json_number_if(count || !at_least, count);
}

json_t *json_signed_if(bool known, int64_t v)
{
	return known ? json_integer(v) : json_null();
}

json_t *json_id_if(bool known, uint64_t v)
{
	char text[24];

	if (!known)
		return json_null();
	snprintf(text, sizeof(text), "0x%" PRIx64, v);
	return json_string(text);
}

json_t *json_big_if(bool known, uint64_t v)
{
	char text[24];

	if (!known)
		return json_null();
	snprintf(text, sizeof(text), "%" PRIu64, v);
	return json_string(text);
}

json_t *json_rreq(uint32_t rreq, bool synthetic)
{
	return rreq ? json_string(fmt_request_id(synthetic, rreq).s) : json_null();
}

json_t *json_sreq(uint32_t sreq)
{
	return sreq ? json_string(fmt_index(sreq).s) : json_null();
}

json_t *json_dev(uint32_t dev)
{
	return dev ? json_string(fmt_dev(dev).s) : json_null();
}

/* Names may hold any byte; a JSON string may not. */
json_t *json_name(const char *name)
{
	size_t room = name ? 4 * strlen(name) + 8 : 0;
	__autofree char *text = NULL;

	if (!name || !*name)
		return json_null();
	text = malloc(room);
	return text ? json_string(fmt_escape(text, room, name)) : NULL;
}
