#!/usr/bin/env bats
# `watch`: usage, and what the terminal gets back.
load common

@test "watch --top: no terminal is one line and 3, and names --once" {
	run --separate-stderr "$nf" watch --top </dev/null
	[ "$status" = 3 ]
	[ -z "$output" ]
	[ "$(wc -l <<<"$stderr")" = 1 ]
	[[ $stderr == *--once* ]]
}

@test "watch --top: a dumb terminal is refused before it is touched" {
	TERM=dumb run script -qec "'$nf' watch --top" /dev/null </dev/null
	[ "$status" = 3 ]
	[[ $output == *"'dumb'"* && $output != *$'\e'* ]]
}

# Where it cannot capture (a bad filter is seen late enough), and where it is killed.
@test "watch --top: the terminal is as it was, on an error and on a signal" {
	cat >"$tmp/on-a-terminal" <<-END
		stty -a >'$tmp/before'
		'$nf' watch --top --ring-size 4K --fs nosuch </dev/tty &
		sleep 0.2
		for sig in ABRT TERM; do kill -\$sig \$! 2>/dev/null; done
		wait \$!
		stty -a >'$tmp/after'
	END
	TERM=xterm run timeout 60 script -qec "sh '$tmp/on-a-terminal'" /dev/null </dev/null
	cmp "$tmp/before" "$tmp/after"
	if [[ $output == *$'\e[?1049h'* ]]; then
		[[ $output == *$'\e[?1049l'* && $output == *$'\e[?25h'* ]]
	fi
}

@test "watch: usage is 2" {
	for args in "--top -- true" "--top --json" "--once --requests" "--interval 0" "--interval x" "-o -"; do
		# shellcheck disable=SC2086 # a list of words
		run "$nf" watch $args
		[ "$status" = 2 ] || { echo "watch $args: $status"; false; }
	done
}

@test "watch --slower, --on: a wrong one is told what is right, 2" {
	for bad in 10 1 -1s "1 s" s 1S ten ""; do
		run "$nf" watch --slower "$bad"
		[ "$status" = 2 ]
		[[ $output == *"20ms"* && $output == *"$bad"* ]]
	done
	for bad in errors "" , error, slower all; do
		run "$nf" watch --on "$bad"
		[ "$status" = 2 ]
		[[ $output == *"error,reconnect"* && $output == *"$bad"* ]]
	done
	for args in "--top --slower 1s" "--once --on error"; do
		# shellcheck disable=SC2086 # a list of words
		run "$nf" watch $args
		[ "$status" = 2 ] || { echo "watch $args: $status"; false; }
	done
}

# Right ones get as far as where this machine cannot capture.
@test "watch --slower, --on: right ones are taken" {
	[ "$(id -u)" != 0 ] || [ ! -d /sys/module/cifs ] || skip "this machine can record"
	for args in "--slower 20ms" "--slower 0" "--slower 1.5s --on error,reconnect,finding" "--on error --json"; do
		# shellcheck disable=SC2086 # a list of words
		run "$nf" watch -d 0.1 $args
		[ "$status" = 3 ] || { echo "watch $args: $status"; false; }
	done
}
