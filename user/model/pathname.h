/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of files as `record --paths` has them. */
#ifndef NETFSNOOP_PATHNAME_H
#define NETFSNOOP_PATHNAME_H

#include "base/base.h"
#include "bpf/event.h"

/*
 * "/dir/file", from the root of its file system; ".../dir/file" where what stands above is left out
 * or not known. Any byte but NUL may be in it. NULL: no name was known. The caller frees it.
 * 0 or -ENOMEM.
 */
int pathname_of(const struct ev_path *ev, char **ret);

#endif
