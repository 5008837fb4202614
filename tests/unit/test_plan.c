// SPDX-License-Identifier: GPL-2.0-only
/* capture/plan: which probes, and the reason for each that is off, from made-up kernels. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/reasons.h"
#include "capture/plan.h"

static int some_btf; /* plan_make() only asks whether there is any */

/* a kernel that has everything */
static struct facts all_there(void)
{
	static const char *const names[] = {
		[MODULE_NETFS] = "netfs", [MODULE_CIFS] = "cifs", [MODULE_VMLINUX] = "vmlinux"
	};
	struct facts f = { .release = "6.12.0-test",
			   .uid = 0,
			   .vmlinux_btf = true,
			   .cifs_on_netfs = true,
			   .btf = (struct btf *)&some_btf };

	for (int i = 0; i < MODULE_MAX; i++)
		f.module[i] = (struct module_fact){ .name = names[i],
						    .state = i == MODULE_VMLINUX ? MODULE_BUILTIN
										 : MODULE_LOADED,
						    .has_btf = true,
						    .has_types = true };
	for (int id = 1; id < PROBE_MAX; id++)
		f.target[id].known = true;
	return f;
}

static struct plan make(const struct facts *f, bool folios)
{
	struct plan_options opts = { .folios = folios };
	struct plan plan;

	memset(&plan, 0xff, sizeof(plan));
	plan_make(&plan, f, &opts);
	return plan;
}

static void assert_on(const struct plan *plan, int id)
{
	if (plan->probe[id].state != EV_PROBE_ON)
		fail_msg("%s is off: %s", probe_defs[id].name, plan->probe[id].reason);
	assert_string_equal(plan->probe[id].reason, "");
}

static void assert_off(const struct plan *plan, int id, const char *why)
{
	if (plan->probe[id].state != EV_PROBE_OFF)
		fail_msg("%s is on", probe_defs[id].name);
	if (!strstr(plan->probe[id].reason, why))
		fail_msg("%s: \"%s\" does not say \"%s\"", probe_defs[id].name,
			 plan->probe[id].reason, why);
}

/* all_there() is a cifs on netfs: it has no use for what watches one without */
static void assert_rest_on(const struct plan *plan, int id)
{
	if (probe_defs[id].group == GROUP_OLD_IO)
		assert_off(plan, id, "goes through netfs");
	else
		assert_on(plan, id);
}

static void test_table(void **state)
{
	(void)state;
	assert_null(probe_defs[PROBE_NONE].name);
	for (int id = 1; id < PROBE_MAX; id++) {
		const struct probe_def *def = &probe_defs[id];
		const struct plan plan = {};

		assert_non_null(def->name);
		assert_non_null(def->target);
		assert_true(strlen(def->without) > 0);
		assert_true(def->module >= 0 && def->module < MODULE_MAX);
		assert_true(strlen(plan_mechanism(&plan, id)) > 0);
		for (int other = 1; other < id; other++)
			assert_string_not_equal(probe_defs[other].name, def->name);
	}
}

static void test_mechanisms(void **state)
{
	struct plan plan = {};

	(void)state;
	assert_string_equal(plan_mechanism(&plan, P_netfs_rreq), "tp_btf");
	plan.probe[P_netfs_rreq].mechanism = MECH_CLASSIC;
	assert_string_equal(plan_mechanism(&plan, P_netfs_rreq), "tracepoint");
	assert_string_equal(plan_mechanism(&plan, P_smb2_async_readv_enter), "fentry");
	assert_string_equal(plan_mechanism(&plan, P_smb2_async_readv_exit), "fexit");
	assert_string_equal(probe_defs[P_smb2_async_readv_exit].target, "smb2_async_readv");
	assert_int_equal(probe_defs[P_smb2_async_readv_exit].module, MODULE_CIFS);
}

static void test_everything_on(void **state)
{
	struct facts f = all_there();
	struct plan plan = make(&f, true);

	(void)state;
	for (int id = 1; id < PROBE_MAX; id++)
		assert_rest_on(&plan, id);
}

