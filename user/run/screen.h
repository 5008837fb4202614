/* SPDX-License-Identifier: GPL-2.0-only */
/* What the screen can do: width and colour, by COLUMNS, NO_COLOR and TERM. */
#ifndef NETFSNOOP_RUN_SCREEN_H
#define NETFSNOOP_RUN_SCREEN_H

#include "base/base.h"

#define SCREEN_MIN_WIDTH 60
#define SCREEN_MAX_WIDTH 1000

/* A terminal that takes escape sequences: none that is TERM=dumb, or says nothing. */
bool screen_is_smart(int fd);
/* Is it a word that --color takes? */
bool screen_is_colour(const char *when);
/* Of --color: when is NULL (auto), "auto", "always" or "never". For standard output. */
bool screen_colour(const char *when);
/* For a stream, without an option to ask. */
bool screen_colour_on(int fd);
/* Columns of standard output: wanted, if not 0; COLUMNS; the terminal's; 80. SCREEN_MIN_WIDTH at
 * least.
 */
unsigned int screen_width(unsigned int wanted);
/* The same, with another width than 80 where nobody says. */
unsigned int screen_width_or(unsigned int wanted, unsigned int otherwise);

/* Lines of the terminal that standard output is; 0: it is none, or nobody knows. */
unsigned int screen_height(void);

#endif
