#!/bin/bash
# json_dumps() of jansson 2.14 may return a part of the text as if it were the whole one: where memory is short while its
# buffer grows, pieces (a key, a brace) are left out, the rest is written, and a string is returned. What is left is no
# valid JSON. The manual says that it returns NULL on error. json_dumpf() into a stream is not affected: the stream knows.
#
# Seen with libjansson-dev and libjansson4 2.14-2 of bookworm, on an object with 40 numbers whose text has 3261 bytes: of the
# calls of the allocator (json_set_alloc_funcs()) one after the other fails. Exit status 0 as long as that is so, 1 once
# it has changed, 2 where it cannot be tried.
set -euo pipefail

version=2.14-2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v gcc >/dev/null || { echo "needs gcc"; exit 2; }
apt-get download -qq "libjansson-dev=$version" "libjansson4=$version" >/dev/null 2>&1 || { echo "libjansson $version is not offered"; exit 2; }
for package in ./*.deb; do dpkg-deb -x "$package" root; done
cat >dump.c <<'END'
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long left = -1; /* calls until one fails; -1: none does */

static void *take(size_t size)
{
	return left >= 0 && left-- == 0 ? NULL : malloc(size);
}

int main(void)
{
	unsigned int nothing = 0, part = 0, valid = 0;
	json_t *object;
	char key[100], *whole, *text;

	json_set_alloc_funcs(take, free);
	object = json_object();
	for (int i = 0; i < 40; i++) {
		snprintf(key, sizeof(key), "key %d with a name of some length, so that the text has to grow now and then", i);
		json_object_set_new(object, key, json_integer(i));
	}
	whole = json_dumps(object, JSON_COMPACT);
	for (int i = 0;; i++) {
		left = i;
		text = json_dumps(object, JSON_COMPACT);
		if (left >= 0)
			break; /* it needed fewer calls */
		left = -1;
		nothing += !text;
		part += text && strcmp(text, whole);
		valid += text && json_loads(text, 0, NULL) != NULL;
	}
	printf("jansson %s, one call of the allocator fails: NULL %u times, a part of the text %u times, of these valid JSON %u\n",
	       JANSSON_VERSION, nothing, part, valid);
	return 0;
}
END
libs=$(dirname "$(find root -name 'libjansson.so.4')")
gcc -Iroot/usr/include -o dump dump.c -L"$libs" -ljansson
said=$(LD_LIBRARY_PATH=$libs ./dump)
echo "$said"
[[ $said =~ ^jansson\ 2\.14,.*NULL\ [1-9][0-9]*\ times,\ a\ part\ of\ the\ text\ [1-9][0-9]*\ times,\ of\ these\ valid\ JSON\ 0$ ]]
