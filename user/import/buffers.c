// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "import/buffers.h"

#define MAX_CPUS      1024
#define MAX_INSTANCES 64 /* more share the last one's */

struct instance {
	char name[LINE_INSTANCE_LEN];
	struct buffer cpu[MAX_CPUS];
};

struct buffers {
	struct instance *of[MAX_INSTANCES];
	unsigned int nr;
};

int buffers_new(struct buffers **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

void buffers_free(struct buffers *b)
{
	if (!b)
		return;
	for (unsigned int i = 0; i < b->nr; i++)
		free(b->of[i]);
	free(b);
}

static struct instance *instance_get(struct buffers *b, const char *name)
{
	for (unsigned int i = 0; i < b->nr; i++)
		if (!strcmp(b->of[i]->name, name))
			return b->of[i];
	if (b->nr == MAX_INSTANCES)
		return b->of[b->nr - 1];
	b->of[b->nr] = calloc(1, sizeof(**b->of));
	if (!b->of[b->nr])
		return NULL;
	strcpy(b->of[b->nr]->name, name);
	return b->of[b->nr++];
}

struct buffer *buffers_get(struct buffers *b, const char *instance, uint16_t cpu)
{
	struct instance *i = cpu < MAX_CPUS ? instance_get(b, instance) : NULL;

	return i ? &i->cpu[cpu] : NULL;
}

void buffer_lose(struct buffer *b, uint64_t count, uint64_t first)
{
	if (!b->lost)
		b->from = b->ts ? b->ts : first;
	b->lost = true;
	b->count += count;
}

int buffer_resume(struct buffer *b, struct collect *c, uint16_t cpu, uint64_t ts)
{
	int rc = b->lost ? collect_lost(c, cpu, b->count, b->from, ts) : 0;

	b->lost = false;
	b->count = 0;
	b->ts = ts;
	return rc;
}

int buffers_end(struct buffers *b, struct collect *c, uint64_t ts)
{
	int rc = 0;

	for (unsigned int i = 0; i < b->nr; i++)
		for (uint16_t cpu = 0; !rc && cpu < MAX_CPUS; cpu++) {
			struct buffer *one = &b->of[i]->cpu[cpu];

			rc = one->lost ? buffer_resume(one, c, cpu, ts) : 0;
			one->ts = 0;
		}
	return rc;
}
