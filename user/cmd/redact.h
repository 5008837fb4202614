/* SPDX-License-Identifier: GPL-2.0-only */
/* --redact[=KEYFILE]: the same option, with the same meaning, live and on a file. */
#ifndef NETFSNOOP_CMD_REDACT_H
#define NETFSNOOP_CMD_REDACT_H

#include <argp.h>

#include "trace/redact.h"

struct redact_args {
	bool on;
	const char *keyfile; /* NULL: a key that is forgotten */
};

/* A child parser whose input is a struct redact_args. */
extern const struct argp redact_argp;

/* *ret_r is NULL where it was not asked for. 0 or -errno with err set. */
int redact_open(const struct redact_args *a, struct redactor **ret_r, struct err *err);

#endif
