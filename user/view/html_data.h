/* SPDX-License-Identifier: GPL-2.0-only */
/* What the HTML page shows, collected from the stream: tables of numbers, and one JSON object. */
#ifndef NETFSNOOP_VIEW_HTML_DATA_H
#define NETFSNOOP_VIEW_HTML_DATA_H

#include "view/export.h"
#include "view/html_table.h"
#include "view/totals.h"

/* Times are ns since the recording began; those "+" are ns since the row's `first`, plus 1, or 0
 * where they are not known, as are stages: ns plus 1. */
enum { /* requests */
       RQ_FIRST,
       RQ_LAST,
       RQ_DONE, /* + */
       RQ_RREQ, /* of a synthetic one its count */
       RQ_EPOCH,
       RQ_FLAGS,
       RQ_ORIGIN, /* text */
       RQ_FS,	  /* text */
       RQ_MOUNT,  /* row of mounts, plus 1 */
       RQ_INO,	  /* text */
       RQ_START,
       RQ_LEN,
       RQ_TRANSFERRED,
       RQ_ERROR,
       RQ_TID,
       RQ_TGID,
       RQ_COMM, /* text */
       RQ_RETRIES,
       RQ_FAILURES,
       RQ_WHY,	/* text: what it waited for; empty: not known */
       RQ_TEST, /* ordinal of the test it belongs to; 0: none */
       RQ_PATH, /* text; empty: not known */
       RQ_NR
};
#define RQF_WRITE     1
#define RQF_PARTIAL   2
#define RQF_FREED     4
#define RQF_LOST      8
#define RQF_SYNTHETIC 16

enum {		   /* subrequests; those of a request follow each other */
       SR_REQUEST, /* row */
       SR_INDEX,
       SR_STREAM,
       SR_SOURCE, /* text */
       SR_WRITE,
       SR_START,
       SR_LEN,
       SR_TRANSFERRED,
       SR_ERROR,
       SR_ATTEMPTS,
       SR_CONN, /* row of connections, plus 1 */
       SR_MID,
       SR_CREDITS, /* plus 1; 0: not known, as below */
       SR_GRANTED,
       SR_FIRST,
       SR_LAST,
       SR_BEGIN, /* + of the attempt that is drawn, and so on */
       SR_SUBMIT,
       SR_SENT,
       SR_RESPONSE,
       SR_CALLBACK_END,
       SR_TERM,
       SR_END,
       SR_WAIT,	 /* ns for credits before SUBMT, plus 1 */
       SR_STAGE, /* STAGE_MAX of them, all attempts together */
       SR_NR = SR_STAGE + STAGE_MAX
};

enum {		/* commands */
       CM_CONN, /* as above */
       CM_MID,
       CM_CMD,	   /* text */
       CM_SESID,   /* text */
       CM_REQUEST, /* row, plus 1 */
       CM_SREQ,
       CM_FIRST,
       CM_SETUP, /* + */
       CM_SENT,	 /* + */
       CM_END,	 /* + final response, else smb3_cmd_done */
       CM_STATUS,
       CM_RC,
       CM_CHARGE,
       CM_GRANTED,
       CM_INTERIM,
       CM_FLAGS,
       CM_TID,	/* tree */
       CM_NAME, /* text: NTSTATUS */
       CM_TEST, /* as RQ_TEST */
       CM_NR
};
#define CMF_ANSWERED 1
#define CMF_FAILED   2

enum { SA_TIME, SA_CONN, SA_CREDITS, SA_IN_FLIGHT, SA_NR }; /* when one of both has changed */
enum { LO_FROM, LO_TO, LO_COUNT, LO_PROBE, LO_CPU, LO_NR }; /* losses; the probe is a text */
enum { MK_TIME, MK_WHAT, MK_CONN, MK_NR };		    /* what: text */

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
