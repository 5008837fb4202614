# shellcheck shell=bash
# For every file of tests here: $nf is the program, $tmp a directory that any user may enter.

bats_require_minimum_version 1.5.0

setup_file() {
	tmp=$(mktemp -d)
	chmod 755 "$tmp"
	# where a user without rights can run it, wherever this tree is
	cp "${O:-build}/netfsnoop" "$tmp/netfsnoop"
	export tmp nf=$tmp/netfsnoop
	# what a user may have set
	unset COLUMNS NO_COLOR
}

teardown_file() {
	rm -rf "$tmp"
}

# as_user COMMAND...: without root's rights
as_user() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$@"
	else
		"$@"
	fi
}

# The output is one line that begins with the program's name.
one_line() {
	# shellcheck disable=SC2154 # bats sets it
	[ "${#lines[@]}" = 1 ]
	[[ ${lines[0]} == netfsnoop:* ]]
}

# A real trace, if the tree has one: sets $golden
need_trace() {
	golden=$(find tests/golden -name '*-mixed.nsn' | sort | tail -n 1)
	[ -n "$golden" ] || skip "no golden trace"
}

# nr_checks: how many checks there are
nr_checks() { "$nf" check --list | wc -l; }
