// SPDX-License-Identifier: GPL-2.0-only
/* The tests of an xfstests run that the trace has marks of. */
#include "base/fmt.h"
#include "model/test.h"
#include "view/text/summary_print.h"

#define MANY 40 /* of more than these, those that passed are only counted */

static void put_test(const struct summary_view *v, const struct test *t)
{
	char name[EV_TEST_LEN + 16], shown[MAX_NAME];

	snprintf(name, sizeof(name), t->repeat > 1 ? "%s#%u" : "%s", t->name, t->repeat);
	fprintf(v->out, "  %-21s %-10s", fmt_escape(shown, sizeof(shown), name),
		t->judged ? outcome_name(t->outcome) : "-");
	sum_count(v, 8, t->requests);
	if (!sum_narrow(v))
		fprintf(v->out, " %10s %10s", fmt_bytes(t->read_bytes).s,
			fmt_bytes(t->written_bytes).s);
	sum_bad(v, 6, t->errors);
	sum_bad(v, 7, t->retries);
	fputc('\n', v->out);
}

void sum_tests(const struct summary_view *v)
{
	uint32_t nr = model_nr_tests(v->m), passed = 0;

	if (!nr)
		return;
	sum_heading(v, "Tests of xfstests");
	if (sum_narrow(v))
		fputs("  test                  result     requests errors retries\n", v->out);
	else
		fputs("  test                  result     requests       read    written errors retries\n",
		      v->out);
	for (uint32_t i = 1; i <= nr; i++) {
		const struct test *t = model_test(v->m, i);

		if (nr > MANY && t->judged && t->outcome == EV_TEST_PASS)
			passed++;
		else
			put_test(v, t);
	}
	if (passed)
		fprintf(v->out, "  and %u more that passed\n", passed);
	fputs("  --test=NAME[#N] shows the requests of one test\n", v->out);
}
