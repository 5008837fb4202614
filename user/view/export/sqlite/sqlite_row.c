// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fmt.h"
#include "view/export/sqlite/sqlite_row.h"

/* -errno of a result of SQLite. */
static int sqlite_errno(int rc)
{
	switch (rc & 0xff) { /* the rest says more of the same */
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW:
		return 0;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_TOOBIG:
		return -EFBIG;
	case SQLITE_PERM:
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
		return -EACCES;
	default:
		return -EIO;
	}
}

/* SQLite would make it readable for others, and add to what is there. */
static int create_file(const char *path, const char *name, struct err *err)
{
	__autoclose int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return err_set(err, -errno, "cannot write %s: %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, -EIO, "cannot write %s: a database has to be a regular file",
			       name);
	return 0;
}

int sqlite_create(sqlite3 **ret_db, const char *path, const char *name, struct err *err)
{
	sqlite3 *db = NULL;
	int rc = create_file(path, name, err);

	if (rc)
		return rc;
	/* for one thread, and without accounts of memory: else a third of a row's time goes to
	 * locks. Refused where it is in use already, and no harm done */
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
	if (rc != SQLITE_OK) {
		rc = err_set(err, sqlite_errno(rc), "cannot write %s: %s", name,
			     sqlite3_errstr(rc));
		sqlite3_close(db);
		return rc;
	}
	*ret_db = db;
	return 0;
}

int sqlite_run(sqlite3 *db, const char *sql)
{
	return sqlite_errno(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

/* "INSERT INTO t VALUES (?,?,?)" with as many as it has columns. */
int row_table_open(struct row_table *t, sqlite3 *db, const char *name)
{
	__autofree char *sql = NULL;
	char marks[2 * ROW_COLUMNS + 1] = "?";
	sqlite3_stmt *probe = NULL;
	int rc, columns;

	if (asprintf(&sql, "SELECT * FROM %s", name) < 0)
		return -ENOMEM;
	rc = sqlite3_prepare_v2(db, sql, -1, &probe, NULL);
	columns = sqlite3_column_count(probe);
	sqlite3_finalize(probe);
	if (rc != SQLITE_OK || columns > ROW_COLUMNS)
		return sqlite_errno(rc ?: SQLITE_ERROR);
	for (int i = 1; i < columns; i++)
		memcpy(marks + 2 * i - 1, ",?", 3);
	free(TAKE(sql));
	if (asprintf(&sql, "INSERT INTO %s VALUES (%s)", name, marks) < 0)
		return -ENOMEM;
	*t = (struct row_table){ .name = name, .columns = columns };
	return sqlite_errno(sqlite3_prepare_v2(db, sql, -1, &t->insert, NULL));
}

void row_table_close(struct row_table *t)
{
	sqlite3_finalize(t->insert);
	*t = (struct row_table){};
}

static void note(struct row_table *t, int rc)
{
	if (rc != SQLITE_OK && !t->rc)
		t->rc = rc;
}

/* The next column; NULL: there is none, which row_end() says. */
static struct row_bound *next(struct row_table *t)
{
	return t->column < t->columns ? &t->bound[t->column++] : (t->column++, NULL);
}

void row_signed_if(struct row_table *t, bool known, int64_t v)
{
	struct row_bound *b = next(t);

	if (!b || (b->as == (known ? BOUND_NUMBER : BOUND_NULL) && (!known || b->number == v)))
		return;
	b->as = known ? BOUND_NUMBER : BOUND_NULL;
	b->number = v;
	note(t, known ? sqlite3_bind_int64(t->insert, t->column, v)
		      : sqlite3_bind_null(t->insert, t->column));
}

void row_word_if(struct row_table *t, bool known, const char *text)
{
	struct row_bound *b;
	size_t len;

	if (!known) {
		row_signed_if(t, false, 0);
		return;
	}
	b = next(t);
	if (!b || (b->as == BOUND_TEXT && !strcmp(b->text, text)))
		return;
	len = strlen(text);
	b->as = len < sizeof(b->text) ? BOUND_TEXT : BOUND_LONG_TEXT;
	if (b->as == BOUND_TEXT)
		memcpy(b->text, text, len + 1);
	note(t, sqlite3_bind_text(t->insert, t->column, text, len, SQLITE_TRANSIENT));
}

static bool is_bound(const struct row_table *t, const char *text)
{
	const struct row_bound *b = &t->bound[t->column];

	return t->column < t->columns && b->as == BOUND_TEXT && !strcmp(b->text, text);
}

void row_name(struct row_table *t, const char *name)
{
	size_t room = name ? 4 * strlen(name) + 8 : 0;
	char near[4 * ROW_TEXT];
	__autofree char *text = NULL;

	if (name && is_bound(t, name)) { /* what is escaped has nothing left to escape */
		t->column++;
		return;
	}
	if (room <= sizeof(near)) {
		row_word_if(t, room && *name, room ? fmt_escape(near, sizeof(near), name) : NULL);
		return;
	}
	text = malloc(room);
	if (!text)
		note(t, SQLITE_NOMEM);
	row_word_if(t, text, text ? fmt_escape(text, room, name) : NULL);
}

void row_hex_if(struct row_table *t, bool known, uint64_t v)
{
	char text[24] = "";

	if (known)
		snprintf(text, sizeof(text), "0x%" PRIx64, v);
	row_word_if(t, known, text);
}

void row_status_if(struct row_table *t, bool known, uint32_t status)
{
	char text[16] = "";

	if (known)
		snprintf(text, sizeof(text), "0x%08" PRIx32, status);
	row_word_if(t, known, text);
}

void row_rreq(struct row_table *t, uint32_t rreq, bool synth)
{
	row_word_if(t, rreq, rreq ? fmt_request_id(synth, rreq).s : NULL);
}

void row_sreq(struct row_table *t, uint32_t sreq)
{
	row_word_if(t, sreq, sreq ? fmt_index(sreq).s : NULL);
}

void row_dev(struct row_table *t, uint32_t dev)
{
	row_word_if(t, dev, dev ? fmt_dev(dev).s : NULL);
}

int row_end(struct row_table *t)
{
	int rc = t->rc;

	if (!rc && t->column != t->columns)
		rc = SQLITE_MISUSE;
	if (!rc)
		rc = sqlite3_step(t->insert);
	sqlite3_reset(t->insert);
	t->column = t->rc = 0;
	return sqlite_errno(rc);
}
