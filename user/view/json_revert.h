/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NETFSNOOP_VIEW_JSON_REVERT_H
#define NETFSNOOP_VIEW_JSON_REVERT_H

#include <jansson.h>

#include "model/model.h"

/* The "revert" line of docs/json.md; NULL is no memory. */
json_t *json_revert(const struct model *m, const struct ev_revert *ev);

#endif
