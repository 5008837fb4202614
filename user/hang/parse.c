// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "hang/parse.h"

char *hang_line(char **text)
{
	char *line = *text, *end;

	if (!line || !*line)
		return NULL;
	end = strchr(line, '\n');
	if (end)
		*end++ = '\0';
	*text = end;
	return line;
}

bool hang_is_cut(const char *text)
{
	size_t n = strlen(text);

	return n && text[n - 1] != '\n';
}

bool hang_find_u64(const char *text, const char *key, int base, uint64_t *ret)
{
	const char *p = strstr(text, key);
	unsigned long long n;
	char *end;

	if (!p)
		return false;
	p += strlen(key);
	while (*p == ' ')
		p++;
	if (!isxdigit((unsigned char)*p))
		return false;
	errno = 0;
	n = strtoull(p, &end, base);
	if (errno || end == p)
		return false;
	*ret = n;
	return true;
}

bool hang_find_u32(const char *text, const char *key, int base, uint32_t *ret)
{
	uint64_t n;

	if (!hang_find_u64(text, key, base, &n) || n > UINT32_MAX)
		return false;
	*ret = n;
	return true;
}

bool hang_find_i32(const char *text, const char *key, int32_t *ret)
{
	const char *p = strstr(text, key);
	char *end;
	long n;

	if (!p)
		return false;
	p += strlen(key);
	errno = 0;
	n = strtol(p, &end, 10);
	if (errno || end == p || n < INT32_MIN || n > INT32_MAX)
		return false;
	*ret = n;
	return true;
}

bool hang_find_word(const char *text, const char *key, char *ret, size_t room)
{
	const char *p = strstr(text, key);
	size_t n;

	if (!p)
		return false;
	p += strlen(key);
	n = strcspn(p, " \t");
	if (!n)
		return false;
	snprintf(ret, room, "%.*s", (int)(n < room ? n : room), p);
	return true;
}

int hang_grow(void **array, size_t nr, size_t size, size_t max)
{
	void *bigger;

	if (nr >= max)
		return -E2BIG;
	if (nr & (nr - 1) || (nr && nr < 16))
		return 0;
	bigger = realloc(*array, (nr ? nr * 2 : 16) * size);
	if (!bigger)
		return -ENOMEM;
	*array = bigger;
	return 0;
}
