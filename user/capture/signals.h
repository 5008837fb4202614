/* SPDX-License-Identifier: GPL-2.0-only */
/* The signals that end a recording or ask it for something, read from a file descriptor. */
#ifndef NETFSNOOP_SIGNALS_H
#define NETFSNOOP_SIGNALS_H

/* Blocks SIGINT, SIGTERM, SIGHUP, SIGUSR1 and SIGCHLD; a signalfd of them that never blocks, or -errno. */
int signals_open(void);

#endif
