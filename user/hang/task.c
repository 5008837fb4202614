// SPDX-License-Identifier: GPL-2.0-only
/* One task: stack, stat, sched of /proc/PID/task/TID. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "hang/hang.h"
#include "hang/parse.h"

/* By function, as a prefix; the innermost frame that fits decides. */
static const struct wait_name {
	const char *prefix;
	enum hang_wait wait;
} wait_names[] = {
	{ "wait_for_free_credits", HANG_WAIT_CREDITS },
	{ "wait_for_compound_request", HANG_WAIT_CREDITS },
	{ "smb2_wait_mtu_credits", HANG_WAIT_CREDITS },
	{ "cifs_wait_for_server_reconnect", HANG_WAIT_RECONNECT },
	{ "smb2_reconnect", HANG_WAIT_RECONNECT },
	{ "wait_for_response", HANG_WAIT_RESPONSE },
	{ "netfs_wait_for_read", HANG_WAIT_READ },
	{ "netfs_wait_for_paused_read", HANG_WAIT_READ },
	{ "netfs_wait_for_write", HANG_WAIT_WRITE },
	{ "netfs_wait_for_paused_write", HANG_WAIT_WRITE },
	{ "netfs_unbuffered_read", HANG_WAIT_READ },
	{ "netfs_dispatch_unbuffered", HANG_WAIT_READ },
	{ "netfs_begin_read", HANG_WAIT_READ },
	{ "netfs_read_folio", HANG_WAIT_READ },
	{ "netfs_write_begin", HANG_WAIT_READ },
	{ "netfs_prefetch_for_write", HANG_WAIT_READ },
	{ "netfs_unbuffered_write", HANG_WAIT_WRITE },
	{ "netfs_end_writethrough", HANG_WAIT_WRITE },
	{ "folio_wait_writeback", HANG_WAIT_FOLIO_WRITE },
	{ "__filemap_fdatawait", HANG_WAIT_FOLIO_WRITE },
	{ "filemap_fdatawait", HANG_WAIT_FOLIO_WRITE },
	{ "filemap_update_page", HANG_WAIT_FOLIO_READ },
	{ "filemap_get_pages", HANG_WAIT_FOLIO_READ },
	{ "filemap_read", HANG_WAIT_FOLIO_READ },
	{ "filemap_fault", HANG_WAIT_FOLIO_READ },
	{ "cifs_read_from_socket", HANG_WAIT_RECEIVE },
	{ "cifs_readv_from_socket", HANG_WAIT_RECEIVE },
	{ "__lock_sock", HANG_WAIT_LOCK },
	{ "rwsem_down", HANG_WAIT_LOCK },
	{ "__mutex_lock", HANG_WAIT_LOCK },
	{ "netfs_start_io", HANG_WAIT_LOCK },
};

static bool is_of_request(enum hang_wait w)
{
	return w >= HANG_WAIT_READ && w <= HANG_WAIT_FOLIO_WRITE;
}

static enum hang_wait wait_of(const struct hang_task *t, bool of_request)
{
	for (size_t i = 0; i < t->nr_frames; i++)
		for (size_t k = 0; k < ARRAY_SIZE(wait_names); k++)
			if (!strncmp(t->frame[i], wait_names[k].prefix,
				     strlen(wait_names[k].prefix)) &&
			    (!of_request || is_of_request(wait_names[k].wait)))
				return wait_names[k].wait;
	return HANG_WAIT_OTHER;
}

static bool is_fs_frame(const char *frame)
{
	static const char *const prefixes[] = { "netfs_", "cifs_", "smb2_", "smb3_", "SMB2_" };

	if (strstr(frame, " [netfs]") || strstr(frame, " [cifs]"))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(frame, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

/* Those that use netfs beside cifs. */
static bool is_foreign_frame(const char *frame)
{
	static const char *const names[] = {
		"9p", "afs", "ceph", "nfs", "nfsv3", "nfsv4", "erofs"
	};
	static const char *const prefixes[] = { "v9fs_", "afs_", "ceph_", "nfs_", "nfs4_" };
	char module[16];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(module, sizeof(module), " [%s]", names[i]);
		if (strstr(frame, module))
			return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncmp(frame, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

/* proc_pid_stack(): "[<0>] %pB\n" */
void hang_parse_stack(struct hang_task *t, char *text)
{
	char *line;

	while ((line = hang_line(&text))) {
		char *at = strchr(line, ']');

		if (strncmp(line, "[<", 2) || !at)
			continue;
		at += strspn(at, "] ");
		t->in_fs |= is_fs_frame(at);
		t->foreign |= is_foreign_frame(at);
		t->reopens |= !strncmp(at, "cifs_reopen_file+", 17);
		if (t->nr_frames < HANG_FRAMES)
			snprintf(t->frame[t->nr_frames++], HANG_FRAME_LEN, "%s", at);
	}
	t->wait = wait_of(t, false);
	t->request_wait = wait_of(t, true);
}

/* do_task_stat(): the name may hold anything, so everything counts from the last ')'. */
int hang_parse_stat(struct hang_task *t, const char *text)
{
	const char *p = strrchr(text, ')');
	char *end;

	if (!p || p[1] != ' ' || !p[2])
		return -EPROTO;
	t->state = isalpha((unsigned char)p[2]) ? p[2] : '?';
	p += 3;
	for (int field = 4; field <= 22; field++) {
		unsigned long long n = strtoull(p, &end, 10);

		if (end == p)
			return -EPROTO;
		if (field == 9)
			t->kernel = n & 0x00200000; /* PF_KTHREAD */
		t->start_ticks = n;
		p = end;
	}
	return 0;
}

/* "se.exec_start   :   1234.567890" in ms: SPLIT_NS() of proc_sched_show_task() */
static bool sched_ms(const char *text, const char *key, uint64_t *ret_ns)
{
	const char *p = strstr(text, key);
	unsigned long long ms;
	unsigned int ns;

	p = p ? strchr(p, ':') : NULL;
	if (!p || sscanf(p, ": %llu.%6u", &ms, &ns) != 2 || ms > UINT64_MAX / 1000000 - 1)
		return false;
	*ret_ns = ms * 1000000 + ns;
	return true;
}

bool hang_parse_sched(const char *text, uint64_t *ret_exec_start, uint64_t *ret_switches)
{
	const char *p = strstr(text, "\nnr_switches ");

	p = p ? strchr(p, ':') : NULL;
	return p && sscanf(p, ": %lu", ret_switches) == 1 &&
	       sched_ms(text, "se.exec_start", ret_exec_start);
}
