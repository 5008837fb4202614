// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <gen/perfetto.pb-c.h>
#include <string.h>

#include "base/fmt.h"
#include "view/export/perfetto/perfetto_out.h"

#define TEXT_MAX 1024 /* bytes of a name that are shown */
#define SEQUENCE 1    /* who writes: nobody else does */

typedef Perfetto__Protos__Trace pf_trace;
typedef Perfetto__Protos__TracePacket pf_packet;
typedef Perfetto__Protos__TrackEvent pf_event;
typedef Perfetto__Protos__TrackDescriptor pf_track;
typedef Perfetto__Protos__DebugAnnotation pf_note;

void perfetto_out_release(struct perfetto_out *p)
{
	free(p->buffer);
	p->buffer = NULL;
}

/* A trace of one packet: traces that follow each other are one trace. */
static int put(struct perfetto_out *p, pf_packet *packet)
{
	pf_trace trace = PERFETTO__PROTOS__TRACE__INIT;
	size_t size;

	packet->has_trusted_packet_sequence_id = true;
	packet->trusted_packet_sequence_id = SEQUENCE;
	trace.n_packet = 1;
	trace.packet = &packet;
	size = perfetto__protos__trace__get_packed_size(&trace);
	if (size > p->room) {
		uint8_t *larger = realloc(p->buffer, size);

		if (!larger)
			return -ENOMEM;
		p->buffer = larger;
		p->room = size;
	}
	perfetto__protos__trace__pack(&trace, p->buffer);
	errno = 0;
	if (fwrite(p->buffer, 1, size, p->out) != size)
		return errno ? -errno : -EIO;
	return 0;
}

int perfetto_clocks(struct perfetto_out *p, uint64_t mono, uint64_t boot, uint64_t real)
{
	const struct {
		uint32_t id;
		uint64_t time;
	} read[] = { { PERFETTO__PROTOS__BUILTIN_CLOCK__BUILTIN_CLOCK_MONOTONIC, mono },
		     { PERFETTO__PROTOS__BUILTIN_CLOCK__BUILTIN_CLOCK_BOOTTIME, boot },
		     { PERFETTO__PROTOS__BUILTIN_CLOCK__BUILTIN_CLOCK_REALTIME, real } };
	Perfetto__Protos__ClockSnapshot__Clock clock[ARRAY_SIZE(read)], *clocks[ARRAY_SIZE(read)];
	Perfetto__Protos__ClockSnapshot snapshot = PERFETTO__PROTOS__CLOCK_SNAPSHOT__INIT;
	pf_packet packet = PERFETTO__PROTOS__TRACE_PACKET__INIT;

	for (size_t i = 0; i < ARRAY_SIZE(read); i++) {
		perfetto__protos__clock_snapshot__clock__init(&clock[i]);
		clock[i].has_clock_id = clock[i].has_timestamp = true;
		clock[i].clock_id = read[i].id;
		clock[i].timestamp = read[i].time;
		clocks[i] = &clock[i];
	}
	snapshot.clocks = clocks;
	snapshot.n_clocks = real ? 3 : 2;
	snapshot.has_primary_trace_clock = true;
	snapshot.primary_trace_clock = PERFETTO__PROTOS__BUILTIN_CLOCK__BUILTIN_CLOCK_MONOTONIC;
	packet.clock_snapshot = &snapshot;
	return put(p, &packet);
}

static int put_track(struct perfetto_out *p, uint64_t parent, const char *name,
		     Perfetto__Protos__CounterDescriptor *counter, uint64_t *ret_uuid)
{
	pf_track track = PERFETTO__PROTOS__TRACK_DESCRIPTOR__INIT;
	pf_packet packet = PERFETTO__PROTOS__TRACE_PACKET__INIT;
	char text[TEXT_MAX];

	track.has_uuid = true;
	track.uuid = ++p->last_track;
	track.has_parent_uuid = parent;
	track.parent_uuid = parent;
	track.name = fmt_escape(text, sizeof(text), name);
	track.counter = counter;
	packet.track_descriptor = &track;
	*ret_uuid = track.uuid;
	return put(p, &packet);
}

