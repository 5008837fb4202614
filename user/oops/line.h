/* SPDX-License-Identifier: GPL-2.0-only */
/* One line of a log without what mailers, syslog and printk put in front of it. */
#ifndef NETFSNOOP_OOPS_LINE_H
#define NETFSNOOP_OOPS_LINE_H

#include "base/base.h"

struct oops_line {
	const char *text; /* into the line that was given; without blanks at both ends */
	size_t size;
	bool stamped; /* there was a time or a syslog prefix: a line of its own, not a wrapped rest
		       */
	char when[48];
};

/* raw: NUL-terminated. */
void oops_line_clean(const char *raw, struct oops_line *ret);

#endif
