/* SPDX-License-Identifier: GPL-2.0-only */
/* A request that is over, in one line. */
#ifndef NETFSNOOP_VIEW_REQUEST_LINE_H
#define NETFSNOOP_VIEW_REQUEST_LINE_H

#include "base/fmt.h"
#include "model/model.h"

/* When, which, what it moved where, how long it took, and what was odd about it. 0 or -errno. */
int request_line_print(FILE *out, const struct model *m, const struct request *r);
/* The same without the end of the line; errors are out's. */
void request_line_put(FILE *out, const struct model *m, const struct request *r);
/* "dd-260", or "an unknown task" where the beginning of the request was not seen. */
struct long_text request_task(const struct request *r);

#endif
