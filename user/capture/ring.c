// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>

#include "capture/ring.h"

int ring_open(struct ring *r, int fd, uint64_t bytes)
{
	size_t page = sysconf(_SC_PAGESIZE);
	void *consumer, *producer;

	*r = (struct ring){ .size = bytes };
	consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (consumer == MAP_FAILED)
		return -errno;
	r->consumer = consumer;
	producer = mmap(NULL, page + 2 * r->size, PROT_READ, MAP_SHARED, fd, page);
	if (producer == MAP_FAILED) {
		ring_close(r);
		return -ENOMEM;
	}
	r->producer = producer;
	return 0;
}

void ring_close(struct ring *r)
{
	size_t page = sysconf(_SC_PAGESIZE);

	if (r->consumer)
		munmap(r->consumer, page);
	if (r->producer)
		munmap((void *)r->producer, page + 2 * r->size);
	*r = (struct ring){ 0 };
}

/* With its header and what fills it up to eight bytes; 0: it is being written. */
static size_t record_room(uint32_t header)
{
	uint32_t len = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

	return header & BPF_RINGBUF_BUSY_BIT ? 0 : (len + RING_HEADER_BYTES + 7) & ~7UL;
}

size_t ring_ready(const struct ring *r, size_t room, const uint8_t **ret)
{
	uint64_t from = *r->consumer, to = __atomic_load_n(r->producer, __ATOMIC_ACQUIRE);
	const uint8_t *data = (const uint8_t *)r->producer + sysconf(_SC_PAGESIZE);
	size_t n = 0;

	*ret = data + (from & (r->size - 1));
	while (from + n < to) {
		size_t size = record_room(
			__atomic_load_n((const uint32_t *)(*ret + n), __ATOMIC_ACQUIRE));

		if (!size || n + size > room)
			break;
		n += size;
	}
	return n;
}

void ring_take(struct ring *r, size_t bytes)
{
	__atomic_store_n(r->consumer, *r->consumer + bytes, __ATOMIC_RELEASE);
}

bool ring_next(const uint8_t *bytes, size_t len, size_t *at, void **ret, size_t *ret_size)
{
	uint32_t header;

	if (*at >= len)
		return false;
	memcpy(&header, bytes + *at, sizeof(header));
	*ret = header & BPF_RINGBUF_DISCARD_BIT ? NULL : (void *)(bytes + *at + RING_HEADER_BYTES);
	*ret_size = header & ~BPF_RINGBUF_DISCARD_BIT;
	*at += record_room(header);
	return true;
}
