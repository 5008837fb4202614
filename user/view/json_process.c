// SPDX-License-Identifier: GPL-2.0-only
#include "view/json_process.h"

json_t *json_process(const struct process_row *row, bool commands)
{
	const struct hist *h = &row->latency;
	uint32_t tgid = row->rest ? 0 : row->key.tgid;
	char comm[EV_COMM_LEN + 1];

	snprintf(comm, sizeof(comm), "%.*s", EV_COMM_LEN, row->key.comm);
	return json_pack("{s:s, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "type", "process", "tgid", json_number_if(tgid, tgid), "comm",
			 json_name(comm), "others", (int)row->rest, "requests",
			 json_number(row->requests), "read_bytes", json_number(row->read_bytes),
			 "written_bytes", json_number(row->written_bytes), "errors",
			 json_number(row->errors), "retries", json_number(row->retries), "p50_ns",
			 json_number_if(h->count, hist_quantile(h, 0.5)), "p95_ns",
			 json_number_if(h->count, hist_quantile(h, 0.95)), "max_ns",
			 json_number_if(h->count, h->max), "commands",
			 json_number_if(commands, row->commands), "command_errors",
			 json_number_if(commands, row->command_errors));
}
