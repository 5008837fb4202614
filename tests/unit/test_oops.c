// SPDX-License-Identifier: GPL-2.0-only
/* The texts of tests/oops, in every dress a log travels in, and what they are said to mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "oops/oops.h"

#define MAX_REPORTS 8

struct got {
	size_t n;
	struct oops o[MAX_REPORTS]; /* without their arrays */
	struct oops_meaning meaning[MAX_REPORTS];
	char caller[MAX_REPORTS][256];
	size_t reliable[MAX_REPORTS];
	bool cifs[MAX_REPORTS];
	char module_of_last[256]; /* of the last report's last entry */
};

static int keep(void *ctx, const struct oops *o)
{
	struct got *g = ctx;
	const struct oops_entry *e = oops_caller(o);
	size_t i = g->n++;

	assert_true(i < MAX_REPORTS);
	g->o[i] = *o;
	g->o[i].entry = NULL;
	g->o[i].module = NULL;
	oops_explain(o, &g->meaning[i]);
	snprintf(g->module_of_last, sizeof(g->module_of_last), "%s",
		 o->nr_entries ? o->entry[o->nr_entries - 1].at.module : "");
	snprintf(g->caller[i], sizeof(g->caller[i]), "%s", e ? e->at.symbol : "");
	for (size_t k = 0; k < o->nr_entries; k++)
		g->reliable[i] += o->entry[k].reliable;
	for (size_t k = 0; k < o->nr_modules; k++)
		g->cifs[i] |= !strcmp(o->module[k], "cifs");
	return 0;
}

static void parse_text(const char *text, size_t piece, struct got *g)
{
	__free(oops_parser_freep) struct oops_parser *p = NULL;
	size_t size = strlen(text);

	memset(g, 0, sizeof(*g));
	assert_int_equal(oops_parser_new(&p, keep, g), 0);
	for (size_t at = 0; at < size; at += piece)
		assert_int_equal(
			oops_parser_feed(p, text + at, piece < size - at ? piece : size - at), 0);
	assert_int_equal(oops_parser_flush(p), 0);
}

static char *text_of(const char *name)
{
	char path[128], *text = NULL;

	snprintf(path, sizeof(path), "tests/oops/%s", name);
	assert_int_equal(file_read(path, 1 << 20, &text, NULL), 0);
	return text;
}

static void parse_file(const char *name, struct got *g)
{
	__autofree char *text = text_of(name);

	parse_text(text, 4096, g);
}

/* Each line of text, changed by edit, which returns what comes in front of the rest of the line. */
static char *dressed(const char *text, size_t (*edit)(FILE *out, const char *line))
{
	char *result = NULL;
	size_t size;
	FILE *out = open_memstream(&result, &size);

	assert_non_null(out);
	while (*text) {
		size_t n = strcspn(text, "\n"), skip = edit(out, text);

		fprintf(out, "%.*s\n", (int)(n - (skip < n ? skip : n)), text + skip);
		text += n + (text[n] == '\n');
	}
	fclose(out);
	return result;
}

static void check_seed(const struct got *g)
{
	const struct oops *o = &g->o[0];

	assert_int_equal(g->n, 1);
	assert_int_equal(o->kind, OOPS_BUG);
	assert_string_equal(o->file, "lib/iov_iter.c");
	assert_int_equal(o->line, 582);
	assert_string_equal(o->at.symbol, "iov_iter_revert");
	assert_int_equal(o->at.off, 0x114);
	assert_int_equal(o->at.size, 0x120);
	assert_true(o->at_rip);
	assert_string_equal(g->caller[0], "smb2_readv_callback");
	assert_string_equal(o->comm, "cifsd");
	assert_int_equal(o->pid, 4033);
	assert_int_equal(o->cpu, 2);
	assert_string_equal(o->taint, "GE");
	assert_string_equal(o->release, "6.8.0-rc3+");
	assert_string_equal(o->version, "#2");
	assert_string_equal(o->test, "generic/306");
	assert_int_equal(oops_reg(o, "RSI")->value, 0x200);
	assert_int_equal(oops_reg(o, "RSP")->value, 0xffffb8d005c27d68);
	assert_int_equal(oops_reg(o, "CR2")->value, 0x7fe530dffe38);
	assert_int_equal(o->nr_entries, 17);
	assert_int_equal(g->reliable[0], 4);
	assert_true(g->cifs[0]);
	assert_int_equal(o->nr_modules, 72);
	assert_string_equal(g->meaning[0].id, "iter-revert");
	assert_non_null(strstr(g->meaning[0].text, "512 bytes"));
	assert_non_null(strstr(g->meaning[0].text, "signed, unencrypted"));
}

