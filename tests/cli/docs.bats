#!/usr/bin/env bats
# The pages against the program: commands, options, outputs, messages.
load common

@test "docs/messages.md has the messages of the sources" {
	run tests/docs/messages
	[ "$status" = 0 ] || { echo "$output"; false; }
}

@test "a message that is in no list is found, and an entry that the sources have not" {
	mkdir -p "$tmp/tree"
	cp -r --parents user docs/messages.md tests/docs "$tmp/tree"
	cd "$tmp/tree"
	echo 'static int f(struct err *err) { return err_set(err, 0, "a thing that %s never said", "x"); }' >user/base/f.c
	run tests/docs/messages
	[ "$status" = 1 ]
	[[ $output == *"a thing that %s never said"* ]]
	echo '`a thing that NOBODY never said`' >>docs/messages.md
	run tests/docs/messages
	[ "$status" = 0 ]
	rm user/base/f.c
	run tests/docs/messages
	[ "$status" = 1 ]
	[[ $output == *"a thing that NOBODY never said"* ]]
}

@test "commands, options and outputs in README, docs/ and man pages" {
	run tests/docs/examples "$nf"
	[ "$status" = 0 ] || { echo "$output"; false; }
}

@test "an option that is none and an output that is another are found" {
	mkdir -p "$tmp/other"
	cp -r --parents README.md NEWS CONTRIBUTING.md docs tests/golden tests/oops tests/import tests/docs "$tmp/other"
	cd "$tmp/other"
	echo 'Try `netfsnoop report --lattency FILE`.' >>docs/perfetto.md
	sed -i 's/^      DW     cifs          2/      DW     cifs          3/' docs/report.md
	run tests/docs/examples "$nf"
	[ "$status" = 1 ]
	[[ $output == *"report has no option --lattency"* ]]
	[[ $output == *"docs/report.md:"*"DW     cifs          3"* ]]
}

@test "every tier of make help is in docs/testing.md" {
	for target in $(make --no-print-directory help | sed -n 's/^make \(test-[a-z-]*\|lint\|unit\|golden\|fuzz\|bench\).*/\1/p'); do
		grep -q "make $target\b" docs/testing.md || { echo "$target is not in docs/testing.md"; false; }
	done
}

@test "links of the pages lead to files and headings that are there" {
	tests/docs/links
}

@test "docs/import.md names every event that import leaves out" {
	tests/docs/left-out
}
