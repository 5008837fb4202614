// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "capture/testenv.h"

#define ENVIRON_MAX (256 * 1024)
#define KEPT_MAX    8192

/* MOUNT_OPTIONS is not among them: it may hold a password. The stream has the mounts anyway. */
static bool wanted(const char *pair)
{
	static const char *const names[] = { "seqnum=", "RESULT_DIR=", "RESULT_BASE=", "here=",
					     "FSTYP=",	"TEST_DIR=",   "SCRATCH_MNT=", "section=" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strncmp(pair, names[i], strlen(names[i])))
			return true;
	return false;
}

static int read_environ(uint32_t pid, const struct record_sink *to)
{
	__autofree char *env = NULL;
	union {
		struct ev_test_env ev;
		char bytes[sizeof(struct ev_test_env) + KEPT_MAX];
	} rec = { .ev = { .hdr = { .kind = EV_TEST_ENV, .ts = monotonic_ns() }, .pid = pid } };
	size_t size = 0, used = 0;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/environ", pid);
	if (file_read(path, ENVIRON_MAX, &env, &size))
		return 0; /* it is gone */
	for (const char *pair = env; pair < env + size; pair += strlen(pair) + 1) {
		size_t len = strlen(pair) + 1;

		if (!wanted(pair) || used + len > KEPT_MAX)
			continue;
		memcpy(rec.ev.text + used, pair, len);
		used += len;
	}
	rec.ev.hdr.size = sizeof(rec.ev) + (used + EV_ALIGN - 1) / EV_ALIGN * EV_ALIGN;
	return used ? to->add(to->ctx, &rec.ev.hdr) : 0;
}

/* "run fstests generic/306 at ...": the kernel names the script's process "306". */
static void await(struct testenv *te, const char *text)
{
	const char *name = text + strlen("run fstests ");
	size_t len = strcspn(name, " \n");
	const char *slash = memrchr(name, '/', len);

	if (slash) {
		len -= slash + 1 - name;
		name = slash + 1;
	}
	snprintf(te->comm, sizeof(te->comm), "%.*s", (int)len, name);
}

int testenv_note(struct testenv *te, const struct ev_hdr *ev, const struct record_sink *to)
{
	const struct ev_proc *proc = (const void *)ev;
	char comm[EV_COMM_LEN];

	if (ev->kind == EV_TEST) {
		await(te, ((const struct ev_test *)ev)->text);
		return 0;
	}
	if (ev->kind != EV_PROC || proc->event != EV_PROC_EXEC || !*te->comm)
		return 0;
	snprintf(comm, sizeof(comm), "%.*s", EV_COMM_LEN, proc->comm);
	if (strcmp(comm, te->comm))
		return 0;
	te->comm[0] = '\0';
	return read_environ(proc->pid, to);
}
