// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/fmt.h"
#include "provoke/loop.h"

#ifdef HAVE_LIBEVENT
#include <event2/listener.h>

#include "provoke/link.h"

enum { BACKLOG = 64, CONNECT_SECONDS = 5 };

struct loop {
	struct link_owner owner;
	struct loop_options *options;
	struct event_base *base;
	struct evconnlistener *listener; /* NULL: connections are refused */
	struct event *again;		 /* the timer that ends that */
	struct event *signals[3];
	struct err *err;
	int rc;
};

static void stop(struct loop *l, int rc)
{
	if (!l->rc)
		l->rc = rc;
	event_base_loopbreak(l->base);
}

static void on_connection(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *sa,
			  int len, void *ctx)
{
	struct address client = { .len = len };
	struct loop *l = ctx;
	int rc;

	(void)listener;
	memcpy(&client.sa, sa, len);
	rc = link_new(&l->owner, fd, &client);
	if (rc)
		stop(l, rc);
}

static int listen_now(struct loop *l, struct err *err)
{
	const struct address *at = &l->options->listen;

	l->listener = evconnlistener_new_bind(l->base, on_connection, l,
					      LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE |
						      LEV_OPT_CLOSE_ON_EXEC,
					      BACKLOG, (const struct sockaddr *)&at->sa, at->len);
	if (l->listener)
		return 0;
	if (errno == EADDRINUSE)
		return err_set(err, -errno,
			       "cannot listen on %s: another program does; see `ss -ltnp`",
			       address_text(at).s);
	return err_set(err, -errno, "cannot listen on %s: %s", address_text(at).s, strerror(errno));
}

static void on_again(evutil_socket_t fd, short what, void *ctx)
{
	struct loop *l = ctx;
	int rc;

	(void)fd;
	(void)what;
	rc = l->listener ? 0 : listen_now(l, l->err);
	if (rc)
		stop(l, rc);
}

static void on_refuse(struct link_owner *o, uint64_t ns)
{
	struct loop *l = container_of(o, struct loop, owner);
	struct timeval tv = { .tv_sec = ns / NS_PER_SEC, .tv_usec = ns % NS_PER_SEC / NS_PER_US };

	if (l->listener)
		evconnlistener_free(l->listener);
	l->listener = NULL;
	if (!l->again)
		l->again = evtimer_new(l->base, on_again, l);
	if (!l->again || evtimer_add(l->again, &tv))
		stop(l, -ENOMEM);
}

static void on_signal(evutil_socket_t sig, short what, void *ctx)
{
	struct loop *l = ctx;
	const struct loop_options *o = l->options;

	(void)what;
	if (sig == SIGCHLD ? o->child && o->child(o->ctx) : o->signal(o->ctx, sig))
		stop(l, 0);
}

static int catch_signals(struct loop *l)
{
	static const int wanted[] = { SIGINT, SIGTERM, SIGCHLD };

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		l->signals[i] = evsignal_new(l->base, wanted[i], on_signal, l);
		if (!l->signals[i] || evsignal_add(l->signals[i], NULL))
			return -ENOMEM;
	}
	return 0;
}

/* Better said now than with the first connection. */
static int look_for_server(const struct address *to, struct err *err)
{
	struct timeval tv = { .tv_sec = CONNECT_SECONDS };
	__autoclose int fd = socket(to->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc;

	if (fd < 0)
		return err_set(err, -errno, "cannot make a socket: %s", strerror(errno));
	/* connect(2) heeds it, too: socket(7) */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	if (!connect(fd, (const struct sockaddr *)&to->sa, to->len))
		return 0;
	rc = errno == EINPROGRESS ? -ETIMEDOUT : -errno;
	return err_set(err, rc, "cannot reach the server at %s: %s", address_text(to).s,
		       strerror(-rc));
}

static int begin(struct loop *l, struct err *err)
{
	int rc = look_for_server(&l->options->to, err);

	if (rc)
		return rc;
	l->base = event_base_new();
	if (!l->base)
		return -ENOMEM;
	l->owner = (struct link_owner){ .base = l->base,
					.proxy = &l->options->proxy,
					.to = l->options->to,
					.refuse = on_refuse };
	rc = catch_signals(l);
	if (rc)
		return rc;
	rc = listen_now(l, err);
	if (rc)
		return rc;
	return l->options->ready(l->options->ctx, err);
}

static void end(struct loop *l)
{
	links_free(&l->owner);
	if (l->listener)
		evconnlistener_free(l->listener);
	if (l->again)
		event_free(l->again);
	for (size_t i = 0; i < ARRAY_SIZE(l->signals); i++)
		if (l->signals[i])
			event_free(l->signals[i]);
	if (l->base)
		event_base_free(l->base);
}

bool loop_is_there(void)
{
	return true;
}

int loop_run(struct loop_options *o, struct err *err)
{
	struct loop l = { .options = o, .err = err };
	int rc = begin(&l, err);

	if (!rc && event_base_dispatch(l.base) < 0)
		rc = -EIO;
	if (!rc)
		rc = l.rc ? l.rc : l.owner.rc;
	end(&l);
	return rc;
}

#else

bool loop_is_there(void)
{
	return false;
}

int loop_run(struct loop_options *o, struct err *err)
{
	(void)o;
	return err_set(
		err, -ENOTSUP,
		"this netfsnoop was built without libevent, which provoke needs (Debian: libevent-dev)");
}

#endif