static void test_seed(void **state)
{
	static const size_t pieces[] = { 1, 7, 100, 100000 };
	__autofree char *text = text_of("seed.txt");
	struct got g;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		parse_text(text, pieces[i], &g);
		check_seed(&g);
	}
}

static size_t quote(FILE *out, const char *line)
{
	(void)line;
	fputs("> >> ", out);
	return 0;
}

static size_t syslog(FILE *out, const char *line)
{
	if (*line == '[')
		fputs("2024-02-07T21:32:16.123456+01:00 client kernel: ", out);
	return 0;
}

static size_t caller_id(FILE *out, const char *line)
{
	size_t n = *line == '[' ? strcspn(line, "]") + 1 : 0;

	fprintf(out, "%.*s%s", (int)n, line, n ? "[ T4033]" : "");
	return n;
}

/* No stamps: the prefix goes, and what a mailer broke stays broken. */
static size_t bare(FILE *out, const char *line)
{
	(void)out;
	return *line == '[' ? strcspn(line, "]") + 2 : 0;
}

/* Once more, by a mailer that thinks 40 columns enough. */
static size_t narrow(FILE *out, const char *line)
{
	size_t n = strcspn(line, "\n"), at = n;

	if (n <= 40)
		return 0;
	for (at = 40; at && line[at] != ' '; at--)
		;
	if (at < 20)
		return 0;
	fprintf(out, "%.*s\n", (int)at, line);
	return at + 1;
}

static size_t carriage(FILE *out, const char *line)
{
	size_t n = strcspn(line, "\n");

	fprintf(out, "%.*s\r", (int)n, line);
	return n;
}

static void test_dresses(void **state)
{
	static size_t (*const edits[])(FILE *, const char *) = { quote, syslog, caller_id,
								 bare,	narrow, carriage };
	__autofree char *text = text_of("seed.txt");
	struct got g;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(edits); i++) {
		__autofree char *other = dressed(text, edits[i]);
		__autofree char *twice = dressed(other, quote);

		parse_text(other, 4096, &g);
		check_seed(&g);
		parse_text(twice, 4096, &g);
		check_seed(&g);
	}
}

/* A mail that quotes what it answers tells of one crash. */
static void test_quoted_again(void **state)
{
	__autofree char *text = text_of("seed.txt");
	__autofree char *quoted = dressed(text, quote);
	__autofree char *both = NULL;
	struct got g;

	(void)state;
	assert_true(asprintf(&both, "%s\n\nOn Monday he wrote:\n%s\nI see.\n", text, quoted) > 0);
	parse_text(both, 4096, &g);
	check_seed(&g);
}

static void test_folioq(void **state)
{
	struct got g;

	(void)state;
	parse_file("folioq-6.12.txt", &g);
	assert_int_equal(g.n, 1);
	assert_int_equal(g.o[0].kind, OOPS_NULL);
	assert_int_equal(g.o[0].address, 0x11e);
	assert_string_equal(g.o[0].taint, "GOE");
	assert_string_equal(g.o[0].release, "6.12.107+deb13-amd64");
	assert_string_equal(g.o[0].test, "generic/091");
	assert_string_equal(g.o[0].when, "Nov 23 10:00:07");
	assert_string_equal(g.o[0].panic, "Fatal exception");
	assert_string_equal(g.caller[0], "smb2_readv_callback");
	assert_string_equal(g.meaning[0].id, "iter-revert");
	assert_non_null(strstr(g.meaning[0].text, "first segment"));
}

static void test_hung(void **state)
{
	struct got g;

	(void)state;
	parse_file("hung-6.12.txt", &g);
	assert_int_equal(g.n, 2);
	assert_int_equal(g.o[0].kind, OOPS_HUNG_TASK);
	assert_string_equal(g.o[0].comm, "cp");
	assert_int_equal(g.o[0].pid, 2211);
	assert_int_equal(g.o[0].seconds, 120);
	assert_true(g.o[0].taint_known);
	assert_string_equal(g.o[0].taint, "");
	assert_string_equal(g.meaning[0].id, "stuck");
	assert_non_null(strstr(g.meaning[0].text, "credits"));
	assert_string_equal(g.o[1].comm, "kworker/u8:3");
	assert_int_equal(g.o[1].pid, 77);
	assert_non_null(strstr(g.meaning[1].text, "wb_lock"));
}

