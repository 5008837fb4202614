// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "capture/collector.h"

#define CHUNK_BYTES (512 * 1024) /* half of what the programs wake us for */
#define CHUNKS	    128		 /* a power of two; 64 MiB in all */
/* Chunks that are there from the beginning, and are kept: a fresh page costs as much as seven records. */
#define SPARE 16

struct chunk {
	unsigned int ring;
	size_t len;
	uint64_t complete_ns; /* all that was complete then is here or before it */
	uint8_t data[];
};

#define DATA_BYTES (CHUNK_BYTES - sizeof(struct chunk))

/*
 * One thread puts, one gets, and neither ever waits for the other: the one that gets may not run for
 * long.
 */
struct queue {
	uint32_t head, tail; /* put and taken so far */
	struct chunk *slot[CHUNKS];
};

struct collector {
	struct collector_options opts;
	struct ring ring[COLLECTOR_RINGS];
	unsigned int nr_rings;
	struct queue full, spare;
	uint64_t put_bytes, taken_bytes; /* of `full`, ever */
	uint64_t passed_ns;		 /* all that was complete then is in `full` */
	uint64_t heard_ns;		 /* when the recorder last took all there was */
	uint64_t marked_ns;
	uint32_t marked; /* the recorder's: how far it takes */
	pthread_t thread;
	bool started, stop;
	sem_t done;
	int epoll_fd, ask_fd, told_fd;
};

static uint32_t queued(const struct queue *q)
{
	return __atomic_load_n(&q->head, __ATOMIC_ACQUIRE) -
	       __atomic_load_n(&q->tail, __ATOMIC_ACQUIRE);
}

static void put(struct queue *q, struct chunk *chunk)
{
	q->slot[q->head % CHUNKS] = chunk;
	__atomic_store_n(&q->head, q->head + 1, __ATOMIC_RELEASE);
}

static struct chunk *get(struct queue *q)
{
	struct chunk *chunk;

	if (!queued(q))
		return NULL;
	chunk = q->slot[q->tail % CHUNKS];
	__atomic_store_n(&q->tail, q->tail + 1, __ATOMIC_RELEASE);
	return chunk;
}

static struct chunk *chunk_map(int populate)
{
	void *p = mmap(NULL, CHUNK_BYTES, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | populate, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static void chunk_free(struct chunk *chunk)
{
	if (chunk)
		munmap(chunk, CHUNK_BYTES);
}

/* Not malloc(): a lock of its own that the recorder holds would be one that we wait for. */
static struct chunk *chunk_new(struct collector *c)
{
	struct chunk *chunk = get(&c->spare);

	return chunk || queued(&c->full) >= CHUNKS - 1 ? chunk : chunk_map(0);
}

/* 1: there may be more, 0: no more, -ENOMEM: no room. */
static int copy_some(struct collector *c, unsigned int i)
{
	const uint8_t *data;
	size_t n = ring_ready(&c->ring[i], DATA_BYTES, &data);
	struct chunk *chunk = n ? chunk_new(c) : NULL;

	if (!chunk)
		return n ? -ENOMEM : 0;
	*chunk = (struct chunk){ .ring = i, .len = n, .complete_ns = c->passed_ns };
	memcpy(chunk->data, data, n);
	ring_take(&c->ring[i], n);
	__atomic_store_n(&c->put_bytes, c->put_bytes + n, __ATOMIC_RELAXED);
	put(&c->full, chunk);
	return 1;
}

static void hurry_recorder(struct collector *c)
{
	if (c->opts.priority)
		priority_raise(c->opts.priority);
}

static void pass(struct collector *c)
{
	uint64_t now = monotonic_ns();
	int rc = 0;

	for (unsigned int i = 0; !rc && i < c->nr_rings; i++)
		do {
			rc = copy_some(c, i);
		} while (rc > 0);
	if (!rc)
		__atomic_store_n(&c->passed_ns, now, __ATOMIC_RELEASE);
	if (queued(&c->full) > CHUNKS / 2)
		hurry_recorder(c);
}

static bool lags(const struct collector *c)
{
	uint64_t heard = __atomic_load_n(&c->heard_ns, __ATOMIC_RELAXED), now = monotonic_ns();

	return c->opts.max_lag_ns && queued(&c->full) && now > heard &&
	       now - heard > c->opts.max_lag_ns;
}

static void tell(int fd)
{
	uint64_t one = 1;
	ssize_t n = write(fd, &one, sizeof(one));

	(void)n; /* it is readable already */
}

static bool was_asked(const struct collector *c)
{
	uint64_t n;

	return read(c->ask_fd, &n, sizeof(n)) == sizeof(n);
}

static void *run(void *ctx)
{
	struct collector *c = ctx;
	int wait_ms = c->opts.max_lag_ns ? (int)(c->opts.max_lag_ns / 1000000) : -1;
	struct epoll_event ev[COLLECTOR_RINGS + 2];

	while (!__atomic_load_n(&c->stop, __ATOMIC_ACQUIRE)) {
		int n = epoll_wait(c->epoll_fd, ev, ARRAY_SIZE(ev), wait_ms);
		bool urgent = false, asked = was_asked(c);

		for (int i = 0; i < n; i++)
			urgent |= ev[i].data.fd == c->opts.urgent_fd;
		pass(c);
		if (urgent || lags(c))
			hurry_recorder(c);
		if (asked)
			sem_post(&c->done);
		else if (queued(&c->full))
			tell(c->told_fd);
	}
	return NULL;
}

static int watch(struct collector *c, int fd)
{
	/* edges: what is in a ring and not worth a wake-up is to stay there */
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET, .data.fd = fd };

	return epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, fd, &ev) ? -errno : 0;
}

