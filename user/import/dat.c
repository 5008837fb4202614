// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "import/fields.h"
#include "import/import.h"

bool import_is_dat(const void *start, size_t len)
{
	/* trace-cmd.dat.v7(5): the same in v6 */
	static const char magic[] = "\x17\x08\x44tracing";

	return len >= sizeof(magic) - 1 && !memcmp(start, magic, sizeof(magic) - 1);
}

#ifndef HAVE_TRACECMD

bool import_has_dat(void)
{
	return false;
}

int import_dat(const char *path, struct collect *c, struct import_counts *counts)
{
	(void)path;
	(void)c;
	(void)counts;
	return -EOPNOTSUPP;
}

#else

#include <trace-cmd.h>

#include "event/enums.h"

#define MAX_BUFFERS  64

struct dat {
	struct collect *c;
	struct import_counts *n;
	struct tp_format format[PROBE_MAX];
	struct tracecmd_input *handle[MAX_BUFFERS + 1]; /* the file and its instances */
	uint64_t last[MAX_BUFFERS + 1][1024]; /* time of the last record of each, per CPU */
	uint64_t now;
	int rc;
};

bool import_has_dat(void)
{
	return true;
}

/* ---- formats ---- */

static void take_format(struct tp_format *f, const struct tep_event *e)
{
	f->nr = 0;
	for (const struct tep_format_field *p = e->format.fields; p && f->nr < FORMAT_MAX_FIELDS;
	     p = p->next) {
		struct tp_field *to = &f->field[f->nr];

		if (strlen(p->name) >= sizeof(to->name) || p->offset < 0 || p->size < 0 ||
		    p->offset > UINT16_MAX || p->size > UINT16_MAX)
			continue;
		strcpy(to->name, p->name);
		to->offset = p->offset;
		to->size = p->size;
		to->is_signed = p->flags & TEP_FIELD_IS_SIGNED;
		f->nr++;
	}
}

static int take_symbol(struct collect *c, const char *type, const struct tep_print_flag_sym *s)
{
	char text[64];
	size_t len;

	snprintf(text, sizeof(text), "%s", s->str);
	for (len = strlen(text); len && text[len - 1] == ' ';)
		text[--len] = '\0';
	return collect_enum(c, type, strtoll(s->value, NULL, 0), text);
}

static int take_enums(struct collect *c, const struct tep_event *e)
{
	int rc = 0;

	for (const struct tep_print_arg *a = e->print_fmt.args; a && !rc; a = a->next) {
		const char *type;

		if (a->type != TEP_PRINT_SYMBOL || a->symbol.field->type != TEP_PRINT_FIELD)
			continue;
		type = kernel_enum_of(e->name, a->symbol.field->field.name);
		for (const struct tep_print_flag_sym *s = type ? a->symbol.symbols : NULL; s && !rc;
		     s = s->next)
			rc = take_symbol(c, type, s);
	}
	return rc;
}

/*
 * `trace-cmd record` stores the formats of the events it was asked for, so these probes were on.
 * `trace-cmd extract`, which cannot know, stores all that the kernel has, in more than a hundred
 * systems.
 */
#define MANY_SYSTEMS 16

static bool only_what_was_on(struct tep_handle *tep)
{
	const char *system[MANY_SYSTEMS];
	unsigned int nr = 0;

	for (int i = 0; i < tep_get_events_count(tep); i++) {
		const struct tep_event *e = tep_get_event(tep, i);
		unsigned int j = 0;

		while (j < nr && strcmp(system[j], e->system))
			j++;
		if (j == MANY_SYSTEMS)
			return false;
		if (j == nr)
			system[nr++] = e->system;
	}
	return true;
}

static int take_events(struct dat *d, struct tep_handle *tep)
{
	bool on = only_what_was_on(tep);
	int rc = 0;

	for (int i = 0; !rc && i < tep_get_events_count(tep); i++) {
		const struct tep_event *e = tep_get_event(tep, i);
		uint16_t probe = fields_probe(e->name, strlen(e->name));

		if (!probe || (strcmp(e->system, "netfs") && strcmp(e->system, "cifs")) ||
		    d->format[probe].nr)
			continue;
		take_format(&d->format[probe], e);
		if (on)
			collect_probe(d->c, probe);
		rc = take_enums(d->c, e);
	}
	return rc;
}

/* ---- records ---- */