static void test_folios_only_when_asked(void **state)
{
	struct facts f = all_there();
	struct plan plan = make(&f, false);
	int off = 0;

	(void)state;
	for (int id = 1; id < PROBE_MAX; id++) {
		if (probe_defs[id].group == GROUP_FOLIO) {
			assert_off(&plan, id, "--folios");
			assert_true(reason_is_natural(plan.probe[id].reason));
			off++;
		} else {
			assert_rest_on(&plan, id);
		}
	}
	assert_int_equal(off, 2);
}

static void test_absent_module(void **state)
{
	struct facts f = all_there();
	struct plan plan;

	(void)state;
	f.module[MODULE_NETFS].state = MODULE_ABSENT;
	f.module[MODULE_NETFS].has_btf = f.module[MODULE_NETFS].has_types = false;
	plan = make(&f, true);
	for (int id = 1; id < PROBE_MAX; id++) {
		if (probe_defs[id].module == MODULE_NETFS)
			assert_off(&plan, id, "module netfs is not loaded");
		else
			assert_rest_on(&plan, id);
	}
}

static void test_module_without_btf(void **state)
{
	struct facts f = all_there();
	struct plan plan;

	(void)state;
	f.module[MODULE_CIFS].has_btf = f.module[MODULE_CIFS].has_types = false;
	f.target[P_smb3_read_enter].classic = true;
	plan = make(&f, true);
	assert_off(&plan, P_smb2_readv_callback_enter, "module cifs has no BTF");
	assert_off(&plan, P_smb2_readv_callback_enter, "--btf-module cifs=FILE");
	assert_off(&plan, P_smb2_readv_callback_enter, "CONFIG_DEBUG_INFO_BTF_MODULES");
	assert_false(reason_is_natural(plan.probe[P_smb2_readv_callback_enter].reason));
	assert_off(&plan, P_smb3_eio, "no such tracepoint");
	assert_on(&plan, P_smb3_read_enter);
	assert_string_equal(plan_mechanism(&plan, P_smb3_read_enter), "tracepoint");
	assert_string_equal(plan_mechanism(&plan, P_netfs_sreq), "tp_btf");
}

static void assert_mechanism(const struct plan *plan, int id, const char *name)
{
	assert_on(plan, id);
	assert_string_equal(plan_mechanism(plan, id), name);
}

/* With numbers alone a tracepoint needs no types to be loaded; without BTF there is one way anyway. */
static void test_numbers(void **state)
{
	struct facts f = all_there();
	struct plan plan;

	(void)state;
	f.target[P_smb3_read_enter].numbers = true;
	plan = make(&f, false);
	assert_mechanism(&plan, P_smb3_read_enter, "raw_tp");
	assert_int_equal(plan.probe[P_smb3_read_enter].mechanism, MECH_NUMBERS);
	assert_mechanism(&plan, P_smb3_read_done, "tp_btf");
	f.module[MODULE_CIFS].has_btf = false;
	plan = make(&f, false);
	assert_int_equal(plan.probe[P_smb3_read_enter].mechanism, MECH_RAW);
}

/* a module without BTF, and the user has some: everything is there again, one rung below */
static void test_module_with_types_of_a_file(void **state)
{
	struct facts f = all_there();
	struct plan plan;

	(void)state;
	f.module[MODULE_CIFS].has_btf = false;
	for (int id = 1; id < PROBE_MAX; id++)
		f.target[id].classic = probe_defs[id].how == HOW_TP;
	f.target[P_smb3_eio].known = false; /* older BTF than the module: better than nothing */
	f.target[P_cifs_issue_read_enter].known = false;
	plan = make(&f, true);
	assert_mechanism(&plan, P_netfs_sreq, "tp_btf");
	assert_mechanism(&plan, P_show_refcnt_enter, "fentry");
	assert_mechanism(&plan, P_smb3_read_enter, "raw_tp");
	assert_mechanism(&plan, P_smb2_readv_callback_enter, "kprobe");
	assert_mechanism(&plan, P_smb2_add_credits_exit, "kretprobe");
	assert_mechanism(&plan, P_smb3_eio, "tracepoint");
	assert_off(&plan, P_cifs_issue_read_enter, "no such function");
	assert_off(&plan, P_old_readv_enter, "goes through netfs");
	assert_int_equal(plan_obstacle(&f, NULL), 0);
	f.cifs_on_netfs = false;
	plan = make(&f, true);
	assert_off(&plan, P_smb2_async_readv_enter, "does not go through netfs");
	assert_mechanism(&plan, P_old_readv_enter, "kprobe");
}

