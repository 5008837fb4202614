// SPDX-License-Identifier: GPL-2.0-only
/* Kernel settings that a recording changes, on copies of /proc and /sys. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/file.h"
#include "capture/settings.h"

#define T "sys/kernel/tracing/"

struct copy {
	char root[64], state[96];
};

static void put(const struct copy *c, const char *path, const char *text)
{
	char full[256];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", c->root, path);
	for (char *p = full + strlen(c->root) + 1; (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		mkdir(full, 0700);
	}
	f = fopen(full, "w");
	assert_non_null(f);
	fprintf(f, "%s\n", text);
	fclose(f);
}

/* Of a file that was longer, the kernel has no rest: only the first line counts. */
static void is(const struct copy *c, const char *path, const char *want)
{
	__autofree char *text = NULL;
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", c->root, path);
	assert_int_equal(file_read(full, 4096, &text, NULL), 0);
	if (strncmp(text, want, strlen(want)) != 0)
		fail_msg("%s is %s, not %s", path, text, want);
}

static void copy_new(struct copy *c)
{
	strcpy(c->root, "/tmp/netfsnoop-settings-XXXXXX");
	assert_non_null(mkdtemp(c->root));
	snprintf(c->state, sizeof(c->state), "%s/state", c->root);
	put(c, "proc/sys/kernel/ftrace_dump_on_oops", "0");
	put(c, T "events/bpf_trace/bpf_trace_printk/enable", "0");
	put(c, T "current_tracer", "nop");
	put(c, T "set_event", "");
	put(c, T "trace", "# tracer: nop\n#\n# entries-in-buffer/entries-written: 0/0   #P:2");
	put(c, T "buffer_size_kb", "7 (expanded: 1408)");
	put(c, T "tracing_on", "1");
}

static void copy_free(const struct copy *c)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", c->root);
	assert_int_equal(system(command), 0);
}

static struct settings_options options(const struct copy *c)
{
	char *root = (char *)c->root;

	return (struct settings_options){ .crash_safe = true, .root = root, .state = c->state };
}

static void test_take_and_restore(void **state)
{
	struct settings s;
	struct copy c;
	struct err err;

	(void)state;
	copy_new(&c);
	const struct settings_options o = options(&c);

	assert_int_equal(settings_take(&s, &o, &err), 0);
	is(&c, "proc/sys/kernel/ftrace_dump_on_oops", "1");
	is(&c, T "buffer_size_kb", "16");
	assert_string_equal(s.in_use, "");
	put(&c, T "events/bpf_trace/bpf_trace_printk/enable", "1"); /* as the kernel does */
	settings_restore(&s);
	is(&c, "proc/sys/kernel/ftrace_dump_on_oops", "0");
	is(&c, T "buffer_size_kb", "1408");
	is(&c, T "events/bpf_trace/bpf_trace_printk/enable", "0");
	assert_int_equal(access(c.state, F_OK), -1);
	copy_free(&c);
}

/* A killed one leaves the file, from which another puts everything back. */
static void test_killed(void **state)
{
	struct settings s, left;
	struct copy c;
	struct err err;

	(void)state;
	for (int again = 0; again < 2; again++) {
		copy_new(&c);
		const struct settings_options o = options(&c);

		assert_int_equal(settings_take(&s, &o, &err), 0);
		assert_int_equal(settings_restore_left(&o, &left, &err), -EBUSY);
		close(s.lock); /* what a kill does */
		if (again) {   /* by the next recording, which then finds it as it was */
			assert_int_equal(settings_take(&left, &o, &err), 0);
			assert_int_equal(left.nr_left, 3);
			settings_restore(&left);
		} else {
			assert_int_equal(settings_restore_left(&o, &left, &err), 3);
			assert_int_equal(settings_restore_left(&o, &left, &err), 0);
		}
		is(&c, "proc/sys/kernel/ftrace_dump_on_oops", "0");
		is(&c, T "buffer_size_kb", "1408");
		copy_free(&c);
	}
}

/* Somebody else's trace is left alone, and that is said. */
static void test_in_use(void **state)
{
	static const char *const uses[][2] = {
		{ T "current_tracer", "function" },
		{ T "set_event", "sched:sched_switch" },
		{ T "trace", "# entries-in-buffer/entries-written: 12/12   #P:2" },
	};
	struct settings s;
	struct copy c;
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(uses); i++) {
		copy_new(&c);
		const struct settings_options o = options(&c);

		put(&c, uses[i][0], uses[i][1]);
		assert_int_equal(settings_take(&s, &o, &err), 0);
		assert_true(*s.in_use);
		is(&c, "proc/sys/kernel/ftrace_dump_on_oops", "1");
		is(&c, T "buffer_size_kb", "7");
		settings_restore(&s);
		copy_free(&c);
	}
}

/* The state file names what to write: only what is ours is. */
static void test_hostile_state(void **state)
{
	struct settings left;
	struct copy c;
	struct err err;

	(void)state;
	copy_new(&c);
	const struct settings_options o = options(&c);

	put(&c, "etc", "mine");
	put(&c, "state", "/etc\tyours\n\t\n/proc/sys/kernel/ftrace_dump_on_oops\n");
	assert_int_equal(settings_restore_left(&o, &left, &err), 0);
	is(&c, "etc", "mine");
	copy_free(&c);
}

static void test_cannot(void **state)
{
	struct settings s;
	struct copy c;
	struct err err;

	(void)state;
	copy_new(&c);
	struct settings_options o = options(&c);
	char path[128];

	snprintf(path, sizeof(path), "%s/proc/sys/kernel/ftrace_dump_on_oops", c.root);
	unlink(path);
	assert_int_equal(settings_take(&s, &o, &err), -ENOENT);
	assert_non_null(strstr(err.text, "ftrace_dump_on_oops"));
	o.crash_safe = false; /* then nothing is needed */
	assert_int_equal(settings_take(&s, &o, &err), 0);
	settings_restore(&s);
	copy_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_take_and_restore), cmocka_unit_test(test_killed),
		cmocka_unit_test(test_in_use),		 cmocka_unit_test(test_hostile_state),
		cmocka_unit_test(test_cannot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
