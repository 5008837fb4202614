// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/units.h"
#include "bpf/event.h"

int parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *ret)
{
	char *end;
	uint64_t n;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || *end || n < min || n > max)
		return -EINVAL;
	*ret = n;
	return 0;
}

int parse_size(const char *text, uint64_t *ret_bytes)
{
	static const char suffixes[] = "KMGT";
	char *end;
	const char *s;
	uint64_t n;
	int shift = 0;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (*end) {
		s = strchr(suffixes, toupper((unsigned char)*end));
		if (!s || end[1])
			return -EINVAL;
		shift = 10 * (s - suffixes + 1);
	}
	if (errno || n > UINT64_MAX >> shift)
		return -EINVAL;
	*ret_bytes = n << shift;
	return 0;
}

int parse_seconds(const char *text, uint64_t *ret_ns)
{
	char *end;
	double s;

	if (!isdigit((unsigned char)*text) && *text != '.')
		return -EINVAL;
	s = strtod(text, &end);
	if (*end || end == text || s < 0 || s > 1e9)
		return -EINVAL;
	*ret_ns = s * 1e9;
	return 0;
}

int parse_duration(const char *text, uint64_t *ret_ns)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = { { "ns", 1 },  { "us", 1e3 }, { "ms", 1e6 },
		      { "s", 1e9 }, { "m", 60e9 }, { "h", 3600e9 } };
	char *end;
	double n;

	if (!isdigit((unsigned char)*text) && *text != '.')
		return -EINVAL;
	n = strtod(text, &end);
	if (end == text || strpbrk(text, "xXpPeE")) /* strtod(3) takes 0x1p4 and 1e3 */
		return -EINVAL;
	*ret_ns = 0;
	if (!*end && n == 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(end, units[i].name) || n * units[i].ns > 1e18)
			continue;
		*ret_ns = n * units[i].ns;
		return 0;
	}
	return -EINVAL;
}

/* "" (0) or "[3]", the index in hex */
static int parse_index(const char *text, uint32_t *ret_sreq)
{
	unsigned long index;
	uint32_t sreq = 0;
	char *end = (char *)text;

	if (*text == '[') {
		if (!isxdigit((unsigned char)*++text))
			return -EINVAL;
		index = strtoul(text, &end, 16);
		if (*end++ != ']' || index > UINT16_MAX)
			return -EINVAL;
		sreq = index ? index : EV_SREQ_ZERO;
	}
	if (*end)
		return -EINVAL;
	*ret_sreq = sreq;
	return 0;
}

int parse_rreq(const char *text, uint32_t *ret_rreq, uint32_t *ret_sreq)
{
	unsigned long n;
	char *end;

	if (!strncmp(text, "R=", 2))
		text += 2;
	if (!isxdigit((unsigned char)*text))
		return -EINVAL;
	n = strtoul(text, &end, 16);
	if (n > UINT32_MAX || parse_index(end, ret_sreq))
		return -EINVAL;
	*ret_rreq = n;
	return 0;
}

int parse_synthetic(const char *text, uint32_t *ret_count, uint32_t *ret_sreq)
{
	unsigned long n;
	char *end;

	if (strncmp(text, "cifs-", 5) || !isdigit((unsigned char)text[5]))
		return -EINVAL;
	n = strtoul(text + 5, &end, 10);
	if (!n || n > INT32_MAX || parse_index(end, ret_sreq))
		return -EINVAL;
	*ret_count = n;
	return 0;
}
