// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#include "base/file.h"
#include "capture/settings.h"

#define TRACEFS	    "/sys/kernel/tracing/"
#define PRINT_EVENT TRACEFS "events/bpf_trace/bpf_trace_printk/enable"
#define DUMP	    "/proc/sys/kernel/ftrace_dump_on_oops"
#define BUFFER	    TRACEFS "buffer_size_kb"
/* Of each CPU. A serial console prints 11 KiB a second, and the dump has to be over before anybody
 * reboots the machine. */
#define SMALL_KB "16"

/* ---- single files ---- */

static void full_path(const struct settings *s, const char *path, char *ret, size_t room)
{
	snprintf(ret, room, "%s%s", s->root, path);
}

/* The first line. */
static int read_value(const struct settings *s, const char *path, char *ret, size_t room)
{
	__autofree char *text = NULL;
	char full[320];
	int rc;

	full_path(s, path, full, sizeof(full));
	rc = file_read(full, 65536, &text, NULL);
	if (rc)
		return rc;
	text[strcspn(text, "\n")] = '\0';
	if (strlen(text) >= room)
		return -EMSGSIZE;
	strcpy(ret, text);
	return 0;
}

static int write_value(const struct settings *s, const char *path, const char *value)
{
	__autoclose int fd = -1;
	char full[320];

	full_path(s, path, full, sizeof(full));
	fd = open(full, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd_write_all(fd, value, strlen(value));
}

/* ---- the state file: "path\told value\n" ---- */

static int open_state(struct settings *s, bool create)
{
	s->lock = open(s->state, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT : 0), 0600);
	if (s->lock < 0)
		return -errno;
	if (!flock(s->lock, LOCK_EX | LOCK_NB))
		return 0;
	close(s->lock);
	s->lock = -1;
	return errno == EWOULDBLOCK ? -EBUSY : -errno;
}

static bool is_ours(const char *path)
{
	return !strcmp(path, PRINT_EVENT) || !strcmp(path, DUMP) || !strcmp(path, BUFFER) ||
	       !strcmp(path, TRACEFS "tracing_on");
}

/* What is there was left by one that was killed. The file is root's; what it names is checked. */
static int restore_left(struct settings *s)
{
	__autofree char *text = NULL;
	char *line, *rest;
	int rc = file_read(s->state, 65536, &text, NULL);

	if (rc)
		return rc;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		char *path = strsep(&line, "\t");

		if (line && is_ours(path) && !write_value(s, path, line))
			s->nr_left++;
	}
	return ftruncate(s->lock, 0) ? -errno : 0;
}

static int note(struct settings *s, const char *path, const char *old, const char *now)
{
	struct setting *item = &s->item[s->nr];
	char line[256];

	if (s->nr == SETTINGS_MAX)
		return -ENOSPC;
	snprintf(item->path, sizeof(item->path), "%s", path);
	snprintf(item->old, sizeof(item->old), "%s", old);
	snprintf(item->now, sizeof(item->now), "%s", now);
	s->nr++;
	snprintf(line, sizeof(line), "%s\t%s\n", path, old);
	if (lseek(s->lock, 0, SEEK_END) < 0)
		return -errno;
	return fd_write_all(s->lock, line, strlen(line));
}

static int change(struct settings *s, const char *path, const char *old, const char *now)
{
	int rc;

	if (!strcmp(old, now))
		return 0;
	rc = note(s, path, old, now);
	if (rc)
		return rc;
	return write_value(s, path, now);
}

/* ---- the trace buffer ---- */

static bool not_free(struct settings *s, const char *why)
{
	snprintf(s->in_use, sizeof(s->in_use), "%s", why);
	return false;
}

