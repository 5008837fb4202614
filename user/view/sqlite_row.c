// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fmt.h"
#include "view/sqlite_row.h"

int sqlite_errno(int rc)
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
static int create_file(const char *path, struct err *err)
{
	__autoclose int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return err_set(err, -errno, "cannot write %s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, -EIO, "cannot write %s: a database has to be a regular file",
			       path);
	return 0;
}

int sqlite_create(sqlite3 **ret_db, const char *path, struct err *err)
{
	sqlite3 *db = NULL;
	int rc = create_file(path, err);

	if (rc)
		return rc;
	rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
	if (rc != SQLITE_OK) {
		rc = err_set(err, sqlite_errno(rc), "cannot write %s: %s", path,
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
	char marks[2 * 64 + 1] = "?";
	sqlite3_stmt *probe = NULL;
	int rc, columns;

	if (asprintf(&sql, "SELECT * FROM %s", name) < 0)
		return -ENOMEM;
	rc = sqlite3_prepare_v2(db, sql, -1, &probe, NULL);
	columns = sqlite3_column_count(probe);
	sqlite3_finalize(probe);
	if (rc != SQLITE_OK || columns > 64)
		return sqlite_errno(rc ? rc : SQLITE_ERROR);
	for (int i = 1; i < columns; i++)
		memcpy(marks + 2 * i - 1, ",?", 3);
	free(TAKE(sql));
	if (asprintf(&sql, "INSERT INTO %s VALUES (%s)", name, marks) < 0)
		return -ENOMEM;
	*t = (struct row_table){ .name = name };
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

void row_signed_if(struct row_table *t, bool known, int64_t v)
{
	t->column++;
	note(t, known ? sqlite3_bind_int64(t->insert, t->column, v)
		      : sqlite3_bind_null(t->insert, t->column));
}

void row_number_if(struct row_table *t, bool known, uint64_t v)
{
	row_signed_if(t, known, (int64_t)v);
}

void row_number(struct row_table *t, uint64_t v)
{
	row_signed_if(t, true, (int64_t)v);
}

void row_text_if(struct row_table *t, bool known, const char *text)
{
	if (!known) {
		row_signed_if(t, false, 0);
		return;
	}
	t->column++;
	note(t, sqlite3_bind_text(t->insert, t->column, text, -1, SQLITE_TRANSIENT));
}

void row_name(struct row_table *t, const char *name)
{
	size_t room = name ? 4 * strlen(name) + 8 : 0;
	__autofree char *text = name && *name ? malloc(room) : NULL;

	if (name && *name && !text)
		note(t, SQLITE_NOMEM);
	row_text_if(t, text, text ? fmt_escape(text, room, name) : NULL);
}

int row_end(struct row_table *t)
{
	int rc = t->rc;

	if (!rc && t->column != sqlite3_bind_parameter_count(t->insert))
		rc = SQLITE_MISUSE;
	if (!rc)
		rc = sqlite3_step(t->insert);
	sqlite3_reset(t->insert);
	t->column = t->rc = 0;
	return sqlite_errno(rc);
}
