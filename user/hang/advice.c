// SPDX-License-Identifier: GPL-2.0-only
/* What to collect while it still hangs. */
#include <string.h>

#include "hang/hang.h"

struct advice_list {
	struct hang_advice *a;
	size_t nr, max;
};

__attribute__((format(printf, 3, 4))) static void add(struct advice_list *l, const char *why,
						      const char *fmt, ...)
{
	va_list ap;

	if (l->nr == l->max)
		return;
	l->a[l->nr].why = why;
	va_start(ap, fmt);
	vsnprintf(l->a[l->nr].command, sizeof(l->a[l->nr].command), fmt, ap);
	va_end(ap);
	l->nr++;
}

/* It goes into a command line: an address and nothing else. */
static const char *address_of(const struct hang_report *r)
{
	for (size_t i = 0; i < r->last->nr_conns; i++) {
		const struct hang_conn *c = r->conn[i].c;

		if (r->conn[i].verdict > HANG_MOVING && *c->address &&
		    !c->address[strspn(c->address, "0123456789abcdefABCDEF.:")])
			return c->address;
	}
	return NULL;
}

static void add_network(struct advice_list *l, const struct hang_report *r)
{
	const char *address = address_of(r);

	if (address)
		add(l, "do packets travel, and who acknowledges them?",
		    "tcpdump -i any -s 300 -w hang.pcap host %s and port 445", address);
	add(l, "does data wait in this machine's socket or at the server?",
	    "ss -tnoi dport = :445");
}

static void add_server(struct advice_list *l)
{
	add(l, "on the server: is smbd stopped, or does it wait for its disk?",
	    "ps -o pid,stat,wchan:30,args -C smbd");
}

static void add_kernel(struct advice_list *l)
{
	add(l, "write the stacks of all waiting tasks to dmesg", "echo w > /proc/sysrq-trigger");
	add(l, "how does it happen? Record, repeat what hung, then check the recording",
	    "netfsnoop record -o hang.nsn; netfsnoop check hang.nsn");
	add(l, "what does the kernel log say about it?", "netfsnoop oops --dmesg");
}

size_t hang_advise(const struct hang_report *r, struct hang_advice *a, size_t max)
{
	struct advice_list l = { .a = a, .max = max };

	if (!r->hangs)
		return 0;
	switch (r->verdict) {
	case HANG_SERVER:
	case HANG_RECONNECT:
		add_server(&l);
		add_network(&l, r);
		add(&l, "record what happens once it answers again",
		    "netfsnoop record -d 60 -o hang.nsn");
		break;
	case HANG_CREDITS:
		add(&l, "who takes credits, and does the server grant any?",
		    "netfsnoop record -d 60 -o hang.nsn");
		add_network(&l, r);
		break;
	default:
		add_kernel(&l);
	}
	if (r->last->has_cifs)
		add(&l, "keep the state of the connections", "cat /proc/fs/cifs/DebugData");
	return l.nr;
}