/* Nobody traces, and nothing is in it that somebody may want to read. */
static bool buffer_is_free(struct settings *s)
{
	__autofree char *text = NULL;
	char value[128], full[320];
	const char *entries;

	if (read_value(s, TRACEFS "current_tracer", value, sizeof(value)) || strcmp(value, "nop"))
		return not_free(s, "a tracer is on");
	if (read_value(s, TRACEFS "set_event", value, sizeof(value)) ||
	    (*value && strcmp(value, "bpf_trace:bpf_trace_printk") != 0))
		return not_free(s, "trace events are on");
	full_path(s, TRACEFS "trace", full, sizeof(full));
	if (file_read(full, 4096, &text, NULL))
		return not_free(s, "it cannot be read");
	entries = strstr(text, "entries-in-buffer/entries-written: ");
	if (!entries ||
	    strncmp(entries + strlen("entries-in-buffer/entries-written: "), "0/", 2) != 0)
		return not_free(s, "it holds a trace");
	return true;
}

/* "7 (expanded: 1408)" is what a buffer says that was never used: 1408 is what a user would get. */
static void buffer_size(const char *value, char *ret, size_t room)
{
	const char *expanded = strstr(value, "expanded: ");

	if (expanded)
		value = expanded + strlen("expanded: ");
	snprintf(ret, room, "%.*s", (int)strspn(value, "0123456789"), value);
}

static int shrink_buffer(struct settings *s)
{
	char value[64], old[64];
	int rc = read_value(s, BUFFER, value, sizeof(value));

	if (rc)
		return rc;
	buffer_size(value, old, sizeof(old));
	if (!*old)
		return not_free(s, "buffers of its CPUs differ in size"), 0;
	rc = change(s, BUFFER, old, SMALL_KB);
	if (!rc && !read_value(s, TRACEFS "tracing_on", value, sizeof(value)))
		rc = change(s, TRACEFS "tracing_on", value, "1");
	return rc;
}

static int be_crash_safe(struct settings *s, struct err *err)
{
	char old[64];
	int rc = read_value(s, DUMP, old, sizeof(old));

	if (!rc && (!*old || !strcmp(old, "0")))
		rc = change(s, DUMP, old, "1");
	if (rc)
		return err_set(err, rc, "--crash-safe: %s: %s; it needs root and CONFIG_TRACING",
			       DUMP, strerror(-rc));
	return buffer_is_free(s) ? shrink_buffer(s) : 0;
}

/* ---- all of it ---- */

static void init(struct settings *s, const struct settings_options *o)
{
	*s = (struct settings){ .lock = -1 };
	snprintf(s->root, sizeof(s->root), "%s", o->root ? o->root : "");
	snprintf(s->state, sizeof(s->state), "%s", o->state ? o->state : SETTINGS_STATE);
}

int settings_take(struct settings *s, const struct settings_options *o, struct err *err)
{
	char old[64];
	int rc;

	init(s, o);
	rc = open_state(s, true);
	s->busy = rc == -EBUSY;
	if (!rc)
		rc = restore_left(s);
	if (rc && o->crash_safe)
		return err_set(
			err, rc, "--crash-safe: %s: %s", s->state,
			s->busy ? "another netfsnoop that changed kernel settings is still running"
				: strerror(-rc));
	if (rc)
		return 0;
	if (!read_value(s, PRINT_EVENT, old, sizeof(old)) && !strcmp(old, "0"))
		rc = note(s, PRINT_EVENT, old, "1");
	if (!rc && o->crash_safe)
		rc = be_crash_safe(s, err);
	if (rc)
		settings_restore(s);
	return o->crash_safe ? rc : 0;
}

void settings_restore(struct settings *s)
{
	if (s->lock < 0)
		return;
	while (s->nr) {
		const struct setting *item = &s->item[--s->nr];

		write_value(s, item->path, item->old);
	}
	unlink(s->state);
	close(s->lock);
	s->lock = -1;
}

int settings_restore_left(const struct settings_options *o, struct settings *ret, struct err *err)
{
	int rc;

	init(ret, o);
	rc = open_state(ret, false);
	if (rc == -ENOENT)
		return 0;
	if (rc == -EBUSY)
		return err_set(
			err, rc,
			"%s belongs to a running netfsnoop, which restores the settings itself when it ends",
			ret->state);
	if (!rc)
		rc = restore_left(ret);
	if (rc)
		return err_set(err, rc, "%s: %s", ret->state, strerror(-rc));
	settings_restore(ret);
	return ret->nr_left;
}
