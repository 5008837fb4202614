#!/usr/bin/env bats
# The lints find what they are for, in a small tree outside of git.

setup() {
	tree=$BATS_TEST_TMPDIR/tree
	mkdir -p "$tree/user/base" "$tree/user/model" "$tree/user/capture" "$tree/tests" "$tree/tracepoints"
	cp -r tests/lint "$tree/tests/"
	cp .clang-format "$tree/"
	printf '// SPDX-License-Identifier: GPL-2.0-only\n#include "base/base.h"\n' >"$tree/user/base/ok.c"
	cd "$tree"
}

@test "a clean tree passes" {
	for lint in calls exports format layers size text shell; do
		run tests/lint/$lint.sh
		[ "$status" = 0 ] || { echo "$lint: $output"; false; }
	done
}

@test "layers: an include upwards" {
	echo '#include "model/model.h"' >>user/base/ok.c
	run tests/lint/layers.sh
	[ "$status" = 1 ]
	[[ $output == *'user/base/ok.c includes "model/model.h"'* ]]
}

@test "layers: libbpf outside of capture" {
	echo '#include <bpf/libbpf.h>' >user/capture/x.c
	run tests/lint/layers.sh
	[ "$status" = 0 ]
	echo '#include <bpf/libbpf.h>' >user/model/x.c
	run tests/lint/layers.sh
	[ "$status" = 1 ]
	[[ $output == *user/model/x.c* ]]
}

@test "size: a function of 61 lines, a file of 601" {
	{ echo 'static int long_one(void)'; echo '{'; yes '	;' | head -n 58; echo '}'; } >>user/base/ok.c
	run tests/lint/size.sh
	[ "$status" = 0 ]
	[[ $output == *"60 lines"*long_one* ]]
	sed -i 's/^}$/	;\n}/' user/base/ok.c
	run tests/lint/size.sh
	[ "$status" = 1 ]
	[[ $output == *"long_one has 61 lines"* ]]
	yes '' | head -n 601 >user/base/big.c
	run tests/lint/size.sh
	[[ $output == *"user/base/big.c has 601 lines"* ]]
}

@test "size: scripts and pages count too, a flat switch does not" {
	{ echo 'function draw() {'; yes '	x();' | head -n 60; echo '}'; } >page.js
	{ echo '#!/bin/sh'; echo 'work() {'; yes '	true' | head -n 60; echo '}'; } >script
	{
		printf '// SPDX-License-Identifier: GPL-2.0-only\nconst char *word(int n)\n{\n\tswitch (n) {\n'
		for i in $(seq 40); do printf '\tcase %s:\n\t\treturn "%s";\n' "$i" "$i"; done
		printf '\t}\n}\n'
	} >user/base/word.c
	run tests/lint/size.sh
	[ "$status" = 1 ]
	[[ $output == *"draw has 62 lines"* ]]
	[[ $output == *"work has 62 lines"* ]]
	[[ $output != *word* ]]
}

@test "text: trailing blanks, carriage returns, no SPDX line, a path of one machine" {
	printf 'int a; \n' >user/base/a.c
	printf '// SPDX-License-Identifier: GPL-2.0-only\nint b;\r\n' >user/base/b.c
	printf '/%s/somebody/tree\n' home >notes
	run tests/lint/text.sh
	[ "$status" = 1 ]
	[[ $output == *user/base/a.c:1:*"trailing blanks"* ]]
	[[ $output == *user/base/b.c:2:*"carriage returns"* ]]
	[[ $output == *notes:1:*"paths of one machine"* ]]
	[[ $output == *user/base/a.c*"no SPDX"* ]]
}

@test "format: a space for a tab" {
	printf 'int f(void)\n{\n  return 0;\n}\n' >>user/base/ok.c
	run tests/lint/format.sh
	[ "$status" = 1 ]
	[[ $output == *"clang-format -i user/base/ok.c"* ]]
}

@test "shell: a script with an error" {
	# shellcheck disable=SC2016 # the script is what is checked
	printf '#!/bin/sh\nrm $1\n' >script
	run tests/lint/shell.sh
	[ "$status" = 1 ]
	[[ $output == *script* ]]
}

@test "exports: a function that only its own file calls" {
	echo 'int f(void); /* not g(void) */' >user/base/ok.h
	printf 'int f(void)\n{\n	return 0;\n}\n' >>user/base/ok.c
	run tests/lint/exports.sh
	[ "$status" = 1 ]
	[[ $output == *"user/base/ok.h:1: f()"*"make it static"* ]]
	echo 'int g = f();' >tests/test.c
	run tests/lint/exports.sh
	[ "$status" = 0 ]
}

@test "calls: uthash's own way to add" {
	echo 'HASH_ADD(hh, t, key, 1, i);' >>user/base/ok.c
	run tests/lint/calls.sh
	[ "$status" = 1 ]
	[[ $output == *user/base/ok.c*"hash_add()"* ]]
}
