/* SPDX-License-Identifier: GPL-2.0-only */
/* What the HTML page shows, collected from the stream: tables of numbers, and one JSON object. */
#ifndef NETFSNOOP_VIEW_HTML_DATA_H
#define NETFSNOOP_VIEW_HTML_DATA_H

#include "view/export/export.h"
#include "view/export/html/html_table.h"
#include "view/measure/totals.h"

/*
 * Columns, as rows.def has them: of texts their numbers; of mounts and connections their rows, plus
 * 1, and 0 where they are not known; plus 1 are also charges, credits of a subrequest, and stages.
 */
enum { /* requests */
#define ROW_request
#define COLUMN(name) RQ_##name,
#include "view/export/rows/row_columns.h"
#undef ROW_request
       RQ_NR
};
#define RQF_WRITE     1
#define RQF_PARTIAL   2
#define RQF_FREED     4
#define RQF_LOST      8
#define RQF_SYNTHETIC 16
#define RQF_PLACED    32  /* start and len are known, */
#define RQF_MOVED     64  /* transferred, */
#define RQF_JUDGED    128 /* outcome */

enum { /* subrequests; those of a request follow each other; stages as in enum stage */
#define ROW_subrequest
#define COLUMN(name) SR_##name,
#include "view/export/rows/row_columns.h"
#undef ROW_subrequest
       SR_NR
};
#define SRF_TOLD   1 /* start and len are known, */
#define SRF_TRIED  2 /* attempts, */
#define SRF_JUDGED 4 /* error, */
#define SRF_MOVED  8 /* transferred */

enum { /* commands */
#define ROW_command
#define COLUMN(name) CM_##name,
#include "view/export/rows/row_columns.h"
#undef ROW_command
       CM_NR
};
#define CMF_ANSWERED 1
#define CMF_FAILED   2

enum { /* credits of a connection, when they or in_flight have changed */
#define ROW_credit
#define COLUMN(name) CR_##name,
#include "view/export/rows/row_columns.h"
#undef ROW_credit
       CR_NR
};

enum { /* losses; cpu -1: any */
#define ROW_loss
#define COLUMN(name) LO_##name,
#include "view/export/rows/row_columns.h"
#undef ROW_loss
       LO_NR
};

enum { /* moments */
#define ROW_moment
#define COLUMN(name) MO_##name,
#include "view/export/rows/row_columns.h"
#undef ROW_moment
       MO_NR
};
struct html_data;

/* job is borrowed. -ENOMEM */
int html_data_new(struct html_data **ret_d, const struct export_job *job);
void html_data_free(struct html_data *d);
const struct model_listener *html_data_listener(struct html_data *d);
/*
 * After model and checks are finished: u32 length of the JSON text, the text, the tables one after
 * another. -errno.
 */
int html_data_write(struct html_data *d, FILE *out);

#endif
