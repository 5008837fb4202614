// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "trace/ahead.h"

/*
 * Bytes handled in vain. A file made of frame starts that each lead nowhere would otherwise cost
 * its size squared; a real trace has thousands of damaged frames before it gets here.
 */
#define MAX_WASTE (UINT64_C(1) << 30)
/* The writer's frames are a quarter of this. Of larger ones none is read ahead, and no room is kept. */
#define LARGE (1u << 20)

int ahead_init(struct ahead *a, struct source *src)
{
	*a = (struct ahead){ .src = *src };
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->more, NULL);
	pthread_cond_init(&a->room, NULL);
	return frame_init(&a->frame);
}

/* ---- making pieces: in the thread, or where there is none in ahead_next() ---- */

/* Goes to where the next frame may begin. */
static void resync(struct ahead *a, struct piece *p)
{
	int rc;

	a->waste += a->frame.size + a->frame.len;
	p->gave_up = a->waste > MAX_WASTE;
	rc = p->gave_up ? source_drain(&a->src) : source_seek(&a->src, frame_magic);
	p->next = rc < 0 ? rc : rc ? FRAME_SKIP : FRAME_END;
}

/* Its buffer goes to the frame, for the next one. */
static void take_frame(struct ahead *a, struct piece *p)
{
	uint8_t *data = p->data;
	size_t cap = p->cap;

	p->data = a->frame.data;
	p->cap = a->frame.cap;
	p->len = a->frame.len;
	p->hash = a->frame.hash;
	a->frame.data = data;
	a->frame.cap = cap;
	if (cap <= LARGE)
		return;
	free(data);
	a->frame.data = NULL;
	a->frame.cap = 0;
}

static void make(struct ahead *a, struct piece *p, bool drain)
{
	p->offset = source_offset(&a->src);
	p->gave_up = false;
	p->len = 0;
	p->status = drain ? source_drain(&a->src) : frame_read(&a->frame, &a->src);
	if (drain && !p->status)
		p->status = FRAME_END;
	p->next = p->status;
	if (p->status == FRAME_OK)
		take_frame(a, p);
	else if (p->status == FRAME_TORN || p->status == FRAME_BAD)
		resync(a, p);
	p->end = source_offset(&a->src);
}

static bool is_last(const struct piece *p)
{
	return p->next == FRAME_END || p->next < 0;
}

/* ---- the thread ---- */

static struct piece *slot(struct ahead *a, uint64_t nr)
{
	return &a->piece[nr % AHEAD];
}

/* Is there no room for another? Large ones wait until all before are taken. */
static bool is_full(struct ahead *a)
{
	bool large = a->made && slot(a, a->made - 1)->cap > LARGE;

	return a->made - a->taken >= (large ? 1 : AHEAD - 1);
}

/* false: stop. */
static bool wait_for_room(struct ahead *a, bool *ret_drain)
{
	bool go;

	pthread_mutex_lock(&a->lock);
	while (!a->stop && is_full(a))
		pthread_cond_wait(&a->room, &a->lock);
	*ret_drain = a->drain;
	go = !a->stop;
	pthread_mutex_unlock(&a->lock);
	return go;
}

static void *read_ahead(void *ctx)
{
	struct ahead *a = ctx;
	bool drain, over = false;

	while (!over && wait_for_room(a, &drain)) {
		struct piece *p = slot(a, a->made); /* made is changed here alone */

		make(a, p, drain);
		over = is_last(p);
		pthread_mutex_lock(&a->lock);
		a->made++;
		a->over = over;
		pthread_cond_signal(&a->more);
		pthread_mutex_unlock(&a->lock);
	}
	return NULL;
}

/* Without one all is as before, and slower. Signals are for the others. */
static void start(struct ahead *a)
{
	sigset_t all, old;

	a->src.stop_fd = eventfd(0, EFD_CLOEXEC);
	if (a->src.stop_fd <= 0) /* 0 says that there is none */
		return;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	a->threaded = !pthread_create(&a->thread, NULL, read_ahead, a);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void ahead_release(struct ahead *a)
{
	const uint64_t one = 1;

	if (a->threaded) {
		pthread_mutex_lock(&a->lock);
		a->stop = true;
		pthread_cond_signal(&a->room);
		pthread_mutex_unlock(&a->lock);
		while (write(a->src.stop_fd, &one, sizeof(one)) < 0 && errno == EINTR)
			;
		pthread_join(a->thread, NULL);
	}
	for (int i = 0; i < AHEAD; i++)
		free(a->piece[i].data);
	frame_release(&a->frame);
	source_release(&a->src);
}

/* ---- the other side ---- */

const struct piece *ahead_first(struct ahead *a)
{
	struct piece *p = slot(a, 0);

	take_frame(a, p);
	a->made = a->taken = 1;
	return p;
}

static const struct piece *next_here(struct ahead *a)
{
	struct piece *p = slot(a, a->made);

	if (a->over)
		return slot(a, a->made - 1);
	make(a, p, false);
	a->over = is_last(p);
	a->taken = ++a->made;
	return p;
}

const struct piece *ahead_next(struct ahead *a)
{
	const struct piece *p;

	if (!a->threaded && a->taken == 1 && a->src.fd >= 0)
		start(a);
	if (!a->threaded)
		return next_here(a);
	pthread_mutex_lock(&a->lock);
	while (a->taken == a->made && !a->over)
		pthread_cond_wait(&a->more, &a->lock);
	a->taken += a->taken < a->made;
	p = slot(a, a->taken - 1);
	pthread_cond_signal(&a->room);
	pthread_mutex_unlock(&a->lock);
	return p;
}

int ahead_drain(struct ahead *a)
{
	const struct piece *p;

	if (!a->threaded)
		return source_drain(&a->src);
	pthread_mutex_lock(&a->lock);
	a->drain = true;
	pthread_cond_signal(&a->room);
	pthread_mutex_unlock(&a->lock);
	do
		p = ahead_next(a);
	while (!is_last(p));
	return p->next < 0 ? p->next : 0;
}
