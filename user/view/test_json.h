/* SPDX-License-Identifier: GPL-2.0-only */
/* A test of an xfstests run as JSON (docs/json.md, "test"). */
#ifndef NETFSNOOP_VIEW_TEST_JSON_H
#define NETFSNOOP_VIEW_TEST_JSON_H

#include "view/json_value.h"
#include "model/model.h"

/* {"type":"test", ...}; NULL: no memory. */
json_t *json_test(const struct test *t);
/* Adds "test": ordinal to an object where there is one; hands the object on. NULL stays NULL. */
json_t *json_in_test(json_t *object, uint32_t test);

#endif