int collector_new(struct collector **ret_c, const struct collector_options *opts)
{
	struct collector *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return -ENOMEM;
	c->opts = *opts;
	c->heard_ns = c->passed_ns = monotonic_ns(); /* of nothing, all is there */
	sem_init(&c->done, 0, 0);
	c->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	c->ask_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->told_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	rc = c->epoll_fd < 0 || c->ask_fd < 0 || c->told_fd < 0 ? -errno : watch(c, c->ask_fd);
	if (!rc && opts->urgent_fd)
		rc = watch(c, opts->urgent_fd);
	if (rc)
		collector_free(c);
	else
		*ret_c = c;
	return rc;
}

int collector_add_ring(struct collector *c, int fd, uint64_t bytes)
{
	int rc = c->nr_rings == COLLECTOR_RINGS ? -ENOSPC
						: ring_open(&c->ring[c->nr_rings], fd, bytes);

	if (rc)
		return rc;
	c->nr_rings++;
	rc = watch(c, fd);
	return rc == -EPERM ? 0 : rc; /* a file, in a test: it is looked at when asked */
}

int collector_start(struct collector *c)
{
	struct chunk *chunk;
	int rc;

	while (queued(&c->spare) < SPARE && (chunk = chunk_map(MAP_POPULATE)))
		put(&c->spare, chunk); /* what is not there now can be had when it is needed */
	rc = -pthread_create(&c->thread, NULL, run, c);
	c->started = !rc;
	return rc;
}

void collector_free(struct collector *c)
{
	if (!c)
		return;
	if (c->started) {
		__atomic_store_n(&c->stop, true, __ATOMIC_RELEASE);
		tell(c->ask_fd);
		pthread_join(c->thread, NULL);
	}
	for (unsigned int i = 0; i < c->nr_rings; i++)
		ring_close(&c->ring[i]);
	while (queued(&c->full))
		chunk_free(get(&c->full));
	while (queued(&c->spare))
		chunk_free(get(&c->spare));
	closep(&c->epoll_fd);
	closep(&c->ask_fd);
	closep(&c->told_fd);
	sem_destroy(&c->done);
	free(c);
}

void collector_collect(struct collector *c)
{
	tell(c->ask_fd);
	while (sem_wait(&c->done) && errno == EINTR)
		;
}

int collector_fd(const struct collector *c)
{
	return c->told_fd;
}

uint64_t collector_bytes(const struct collector *c)
{
	return __atomic_load_n(&c->put_bytes, __ATOMIC_RELAXED) - c->taken_bytes;
}

void collector_mark(struct collector *c)
{
	/* in this order: what was passed then is behind the mark */
	c->marked_ns = __atomic_load_n(&c->passed_ns, __ATOMIC_ACQUIRE);
	c->marked = __atomic_load_n(&c->full.head, __ATOMIC_ACQUIRE);
}

static int hand_on(const struct chunk *chunk, collector_fn fn, void *ctx)
{
	size_t at = 0, size;
	void *record;
	int rc = 0;

	while (!rc && ring_next(chunk->data, chunk->len, &at, &record, &size))
		rc = record ? fn(ctx, chunk->ring, record, size) : 0;
	return rc;
}

static void give_back(struct collector *c, struct chunk *chunk)
{
	if (queued(&c->spare) < SPARE)
		put(&c->spare, chunk);
	else
		chunk_free(chunk);
}

int collector_hand_on(struct collector *c, collector_fn fn, void *ctx, uint64_t *ret_ns)
{
	struct chunk *chunk = c->full.tail != c->marked ? get(&c->full) : NULL;
	int rc = chunk ? hand_on(chunk, fn, ctx) : 0;

	*ret_ns = c->marked_ns;
	if (!chunk) {
		__atomic_store_n(&c->heard_ns, monotonic_ns(), __ATOMIC_RELAXED);
		return 0;
	}
	*ret_ns = chunk->complete_ns;
	c->taken_bytes += chunk->len;
	give_back(c, chunk);
	return rc ?: 1;
}
