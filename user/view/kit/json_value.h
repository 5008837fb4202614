/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * JSON values as docs/json.md has them. The caller owns what these return; NULL is no memory, and
 * makes the json_pack() it goes into fail.
 */
#ifndef NETFSNOOP_VIEW_JSON_VALUE_H
#define NETFSNOOP_VIEW_JSON_VALUE_H

#include <jansson.h>
#include <stdio.h>

#include "base/base.h"

/* An object on a line of its own; it is taken over. NULL is -ENOMEM, else -errno of the write. */
int json_print(FILE *out, json_t *line);
/*
 * The list with the value behind its items; it takes what it is given. NULL where there was no memory for any of it, so that
 * nothing is left out unnoticed.
 */
json_t *json_add(json_t *list, json_t *value);

/* A number beyond INT64_MAX, which jansson does not know, stays exact as a decimal string. */
json_t *json_number(uint64_t v);
/* null if not known */
json_t *json_number_if(bool known, uint64_t v);
/* Records that were lost, at least so many; null: an unknown number */
json_t *json_lost(uint64_t count, bool at_least);
json_t *json_signed_if(bool known, int64_t v);
json_t *json_id_if(bool known, uint64_t v);  /* "0x1f" */
json_t *json_big_if(bool known, uint64_t v); /* "31": what readers with doubles would round */
/* "0000002a", "3", "0:45"; null for 0 */
json_t *json_rreq(uint32_t rreq, bool synthetic); /* synthetic: "cifs-42" */
json_t *json_sreq(uint32_t sreq);
json_t *json_dev(uint32_t dev); /* major << 20 | minor */
/* Any bytes, escaped as fmt_escape() does; null for NULL and "" */
json_t *json_name(const char *name);

#endif
