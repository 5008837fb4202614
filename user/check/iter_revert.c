// SPDX-License-Identifier: GPL-2.0-only
/*
 * iov_iter_revert() past the start. An iterator keeps no start for most types, so what is certain
 * is little: user buffers and xarrays count their offset from the start, folio queues and the array
 * of a direct request have a first page, which the program looked for (bpf/iter_rule.bpf.h), and an
 * iterator of a subrequest can never hold more than that subrequest had when it was submitted.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fmt.h"
#include "check/checks.h"
#include "check/inside.h"

#define MAX_RW_COUNT 0x7ffff000u /* include/linux/fs.h, of 4 KiB pages */

/* since the last SUBMT */
struct slice {
	uint64_t len; /* bytes its iterator may hold */
};

struct revert_state {
	uint64_t reverts, undecidable;
};

/* What this kernel does when it is wound back too far: lib/iov_iter.c, 6.1 to 7.3. */
static const struct {
	enum name_id type;
	bool exact; /* iov_offset counts from the start */
	const char *happens;
} types[] = {
	{ ITER_UBUF, true, "the kernel stops with BUG() in iov_iter_revert()" },
	{ ITER_XARRAY, true, "the kernel stops with BUG() in iov_iter_revert()" },
	{ ITER_FOLIOQ, false,
	  "at the head of the queue the kernel dereferences NULL, else it silently steps into folios of another subrequest" },
	{ ITER_BVEC, false,
	  "the kernel silently steps before the array: what it reads there is used as pages" },
	{ ITER_KVEC, false,
	  "the kernel silently steps before the array: what it reads there is used as addresses" },
	{ ITER_IOVEC, false,
	  "the kernel silently steps before the array: what it reads there is used as addresses" },
};

static int type_index(enum name_id type)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].type == type)
			return i;
	return -1;
}

static void note_submit(struct check *c, const struct seen *ce)
{
	const struct ev_sreq *ev = (const void *)ce->ev;
	struct slice *s = state_get(c, ce->r, ce->s);
	uint64_t left = ev->len > ev->transferred ? ev->len - ev->transferred : 0;

	s->len = left > ev->iter_count ? left : ev->iter_count;
}

static struct finding *start(struct check *c, const struct seen *ce, const char *kind)
{
	const struct ev_revert *ev = (const void *)ce->ev;
	struct finding *f = finding_new(c, kind, ev->hdr.ts, ev->hdr.ts);

	if (ce->r)
		finding_request(f, c, ce->r, ce->sreq);
	finding_task(f, c, ev->hdr.tid);
	finding_place(f, c, ev->caller);
	finding_event(f, c, ce->ev);
	/* a revert is judged by its own numbers: losses elsewhere change nothing */
	if (f)
		f->from_ns = f->time_ns;
	return f;
}

static int too_large(struct check *c, const struct seen *ce)
{
	const struct ev_revert *ev = (const void *)ce->ev;
	struct finding *f = start(c, ce, "too-large");

	finding_expected(f, "at most %u bytes", MAX_RW_COUNT);
	finding_observed(f, "%" PRIu64 " byte%s (%" PRId64 ")", ev->unroll, plural(ev->unroll),
			 (int64_t)ev->unroll);
	finding_explain(
		f,
		"The kernel warns and changes nothing; a count this large is mostly a negative error code taken for a length.");
	return finding_raise(f, c);
}

static int before_start(struct check *c, const struct seen *ce, int type)
{
	const struct ev_revert *ev = (const void *)ce->ev;
	struct finding *f = start(c, ce, "exact");

	finding_expected(f, "unroll <= iov_offset %" PRIu64, ev->offset);
	finding_observed(f, "unroll %" PRIu64 " of %s iterator, count %" PRIu64, ev->unroll,
			 names_text(check_names(c), NAMES_ITER_TYPE, ev->iter_type), ev->count);
	finding_explain(f, "The iterator is wound back %" PRIu64 " byte%s before its start: %s.",
			ev->unroll - ev->offset, plural(ev->unroll - ev->offset),
			types[type].happens);
	return finding_raise(f, c);
}

/* The program walked back as the kernel is about to, and came to the end of the memory. */
static int leaves_memory(struct check *c, const struct seen *ce)
{
	const struct ev_revert *ev = (const void *)ce->ev;
	bool queue = ev->rule == EV_RULE_FOLIOQ;
	struct finding *f = start(c, ce, queue ? "queue" : "direct-bv");

	finding_expected(f, "unroll <= the %" PRIu64 " byte%s from the start of %s", ev->room,
			 plural(ev->room),
			 queue ? "the folio queue" : "the request's array of pages");
	finding_observed(
		f, "unroll %" PRIu64 " of %s iterator, iov_offset %" PRIu64 ", count %" PRIu64,
		ev->unroll, names_text(check_names(c), NAMES_ITER_TYPE, ev->iter_type), ev->offset,
		ev->count);
	finding_explain(
		f, "The iterator is wound back %" PRIu64 " byte%s before its start: %s.", ev->past,
		plural(ev->past),
		queue ? "the kernel dereferences NULL, as no segment of the queue is before"
		      : "the kernel steps before the array and takes what is there for pages");
	return finding_raise(f, c);
}

static int beyond_slice(struct check *c, const struct seen *ce, int type, uint64_t slice)
{
	const struct ev_revert *ev = (const void *)ce->ev;
	struct finding *f = start(c, ce, "slice");
	uint64_t past = ev->count + ev->unroll - slice;

	finding_expected(f, "count %" PRIu64 " + unroll <= the subrequest's %" PRIu64 " byte%s",
			 ev->count, slice, plural(slice));
	finding_observed(
		f, "%" PRIu64 " + %" PRIu64 " = %" PRIu64 " of %s iterator, iov_offset %" PRIu64,
		ev->count, ev->unroll, ev->count + ev->unroll,
		names_text(check_names(c), NAMES_ITER_TYPE, ev->iter_type), ev->offset);
	finding_explain(f, "The iterator is wound back %" PRIu64 " byte%s before its start: %s.",
			past, plural(past), types[type].happens);
	return finding_raise(f, c);
}

