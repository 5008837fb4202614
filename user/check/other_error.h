/* SPDX-License-Identifier: GPL-2.0-only */
/* Part of `error-map`: errors that are others than what happened. */
#ifndef NETFSNOOP_CHECK_OTHER_ERROR_H
#define NETFSNOOP_CHECK_OTHER_ERROR_H

#include "check/inside.h"

/*
 * TERM of a first attempt that the server answered with @status, an NTSTATUS: is its error the one that the kernel
 * has for it? 0 or -ENOMEM.
 */
int other_error_term(struct check *c, const struct seen *ce, uint32_t status, uint64_t status_ns);

/* A request is over with an error, and all it asked for was transferred without one. 0 or -ENOMEM. */
int other_error_request(struct check *c, const struct request *r);

#endif
