// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/redact.h"

enum { OPT_REDACT = 0x300 };

static const struct argp_option options[] = {
	{ "redact", OPT_REDACT, "KEYFILE", OPTION_ARG_OPTIONAL,
	  "Replace names of hosts, shares, paths, users and commands with tokens; the same KEYFILE gives the same tokens in every trace",
	  0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct redact_args *a = state->input;

	if (key != OPT_REDACT)
		return ARGP_ERR_UNKNOWN;
	a->on = true;
	a->keyfile = arg;
	return 0;
}

const struct argp redact_argp = { .options = options, .parser = parse };

int redact_open(const struct redact_args *a, struct redactor **ret_r, struct err *err)
{
	*ret_r = NULL;
	return a->on ? redactor_new(ret_r, a->keyfile, err) : 0;
}
