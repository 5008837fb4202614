// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decides which window of the flight recorder (trace/flight.c) becomes a file; record calls it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/fmt.h"
#include "base/units.h"
#include "run/flight_out.h"

#define SEC_NS	    1000000000ULL
#define AFTER_NS    SEC_NS	 /* what follows a finding is worth something too */
#define HOLD_NS	    (5 * SEC_NS) /* longer than a finding of a request that is over can take */
#define MAX_WAITING 32
#define MIN_BYTES   (1 << 20)

struct waiting {
	uint64_t due_ns;
	uint64_t at_ns; /* what it is saved for */
	uint64_t more;	/* of the same kind that came since */
	bool event;	/* not a finding */
	char why[320];
};

struct flight_out {
	struct flight_out_options opts;
	const struct model *m;
	struct flight *flight;
	uint64_t now_ns;
	uint64_t open_since, next_open_since, looked_ns; /* of requests: the window reaches back */
	struct waiting waiting[MAX_WAITING];
	size_t nr_waiting;
	uint64_t event_ns; /* when one was saved for something that is no finding; 0: never */
	unsigned int saved, left_out;
	char last[4096];
};

/* Both parts are needed: days of silence have no size, a burst has no time. */
int flight_out_parse(const char *text, struct flight_options *ret)
{
	const char *comma = strchr(text, ',');
	char span[32];
	size_t len = comma ? (size_t)(comma - text) : 0;

	if (len < 2 || len >= sizeof(span))
		return -EINVAL;
	memcpy(span, text, len);
	span[span[len - 1] == 's' ? len - 1 : len] = '\0';
	if (parse_seconds(span, &ret->span_ns) || ret->span_ns < SEC_NS)
		return -EINVAL;
	return parse_size(comma + 1, &ret->bytes) || ret->bytes < MIN_BYTES ? -EINVAL : 0;
}

int flight_out_new(struct flight_out **ret_f, const struct flight_out_options *o,
		   const struct model *m)
{
	__free(flight_out_freep) struct flight_out *f = calloc(1, sizeof(*f));
	int rc = f ? flight_new(&f->flight, &o->flight) : -ENOMEM;

	if (rc)
		return rc;
	f->opts = *o;
	f->m = m;
	f->open_since = f->next_open_since = UINT64_MAX;
	*ret_f = TAKE(f);
	return 0;
}

void flight_out_free(struct flight_out *f)
{
	if (!f)
		return;
	flight_free(f->flight);
	free(f);
}

/* The oldest request that is open, or was until a moment ago: its finding may still come. */
static uint64_t keep_from(struct flight_out *f)
{
	uint64_t open = model_open_since(f->m);

	if (open < f->next_open_since)
		f->next_open_since = open;
	if (f->now_ns - f->looked_ns >= HOLD_NS) {
		f->open_since = f->next_open_since;
		f->next_open_since = open;
		f->looked_ns = f->now_ns;
	}
	return f->open_since < f->next_open_since ? f->open_since : f->next_open_since;
}

int flight_out_add(struct flight_out *f, const struct ev_hdr *ev)
{
	if (ev->ts > f->now_ns)
		f->now_ns = ev->ts;
	return flight_add(f->flight, ev, keep_from(f));
}

/* NULL: there will be no file for it. */
static struct waiting *wait_for(struct flight_out *f, uint64_t due_ns)
{
	struct waiting *w = &f->waiting[f->nr_waiting];

	if (f->nr_waiting == MAX_WAITING || f->saved + f->nr_waiting >= f->opts.max_files)
		return NULL;
	f->nr_waiting++;
	*w = (struct waiting){ .due_ns = due_ns, .at_ns = f->now_ns };
	return w;
}

static void leave_out(struct flight_out *f, const char *why)
{
	f->left_out++;
	if (f->opts.saved)
		f->opts.saved(f->opts.ctx, NULL, why);
}