int perfetto_track(struct perfetto_out *p, uint64_t parent, const char *name, uint64_t *ret_uuid)
{
	return put_track(p, parent, name, NULL, ret_uuid);
}

int perfetto_counter_track(struct perfetto_out *p, uint64_t parent, const char *name,
			   uint64_t *ret_uuid)
{
	Perfetto__Protos__CounterDescriptor counter = PERFETTO__PROTOS__COUNTER_DESCRIPTOR__INIT;

	counter.has_unit = true;
	counter.unit = PERFETTO__PROTOS__COUNTER_DESCRIPTOR__UNIT__UNIT_COUNT;
	return put_track(p, parent, name, &counter, ret_uuid);
}

static int put_event(struct perfetto_out *p, pf_event *event, uint64_t track, uint64_t time_ns,
		     int type)
{
	pf_packet packet = PERFETTO__PROTOS__TRACE_PACKET__INIT;

	event->has_type = event->has_track_uuid = true;
	event->type = type;
	event->track_uuid = track;
	packet.has_timestamp = packet.has_timestamp_clock_id = true;
	packet.timestamp = time_ns;
	packet.timestamp_clock_id = PERFETTO__PROTOS__BUILTIN_CLOCK__BUILTIN_CLOCK_MONOTONIC;
	packet.track_event = event;
	return put(p, &packet);
}

struct notes {
	pf_note note[PERFETTO_NOTES], *list[PERFETTO_NOTES];
	char text[PERFETTO_NOTES][TEXT_MAX];
	size_t n;
};

static void fill_notes(struct notes *notes, const struct perfetto_event *e)
{
	notes->n = 0;
	for (size_t i = 0; i < e->nr_notes && notes->n < PERFETTO_NOTES; i++) {
		const struct perfetto_note *from = &e->notes[i];
		pf_note *note = &notes->note[notes->n];

		if (from->text && !*from->text)
			continue;
		perfetto__protos__debug_annotation__init(note);
		note->name = (char *)from->name; /* protobuf-c knows no const */
		if (from->text)
			note->string_value =
				fmt_escape(notes->text[notes->n], TEXT_MAX, from->text);
		note->has_int_value = !from->text;
		note->int_value = from->number;
		notes->list[notes->n++] = note;
	}
}

static int put_named(struct perfetto_out *p, const struct perfetto_event *e, int type)
{
	pf_event event = PERFETTO__PROTOS__TRACK_EVENT__INIT;
	char name[TEXT_MAX], *category = (char *)e->category;
	struct notes notes;

	fill_notes(&notes, e);
	event.name = fmt_escape(name, sizeof(name), e->name);
	event.categories = &category;
	event.n_categories = category != NULL;
	event.debug_annotations = notes.list;
	event.n_debug_annotations = notes.n;
	event.flow_ids = (uint64_t *)e->flows;
	event.n_flow_ids = e->nr_flows;
	return put_event(p, &event, e->track, e->time_ns, type);
}

int perfetto_begin(struct perfetto_out *p, const struct perfetto_event *e)
{
	return put_named(p, e, PERFETTO__PROTOS__TRACK_EVENT__TYPE__TYPE_SLICE_BEGIN);
}

int perfetto_instant(struct perfetto_out *p, const struct perfetto_event *e)
{
	return put_named(p, e, PERFETTO__PROTOS__TRACK_EVENT__TYPE__TYPE_INSTANT);
}

int perfetto_end(struct perfetto_out *p, uint64_t track, uint64_t time_ns)
{
	pf_event event = PERFETTO__PROTOS__TRACK_EVENT__INIT;

	return put_event(p, &event, track, time_ns,
			 PERFETTO__PROTOS__TRACK_EVENT__TYPE__TYPE_SLICE_END);
}

int perfetto_counter(struct perfetto_out *p, uint64_t track, uint64_t time_ns, int64_t value)
{
	pf_event event = PERFETTO__PROTOS__TRACK_EVENT__INIT;

	event.has_counter_value = true;
	event.counter_value = value;
	return put_event(p, &event, track, time_ns,
			 PERFETTO__PROTOS__TRACK_EVENT__TYPE__TYPE_COUNTER);
}
