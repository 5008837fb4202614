/* SPDX-License-Identifier: GPL-2.0-only */
/* The reports of one log in short, the root of a chain of waits first. */
#ifndef NETFSNOOP_VIEW_OOPS_SUMMARY_H
#define NETFSNOOP_VIEW_OOPS_SUMMARY_H

#include "oops/summary.h"

int oops_summary_print(FILE *out, const struct oops_summary *s);
/* One object: {"type":"summary", ...} */
int oops_summary_json(FILE *out, const struct oops_summary *s);

#endif