void flight_out_found(struct flight_out *f, const struct finding *finding, bool at_once)
{
	char why[sizeof(f->waiting[0].why)];
	struct waiting *w;

	if (finding->verdict == VERDICT_KNOWN)
		return;
	w = wait_for(f, at_once ? 0 : f->now_ns + AFTER_NS);
	snprintf(why, sizeof(why), "finding=%s %s: %s", finding->check->id,
		 finding->rreq ? fmt_request(finding->synth, finding->rreq, finding->sreq).s : "-",
		 finding->explanation);
	if (w)
		memcpy(w->why, why, sizeof(why));
	else
		leave_out(f, why);
}

static struct waiting *waiting_event(struct flight_out *f)
{
	for (size_t i = 0; i < f->nr_waiting; i++)
		if (f->waiting[i].event)
			return &f->waiting[i];
	return NULL;
}

void flight_out_event(struct flight_out *f, const char *text, bool at_once)
{
	struct waiting *w = waiting_event(f);
	uint64_t due = at_once ? 0 : f->now_ns + AFTER_NS;
	char why[sizeof(w->why)];

	if (w) {
		w->more++;
		return;
	}
	if (f->event_ns && due < f->event_ns + f->opts.flight.span_ns)
		due = f->event_ns + f->opts.flight.span_ns;
	snprintf(why, sizeof(why), "trigger=%s", text);
	w = wait_for(f, due);
	if (!w) {
		leave_out(f, why);
		return;
	}
	w->event = true;
	memcpy(w->why, why, sizeof(why));
}

/* Never one that exists: what is there is another finding's, and counts too. */
static int open_file(struct flight_out *f)
{
	size_t len = strlen(f->opts.path);
	int fd = -ENOSPC;

	if (len > 4 && !strcmp(f->opts.path + len - 4, ".nsn"))
		len -= 4;
	for (unsigned int n = 1; n <= f->opts.max_files; n++) {
		char probe[sizeof(f->last)];

		if ((size_t)snprintf(probe, sizeof(probe), "%.*s-%03u.nsn", (int)len, f->opts.path,
				     n) >= sizeof(probe))
			return -ENAMETOOLONG;
		fd = open(probe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd >= 0)
			strcpy(f->last, probe);
		if (fd >= 0 || errno != EEXIST)
			return fd >= 0 ? fd : -errno;
	}
	return -ENOSPC;
}

static int save(struct flight_out *f, const char *why, struct err *err)
{
	__autoclose int fd = open_file(f);
	int rc;

	if (fd == -ENOSPC) {
		leave_out(f, why);
		return 0;
	}
	rc = fd < 0 ? fd : flight_save(f->flight, fd, why);
	if (rc)
		return err_set(err, rc, "cannot save a window next to %s: %s", f->opts.path,
			       strerror(-rc));
	f->saved++;
	if (f->opts.saved)
		f->opts.saved(f->opts.ctx, f->last, why);
	return 0;
}

static int save_waiting(struct flight_out *f, struct waiting *w, struct err *err)
{
	size_t len = strlen(w->why);

	if (w->event)
		f->event_ns = f->now_ns;
	if (w->more && len + 32 < sizeof(w->why))
		snprintf(w->why + len, sizeof(w->why) - len, "; %" PRIu64 " more", w->more);
	return save(f, w->why, err);
}

int flight_out_now(struct flight_out *f, const char *why, struct err *err)
{
	return save(f, why, err);
}

/* Under load the window is shorter than its span: nothing waits until it has slid out. */
static bool is_due(const struct flight_out *f, const struct waiting *w)
{
	uint64_t from = flight_from(f->flight);

	return w->due_ns <= f->now_ns ||
	       (w->at_ns < f->now_ns && w->at_ns < from + (f->now_ns - from) / 8);
}

int flight_out_tick(struct flight_out *f, bool all, struct err *err)
{
	size_t kept = 0;
	int rc = 0;

	for (size_t i = 0; i < f->nr_waiting; i++) {
		if (!rc && (all || is_due(f, &f->waiting[i])))
			rc = save_waiting(f, &f->waiting[i], err);
		else
			f->waiting[kept++] = f->waiting[i];
	}
	f->nr_waiting = kept;
	return rc;
}

struct flight_out_state flight_out_state(const struct flight_out *f)
{
	return (struct flight_out_state){ .saved = f->saved,
					  .left_out = f->left_out,
					  .bytes = flight_bytes(f->flight),
					  .last = *f->last ? f->last : NULL };
}