/*
 * What its iterator may hold at most; 0: not known. Before the first SUBMT that is the length it
 * was prepared with, and said only of the subrequest's own iterator: others may be about at that
 * time.
 */
static uint64_t slice_of(struct check *c, const struct seen *ce)
{
	const struct ev_revert *ev = (const void *)ce->ev;
	const struct slice *s;

	if (!ce->s || ev->knows == EV_KNOWS_NOTHING)
		return 0;
	s = state_find(c, ce->r, ce->s);
	if (s)
		return s->len;
	if (ev->rule == EV_RULE_SLICE) /* the program saw its length, as it was then */
		return ev->count + ev->room;
	if (ev->knows == EV_KNOWS_WORK || ce->s->partial || ce->s->transferred > ce->s->len)
		return 0;
	return ce->s->len - ce->s->transferred;
}

static int judge(struct check *c, const struct seen *ce)
{
	const struct ev_revert *ev = (const void *)ce->ev;
	struct revert_state *st = c->state;
	int type = type_index(ce->name);
	uint64_t slice;

	if (!ev->unroll)
		return 0;
	st->reverts++;
	c->judged++;
	if (ev->unroll > MAX_RW_COUNT)
		return too_large(c, ce);
	if (ce->name == ITER_DISCARD)
		return 0;
	if (type >= 0 && types[type].exact)
		return ev->unroll > ev->offset ? before_start(c, ce, type) : 0;
	if (ev->past && (ev->rule == EV_RULE_FOLIOQ || ev->rule == EV_RULE_DIRECT_BV))
		return leaves_memory(c, ce);
	slice = type >= 0 ? slice_of(c, ce) : 0;
	if (slice)
		return ev->count + ev->unroll > slice ? beyond_slice(c, ce, type, slice) : 0;
	if (ev->unroll > ev->offset) {
		st->undecidable++;
		c->judged--;
	}
	return 0;
}

static int on_event(struct check *c, const struct seen *ce)
{
	if (ce->ev->kind == EV_REVERT)
		return judge(c, ce);
	if (ce->s)
		note_submit(c, ce);
	return 0;
}

static int on_finish(struct check *c)
{
	const struct revert_state *st = c->state;

	if (!st->reverts)
		return 0;
	snprintf(c->note, sizeof(c->note), "%" PRIu64 " reverts, %" PRIu64 " not decidable",
		 st->reverts, st->undecidable);
	return 0;
}

static const char *const needs[] = {
	"iov_iter_revert_callsite|iov_iter_revert_breakpoint|iov_iter_revert_kprobe", NULL
};

const struct check_ops check_iter_revert = {
	.id = "iter-revert",
	.severity = SEVERITY_CRITICAL,
	.title = "iterators wound back past their start",
	.rule = "An iov_iter is never wound back past its start.",
	.why = "Past the start of a user buffer or xarray the kernel stops with BUG(); with a folio queue it dereferences NULL or touches folios of another subrequest; with vectors it uses the memory before the array as addresses. Data are corrupted, or a worker dies and the mount hangs.",
	.next = "The caller in `where`: who advanced this iterator, and was it a copy that had not been advanced? `netfsnoop line` names the source line.",
	.limits =
		"Calls that cannot be decided are counted as such: vectors do not record their start, and a copy on a stack belongs to no known subrequest. After a truncation, a revert that stays within the slice is not found; nor is one that goes back more than 1024 pages.",
	.bugs = "\"cifs: Fix reversion of the iter in cifs_readv_receive()\"; a second revert in smb2_readv_callback() of signed reads before 6.10; \"netfs: Fix oops in write-retry from mis-resetting the subreq iterator\"",
	.example =
		"iter-revert: R=0000000a[1]: The iterator is wound back 65536 bytes before its start: the kernel dereferences NULL, as no segment of the queue is before.\n"
		"  verdict   violation, critical\n"
		"  expected  unroll <= the 0 bytes from the start of the folio queue\n"
		"  observed  unroll 65536 of FOLIOQ iterator, iov_offset 0, count 65536\n"
		"  where     smb2_readv_callback+0x1db/0x750 [cifs]\n"
		"  when      [   25.353488], 2026-11-28 04:00:14.299 UTC\n"
		"  task      cifsd (tid 237, pid 237)\n"
		"  file      inode 2 on /mnt/smb (cifs)\n"
		"  command   conn 0x1, mid 70; wireshark: smb2.msg_id == 70\n"
		"    [   25.306983] dd-308: send rc=0\n"
		"    [   25.313052] dd-308: sent rc=0\n"
		"    [   25.313084] dd-308: async done credits=0 rc=0\n"
		"    [   25.313102] dd-308: issue done credits=0 rc=0\n"
		"    [   25.332540] cifsd-237: response 00000000 +9\n"
		"    [   25.332568] cifsd-237: cmd done READ mid=70\n"
		"    [   25.346246] cifsd-237: callback 65536 rc=0 st=4\n"
		"    [   25.353488] cifsd-237: revert FOLIOQ 65536 at 0\n",
	.judges = { "revert", "reverts" },
	.needs = needs,
	.families = FAMILY_NETFS,
	.wants = WANTS(EV_REVERT, EV_SREQ | SAYS(SREQ_SUBMIT)),
	.state_size = sizeof(struct revert_state),
	.subrequest_state = sizeof(struct slice),
	.event = on_event,
	.finish = on_finish,
};
