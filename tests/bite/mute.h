/* SPDX-License-Identifier: GPL-2.0-only */
/* Included before every check: its findings go through mute_raise() of mute.c. */
#ifndef NETFSNOOP_MUTE_H
#define NETFSNOOP_MUTE_H

#include "check/inside.h"

int mute_raise(struct finding *f, struct check *c);

#define finding_raise mute_raise

#endif
