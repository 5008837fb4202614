/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NETFSNOOP_MODULE_H
#define NETFSNOOP_MODULE_H

#include "base/base.h"

/* Runs modprobe(8) if the module is not there; err says what modprobe said. */
int module_load(const char *name, struct err *err);

#endif
