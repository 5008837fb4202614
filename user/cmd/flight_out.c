// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/fmt.h"
#include "base/units.h"
#include "cmd/flight_out.h"

#define SEC_NS	    1000000000ULL
#define AFTER_NS    SEC_NS	 /* what follows a finding is worth something too */
#define HOLD_NS	    (5 * SEC_NS) /* longer than a finding of a request that is over can take */
#define MAX_WAITING 32
#define MIN_BYTES   (1 << 20)

struct waiting {
	uint64_t due_ns;
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

void flight_out_found(struct flight_out *f, const struct finding *finding, bool at_once)
{
	struct waiting *w = &f->waiting[f->nr_waiting];

	if (f->nr_waiting == MAX_WAITING || f->saved + f->nr_waiting >= f->opts.max_files) {
		f->left_out++;
		return;
	}
	f->nr_waiting++;
	w->due_ns = at_once ? 0 : f->now_ns + AFTER_NS;
	snprintf(w->why, sizeof(w->why), "finding=%s %s: %s", finding->check->id,
		 finding->rreq ? fmt_request(finding->synth, finding->rreq, finding->sreq).s : "-",
		 finding->explanation);
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

static int save(struct flight_out *f, const struct waiting *w, struct err *err)
{
	__autoclose int fd = open_file(f);
	int rc;

	if (fd == -ENOSPC) {
		f->left_out++;
		return 0;
	}
	rc = fd < 0 ? fd : flight_save(f->flight, fd, w->why);
	if (rc)
		return err_set(err, rc, "cannot save a finding beside %s: %s", f->opts.path,
			       strerror(-rc));
	f->saved++;
	return 0;
}

int flight_out_tick(struct flight_out *f, bool all, struct err *err)
{
	size_t kept = 0;
	int rc = 0;

	for (size_t i = 0; i < f->nr_waiting; i++) {
		if (!rc && (all || f->waiting[i].due_ns <= f->now_ns))
			rc = save(f, &f->waiting[i], err);
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
