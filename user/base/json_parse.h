/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NETFSNOOP_JSON_PARSE_H
#define NETFSNOOP_JSON_PARSE_H

#include <jansson.h>

#include "base/base.h"

/*
 * json_loadb() that tells text that is no JSON (-EBADMSG) from a lack of memory (-ENOMEM). *ret_v is the caller's;
 * *ret_end, which may be NULL, is the number of bytes read.
 */
int json_parse(const char *text, size_t n, size_t flags, json_t **ret_v, size_t *ret_end);

#endif
