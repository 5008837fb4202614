/* SPDX-License-Identifier: GPL-2.0-only */
/* A file in words of a line: what --paths recorded of its name, made safe for a terminal. */
#ifndef NETFSNOOP_VIEW_FILE_NAME_H
#define NETFSNOOP_VIEW_FILE_NAME_H

#include "model/model.h"

struct file_words {
	char s[200];
};

/*
 * " /dir/file" to go behind an inode number, its end if it is long; " (name unknown)" where names
 * were recorded and this one (NULL) is not known; "" where none were.
 */
struct file_words file_words(const struct model *m, const char *path);

#endif
