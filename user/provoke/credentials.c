// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "provoke/credentials.h"

#define MAX_FILE ((size_t)64 << 10)

/* What is behind "password=" or "pass="; NULL: another line. */
static char *password_of(char *line)
{
	static const char *const keys[] = { "password=", "pass=" };

	line += strspn(line, " \t");
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strncmp(line, keys[i], strlen(keys[i])))
			return line + strlen(keys[i]);
	return NULL;
}

int credentials_password(const char *path, char **ret_password, struct err *err)
{
	__autofree char *text = NULL;
	char *line, *rest;
	int rc = file_read(path, MAX_FILE, &text, NULL);

	if (rc)
		return err_set(err, rc, "cannot read %s: %s", path, strerror(-rc));
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		char *password = password_of(line);

		if (!password)
			continue;
		*ret_password = strdup(password);
		return *ret_password ? 0 : -ENOMEM;
	}
	return err_set(err, -EINVAL, "%s has no line password=", path);
}
