/* SPDX-License-Identifier: GPL-2.0-only */
/* Small things every layer uses: ownership visible at the declaration, and the error convention. */
#ifndef NETFSNOOP_BASE_H
#define NETFSNOOP_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member)                 \
	({                                              \
		char *at_ = (char *)(ptr);              \
		(type *)(at_ - offsetof(type, member)); \
	})

/*
 * Ownership. A variable declared __free(fn) is released when it goes out of scope, unless handed on
 * with TAKE(). So a reader sees in one function who owns what.
 */
#define __free(fn) __attribute__((cleanup(fn)))
#define TAKE(p)                         \
	({                              \
		__typeof__(p) t_ = (p); \
		(p) = NULL;             \
		t_;                     \
	})

static inline void freep(void *p)
{
	free(*(void **)p);
}

static inline void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void fclosep(FILE **f)
{
	if (*f)
		fclose(*f);
}

#define __autofree   __free(freep)
#define __autoclose  __free(closep)
#define __autofclose __free(fclosep)

/*
 * Errors. Functions return 0 or -errno and do not print. Where the number alone would not tell the
 * user what to do, they leave one line in a struct err, which main() prints once.
 */
struct err {
	char text[512];
};

/* Stores the message (if err is not NULL) and returns rc, so `return err_set(e, -EINVAL, ...)`. */
__attribute__((format(printf, 3, 4))) int err_set(struct err *err, int rc, const char *fmt, ...);

/* strerror() of -errno that writing returned, and what to do about it where that is clear. Static. */
const char *err_why(int rc);

#endif
