// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "base/fmt.h"
#include "view/text/summary_print.h"

#define SHOWN 10

static void put_numbers(const struct summary_view *v, const struct process_row *row)
{
	bool moved = row->moved || (!row->requests && v->totals->nr_requests);

	sum_count(v, 7, row->requests);
	if (!sum_narrow(v))
		fprintf(v->out, " %10s %10s", moved ? fmt_bytes(row->read_bytes).s : "-",
			moved ? fmt_bytes(row->written_bytes).s : "-");
	/* a command says too little for a filter */
	if (filter_restricts(v->filter) || !v->totals->nr_commands)
		fprintf(v->out, " %7s", "-");
	else
		sum_count(v, 7, row->commands);
	sum_bad_if(v, 6, row->judged || !row->requests, row->errors);
	fprintf(v->out, " %8s\n",
		row->latency.count ? fmt_ns(hist_quantile(&row->latency, 0.95)).s : "-");
}

static void put_row(const struct summary_view *v, const struct process_row *row)
{
	char comm[EV_COMM_LEN + 1] = "", safe[16], pid[12] = "?";

	if (row->rest) {
		fprintf(v->out, "  %-23s", "others");
	} else {
		snprintf(comm, sizeof(comm), "%.*s", EV_COMM_LEN, row->key.comm);
		if (row->key.tgid)
			snprintf(pid, sizeof(pid), "%" PRIu32, row->key.tgid);
		fprintf(v->out, "  %7s %-15s", pid,
			fmt_escape(safe, sizeof(safe), *comm ? comm : "?"));
	}
	put_numbers(v, row);
}

static void add(struct process_row *sum, const struct process_row *row)
{
	sum->requests += row->requests;
	sum->moved |= row->moved;
	sum->judged |= row->judged;
	sum->read_bytes += row->read_bytes;
	sum->written_bytes += row->written_bytes;
	sum->commands += row->commands;
	sum->errors += row->errors;
}

void sum_processes(const struct summary_view *v)
{
	struct process_row rest = { .rest = true };
	size_t n = 0;

	if (!processes_count(v->processes))
		return;
	processes_sort(v->processes);
	sum_heading(v, "Processes");
	if (sum_narrow(v))
		fputs("      pid name           requests    cmds errors      p95\n", v->out);
	else
		fputs("      pid name           requests       read    written    cmds errors      p95\n",
		      v->out);
	for (const struct process_row *row = processes_first(v->processes); row;
	     row = row->hh.next) {
		if (n++ < SHOWN && !row->rest)
			put_row(v, row);
		else
			add(&rest, row);
	}
	if (rest.requests || rest.commands)
		put_row(v, &rest);
}
