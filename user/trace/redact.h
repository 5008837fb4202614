/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records without the names that tell whose they are: hosts, shares, paths, users and commands
 * become tokens, the same for the same name under one key. Whatever writes or reads a stream
 * through this has nothing to hide from anybody further on. docs/redact.md has the rules.
 */
#ifndef NETFSNOOP_TRACE_REDACT_H
#define NETFSNOOP_TRACE_REDACT_H

#include "base/base.h"
#include "bpf/event.h"

struct redactor;

#define REDACT_KEY_MIN 16 /* bytes of a key file */

/* keyfile NULL: a key of its own, so that tokens mean nothing beyond this stream. -errno, err set.
 */
int redactor_new(struct redactor **ret_r, const char *keyfile, struct err *err);
void redactor_free(struct redactor *r);
/*
 * The record to use in place of ev, valid until the next call; NULL: none, as it is of a kind that
 * nobody has judged.
 */
const struct ev_hdr *redact(struct redactor *r, const struct ev_hdr *ev);
/* What a mount point becomes, for a filter on it. malloc'd; NULL: no memory. */
char *redact_path(const struct redactor *r, const char *path);

static inline void redactor_freep(struct redactor **r)
{
	redactor_free(*r);
}

/* The record to use: ev itself where r is NULL; NULL: none. */
const struct ev_hdr *redact_if(struct redactor *r, const struct ev_hdr *ev);

#endif