/* a kernel built without BTF, with and without that of files */
static void test_kernel_without_btf(void **state)
{
	struct facts f = all_there();
	struct plan plan;

	(void)state;
	f.vmlinux_btf = false;
	for (int i = 0; i < MODULE_MAX; i++)
		f.module[i].has_btf = false;
	plan = make(&f, true);
	assert_mechanism(&plan, P_netfs_sreq, "raw_tp");
	assert_mechanism(&plan, P_smb2_add_credits_exit, "kretprobe");
	assert_mechanism(&plan, P_show_refcnt_enter, "kprobe");
	assert_mechanism(&plan, P_iov_iter_revert_callsite, "callsite");
	f.btf = NULL;
	for (int i = 0; i < MODULE_MAX; i++)
		f.module[i].has_types = false;
	f.target[P_netfs_sreq].classic = true;
	plan = make(&f, true);
	assert_mechanism(&plan, P_netfs_sreq, "tracepoint");
	assert_off(&plan, P_smb2_add_credits_exit, "CONFIG_DEBUG_INFO_BTF=y");
	assert_off(&plan, P_smb2_add_credits_exit, "--btf");
	assert_off(&plan, P_iov_iter_revert_callsite, "the kernel has no BTF");
}

/* what the compiler made of a function that BTF describes */
static void test_optimized(void **state)
{
	struct facts f = all_there();
	struct target_fact *t = &f.target[P_smb2_set_credits_exit];
	struct plan plan;

	(void)state;
	t->symbol = SYMBOL_THERE;
	plan = make(&f, true);
	assert_mechanism(&plan, P_smb2_set_credits_exit, "fexit");
	t->symbol = SYMBOL_CHANGED;
	strcpy(t->symbol_name, "smb2_set_credits.isra.0");
	plan = make(&f, true);
	assert_int_equal(plan.probe[P_smb2_set_credits_exit].state, EV_PROBE_ON);
	assert_string_equal(plan_mechanism(&plan, P_smb2_set_credits_exit), "kretprobe");
	assert_string_equal(plan.probe[P_smb2_set_credits_exit].reason,
			    "as smb2_set_credits.isra.0");
	t->symbol = SYMBOL_COPIED;
	strcpy(t->symbol_name, "smb2_set_credits.part.0");
	plan = make(&f, true);
	assert_string_equal(plan_mechanism(&plan, P_smb2_set_credits_exit), "fexit");
	assert_string_equal(plan.probe[P_smb2_set_credits_exit].reason,
			    "partly inlined (smb2_set_credits.part.0 exists): calls from those "
			    "callers are not seen");
	t->symbol = SYMBOL_SPLIT;
	plan = make(&f, true);
	assert_off(&plan, P_smb2_set_credits_exit,
		   "inlined it, except for smb2_set_credits.part.0");
	t->symbol = SYMBOL_GONE;
	plan = make(&f, true);
	assert_off(&plan, P_smb2_set_credits_exit, "inlined it everywhere");
	assert_false(reason_is_natural(plan.probe[P_smb2_set_credits_exit].reason));
	assert_true(reason_is_natural(plan.probe[P_old_readv_enter].reason));
}

/* ... and of one that BTF leaves out: its arguments are anybody's guess */
static void test_optimized_unknown(void **state)
{
	struct facts f = all_there();
	struct target_fact *t = &f.target[P_smb2_set_credits_exit];
	struct plan plan;

	(void)state;
	t->known = false;
	t->symbol = SYMBOL_CHANGED;
	strcpy(t->symbol_name, "smb2_set_credits.constprop.0");
	plan = make(&f, true);
	assert_off(&plan, P_smb2_set_credits_exit, "turned it into smb2_set_credits.constprop.0");
	t->symbol = SYMBOL_THERE;
	plan = make(&f, true);
	assert_off(&plan, P_smb2_set_credits_exit, "lacks its arguments");
	t->symbol = SYMBOL_GONE;
	plan = make(&f, true);
	assert_off(&plan, P_smb2_set_credits_exit, "has no such function");
}

