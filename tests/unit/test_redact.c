// SPDX-License-Identifier: GPL-2.0-only
#include "trace_util.h"
#include "trace/redact.h"

struct text_record {
	union {
		struct ev_hdr hdr;
		struct ev_meta meta;
		struct ev_mount mount;
		struct ev_snapshot snapshot;
		struct ev_waiter waiter;
		unsigned char bytes[EV_MAX_SIZE];
	};
};

static struct redactor *redactor(void)
{
	struct redactor *r = NULL;
	struct err err = { "" };

	assert_int_equal(redactor_new(&r, NULL, &err), 0);
	return r;
}

/* A record of that kind with these strings, "a\0b" and len 3. */
static const struct ev_hdr *text(struct text_record *t, uint8_t kind, const char *strings,
				 size_t len)
{
	size_t fixed = ev_kind_info(kind)->min_size;

	memset(t, 0, sizeof(*t));
	memcpy(t->bytes + fixed, strings, len);
	t->hdr.kind = kind;
	t->hdr.size = (fixed + len + EV_ALIGN) / EV_ALIGN * EV_ALIGN;
	return &t->hdr;
}

#define TEXT(t, kind, s) text(t, kind, s, sizeof(s) - 1)

static void assert_no(const struct ev_hdr *ev, const char *secret)
{
	assert_non_null(ev);
	assert_null(memmem(ev, ev->size, secret, strlen(secret)));
}

static void test_mount(void **state)
{
	struct redactor *r = redactor();
	struct text_record *t = calloc(1, sizeof(*t));
	const struct ev_hdr *ev;
	struct ev_conn conn = { .hdr = { .size = sizeof(conn), .kind = EV_CONN },
				.hostname = "corp.example" };
	char host[EV_HOST_LEN], *point;

	(void)state;
	memcpy(host, ((const struct ev_conn *)redact(r, &conn.hdr))->hostname, sizeof(host));
	ev = redact(r, TEXT(t, EV_MOUNT,
			    "cifs\0//corp.example/payroll/sub\0/srv/payroll\0"
			    "rw,vers=3.1.1,username=alice,prefixpath=a,payroll,addr=10.1.2.3"));
	assert_string_equal(ev_text(ev, 0), "cifs");
	assert_memory_equal(ev_text(ev, 1) + 2, host, strlen(host)); /* one name, one token */
	assert_int_equal(ev->size % EV_ALIGN, 0);
	point = redact_path(r, "/srv/payroll");
	assert_string_equal(ev_text(ev, 2), point);
	free(point);
	assert_non_null(strstr(ev_text(ev, 3), "rw,vers=3.1.1,username=user-"));
	assert_no(ev, "payroll");
	assert_no(ev, "corp");
	assert_no(ev, "alice");
	assert_no(ev, "10.1.2.3");
	assert_no(ev, "prefixpath");
	free(t);
	redactor_free(r);
}

static void test_task(void **state)
{
	struct redactor *r = redactor();
	struct ev_task user = { .hdr = { .size = sizeof(user), .kind = EV_TASK, .tgid = 100 },
				.ppid = 1,
				.comm = "payroll-export" };
	struct ev_task kernel = { .hdr = { .size = sizeof(kernel), .kind = EV_TASK, .tgid = 90 },
				  .ppid = 2,
				  .comm = "kworker/0:1" };
	const struct ev_task *ev;

	(void)state;
	ev = (const void *)redact(r, &user.hdr);
	assert_no(&ev->hdr, "payroll");
	assert_memory_equal(ev->comm, "task-", 5);
	assert_int_equal(ev->ppid, 1);
	ev = (const void *)redact(r, &kernel.hdr);
	assert_string_equal(ev->comm, "kworker/0:1");
	/* a name of a kernel thread does not make one */
	kernel.ppid = 1;
	assert_no(redact(r, &kernel.hdr), "kworker");
	redactor_free(r);
}

