// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/fmt.h"
#include "base/units.h"
#include "provoke/loop.h"

int address_parse(const char *text, struct address *ret)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&ret->sa;
	struct sockaddr_in *in = (struct sockaddr_in *)&ret->sa;
	const char *colon = strrchr(text, ':');
	char host[64];
	uint64_t port;
	int len;

	*ret = (struct address){};
	if (!colon || parse_number(colon + 1, 1, UINT16_MAX, &port))
		return -EINVAL;
	len = colon - text;
	if (*text == '[' && len > 2 && text[len - 1] == ']') {
		snprintf(host, sizeof(host), "%.*s", len - 2, text + 1);
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		ret->len = sizeof(*in6);
		return inet_pton(AF_INET6, host, &in6->sin6_addr) == 1 ? 0 : -EINVAL;
	}
	snprintf(host, sizeof(host), "%.*s", len, text);
	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	ret->len = sizeof(*in);
	return inet_pton(AF_INET, host, &in->sin_addr) == 1 ? 0 : -EINVAL;
}

struct long_text address_text(const struct address *a)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a->sa;
	const struct sockaddr_in *in = (const struct sockaddr_in *)&a->sa;
	char host[INET6_ADDRSTRLEN] = "?";
	struct long_text t;

	if (a->sa.ss_family == AF_INET6) {
		inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
		snprintf(t.s, sizeof(t.s), "[%.39s]:%u", host, ntohs(in6->sin6_port));
	} else {
		inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
		snprintf(t.s, sizeof(t.s), "%.39s:%u", host, ntohs(in->sin_port));
	}
	return t;
}
