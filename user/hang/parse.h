/* SPDX-License-Identifier: GPL-2.0-only */
/* Text of /proc, piece by piece. */
#ifndef NETFSNOOP_HANG_PARSE_H
#define NETFSNOOP_HANG_PARSE_H

#include "base/base.h"

/* Cuts the next line off *text; NULL at the end. */
char *hang_line(char **text);
/* Does it end within a line? No file of /proc does, but a copy that was cut. */
bool hang_is_cut(const char *text);
/* The number behind key in text, if there is one; base 0 takes "0x". */
bool hang_find_u64(const char *text, const char *key, int base, uint64_t *ret);
bool hang_find_i32(const char *text, const char *key, int32_t *ret);
bool hang_find_u32(const char *text, const char *key, int base, uint32_t *ret);
/* The word behind key. */
bool hang_find_word(const char *text, const char *key, char *ret, size_t room);
/* Makes room for one more in an array; -ENOMEM, or -E2BIG beyond max. */
int hang_grow(void **array, size_t nr, size_t size, size_t max);

#endif
