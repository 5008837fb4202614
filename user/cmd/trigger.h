/* SPDX-License-Identifier: GPL-2.0-only */
/* --slower and --on, which mean the same to watch and to record's flight recorder. */
#ifndef NETFSNOOP_CMD_TRIGGER_H
#define NETFSNOOP_CMD_TRIGGER_H

#include <argp.h>

#include "view/measure/trigger.h"

struct trigger_args {
	struct trigger_options options;
	bool given; /* one of the two was */
};

/* Its input is a struct trigger_args that began as TRIGGER_DEFAULTS. */
extern const struct argp trigger_argp;

#define TRIGGER_DEFAULTS ((struct trigger_args){ .options.on = ON_FINDING })

#endif
