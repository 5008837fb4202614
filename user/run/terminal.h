/* SPDX-License-Identifier: GPL-2.0-only */
/* A full-screen terminal by plain ANSI: works over ssh, needs no terminfo. */
#ifndef NETFSNOOP_RUN_TERMINAL_H
#define NETFSNOOP_RUN_TERMINAL_H

#include <termios.h>

#include "base/base.h"

struct terminal {
	struct termios saved;
	bool on;
};

/* -errno with err set if there is none that terminal_open() can take. */
int terminal_check(struct err *err);
/*
 * Takes the terminal of stdin and stdout: another screen, keys without Enter. terminal_close(), and
 * any signal that kills, give it back. -errno with err set if it is none, or a dumb one.
 */
int terminal_open(struct terminal *t, struct err *err);
void terminal_close(struct terminal *t);
/* Columns and lines as they are now; 80x24 if it does not say. */
void terminal_size(unsigned int *ret_width, unsigned int *ret_height);
/* A key that waits, or 0. */
int terminal_key(void);
/* Shows text from the top and footer in the last line. 0 or -errno. */
int terminal_draw(const char *text, const char *footer);

#endif
