#!/usr/bin/env bats
# What is mistyped, forgotten or mixed up: each is met by a line that says what to do.
load common

commands="record watch report check export diff import xfstests doctor hang oops line"

# refused STATUS PATTERN ARG...: one line that has it
refused() {
	local want=$1 pattern=$2
	shift 2
	run "$nf" "$@"
	[ "$status" = "$want" ] && [[ $output == netfsnoop:*$pattern* ]] && one_line ||
		{ echo "$*: $status: $output"; false; }
}

@test "-h, -?, --help and help COMMAND: the same, for every command" {
	for command in $commands; do
		"$nf" "$command" --help >"$tmp/help"
		for args in "$command -h" "$command -?" "help $command" "--help $command"; do
			# shellcheck disable=SC2086 # a list of words
			"$nf" $args | cmp - "$tmp/help"
		done
		grep -q -- '-h, --help' "$tmp/help"
		grep -q -- '-V, --version' "$tmp/help"
	done
}

@test "-V and --version: of every command, and of none" {
	"$nf" --version >"$tmp/version"
	for command in "" $commands; do
		# shellcheck disable=SC2086 # may be empty
		"$nf" $command -V | cmp - "$tmp/version"
		# shellcheck disable=SC2086
		"$nf" $command --version | cmp - "$tmp/version"
	done
}

@test "help of a command that there is not" {
	refused 2 "did you mean 'record'?" help recrod
}

@test "a mistyped command: the nearest one" {
	refused 2 "did you mean 'report'?" repotr
	refused 2 "did you mean 'xfstests'?" xfstest
	refused 2 "did you mean '--help'?" --hlep
	refused 2 "options come after a command" -o
	echo text >"$tmp/file"
	refused 2 "netfsnoop report $tmp/file" "$tmp/file"
	run "$nf" frobnicate
	[[ $output != *"did you mean"* ]]
}

@test "a mistyped option: the nearest one, or the command that has it" {
	refused 2 "report has no option --tmeline; did you mean --timeline?" report --tmeline x
	refused 2 "report has no option -json; did you mean --json?" report -json x
	refused 2 "record has no option --chekc; did you mean --check?" record --chekc -- true
	refused 2 "report has no option --crash-safe, it is one of \`record\`, \`xfstests\`" report --crash-safe x
	refused 2 "has no option --zzzzzz;" watch --zzzzzz
	refused 2 "has no option --jsno; did you mean --json?" watch --mount --jsno --jsno
	for command in $commands; do
		refused 2 "did you mean --version?" "$command" --vresion
	done
}

@test "options of a command that is run are its own" {
	run "$nf" record -o "$tmp/x.nsn" ls --tmeline
	[[ $output != *"no option"* ]]
}

@test "a beginning of an option that only one has is enough" {
	need_trace
	"$nf" report --timel -n 1 "$golden" >/dev/null
}

@test "what cannot be printed is an error, whatever it was" {
	for args in --help --version help "help report" "report --help" "report -V" "check --list" "doctor --help" \
		"check --explain stuck" "export --schema" "diff --usage"; do
		run bash -c "'$nf' $args >/dev/full"
		[ "$status" = 3 ] || { echo "$args: $status"; false; }
		one_line
		[[ $output == *"standard output: No space left on device" ]]
		run bash -c "'$nf' $args >&-"
		[ "$status" = 3 ] || { echo "$args: $status"; false; }
		one_line
	done
}
