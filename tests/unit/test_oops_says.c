// SPDX-License-Identifier: GPL-2.0-only
/* What is said of the inputs of tests/cases/oops, beyond the facts there: titles, and what is not said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "oops/oops.h"

#define MAX_REPORTS 16

struct said {
	size_t n;
	char of[MAX_REPORTS][2048]; /* title and text of what each means */
};

static int keep(void *ctx, const struct oops *o)
{
	struct said *s = ctx;
	struct oops_meaning m;

	assert_true(s->n < MAX_REPORTS);
	oops_explain(o, &m);
	snprintf(s->of[s->n++], sizeof(s->of[0]), "%s\n%s", m.title, m.text);
	return 0;
}

static void read_case(const char *name, struct said *s)
{
	__free(oops_parser_freep) struct oops_parser *p = NULL;
	__autofree char *text = NULL;
	char path[128];
	size_t size;

	memset(s, 0, sizeof(*s));
	snprintf(path, sizeof(path), "tests/cases/oops/%s.txt", name);
	assert_int_equal(file_read(path, 1 << 20, &text, &size), 0);
	assert_int_equal(oops_parser_new(&p, keep, s), 0);
	assert_int_equal(oops_parser_feed(p, text, size), 0);
	assert_int_equal(oops_parser_flush(p), 0);
}

/* report: which of the input, from 0; never: NULL nothing */
struct expected {
	const char *name;
	size_t report;
	const char *says, *never;
};

static void check(const struct expected *e, size_t n)
{
	static struct said s;

	for (size_t i = 0; i < n; i++) {
		read_case(e[i].name, &s);
		if (e[i].report >= s.n)
			fail_msg("%s: only %zu reports", e[i].name, s.n);
		if (!strstr(s.of[e[i].report], e[i].says))
			fail_msg("%s: says not \"%s\" but:\n%s", e[i].name, e[i].says,
				 s.of[e[i].report]);
		if (e[i].never && strstr(s.of[e[i].report], e[i].never))
			fail_msg("%s: says \"%s\":\n%s", e[i].name, e[i].never, s.of[e[i].report]);
	}
}

/* An NMI's stack, and that of a CPU that does not get on, are no faults. */
static void test_cpus(void **state)
{
	static const struct expected e[] = {
		{ "soft-lockup-ours", 0, "a CPU let no other task run", "fault" },
		{ "soft-lockup-nmi", 1, "asked: no fault\nIt was in smb2_find_mid.", "itself" },
		{ "sysrq-l-arm64", 0, "no fault", "itself" },
		{ "hard-lockup-6.6", 0, "It spins for a lock", "loop" },
		{ "stall-4.19", 0, "It was in smb2_find_mid.", "itself" },
		{ "stale-frames", 0, "leftovers", "call trace" },
	};

	(void)state;
	check(e, ARRAY_SIZE(e));
}

static void test_whose_memory(void **state)
{
	static const struct expected e[] = {
		{ "kasan-of-others", 0, "memory of others was used after it was freed, below",
		  "memory of netfs" },
		{ "kasan-of-others", 0, "Allocated by __alloc_skb.\nFreed by skb_release_data.",
		  NULL },
		{ "kasan-of-others-arm64", 0, "memory was freed twice, below netfs or cifs",
		  "memory of" },
		{ "kasan-of-others-arm64", 0, "Freed now by crypto_destroy_tfm, below cifs_crypto",
		  NULL },
		{ "kasan-of-others-arm64", 0,
		  "crypto_alloc_tfmmem, below smb3_crypto_aead_allocate", NULL },
		{ "kasan-cache-of-ours", 0, "memory of netfs or cifs was used after", "by netfs" },
		{ "kasan-builtin", 0, "memory of netfs or cifs was used after it was freed", NULL },
		{ "slub-of-others-s390", 0,
		  "memory of others was written beyond its bounds, and netfs or cifs noticed",
		  NULL },
		{ "slub-label-only", 0, "memory of netfs or cifs was written after it was freed",
		  NULL },
		{ "slub-label-only", 0,
		  "Allocated by cifsConvertToUTF16.\nFreed last by cifs_readdir.", NULL },
		{ "refcount-of-others", 0, "changed by key_put, below SMB2_auth_kerberos",
		  "count of netfs" },
		{ "refcount-4.19-ppc64", 0, "count of netfs or cifs went wrong", NULL },
	};

	(void)state;
	check(e, ARRAY_SIZE(e));
}

static void test_less(void **state)
{
	static const struct expected e[] = {
		{ "reclaim-wait", 0, "of any file system", "write request ended" },
		{ "lockdep-irq-state", 0, "also taken in an interrupt", "order" },
		{ "lockdep-recursive", 0, "while one of its class is held", "order" },
		{ "hash-state-null", 0, "smb2_calc_signature", "memory that is not the message" },
		{ "stall-kthread", 0, "not in the log", "nothing of netfs" },
		{ "page-fault-wait", 0, "mmap_lock, which do_user_addr_fault",
		  "fault_in_readable" },
		{ "hard-lockup-3.10", 0, "took no interrupts", "not in the log" },
		{ "slub-freed-twice", 0, "memory of others was freed twice, below", "noticed" },
		{ "panic-offset", 0, "not in the log", "nothing of netfs" },
	};

	(void)state;
	check(e, ARRAY_SIZE(e));
}

static void test_owner(void **state)
{
	static const struct expected e[] = {
		{ "hung-blocker-hung", 0, "has no stack here", "waits for nothing" },
		{ "waits-old", 3, "an answer of the server, or credits", "send lock" },
	};

	(void)state;
	check(e, ARRAY_SIZE(e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cpus),
		cmocka_unit_test(test_whose_memory),
		cmocka_unit_test(test_less),
		cmocka_unit_test(test_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