static void test_ambiguous(void **state)
{
	struct facts f = all_there();
	struct plan plan;

	(void)state;
	f.target[P_smb2_set_credits_exit].ambiguous = true;
	plan = make(&f, true);
	assert_off(&plan, P_smb2_set_credits_exit,
		   "several functions of this name, with different arguments");
	assert_on(&plan, P_smb2_add_credits_exit);
}

/* built in, and the kernel without BTF: types of the kernel's file are the module's too */
static void test_builtin_without_btf(void **state)
{
	struct facts f = all_there();
	struct plan plan;

	(void)state;
	f.vmlinux_btf = false;
	for (int i = 0; i < MODULE_MAX; i++) {
		f.module[i].state = MODULE_BUILTIN;
		f.module[i].has_btf = false;
	}
	plan = make(&f, false);
	assert_mechanism(&plan, P_netfs_sreq, "raw_tp");
	assert_mechanism(&plan, P_smb2_readv_callback_exit, "kretprobe");
}

static void test_builtin_module(void **state)
{
	struct facts f = all_there();
	struct plan plan;

	(void)state;
	f.module[MODULE_NETFS].state = MODULE_BUILTIN;
	f.module[MODULE_CIFS].state = MODULE_BUILTIN;
	plan = make(&f, false);
	assert_on(&plan, P_netfs_sreq);
	assert_on(&plan, P_smb3_read_enter);
}

/* the reason says what kind of thing this kernel lacks */
static void test_unknown_targets(void **state)
{
	struct facts f = all_there();
	struct plan plan;

	(void)state;
	f.target[P_smb3_eio].known = false;
	f.target[P_cifs_prepare_read_exit].known = false;
	plan = make(&f, false);
	assert_off(&plan, P_smb3_eio, "this kernel's cifs has no such tracepoint");
	assert_off(&plan, P_cifs_prepare_read_exit, "this kernel's cifs has no such function");
	assert_true(reason_is_natural(plan.probe[P_smb3_eio].reason));
	assert_true(reason_is_natural(plan.probe[P_cifs_prepare_read_exit].reason));
	assert_on(&plan, P_cifs_prepare_read_enter);
}

/* 6.1: the functions are there, but what they take is not a netfs subrequest */
static void test_cifs_before_netfs(void **state)
{
	struct facts f = all_there();
	struct plan plan;

	(void)state;
	f.cifs_on_netfs = false;
	plan = make(&f, false);
	assert_off(&plan, P_smb2_async_readv_enter, "does not go through netfs");
	assert_true(reason_is_natural(plan.probe[P_smb2_async_readv_enter].reason));
	assert_on(&plan, P_old_readv_enter);
	assert_on(&plan, P_old_readahead_exit);
	assert_on(&plan, P_smb2_readv_callback_enter);
	assert_on(&plan, P_smb3_cmd_enter);
}

/* a probe that is off for several reasons names the one the user can act on first */
static void test_order_of_reasons(void **state)
{
	struct facts f = all_there();
	struct plan plan;

	(void)state;
	f.module[MODULE_NETFS] = (struct module_fact){ .name = "netfs", .state = MODULE_ABSENT };
	f.target[P_netfs_folio].known = f.target[P_netfs_read].known = false;
	plan = make(&f, false);
	assert_off(&plan, P_netfs_folio, "--folios");
	assert_off(&plan, P_netfs_read, "is not loaded");
}

static void assert_obstacle(const struct facts *f, int rc, const char *what, const char *remedy)
{
	struct err err = { "" };

	assert_int_equal(plan_obstacle(f, &err), rc);
	if (!strstr(err.text, what) || !strstr(err.text, remedy))
		fail_msg("\"%s\" does not say \"%s\" and \"%s\"", err.text, what, remedy);
	assert_null(strchr(err.text, '\n'));
	assert_int_equal(plan_obstacle(f, NULL), rc);
}

