/* SPDX-License-Identifier: GPL-2.0-only */
/* A file as mount.cifs(8) reads it with credentials=: lines "username=U", "password=P", "domain=D". */
#ifndef NETFSNOOP_PROVOKE_CREDENTIALS_H
#define NETFSNOOP_PROVOKE_CREDENTIALS_H

#include "base/base.h"

/*
 * The password of a credentials file; the names are in each session's own messages. *ret_password is the
 * caller's to free. -ENOENT and such, or -EINVAL: it has none; with err set.
 */
int credentials_password(const char *path, char **ret_password, struct err *err);

#endif
