// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>

#include "base/fmt.h"
#include "run/import.h"

#define RAW_FIELDS                                                                           \
	"events with raw fields (trace-cmd report -R, perf trace) have numbers for states; " \
	"import the recording itself, or the text of trace-cmd report or perf script"

static void say_if(const char *fmt, uint64_t n)
{
	if (n)
		fprintf(stderr, fmt, n, plural(n));
}

static void say_events(const struct output *out, uint64_t events, uint64_t ns, bool untimed)
{
	fprintf(stderr, "netfsnoop: %" PRIu64 " event%s ", events, plural(events));
	if (untimed)
		fprintf(stderr, "in %s; without time stamps, only their order is known\n",
			output_name(out));
	else
		fprintf(stderr, "over %.3f s in %s\n", ns / 1e9, output_name(out));
}

/* Counted by name; beyond IMPORT_OTHERS kinds by number alone. */
static void say_others(const struct import_counts *n)
{
	uint64_t named = 0;

	if (!n->others)
		return;
	fprintf(stderr,
		"netfsnoop: skipped %" PRIu64 " event%s that a trace does not keep:", n->others,
		plural(n->others));
	for (unsigned int i = 0; i < n->nr_others; i++) {
		fprintf(stderr, "%s %s %" PRIu64, i ? "," : "", n->other[i].name,
			n->other[i].count);
		named += n->other[i].count;
	}
	if (named < n->others)
		fprintf(stderr, ", and %" PRIu64 " more", n->others - named);
	fputc('\n', stderr);
}

/* Text of which the ends of lines, or its own end, are not there. */
static void say_cuts(const struct import_counts *n)
{
	if (n->cut_at)
		fprintf(stderr,
			"netfsnoop: lines are cut at %" PRIu64
			" bytes: lines of that length were skipped; import the text as ftrace wrote it\n",
			n->cut_at);
	say_if("netfsnoop: %" PRIu64 " line%s of more than 64 KiB: only the beginning was read\n",
	       n->long_lines);
	if (n->packed_cut)
		fputs("netfsnoop: the packed input is damaged or more than 256 MiB: only the beginning was read\n",
		      stderr);
	say_if("netfsnoop: %" PRIu64 " event%s with an impossible time, treated as having none\n",
	       n->absurd);
}

void import_say(const struct output *out, const struct collect *c, const struct import_counts *n)
{
	uint64_t first, last, events = collect_events(c, &first, &last);

	say_events(out, events, last - first, n->untimed + n->ticks == events);
	say_others(n);
	say_if("netfsnoop: skipped %" PRIu64 " unreadable netfs or cifs event%s\n", n->damaged);
	say_cuts(n);
	if (n->raw)
		fputs("netfsnoop: " RAW_FIELDS "\n", stderr);
	say_if("netfsnoop: ftrace lost or overwrote %" PRIu64 " event%s\n", n->lost);
	say_if("netfsnoop: events were lost %" PRIu64 " time%s, and how many is not told\n",
	       n->uncounted);
	if (n->untimed != events)
		say_if("netfsnoop: %" PRIu64
		       " event%s without a time: only the order is known of them\n",
		       n->untimed);
	say_if("netfsnoop: %" PRIu64
	       " event%s stamped with a clock of unknown unit (x86-tsc, counter, "
	       "uptime); for durations record with `trace-cmd record -C mono`\n",
	       n->ticks);
	say_if("netfsnoop: %" PRIu64
	       " event%s older than the one before: durations across that are unknown\n",
	       n->backwards);
	if (out->old)
		fprintf(stderr, "netfsnoop: renamed the earlier %s to %s\n", out->path, out->old);
	if (n->excerpt)
		fputs("netfsnoop: the input looks like an excerpt, or no header counts its events: findings of check will be inconclusive\n",
		      stderr);
}

int import_say_none(const char *input, const struct import_counts *n, struct err *err)
{
	if (n->raw)
		return err_set(err, -EINVAL, "%s: " RAW_FIELDS, input);
	if (n->packed_cut)
		return err_set(
			err, -EINVAL,
			"%s is damaged, and the part that can be read has no netfs or cifs event: copy it again",
			input);
	if (n->cut_at)
		return err_set(
			err, -EINVAL,
			"%s: lines are cut at %" PRIu64
			" bytes, and no event is shorter; import the text as ftrace wrote it",
			input, n->cut_at);
	if (n->damaged)
		return err_set(
			err, -EINVAL,
			"%s: none of its %" PRIu64
			" netfs or cifs events can be read; import the text as ftrace wrote it",
			input, n->damaged);
	return err_set(
		err, -EINVAL,
		"%s has no netfs or cifs event that a trace keeps; record with `trace-cmd record -e netfs -e cifs`, or `echo 1 >events/netfs/enable` in tracefs",
		input);
}
