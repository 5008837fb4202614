/* SPDX-License-Identifier: GPL-2.0-only */
/* A module made with the compiler at hand, for the tests of sym: its lines are known. */
#ifndef NETFSNOOP_SYM_UTIL_H
#define NETFSNOOP_SYM_UTIL_H

#include <fcntl.h>
#include <stdarg.h>
#include <string.h>

#include "sym/sym.h"

static const char known_source[] = "void sink(int);\n"					 /* 1 */
				   "extern volatile int v;\n"				 /* 2 */
				   "static inline __attribute__((always_inline))\n"	 /* 3 */
				   "int inner(int x)\n"					 /* 4 */
				   "{\n"						 /* 5 */
				   "	v = x / v;\n"					 /* 6 */
				   "	return v;\n"					 /* 7 */
				   "}\n"						 /* 8 */
				   "static __attribute__((noinline)) int local(int x)\n" /* 9 */
				   "{\n"						 /* 10 */
				   "	v += x;\n"					 /* 11 */
				   "	return v;\n"					 /* 12 */
				   "}\n"						 /* 13 */
				   "int outer(int x);\n"				 /* 14 */
				   "int outer(int x)\n"					 /* 15 */
				   "{\n"						 /* 16 */
				   "	sink(x);\n"					 /* 17 */
				   "	v = local(v);\n"				 /* 18 */
				   "	return inner(x) + 1;\n"				 /* 19 */
				   "}\n";						 /* 20 */

enum { LINE_INNER = 6, LINE_SINK = 17, LINE_LOCAL = 18, LINE_INLINED = 19 };

static char dir[] = "/tmp/netfsnoop-sym-XXXXXX";

/* Runs a shell command in dir. */
__attribute__((format(printf, 1, 2))) static int sh(const char *fmt, ...)
{
	char command[1024], line[1200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	snprintf(line, sizeof(line), "cd %s && %s", dir, command);
	return system(line);
}

static const char *in_dir(const char *name)
{
	static char path[4][256];
	static unsigned int turn;
	char *p = path[turn++ % ARRAY_SIZE(path)];

	snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

static int write_file(const char *name, const void *data, size_t size)
{
	__autofclose FILE *f = fopen(in_dir(name), "w");

	return f && fwrite(data, 1, size, f) == size ? 0 : -1;
}

/* known.ko with debug information, bare/known.ko without */
static int make_known(void)
{
	if (!mkdtemp(dir) || write_file("known.c", known_source, sizeof(known_source) - 1))
		return -1;
	return sh(
		"${CC:-cc} -g -O1 -fno-pic -fno-pie -fcf-protection=none -c known.c -o known.ko && "
		"mkdir -p bare && objcopy --strip-debug known.ko bare/known.ko");
}

static int remove_known(void)
{
	return sh("cd / && rm -rf %s", dir);
}

#endif