/* Of the last record of that buffer; NULL: it is none that we keep apart. */
static uint64_t *last_of(struct dat *d, const struct tracecmd_input *handle,
			 const struct tep_record *r)
{
	size_t i = 0;

	while (i < MAX_BUFFERS && d->handle[i] != handle)
		i++;
	return r->cpu >= 0 && (size_t)r->cpu < ARRAY_SIZE(d->last[i]) ? &d->last[i][r->cpu] : NULL;
}

static int note_missed(struct dat *d, const struct tep_record *r, uint64_t from)
{
	uint64_t count = r->missed_events > 0 ? r->missed_events : 0;

	if (!r->missed_events)
		return 0;
	d->n->lost += count;
	return collect_lost(d->c, r->cpu, count, from, r->ts);
}

static int take_record(struct dat *d, struct tracecmd_input *handle, struct tep_record *r)
{
	struct tep_handle *tep = tracecmd_get_tep(handle);
	const struct tep_event *e = tep_find_event_by_record(tep, r);
	uint16_t probe = e ? fields_probe(e->name, strlen(e->name)) : PROBE_NONE;
	int pid = tep_data_pid(tep, r);
	struct ev_hdr hdr = { .probe = probe, .cpu = r->cpu, .ts = r->ts, .tid = pid, .tgid = pid };
	uint64_t before = d->now;
	union decoded ev;
	int rc;

	if (!probe || !d->format[probe].nr) {
		import_count_other(d->n, e ? e->name : "?", e ? strlen(e->name) : 1);
		return 0;
	}
	d->n->backwards += r->ts < d->now;
	d->now = r->ts;
	if (r->size < 0 || !decode_record(&ev, &hdr, &d->format[probe], r->data, r->size)) {
		d->n->damaged++;
		return collect_lost(d->c, r->cpu, 1, before, r->ts);
	}
	rc = collect_task(d->c, &hdr, tep_data_comm_from_pid(tep, pid));
	if (rc)
		return rc;
	return collect_event(d->c, &ev.hdr);
}

static int on_record(struct tracecmd_input *handle, struct tep_record *r, int cpu, void *ctx)
{
	struct dat *d = ctx;
	uint64_t *last = last_of(d, handle, r);

	(void)cpu;
	d->rc = note_missed(d, r, last ? *last : 0);
	if (!d->rc)
		d->rc = take_record(d, handle, r);
	if (last)
		*last = r->ts;
	return d->rc;
}

/* ---- the file ---- */

static void closep_dat(struct tracecmd_input **h)
{
	if (*h)
		tracecmd_close(*h);
}

static int iterate(struct dat *d, struct tracecmd_input *in)
{
	struct tracecmd_input **handle = d->handle;
	int n = tracecmd_buffer_instances(in);
	int nr = 1, rc;

	handle[0] = in;
	for (int i = 0; i < n && nr <= MAX_BUFFERS; i++) {
		handle[nr] = tracecmd_buffer_instance_handle(in, i);
		nr += handle[nr] != NULL;
	}
	rc = tracecmd_iterate_events_multi(handle, nr, on_record, d);
	for (int i = 1; i < nr; i++)
		tracecmd_close(handle[i]);
	return d->rc ? d->rc : rc < 0 ? -EBADMSG : 0;
}

/* Who did not record the first reference of a request cannot tell which had begun before. */
static int note_doubts(struct dat *d)
{
	uint64_t first, last;

	if (!collect_events(d->c, &first, &last) || !collect_has_probe(d->c, P_netfs_sreq) ||
	    collect_has_probe(d->c, P_netfs_rreq_ref))
		return 0;
	d->n->excerpt = true;
	return collect_lost(d->c, EV_ANY_CPU, 0, first, last);
}

int import_dat(const char *path, struct collect *c, struct import_counts *counts)
{
	__free(closep_dat) struct tracecmd_input *in = NULL;
	__autofree struct dat *d = calloc(1, sizeof(*d));
	int rc;

	if (!d)
		return -ENOMEM;
	*counts = (struct import_counts){};
	d->c = c;
	d->n = counts;
	tracecmd_set_loglevel(TEP_LOG_NONE);
	tep_set_loglevel(TEP_LOG_NONE);
	in = tracecmd_open(path, TRACECMD_FL_LOAD_NO_PLUGINS);
	if (!in || tep_is_file_bigendian(tracecmd_get_tep(in)))
		return -EBADMSG;
	rc = take_events(d, tracecmd_get_tep(in));
	if (rc)
		return rc;
	rc = iterate(d, in);
	if (rc)
		return rc;
	rc = note_doubts(d);
	if (rc)
		return rc;
	return collect_meta(c, "imported", "ftrace, trace.dat");
}

#endif