/* the WARNING line of 6.19 and later, printk's caller ids, build-ids in the trace */
static void test_credits(void **state)
{
	struct got g;

	(void)state;
	parse_file("credits-7.3.txt", &g);
	assert_int_equal(g.n, 1);
	assert_int_equal(g.o[0].kind, OOPS_WARN);
	assert_string_equal(g.o[0].file, "fs/smb/client/smb2ops.c");
	assert_int_equal(g.o[0].line, 104);
	assert_string_equal(g.o[0].comm, "cifsd");
	assert_int_equal(g.o[0].cpu, 3);
	assert_string_equal(g.o[0].taint, "GW");
	assert_string_equal(g.o[0].release, "7.3.4+deb13-amd64");
	assert_non_null(strstr(g.o[0].detail, "in_flight"));
	assert_string_equal(g.meaning[0].id, "credit-double");
}

static void test_kasan(void **state)
{
	struct got g;

	(void)state;
	parse_file("kasan-6.12.txt", &g);
	assert_int_equal(g.n, 1);
	assert_int_equal(g.o[0].kind, OOPS_KASAN);
	assert_string_equal(g.o[0].at.symbol, "netfs_put_subrequest");
	assert_string_equal(g.o[0].at.module, "netfs");
	assert_string_equal(g.caller[0], "smb2_readv_worker");
	assert_string_equal(g.o[0].workqueue, "cifsiod smb2_readv_worker [cifs]");
	assert_string_equal(g.meaning[0].id, "use-after-free");
	assert_non_null(strstr(g.meaning[0].text, "Allocated by netfs_alloc_subrequest"));
	assert_non_null(strstr(g.meaning[0].text, "Freed by netfs_free_subrequest"));
}

static void test_mixed(void **state)
{
	static const struct {
		enum oops_kind kind;
		const char *id, *caller;
	} want[] = {
		{ OOPS_GPF, "in-module", "netfs_unbuffered_write_iter_locked" },
		{ OOPS_SOFT_LOCKUP, "stall", "netfs_read_collection" },
		{ OOPS_WARN, "ref-balance", "netfs_put_request" },
		{ OOPS_PAGE_FAULT, "unknown", "iterate_dir" },
		{ OOPS_WARN, "iter-revert", "crypt_message" },
	};
	struct got g;

	(void)state;
	parse_file("mixed.txt", &g);
	assert_int_equal(g.n, ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		assert_int_equal(g.o[i].kind, want[i].kind);
		assert_string_equal(g.meaning[i].id, want[i].id);
		assert_string_equal(g.caller[i], want[i].caller);
	}
	assert_int_equal(g.o[0].address, 0xdead000000000122);
	assert_non_null(strstr(g.meaning[0].text, "poison"));
	assert_int_equal(g.o[1].seconds, 26);
	assert_int_equal(g.o[1].pid, 1234);
	assert_string_equal(g.o[2].detail, "refcount_t: underflow; use-after-free.");
	assert_int_equal(g.o[3].address, 0xffffc90000123000);
	assert_non_null(strstr(g.meaning[4].text, "negative error code"));
}

/* "file:line:column": the column is no line. */
static void test_column(void **state)
{
	struct got g;

	(void)state;
	parse_text(
		"[   71.110002] UBSAN: array-index-out-of-bounds in fs/smb/client/readdir.c:412:33\n",
		4096, &g);
	assert_int_equal(g.n, 1);
	assert_string_equal(g.o[0].file, "fs/smb/client/readdir.c");
	assert_int_equal(g.o[0].line, 412);
}

/* The number is before the name, which may look like one. */
static void test_dentry(void **state)
{
	struct got g;

	(void)state;
	parse_text("[  228.573737] BUG: Dentry 00000000f9a6f2d1{i=1f,n={i=2,} still in use (2) "
		   "[unmount of cifs cifs]\n",
		   4096, &g);
	assert_int_equal(g.n, 1);
	assert_true(g.o[0].has_ino);
	assert_int_equal(g.o[0].ino, 0x1f);
	parse_text("[  228.573737] BUG: Dentry 00000000f9a6f2d1{n=name} still in use (2) [unmount "
		   "of cifs cifs]\n",
		   4096, &g);
	assert_int_equal(g.n, 1);
	assert_false(g.o[0].has_ino);
}

static void test_nothing(void **state)
{
	static const char *const texts[] = {
		"",
		"\n\n\n",
		"no newline",
		"[    1.000000] Linux version 6.12.107\n[    2.000000] CIFS: VFS: sign fail\n",
		"I read WARNING: labels, and kernel BUG reports, all day.\n",
		"? smb2_readv_callback+0x50f/0x5b0 [cifs]\n",
	};
	struct got g;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		parse_text(texts[i], 3, &g);
		assert_int_equal(g.n, 0);
	}
}

