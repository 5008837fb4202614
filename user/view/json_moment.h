/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON lines of what an export has beside requests: credits, reconnects, marks, mounts. */
#ifndef NETFSNOOP_VIEW_JSON_MOMENT_H
#define NETFSNOOP_VIEW_JSON_MOMENT_H

#include <jansson.h>

#include "view/ledger.h"
#include "view/moment.h"

/* NULL: no memory, as with all of these. */
json_t *json_credit(const struct ledger_point *p);
json_t *json_moment(const struct moment *mo);
json_t *json_mount(const struct mount *mnt);

#endif
