// SPDX-License-Identifier: GPL-2.0-only
/* Plans: what is read of them, what is wrong in them and where, and that a seed decides alone. */
#include "provoke_util.h"

#include "base/clock.h"
#include "provoke/plan.h"
#include "provoke/select.h"

static void wrong(const char *text, const char *message)
{
	struct fault_plan p;
	struct err err = {};

	assert_int_equal(fault_plan_parse(&p, "p", text, &err), -EINVAL);
	assert_string_equal(err.text, message);
}

static void test_errors(void **state)
{
	(void)state;
	wrong("\n\nfoo", "p:3: a line begins with on or seed, not with foo");
	wrong("seed x", "p:1: seed takes a number");
	wrong("on", "p:1: no fault: write on COMMAND CONDITIONS: FAULT");
	wrong("on :delay 1s", "p:1: on needs a command, such as READ, or any");
	wrong("on READ: ", "p:1: no fault behind the colon");
	wrong("on REED: delay 1s", "p:1: no command REED; did you mean READ?");
	wrong("on CANCEL: delay 1s", "p:1: a CANCEL has no response, so no fault");
	wrong("on READ: short-reed 1", "p:1: no fault short-reed; did you mean short-read?");
	wrong("on READ: short-read",
	      "p:1: short-read needs bytes or a share, such as 4096, 64K, half or 10%");
	wrong("on READ: short-read 100%",
	      "p:1: short-read takes bytes or a share, such as 4096, 64K, half or 10%, not 100%");
	wrong("on WRITE: short-read 1", "p:1: short-read is no fault of a WRITE");
	wrong("on READ: status DISK_FUL", "p:1: no status DISK_FUL; did you mean DISK_FULL?");
	wrong("on READ: status DISK_FULL", "p:1: no server answers DISK_FULL to a READ");
	wrong("on READ nth: delay 1s", "p:1: nth needs a value");
	wrong("on READ nth 3..2: delay 1s", "p:1: nth does not take 3..2");
	wrong("on READ every 0: delay 1s", "p:1: every does not take 0");
	wrong("on READ share 0%: delay 1s", "p:1: share does not take 0%");
	wrong("on READ sixe 1K: delay 1s", "p:1: no condition sixe; did you mean size?");
	wrong("on READ: delay 5", "p:1: delay takes a duration, such as 200ms, not 5");
	wrong("on READ: delay 0", "p:1: delay takes more than 0");
	wrong("on READ: delay 1s keep 3", "p:1: delay has no option keep");
	wrong("on READ: grant many", "p:1: grant takes a number of credits, or fewer, not many");
	wrong("on READ: grant 0 keep 0", "p:1: keep takes a number from 1 to 65535, not 0");
	wrong("on READ: cut here", "p:1: cut takes before, within or after, not here");
	wrong("on NEGOTIATE: max-read 4K", "p:1: max-read takes 64K or more: less is not lawful");
	wrong("on CREATE offset 1M..: delay 1s",
	      "p:1: offset and size are those of a READ or WRITE");
}

static void test_rule(void **state)
{
	struct fault_plan p;
	struct err err = {};
	const struct rule *r;

	(void)state;
	assert_int_equal(
		fault_plan_parse(
			&p, "p",
			"# all that a rule may have\nseed 7\n"
			"on read,WRITE nth 2..4 every 2 share 0.5% times 3 offset 1M.. "
			"size ..64K connection 1 session 2: cut within reset refuse 2s # done\n",
			&err),
		0);
	assert_int_equal(p.seed, 7);
	assert_int_equal(p.nr, 1);
	r = p.rules;
	assert_int_equal(r->line, 3);
	assert_int_equal(r->commands, 1 << SMB2_READ | 1 << SMB2_WRITE);
	assert_true(r->nth.from == 2 && r->nth.to == 4 && r->every == 2 && r->times == 3);
	assert_int_equal(r->share_ppm, 5000);
	assert_true(r->offset.from == 1 << 20 && r->offset.to == UINT64_MAX);
	assert_true(r->size.from == 0 && r->size.to == 65536);
	assert_true(r->connection.from == 1 && r->session.to == 2);
	assert_true(r->fault.id == FAULT_CUT && r->fault.where == CUT_WITHIN && r->fault.reset);
	assert_int_equal(r->fault.refuse_ns, 2 * NS_PER_SEC);
	fault_plan_free(&p);
}