static void test_texts(void **state)
{
	struct redactor *r = redactor();
	struct text_record *t = calloc(1, sizeof(*t));
	const struct ev_hdr *ev;

	(void)state;
	assert_string_equal(ev_text(redact(r, TEXT(t, EV_META, "release=6.12.1")), 0),
			    "release=6.12.1");
	assert_string_equal(ev_text(redact(r, TEXT(t, EV_META, "cmdline=record -- pay")), 0),
			    "cmdline=redacted");
	assert_string_equal(ev_text(redact(r, TEXT(t, EV_META, "newer=payroll")), 0),
			    "newer=redacted");
	assert_no(redact(r, TEXT(t, EV_META, "host=corp")), "corp");
	assert_string_equal(ev_text(redact(r, TEXT(t, EV_META, "host=")), 0), "host=");
	assert_string_equal(ev_text(redact(r, TEXT(t, EV_META, "boot_id=")), 0), "boot_id=");
	assert_no(redact(r, TEXT(t, EV_META, "payroll")), "payroll");
	assert_no(redact(r, TEXT(t, EV_SNAPSHOT, "/proc/fs/cifs/DebugData\0corp")), "corp");
	ev = redact(r, TEXT(t, EV_SNAPSHOT, "/proc/fs/netfs/stats\0Reads 1"));
	assert_string_equal(ev_text(ev, 1), "Reads 1");
	ev = redact(r, TEXT(t, EV_WAITER, "payroll\0folio_wait_bit+0x1/0x2"));
	assert_no(ev, "payroll");
	assert_string_equal(ev_text(ev, 1), "folio_wait_bit+0x1/0x2");
	free(t);
	redactor_free(r);
}

/* The longest record there is stays one, whatever its names become. */
static void test_long(void **state)
{
	struct redactor *r = redactor();
	struct text_record *t = calloc(1, sizeof(*t));
	size_t len = 65000;
	char *options = malloc(len);
	const struct ev_hdr *ev;

	(void)state;
	memcpy(options, "a\0b\0c\0", 6);
	for (size_t i = 6; i < len; i++)
		options[i] = "ip=,"[i % 4];
	ev = redact(r, text(t, EV_MOUNT, options, len));
	assert_true(ev->size <= EV_MAX_SIZE && ev->size % EV_ALIGN == 0);
	assert_int_equal(((const char *)ev)[ev->size - 1], 0);
	free(options);
	free(t);
	redactor_free(r);
}

/* A message may name a server, a share, a file: who said something and when is left. */
static void test_klog(void **state)
{
	struct redactor *r = redactor();
	struct text_record *t = calloc(1, sizeof(*t));
	const struct ev_hdr *ev = redact(
		r, TEXT(t, EV_KLOG, "CIFS: VFS: \\\\payroll BAD_NETWORK_NAME: \\\\payroll\\bonus"));

	(void)state;
	assert_string_equal(ev_text(ev, 0), "CIFS: VFS: redacted");
	assert_no(ev, "payroll");
	assert_no(ev, "bonus");
	ev = redact(r, TEXT(t, EV_KLOG, "payroll"));
	assert_string_equal(ev_text(ev, 0), "redacted");
	free(t);
	redactor_free(r);
}

/* Every kind is either passed on or made anew: a new one must not slip through unseen. */
static void test_kinds(void **state)
{
	struct redactor *r = redactor();
	struct text_record *t = calloc(1, sizeof(*t));
	size_t n;
	const struct ev_kind_info *table = ev_kind_table(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		memset(t, 0, sizeof(*t));
		t->hdr.kind = table[i].kind;
		t->hdr.size = table[i].min_size + EV_ALIGN;
		assert_non_null(redact(r, &t->hdr));
	}
	t->hdr.kind = 255;
	assert_null(redact(r, &t->hdr));
	free(t);
	redactor_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mount), cmocka_unit_test(test_task),
		cmocka_unit_test(test_texts), cmocka_unit_test(test_long),
		cmocka_unit_test(test_klog),  cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
