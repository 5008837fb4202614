// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "view/kit/json_value.h"
#include "view/text/oops_join.h"
#include "view/text/wireshark.h"

static void put_when(FILE *out, const struct oops_join *j)
{
	if (!j->last_ns)
		return;
	fprintf(out, "  last event  %s", fmt_dmesg(j->last_ns).s);
	if (j->report_ns > j->last_ns)
		fprintf(out, ", %s before the report", fmt_ns(j->report_ns - j->last_ns).s);
	fputc('\n', out);
}

static void put_request(FILE *out, const struct oops_join *j)
{
	fprintf(out, "  request     %s, %s\n", fmt_request(j->synth, j->rreq, j->sreq).s,
		j->by_ino      ? "the last of that file"
		: j->by_line   ? "as our line in this log says"
		: j->in_flight ? "which that task was working for"
			       : "the last that task had worked for");
	if (j->conn)
		fprintf(out, "  connection  0x%" PRIx64 ", mid %" PRIu64 "; wireshark: %s\n",
			j->conn, j->mid, wireshark_mid(j->sealed, j->mid).s);
	put_when(out, j);
	if (!j->in_trace)
		fprintf(out,
			"  It is not in the trace, which ends at %s: what is written last before a crash is lost.\n",
			fmt_dmesg(j->end_ns).s);
}

int oops_join_print(FILE *out, const struct oops_join *j)
{
	char name[256];

	fprintf(out, "\nIn the trace %s\n", fmt_escape(name, sizeof(name), j->trace));
	if (j->by_ino)
		fprintf(out,
			"  inode       %" PRIu64 ", that of the dentry: %" PRIu64
			" request%s, %" PRIu64 " not freed when the trace ends\n",
			j->ino, j->nr_of_ino, j->nr_of_ino == 1 ? "" : "s", j->open_of_ino);
	if (j->found)
		put_request(out, j);
	else if (!j->by_ino)
		fprintf(out, "  no event of task %u belongs to a request\n", j->tid);
	return ferror(out) ? -EIO : 0;
}

int oops_join_print_json(FILE *out, const struct oops_join *j)
{
	json_t *o = json_pack(
		"{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "type",
		"oops_trace", "trace", json_name(j->trace), "rreq",
		json_rreq(j->found ? j->rreq : 0, j->synth), "sreq", json_sreq(j->sreq), "conn",
		json_id_if(j->conn, j->conn), "mid", json_id_if(j->conn, j->mid), "in_trace",
		json_boolean(j->in_trace), "in_flight", json_boolean(j->in_flight), "by_line",
		json_boolean(j->by_line), "time_ns", json_number_if(j->last_ns, j->last_ns), "ino",
		json_big_if(j->by_ino, j->ino), "requests_of_ino",
		json_number_if(j->by_ino, j->nr_of_ino), "open_of_ino",
		json_number_if(j->by_ino, j->open_of_ino));
	int rc;

	if (!o)
		return -ENOMEM;
	rc = json_dumpf(o, out, JSON_COMPACT | JSON_ENSURE_ASCII) || fputc('\n', out) == EOF ? -EIO
											     : 0;
	json_decref(o);
	return rc;
}
