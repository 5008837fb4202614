/* SPDX-License-Identifier: GPL-2.0-only */
/* --btf and --btf-module, which mean the same for all commands that attach. */
#ifndef NETFSNOOP_CMD_BTF_H
#define NETFSNOOP_CMD_BTF_H

#include <argp.h>

#include "capture/facts.h"

/* Its input is a struct facts_options. */
extern const struct argp btf_argp;

#endif
