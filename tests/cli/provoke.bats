#!/usr/bin/env bats
# `provoke`: what is wrong with a plan or a command line, and how it ends; tests/provoke has what it does to a client.
load common

need_it() {
	"$nf" --version | grep -q '+provoke' || skip "built without libevent"
}

# server: something that listens, on $port
server() {
	coproc nobody { python3 -c '
import socket, sys
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen()
print(s.getsockname()[1], flush=True)
sys.stdin.read()'; }
	read -r port <&"${nobody[0]}"
}

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

@test "an error in a plan: 2, and its line" {
	printf '# two lines\non READ: shrt-read 1\n' >"$tmp/plan"
	run --separate-stderr "$nf" provoke "$tmp/plan"
	[ "$status" = 2 ]
	[ "$stderr" = "netfsnoop: $tmp/plan:2: no fault shrt-read; did you mean short-read?" ]
	run --separate-stderr "$nf" provoke "$tmp/nowhere"
	[ "$status" = 2 ]
	head -c 100 /dev/zero >"$tmp/zeros"
	run --separate-stderr "$nf" provoke "$tmp/zeros"
	[ "$status" = 2 ]
}

@test "every fault and status of docs/provoke.md is in --list, and the other way round" {
	"$nf" provoke --list | awk '{ print $1 == "status" && NF == 2 ? $2 : $1 }' | sort -u >"$tmp/listed"
	sed -n '/^## Faults/,/^### /p' docs/provoke.md | grep -oE '^\| (`[^|]*`|[A-Z_, ]+) \|' |
		grep -oE '`[a-z-]+|[A-Z_]{4,}' | tr -d '`' | grep -vxE 'NAME|DURATION|WHERE' | sort -u >"$tmp/told"
	diff "$tmp/told" "$tmp/listed"
}

@test "a command line that is wrong: 2" {
	: >"$tmp/plan"
	run "$nf" provoke
	[ "$status" = 2 ]
	for bad in 127.0.0.1 localhost:445 127.0.0.1:0 127.0.0.1:70000 '[::1:445' :445; do
		run "$nf" provoke --to "$bad" "$tmp/plan"
		[ "$status" = 2 ]
		[[ $output == *"not $bad"* ]]
	done
	run "$nf" provoke "$tmp/plan" "$tmp/plan"
	[ "$status" = 2 ]
	[[ $output == *"a command goes behind --"* ]]
}

@test "no server, a port in use, no password: 3" {
	need_it
	: >"$tmp/plan"
	run "$nf" provoke --to "127.0.0.1:$(free_port)" "$tmp/plan"
	[ "$status" = 3 ]
	[[ $output == *"Connection refused"* ]]
	server
	run "$nf" provoke --listen "127.0.0.1:$port" --to "127.0.0.1:$port" "$tmp/plan"
	[ "$status" = 3 ]
	[[ $output == *"another program does"* ]]
	echo username=x >"$tmp/cred"
	run "$nf" provoke --credentials "$tmp/cred" --to "127.0.0.1:$port" "$tmp/plan"
	[ "$status" = 3 ]
	[[ $output == *"no line password="* ]]
}

@test "a command: its exit status, its end is the end" {
	need_it
	printf 'on READ: delay 1s\n' >"$tmp/plan"
	server
	here=$(free_port)
	run "$nf" provoke -q --listen "127.0.0.1:$here" --to "127.0.0.1:$port" "$tmp/plan" -- sh -c 'exit 7'
	[ "$status" = 7 ]
	run "$nf" provoke -q --listen "127.0.0.1:$here" --to "127.0.0.1:$port" "$tmp/plan" -- sh -c 'kill -9 $$'
	[ "$status" = 137 ]
	run -127 "$nf" provoke --listen "127.0.0.1:$here" --to "127.0.0.1:$port" "$tmp/plan" -- "$tmp/no-such"
	run "$nf" provoke --listen "127.0.0.1:$here" --to "127.0.0.1:$(free_port)" "$tmp/plan" -- true
	[ "$status" = 125 ]
	run "$nf" provoke --listen "127.0.0.1:$here" --to "127.0.0.1:$port" --log "$tmp/log" --ready-file "$tmp/ready" \
		"$tmp/plan" -- sh -c "test -e $tmp/ready"
	[ "$status" = 0 ]
	[[ $output == *"plan:1: delay: fit 0 requests, chose 0, shown 0 times"* ]]
	jq -es 'last.type == "summary" and .[0].type == "rule" and .[0].counted == 0' "$tmp/log"
}

@test "what is no SMB ends its connection" {
	need_it
	: >"$tmp/plan"
	server
	here=$(free_port)
	run "$nf" provoke --listen "127.0.0.1:$here" --to "127.0.0.1:$port" "$tmp/plan" -- \
		bash -c "exec 3<>/dev/tcp/127.0.0.1/$here; echo 'GET / HTTP/1.0' >&3; ! read -r -t 10 <&3"
	[ "$status" = 0 ]
	[[ $output == *"what came is no SMB"* ]]
}
