/* SPDX-License-Identifier: GPL-2.0-only */
/* --btf and --btf-module, which mean the same for all commands that attach. */
#ifndef NETFSNOOP_CMD_BTF_H
#define NETFSNOOP_CMD_BTF_H

#include <argp.h>

#include "capture/facts.h"

/* Its input is a struct facts_options. */
extern const struct argp btf_argp;

/* -errno with err set, if a file cannot be read. */
int btf_check(const struct facts_options *o, struct err *err);

#endif