/* "any" is what the fault is made for. */
static void test_any(void **state)
{
	struct fault_plan p;
	struct err err = {};

	(void)state;
	assert_int_equal(fault_plan_parse(&p, "p",
					  "on any: status FILE_LOCK_CONFLICT\non any: delay 1s\n"
					  "on any offset 0: delay 1s\n",
					  &err),
			 0);
	assert_int_equal(p.rules[0].commands, 1 << SMB2_READ | 1 << SMB2_WRITE);
	assert_true(p.rules[1].any && !p.rules[0].any && !p.rules[2].any);
	assert_int_equal(p.rules[2].commands, 1 << SMB2_READ | 1 << SMB2_WRITE);
	fault_plan_free(&p);
}

/* The requests of so many READs that the first rule chooses, a bit each. */
static uint64_t chosen_of(const char *text, unsigned int nr)
{
	struct asked a = { .command = SMB2_READ, .connection = 1, .has_range = true };
	struct rule *chosen[SLOTS];
	struct fault_plan p;
	struct err err = {};
	uint64_t bits = 0;

	assert_int_equal(fault_plan_parse(&p, "p", text, &err), 0);
	for (unsigned int i = 0; i < nr; i++, a.offset += 4096) {
		fault_plan_select(&p, &a, chosen);
		if (chosen[SLOT_TIME])
			bits |= UINT64_C(1) << i;
	}
	fault_plan_free(&p);
	return bits;
}

static void test_select(void **state)
{
	(void)state;
	assert_int_equal(chosen_of("on READ nth 3: delay 1s", 8), 0x4);
	assert_int_equal(chosen_of("on READ nth 3..: delay 1s", 8), 0xfc);
	assert_int_equal(chosen_of("on READ every 3: delay 1s", 8), 0x24);
	assert_int_equal(chosen_of("on READ every 3 times 1: delay 1s", 8), 0x4);
	assert_int_equal(chosen_of("on READ offset 8K..16K: delay 1s", 8), 0x1c);
	assert_int_equal(chosen_of("on READ offset 8K.. nth 2: delay 1s", 8), 0x8);
	assert_int_equal(chosen_of("on READ connection 2: delay 1s", 8), 0);
	assert_int_equal(chosen_of("on READ size 1: delay 1s", 8), 0);
	assert_int_equal(chosen_of("on WRITE: delay 1s", 8), 0);
}

static void test_seed(void **state)
{
	uint64_t one = chosen_of("seed 1\non READ share 50%: delay 1s", 64);

	(void)state;
	assert_true(one == chosen_of("seed 1\non READ share 50%: delay 1s", 64));
	assert_true(one != chosen_of("seed 2\non READ share 50%: delay 1s", 64));
	assert_in_range(__builtin_popcountll(one), 16, 48);
	assert_true(chosen_of("on READ share 100%: delay 1s", 64) == UINT64_MAX);
}

/* Of one slot the first rule wins; all count. */
static void test_slots(void **state)
{
	struct asked a = { .command = SMB2_READ, .connection = 1 };
	struct rule *chosen[SLOTS];
	struct fault_plan p;
	struct err err = {};

	(void)state;
	assert_int_equal(fault_plan_parse(&p, "p",
					  "on READ: delay 1s\non READ: stall 1s\non READ: grant 0\n"
					  "on READ: cut after\non READ: short-read 1\n",
					  &err),
			 0);
	fault_plan_select(&p, &a, chosen);
	assert_ptr_equal(chosen[SLOT_TIME], &p.rules[0]);
	assert_ptr_equal(chosen[SLOT_CREDITS], &p.rules[2]);
	assert_ptr_equal(chosen[SLOT_LINK], &p.rules[3]);
	assert_ptr_equal(chosen[SLOT_BODY], &p.rules[4]);
	assert_int_equal(p.rules[1].counted, 1);
	fault_plan_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors), cmocka_unit_test(test_rule),
		cmocka_unit_test(test_any),    cmocka_unit_test(test_select),
		cmocka_unit_test(test_seed),   cmocka_unit_test(test_slots),
	};

	return cmocka_run_group_tests_name("provoke: plans", tests, NULL, NULL);
}
