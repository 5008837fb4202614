/* SPDX-License-Identifier: GPL-2.0-only */
/* A record as it is: one line with every field by name, for whoever doubts what the other views make of it. */
#ifndef NETFSNOOP_VIEW_DUMP_H
#define NETFSNOOP_VIEW_DUMP_H

#include "model/model.h"

/*
 * Prints ev, which has size bytes in its file: fields that it has not there are left out, bytes behind
 * those that this version knows are hex, as is all of a record of an unknown kind. A loss that the reader
 * of the file has found is a gap. m has the names of enumerators, probes and threads, as far as it has
 * been fed. 0 or -errno.
 */
int dump_record(FILE *out, const struct model *m, const struct ev_hdr *ev, size_t size);

#endif
