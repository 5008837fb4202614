/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages of cifs and netfs, explained. */
#ifndef NETFSNOOP_VIEW_NOTES_H
#define NETFSNOOP_VIEW_NOTES_H

#include "oops/notes.h"

/* more: something was printed before. 0, -EIO. */
int notes_print(FILE *out, const struct notes *n, bool more);
/* An object for each: {"type":TYPE, "id": ...}. 0, -ENOMEM, -EIO. */
int notes_json(FILE *out, const struct notes *n, const char *type);

#endif
