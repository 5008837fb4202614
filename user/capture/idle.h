/* SPDX-License-Identifier: GPL-2.0-only */
/* Is anybody using the modules our probes pin? */
#ifndef NETFSNOOP_IDLE_H
#define NETFSNOOP_IDLE_H

#include "base/base.h"

/* Mounts of this mount namespace: of the SMB client, and of other file systems on netfs. */
struct mount_use {
	bool cifs;
	bool others;
	bool ever; /* either, at this or an earlier look */
};

void mount_use_read(struct mount_use *ret);
/* Does a file system of this type use netfs, on one kernel or another? */
bool uses_netfs(const char *fstype);
/* The type of what is mounted as device dev (major << 20 | minor); false: nothing is. */
bool mount_type(uint32_t dev, char *dst, size_t size);
/* Does the SMB client have a connection, in whatever namespace it is mounted? */
bool cifs_connected(void);
/* Loaded and past its init, or built in. */
bool module_live(const char *name);
/* Changes when the module is loaded anew; 0: not there. */
uint64_t module_identity(const char *name);

#endif
