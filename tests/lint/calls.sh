#!/bin/sh
# What there is a checked version of is not called as it is.
set -eu

status=0
unchecked() { # the call, as an ERE, and what to call instead
	# shellcheck disable=SC2046 # no blanks in the names of our files
	bad=$(grep -nE "(^|[^A-Za-z0-9_])$1\\(" /dev/null $(tests/lint/files 'user/*.[ch]' | grep -vE '^user/base/(hash|mem)\.')) || return 0
	echo "$bad"
	echo "do: $2"
	status=1
}

unchecked 'HASH_(ADD|REPLACE)[A-Z_]*' "hash_add() of base/hash.h, which says when there is no memory"
unchecked open_memstream "mem_open() of base/mem.h, which knows what was lost"
unchecked json_dumps "json_dumpf() to mem_open(): jansson leaves out keys that it has no memory for"
exit $status