static void test_no_obstacle(void **state)
{
	struct facts f = all_there();
	struct err err = { "" };

	(void)state;
	assert_int_equal(plan_obstacle(&f, &err), 0);
	assert_string_equal(err.text, "");
	f.module[MODULE_CIFS].state = MODULE_BUILTIN;
	assert_int_equal(plan_obstacle(&f, &err), 0);
	/* 6.1: cifs works without netfs */
	f.module[MODULE_NETFS].state = MODULE_ABSENT;
	assert_int_equal(plan_obstacle(&f, &err), 0);
}

static void test_obstacles(void **state)
{
	struct facts f = all_there();

	(void)state;
	f.module[MODULE_CIFS].has_btf = f.module[MODULE_CIFS].has_types = false;
	assert_obstacle(&f, -ENOTSUP, "neither BTF", "CONFIG_DEBUG_INFO_BTF_MODULES");
	assert_obstacle(&f, -ENOTSUP, "nor tracepoints", "tracefs");
	f.target[P_smb3_cmd_enter].classic = true;
	assert_int_equal(plan_obstacle(&f, NULL), 0);
	f.module[MODULE_CIFS].state = MODULE_ABSENT;
	assert_obstacle(&f, -ENODEV, "cifs module is not loaded", "--modprobe");
	f.uid = 1000;
	assert_obstacle(&f, -EPERM, "needs root", "sudo");
}

static void set_failed(struct plan *plan, int id)
{
	plan->probe[id].state = EV_PROBE_FAILED;
	strcpy(plan->probe[id].reason, "load failed: Permission denied");
}

static void test_blind_on_netfs(void **state)
{
	struct facts f = all_there();
	struct plan plan = make(&f, false);
	struct err err = {};

	(void)state;
	assert_int_equal(plan_blind(&plan, "", &err), 0);
	for (int id = 1; id < PROBE_MAX; id++)
		if (!strncmp(probe_defs[id].name, "netfs_", 6) && id != P_netfs_sreq &&
		    plan.probe[id].state == EV_PROBE_ON)
			set_failed(&plan, id);
	assert_int_equal(plan_blind(&plan, "", &err), 0);
	set_failed(&plan, P_netfs_sreq);
	assert_int_equal(plan_blind(&plan, "9p", &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "netfs_read: load failed: Permission denied"));
}

static void test_blind_before_netfs(void **state)
{
	struct facts f = all_there();
	struct plan plan;
	struct err err = {};

	(void)state;
	f.cifs_on_netfs = false;
	plan = make(&f, false);
	set_failed(&plan, P_old_readv_enter);
	assert_int_equal(plan_blind(&plan, "", &err), 0);
	set_failed(&plan, P_old_writev_enter);
	assert_int_equal(plan_blind(&plan, "", &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "requests of cifs"));
	assert_int_equal(plan_blind(&plan, "smb3", &err), -ENOTSUP);
	assert_int_equal(plan_blind(&plan, "9p", &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_mechanisms),
		cmocka_unit_test(test_everything_on),
		cmocka_unit_test(test_folios_only_when_asked),
		cmocka_unit_test(test_absent_module),
		cmocka_unit_test(test_module_without_btf),
		cmocka_unit_test(test_module_with_types_of_a_file),
		cmocka_unit_test(test_kernel_without_btf),
		cmocka_unit_test(test_optimized),
		cmocka_unit_test(test_optimized_unknown),
		cmocka_unit_test(test_ambiguous),
		cmocka_unit_test(test_builtin_module),
		cmocka_unit_test(test_builtin_without_btf),
		cmocka_unit_test(test_unknown_targets),
		cmocka_unit_test(test_cifs_before_netfs),
		cmocka_unit_test(test_order_of_reasons),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_no_obstacle),
		cmocka_unit_test(test_obstacles),
		cmocka_unit_test(test_blind_on_netfs),
		cmocka_unit_test(test_blind_before_netfs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