/* Lines and lists beyond what is kept: cut, not overrun. */
static void test_too_much(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	struct got g;

	(void)state;
	fprintf(f, "[ 1.0] kernel BUG at lib/%0400d.c:1!\n[ 1.0] Call Trace:\n", 1);
	for (unsigned int i = 0; i < 2 * OOPS_MAX_ENTRIES; i++)
		fprintf(f, "[ 1.0]  f%u+0x1/0x2 [%063u]\n", i, i);
	fprintf(f, "[ 1.0] Modules linked in:");
	for (unsigned int i = 0; i < 2 * OOPS_MAX_MODULES; i++)
		fprintf(f, " m%0100u(E)\n", i);
	fprintf(f, "\n[ 1.0] RAX: %0100d RBX:\n", 0);
	fclose(f);
	parse_text(text, 1000, &g);
	assert_int_equal(g.n, 1);
	assert_int_equal(g.o[0].nr_entries, OOPS_MAX_ENTRIES);
	assert_true(g.o[0].nr_modules <= OOPS_MAX_MODULES);
	free(text);
}

/* fscache is a part of netfs since 6.8: a function that was in both is netfs's where no module is named */
static void test_owner(void **state)
{
	struct sym_ref built_in = { .symbol = "__fscache_invalidate" };
	struct sym_ref module = { .symbol = "__fscache_invalidate", .module = "fscache" };

	(void)state;
	assert_string_equal(oops_owner(&built_in), "netfs");
	assert_string_equal(oops_owner(&module), "fscache");
	assert_true(oops_is_ours(&built_in));
}

/* Of another: the workqueue of a blocker, what an NMI puts on a stack, and the words behind a paste. */
static void test_of_others(void **state)
{
	static const char blocked[] =
		"[    1.0] INFO: task ls:900 blocked for more than 122 seconds.\n"
		"[    1.0] task:ls              state:D stack:0     pid:900   ppid:1 flags:0x0\n"
		"[    1.0] Call Trace:\n[    1.0]  __mutex_lock+0x3/0xa\n[    1.0]  smb2_reconnect+0x1/0x2\n"
		"[    1.0] INFO: task ls:900 is blocked on a mutex likely owned by task kworker/2:0:55.\n"
		"[    1.0] task:kworker/2:0     state:S stack:0     pid:55    ppid:2 flags:0x0\n"
		"[    1.0] Workqueue: cifsiod smb2_reconnect_server [cifs]\n"
		"[    1.0] Call Trace:\n[    1.0]  schedule+0x1/0x2\n[    1.0]  kthread+0x1/0x2\nthanks\n";
	static const char stalled[] =
		"[    2.0] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n"
		"[    2.0] NMI backtrace for cpu 2\n[    2.0] CPU: 2 PID: 700 Comm: cifsd Not tainted 6.12.1 #1\n"
		"[    2.0] RIP: 0010:native_queued_spin_lock_slowpath+0x6e/0x2f0\n[    2.0] Call Trace:\n"
		"[    2.0]  <NMI>\n[    2.0]  ? nmi_cpu_backtrace+0x99/0x110\n[    2.0]  </NMI>\n[    2.0]  <TASK>\n"
		"[    2.0]  _raw_spin_lock+0x30/0x40\n[    2.0]  </TASK>\n";
	struct got g;

	(void)state;
	parse_text(blocked, 4096, &g);
	assert_int_equal(g.n, 1);
	assert_string_equal(g.o[0].workqueue, "");
	assert_string_equal(g.o[0].blocker, "kworker/2:0");
	assert_int_equal(g.reliable[0], 4);
	assert_string_equal(g.module_of_last, "");
	parse_text(stalled, 4096, &g);
	assert_int_equal(g.n, 1);
	assert_string_equal(g.caller[0], "_raw_spin_lock");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_owner),	  cmocka_unit_test(test_seed),
		cmocka_unit_test(test_dresses),	  cmocka_unit_test(test_quoted_again),
		cmocka_unit_test(test_folioq),	  cmocka_unit_test(test_hung),
		cmocka_unit_test(test_credits),	  cmocka_unit_test(test_kasan),
		cmocka_unit_test(test_of_others), cmocka_unit_test(test_mixed),
		cmocka_unit_test(test_nothing),	  cmocka_unit_test(test_too_much),
		cmocka_unit_test(test_column),	  cmocka_unit_test(test_dentry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
