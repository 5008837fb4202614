#!/usr/bin/env bats
# Help, and the exit status of wrong usage.
load common

@test "without a command: usage on stderr, 2" {
	run --separate-stderr "$nf"
	[ "$status" = 2 ]
	[ -z "$output" ]
	[[ $stderr == Usage:* ]]
}

@test "--help: usage on stdout, 0" {
	for word in --help -h help; do
		run --separate-stderr "$nf" $word
		[ "$status" = 0 ]
		[ -z "$stderr" ]
		[[ $output == Usage:* ]]
	done
}

@test "--version: this build, the trace format, what is built in, libbpf" {
	for word in --version -V; do
		run --separate-stderr "$nf" $word
		[ "$status" = 0 ]
		[ -z "$stderr" ]
		[ "${#lines[@]}" = 4 ]
		[[ ${lines[0]} =~ ^netfsnoop\ [^\ ]+$ ]]
		[[ ${lines[1]} =~ ^trace\ format\ 2\.[0-9]+$ ]]
		[[ ${lines[2]} =~ ^features:\ [-+]trace\.dat ]]
		[[ ${lines[3]} =~ ^libbpf\ [0-9]+\.[0-9]+ ]]
	done
}

@test "every command is listed, has help, a summary and its exit status in it" {
	commands=$("$nf" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | grep -v '^netfsnoop$')
	[ "$(wc -w <<<"$commands")" -ge 3 ]
	for command in $commands; do
		run --separate-stderr "$nf" "$command" --help
		[ "$status" = 0 ]
		[ -z "$stderr" ]
		[[ $output == *"Exit status:"* ]] || { echo "$command --help does not tell the exit status"; false; }
	done
}

# usage is 2 and a failure of its own 3, or 125 around a command, everywhere
@test "the help of every command names its exit statuses" {
	for command in $("$nf" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | grep -v '^netfsnoop$'); do
		help=$("$nf" "$command" --help | tr -s ' \n' ' ')
		for status in '2 usage' '3 '; do
			[[ ${help#*Exit status: } == *"$status"* ]] || { echo "$command: no $status"; false; }
		done
	done
}

@test "help fits 80 columns" {
	for command in record watch report doctor; do
		run "$nf" $command --help
		[ "$(printf '%s\n' "$output" | wc -L)" -le 80 ]
	done
}

@test "an unknown command: one line, 2" {
	run "$nf" frobnicate
	[ "$status" = 2 ]
	one_line
	[[ $output == *frobnicate* ]]
}

@test "an unknown option: 2, and the way to help" {
	for command in record watch report doctor; do
		run "$nf" $command --no-such-option
		[ "$status" = 2 ]
		[[ $output == *--help* ]]
	done
}

@test "values out of range: 2, and the value in the message" {
	for args in '-d x' '-d 0' '-d -1' '--ring-size 1' '--ring-size 4X' '--ring-size 3G' '--level 0' \
		'--level 20' '--pid x'; do
		# shellcheck disable=SC2086 # a list of words
		run "$nf" record $args
		[ "$status" = 2 ] || { echo "record $args: $status"; false; }
		[[ $output == *"${args#* }"* ]]
	done
}

@test "report wants one file" {
	run "$nf" report
	[ "$status" = 2 ]
	run "$nf" report a b
	[ "$status" = 2 ]
}

@test "every command has a man page that scdoc takes, and that or record's has its options" {
	for command in $("$nf" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | grep -v '^netfsnoop$'); do
		page=docs/man/netfsnoop-$command.1.scd
		scdoc <"$page" >/dev/null || { echo "$page"; false; }
		grep -q "netfsnoop-$command\*(1)" docs/man/netfsnoop.1.scd || { echo "$command: not in netfsnoop.1"; false; }
		for option in $("$nf" "$command" --help | grep -oE '^ +(-., +)?--[a-z][a-z-]+' | grep -oE -- '--[a-z-]+'); do
			case $option in
			--help | --usage | --version) continue ;;
			esac
			grep -qF -- "*$option*" "$page" docs/man/netfsnoop-record.1.scd ||
				{ echo "$command $option: in no man page"; false; }
		done
	done
}
