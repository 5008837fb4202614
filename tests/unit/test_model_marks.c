// SPDX-License-Identifier: GPL-2.0-only
/* model: spans in which we were parked, and the subrequest that 6.1 calls 0, from made-up events.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/model.h"

#define MAX 8

struct heard {
	struct model *m;
	struct model_listener listener;
	struct parked parked[MAX];
	int nr_parked;
	struct request request[MAX];
	uint32_t index[MAX]; /* of the first subrequest */
	uint64_t moved[MAX];
	int nr;
};

static int on_parked(void *ctx, const struct parked *p)
{
	struct heard *seen = ctx;

	assert_true(seen->nr_parked < MAX);
	seen->parked[seen->nr_parked++] = *p;
	return 0;
}

static int on_request(void *ctx, const struct request *r)
{
	struct heard *seen = ctx;

	assert_true(seen->nr < MAX);
	seen->request[seen->nr] = *r;
	for_each_subrequest (r, s) {
		seen->index[seen->nr] = s->index;
		seen->moved[seen->nr] += s->transferred;
	}
	seen->nr++;
	return 0;
}

static int setup(void **state)
{
	struct heard *seen = calloc(1, sizeof(*seen));

	assert_int_equal(model_new(&seen->m, NULL), 0);
	seen->listener =
		(struct model_listener){ .request = on_request, .parked = on_parked, .ctx = seen };
	assert_int_equal(model_listen(seen->m, &seen->listener), 0);
	*state = seen;
	return 0;
}

static int teardown(void **state)
{
	struct heard *seen = *state;

	model_free(seen->m);
	free(seen);
	return 0;
}

static void mark(struct heard *seen, uint64_t ts, enum ev_mark what, uint32_t value)
{
	struct ev_mark_rec ev = { .hdr = { .size = sizeof(ev), .kind = EV_MARK, .ts = ts },
				  .mark = what,
				  .value = value };

	assert_int_equal(model_feed(seen->m, &ev.hdr), 0);
}

static void sreq(struct heard *seen, uint64_t ts, uint32_t rreq, uint32_t index, uint64_t moved)
{
	struct ev_sreq ev = {
		.hdr = { .size = sizeof(ev), .kind = EV_SREQ, .flags = EVF_RREQ, .ts = ts },
		.rreq = rreq,
		.sreq = index,
		.len = 4096,
		.transferred = moved,
	};

	assert_int_equal(model_feed(seen->m, &ev.hdr), 0);
}

static void assert_span(const struct parked *p, uint64_t from, uint64_t to, bool cifs_only,
			bool open)
{
	assert_int_equal(p->from, from);
	assert_int_equal(p->to, to);
	assert_int_equal(p->cifs_only, cifs_only);
	assert_int_equal(p->open, open);
}

static void test_span(void **state)
{
	struct heard *seen = *state;

	mark(seen, 10, EV_MARK_START, 0);
	mark(seen, 100, EV_MARK_PARKED, EV_PARKED_ASKED);
	assert_int_equal(seen->nr_parked, 0);
	mark(seen, 400, EV_MARK_ATTACHED, EV_ATTACHED_ALL);
	assert_int_equal(seen->nr_parked, 1);
	assert_true(seen->parked[0].asked);
	mark(seen, 500, EV_MARK_STOP, 0);
	assert_int_equal(model_finish(seen->m), 0);
	assert_int_equal(seen->nr_parked, 1);
	assert_span(&seen->parked[0], 100, 400, false, false);
	assert_int_equal(model_recording(seen->m)->nr_parked, 1);
}

/* With other users of netfs, those are recorded again before cifs is. */
static void test_cifs_alone(void **state)
{
	struct heard *seen = *state;

	mark(seen, 100, EV_MARK_PARKED, 0);
	mark(seen, 200, EV_MARK_ATTACHED, EV_ATTACHED_WITHOUT_CIFS);
	mark(seen, 600, EV_MARK_PARKED, 0);
	mark(seen, 700, EV_MARK_ATTACHED, EV_ATTACHED_ALL);
	assert_int_equal(model_finish(seen->m), 0);
	assert_int_equal(seen->nr_parked, 3);
	assert_span(&seen->parked[0], 100, 200, false, false);
	assert_span(&seen->parked[1], 200, 600, true, false);
	assert_span(&seen->parked[2], 600, 700, false, false);
}

static void test_to_the_end(void **state)
{
	struct heard *seen = *state;

	mark(seen, 100, EV_MARK_PARKED, 0);
	mark(seen, 900, EV_MARK_STOP, 0);
	assert_int_equal(model_finish(seen->m), 0);
	assert_int_equal(seen->nr_parked, 1);
	assert_span(&seen->parked[0], 100, 900, false, true);
	assert_false(seen->parked[0].asked);
}

/* cut off: no stop mark either */
static void test_torn(void **state)
{
	struct heard *seen = *state;

	mark(seen, 100, EV_MARK_PARKED, 0);
	mark(seen, 300, EV_MARK_EXIT, 0);
	assert_int_equal(model_finish(seen->m), 0);
	assert_int_equal(seen->nr_parked, 1);
	assert_span(&seen->parked[0], 100, 300, false, true);
}

/* A request that was under way while we were away has holes; one before and one after have none. */
static void test_request_across(void **state)
{
	struct heard *seen = *state;

	sreq(seen, 10, 1, 1, 0);
	sreq(seen, 20, 2, 1, 0);
	mark(seen, 100, EV_MARK_PARKED, 0);
	mark(seen, 200, EV_MARK_ATTACHED, 0);
	sreq(seen, 210, 2, 1, 4096);
	sreq(seen, 220, 3, 1, 4096);
	assert_int_equal(model_finish(seen->m), 0);
	assert_int_equal(seen->nr, 3);
	assert_false(seen->request[0].lost);
	assert_true(seen->request[1].lost);
	assert_false(seen->request[2].lost);
}

/* {rreq, 0} is the request, {rreq, EV_SREQ_ZERO} the subrequest that 6.1 calls 0. */
static void test_subrequest_zero(void **state)
{
	struct heard *seen = *state;
	struct ev_ref own = {
		.hdr = { .size = sizeof(own), .kind = EV_REF, .flags = EVF_RREQ, .ts = 30 },
		.rreq = 7,
		.ref = 2
	};
	struct ev_ref its = own;

	sreq(seen, 10, 7, EV_SREQ_ZERO, 4096);
	assert_int_equal(model_feed(seen->m, &own.hdr), 0);
	its.sreq = EV_SREQ_ZERO;
	its.ref = 1;
	assert_int_equal(model_feed(seen->m, &its.hdr), 0);
	assert_int_equal(model_finish(seen->m), 0);
	assert_int_equal(seen->nr, 1);
	assert_int_equal(seen->request[0].nr_subrequests, 1);
	assert_true(seen->index[0] == EV_SREQ_ZERO);
	assert_int_equal(seen->moved[0], 4096);
	assert_int_equal(seen->request[0].ref, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_span, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cifs_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_to_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(test_torn, setup, teardown),
		cmocka_unit_test_setup_teardown(test_request_across, setup, teardown),
		cmocka_unit_test_setup_teardown(test_subrequest_zero, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
