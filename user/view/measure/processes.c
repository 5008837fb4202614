// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "base/fmt.h"
#include "view/measure/processes.h"
#include "view/measure/totals.h"

struct processes {
	struct process_row *rows;
	struct process_row *rest; /* one of rows; NULL: each has its own */
};

int processes_new(struct processes **ret_p)
{
	*ret_p = calloc(1, sizeof(**ret_p));
	return *ret_p ? 0 : -ENOMEM;
}

void processes_free(struct processes *p)
{
	struct process_row *row, *next;

	if (!p)
		return;
	HASH_ITER (hh, p->rows, row, next) {
		HASH_DEL(p->rows, row);
		free(row);
	}
	free(p);
}

static struct process_row *add_row(struct processes *p, const struct process_key *key)
{
	struct process_row *row = calloc(1, sizeof(*row));

	if (!row)
		return NULL;
	row->key = *key;
	if (!hash_add(hh, p->rows, key, sizeof(row->key), row))
		return row;
	free(row);
	return NULL;
}

/* NULL: no memory */
static struct process_row *get_row(struct processes *p, const struct process_key *key)
{
	struct process_row *row;

	HASH_FIND(hh, p->rows, key, sizeof(*key), row);
	if (row)
		return row;
	if (HASH_COUNT(p->rows) < PROCESSES_MAX)
		return add_row(p, key);
	if (!p->rest) {
		/* no process has this number */
		p->rest = add_row(p, &(struct process_key){ .tgid = UINT32_MAX });
		if (p->rest)
			p->rest->rest = true;
	}
	return p->rest;
}

static struct process_key key_of(uint32_t tgid, const char *comm)
{
	struct process_key key = { .tgid = tid_known(tgid) ? tgid : 0 };

	memcpy(key.comm, comm, strnlen(comm, sizeof(key.comm)));
	return key;
}

int processes_request(struct processes *p, const struct request *r)
{
	struct process_key key = key_of(r->tgid, r->comm);
	struct process_row *row = get_row(p, &key);
	uint64_t latency;

	if (!row)
		return -ENOMEM;
	row->requests++;
	row->moved |= r->moved;
	row->judged |= request_outcome_known(r);
	*(r->write ? &row->written_bytes : &row->read_bytes) += r->transferred;
	row->errors += request_outcome(r) != 0;
	row->retries += r->retries;
	if (request_latency(r, &latency))
		hist_add(&row->latency, latency);
	return 0;
}

struct process_key command_process(const struct model *m, const struct command *c)
{
	const struct task *t = c->thread ? model_task(m, c->thread) : NULL;

	return t ? key_of(t->tgid, t->comm) : key_of(0, "");
}

int processes_command(struct processes *p, const struct model *m, const struct command *c)
{
	struct process_key key = command_process(m, c);
	struct process_row *row = get_row(p, &key);

	if (!row)
		return -ENOMEM;
	row->commands++;
	row->command_errors += command_failed(c);
	return 0;
}

static int by_weight(const struct process_row *a, const struct process_row *b)
{
	uint64_t x = a->read_bytes + a->written_bytes, y = b->read_bytes + b->written_bytes;

	if (a->rest != b->rest)
		return a->rest ? 1 : -1;
	if (x == y) {
		x = a->requests;
		y = b->requests;
	}
	if (x == y) {
		x = a->commands;
		y = b->commands;
	}
	if (x != y)
		return x < y ? 1 : -1;
	return a->key.tgid < b->key.tgid ? -1 : a->key.tgid > b->key.tgid;
}

void processes_sort(struct processes *p)
{
	HASH_SORT(p->rows, by_weight);
}

const struct process_row *processes_first(const struct processes *p)
{
	return p->rows;
}

size_t processes_count(const struct processes *p)
{
	return HASH_COUNT(p->rows);
}
