#!/usr/bin/env bats
# `oops` on logs and mails, `line` on places of an oops.
load common

# A module whose lines are known: $ko with debug information, $bare without
need_module() {
	ko=$tmp/known.ko bare=$tmp/bare/known.ko
	[ ! -e "$bare" ] || return 0
	mkdir -p "$tmp/bare"
	cat >"$tmp/known.c" <<-EOF
		void sink(int);
		int outer(int x);
		int outer(int x)
		{
			sink(x);
			return x + 1;
		}
	EOF
	(cd "$tmp" && "${CC:-cc}" -g -O1 -fno-pic -fno-pie -fcf-protection=none -c known.c -o known.ko)
	objcopy --strip-debug "$ko" "$bare"
}

# "outer+0xOFF": the return address of its call of sink
return_address() {
	local site start
	site=$(readelf -rW "$bare" | awk '/ sink - 4$/ { print $1; exit }')
	start=$(nm "$bare" | awk '/ outer$/ { print $1 }')
	printf 'outer+0x%x\n' $((0x$site + 4 - 0x$start))
}

# A real cifs.ko of Debian, if one was downloaded: sets $cifs
need_cifs() {
	local dir
	dir=$(NETFSNOOP_OFFLINE=1 tests/vm/fetch-kernel 6.12 2>/dev/null) || skip "no kernel 6.12 in the cache"
	cifs=$(find "$dir" -name 'cifs.ko*' | head -n 1)
	[ -n "$cifs" ] || skip "no cifs.ko in $dir"
}

@test "oops: the thread's oops, decoded" {
	run --separate-stderr "$nf" oops tests/oops/seed.txt
	[ "$status" = 0 ]
	[ -z "$stderr" ]
	[ "${lines[0]}" = "kernel BUG at lib/iov_iter.c:582!" ]
	[[ $output == *"called by smb2_readv_callback+0x50f/0x5b0 [cifs]"* ]]
	[[ $output == *"task      cifsd, pid 4033, CPU 2"* ]]
	[[ $output == *"kernel    6.8.0-rc3+ #2"* ]]
	[[ $output == *"E unsigned module"* ]]
	[[ $output == *"during generic/306"* ]]
	[[ $output == *"In our terms: an iterator was wound back before its start"* ]]
}

@test "oops --json: one object for each report, with the same facts" {
	for f in tests/oops/*.txt; do cat "$f" && echo; done >"$tmp/all"
	"$nf" oops --json "$tmp/all" >"$tmp/json"
	jq -es '.[0].type == "summary" and .[0].reports == 11 and ([.[0].groups[].count] | add) == 11' "$tmp/json"
	jq -es 'map(select(.type == "message")) | all(.text | type == "string")' "$tmp/json"
	jq -es 'map(select(.type == "oops")) | length == 11 and all((.kind | type == "string") and (.meaning.id | type == "string"))' "$tmp/json"
	jq -es 'map(.kind) | contains(["bug", "hung-task", "kasan", "soft-lockup", "null-dereference"])' "$tmp/json"
	"$nf" oops --json tests/oops/seed.txt >"$tmp/json"
	jq -e '.caller.symbol == "smb2_readv_callback" and .registers.RSI == "0x200" and .line == 582
		and (.trace | map(select(.reliable)) | length) == 4' "$tmp/json"
}

@test "oops: quoted, wrapped again, from standard input" {
	sed 's/^/> > /' tests/oops/seed.txt | fold -s -w 60 >"$tmp/mail"
	"$nf" oops --json - <"$tmp/mail" | jq -e '.at.symbol == "iov_iter_revert" and .comm == "cifsd"
		and .kernel == "6.8.0-rc3+" and .meaning.id == "iter-revert"'
	cmp <("$nf" oops --json tests/oops/seed.txt | jq 'del(.line_number)') \
		<("$nf" oops --json <"$tmp/mail" | jq 'del(.line_number)')
}

@test "oops: nothing of a log reaches the terminal as it is" {
	run "$nf" oops tests/oops/mixed.txt
	[ "$status" = 0 ]
	[[ $output == *'evil\x1b]0;title'* ]]
	[[ $output != *$'\e'* ]]
}

@test "oops: no report is 1, no such file and two files 2, a directory 3" {
	echo "[    1.000000] all is well" >"$tmp/well"
	run "$nf" oops "$tmp/well"
	[ "$status" = 1 ]
	one_line
	run "$nf" oops "$tmp/absent"
	[ "$status" = 2 ]
	one_line
	run "$nf" oops "$tmp"
	[ "$status" = 2 ]
	one_line
	run "$nf" oops "$tmp/well" "$tmp/well"
	[ "$status" = 2 ]
	run "$nf" oops --dmesg "$tmp/well"
	[ "$status" = 2 ]
}

@test "oops: random bytes are no report" {
	head -c 300000 /dev/urandom >"$tmp/random"
	run "$nf" oops "$tmp/random"
	[ "$status" = 1 ]
}

@test "oops --module: the places of the module get their lines" {
	need_module
	place=$(return_address)
	cat >"$tmp/log" <<-EOF
		[    1.000001] WARNING: CPU: 0 PID: 1 at known.c:5 outer+0x0/0x0 [known]
		[    1.000002] Call Trace:
		[    1.000003]  $place/0x0 [known]
	EOF
	size=$(printf '0x%x' $((0x$(nm -S "$bare" | awk '/ outer$/ { print $2 }'))))
	sed -i "s,/0x0 ,/$size ," "$tmp/log"
	run "$nf" oops --module "$ko" "$tmp/log"
	[ "$status" = 0 ]
	[[ $output == *"known.c:5 in outer"* ]]
	run "$nf" oops --module "$bare" "$tmp/log"
	[[ $output == *"after the call to sink"* ]]
}

@test "line: function, file and line, in both forms" {
	need_module
	place=$(return_address)
	for ref in "known:$place" "$place [known]"; do
		run --separate-stderr "$nf" line --return --module "$ko" "$ref"
		[ "$status" = 0 ]
		[ -z "$stderr" ]
		[ "${lines[0]}" = "known.c:5 in outer" ]
	done
	# the words of the reference may be arguments of their own
	run "$nf" line --return --module "$ko" "$place" "[known]"
	[ "${lines[0]}" = "known.c:5 in outer" ]
	"$nf" line --json --return --module "$ko" "known:$place" | jq -e '.frames[0].line == 5'
}

@test "line: without debug information, what is called there" {
	need_module
	run "$nf" line --return --module "$bare" "known:$(return_address)"
	[ "$status" = 0 ]
	[ "${lines[0]}" = "return address after the call to sink" ]
}

@test "line: another build, no file, no place" {
	need_module
	run --separate-stderr "$nf" line --module "$ko" "known:$(return_address)/0x5b0"
	[ "$status" = 1 ]
	[ -z "$output" ]
	[[ $stderr == netfsnoop:*"another build"* ]]
	run "$nf" line --release 6.12.1+deb13-amd64 "absent_module:f+0x1/0x2"
	[ "$status" = 1 ]
	one_line
	[[ $output == *linux-image-6.12.1+deb13-amd64-dbg* ]]
	run "$nf" line nonsense
	[ "$status" = 2 ]
	one_line
}

@test "line: a call of iov_iter_revert in Debian's cifs.ko" {
	need_cifs
	case $cifs in
	*.xz) xz -dc "$cifs" >"$tmp/cifs.ko" ;;
	*) cp "$cifs" "$tmp/cifs.ko" ;;
	esac
	site=$(readelf -rW "$tmp/cifs.ko" | awk '/ iov_iter_revert - 4/ { print $1; exit }')
	read -r start _ < <(nm "$tmp/cifs.ko" | grep -w crypt_message)
	place=$(printf 'crypt_message+0x%x' $((0x$site + 4 - 0x$start)))
	run "$nf" line --return --module "$cifs" "cifs:$place"
	[ "$status" = 0 ]
	[ "${lines[0]}" = "return address after the call to iov_iter_revert" ]
	# the size as the kernel prints it, up to the next symbol, fits; another does not
	next=$(nm -n "$tmp/cifs.ko" | awk '/ crypt_message$/ { on = 1; next } on { print $1; exit }')
	run "$nf" line --return --module "$cifs" "$place/$(printf '0x%x' $((0x$next - 0x$start)))" "[cifs]"
	[ "$status" = 0 ]
	run "$nf" line --return --module "$cifs" "$place/0x5b0" "[cifs]"
	[ "$status" = 1 ]
	[[ $output == *"another build"* ]]
}

# An oops of the thread that serves the connection in this trace, at a time when it was in a callback.
oops_of_trace() {
	sed 's/^Nov 23 10:00:07 client kernel: /[   18.020930] /; s/PID: 412/PID: 251/; /run fstests/d' \
		tests/oops/folioq-6.12.txt
}

@test "oops --trace: what the thread was working for, and its timeline" {
	oops_of_trace >"$tmp/oops.txt"
	run --separate-stderr "$nf" oops --trace tests/golden/6.12-mixed.nsn "$tmp/oops.txt"
	[ "$status" = 0 ]
	[[ $output == *'request     R=00000002[1], which that task was working for'* ]]
	[[ $output == *'connection  0x2, mid 30; wireshark: smb2.msg_id == 30'* ]]
	[[ $output == *'R=00000002 DW cifs'*'SUBMT'* ]]
	run --separate-stderr "$nf" oops --json --trace tests/golden/6.12-mixed.nsn "$tmp/oops.txt"
	[ "$(tail -n 1 <<<"$output" | jq -r '[.type, .rreq, .sreq, .mid, .in_flight, .by_line] | @csv')" = \
		'"oops_trace","00000002","1","0x1e",true,false' ]
}

@test "oops --trace: our own line in the log names the request" {
	{
		oops_of_trace
		echo '[   18.10] Dumping ftrace buffer:'
		echo '[   18.11]    cifsd-251       0d.h1. 17799800us : bpf_trace_printk: netfsnoop: iter-revert R=00000001[2] f+0x1/0x2 [cifs]'
		echo '[   18.12]    cifsd-99        0d.h1. 17799900us : bpf_trace_printk: netfsnoop: iter-revert R=00000077[2] f+0x1/0x2 [cifs]'
	} >"$tmp/oops.txt"
	run --separate-stderr "$nf" oops --trace tests/golden/6.12-mixed.nsn - <"$tmp/oops.txt"
	[ "$status" = 0 ]
	[[ $output == *'Before that: netfsnoop: iter-revert R=00000001[2]'* ]]
	[[ $output == *'request     R=00000001[2], as our line in this log says'* ]]
	sed -i s/00000001/00999999/ "$tmp/oops.txt"
	run --separate-stderr "$nf" oops --trace tests/golden/6.12-mixed.nsn "$tmp/oops.txt"
	[[ $output == *'request     R=00999999[2]'*'It is not in the trace, which ends at'* ]]
}

@test "oops --trace: a thread that did nothing here, and no trace" {
	run --separate-stderr "$nf" oops --trace tests/golden/6.12-mixed.nsn tests/oops/seed.txt
	[ "$status" = 0 ]
	[[ $output == *'no event of task 4033 belongs to a request'* ]]
	run --separate-stderr "$nf" oops --trace tests/oops/seed.txt tests/oops/seed.txt
	[ "$status" = 2 ]
	[ -n "$stderr" ]
}

@test "hang: what cifs and netfs logged, from a log beside a copy of /proc" {
	cp -r tests/hang/6.12-read "$tmp/proc"
	run --separate-stderr "$nf" hang --proc "$tmp/proc"
	[ "$status" = 1 ]
	[[ $output != *"cifs and netfs logged"* ]]
	printf '%s\n' '[  912.000001] CIFS: VFS: \\srv9 has not responded in 180 seconds. Reconnecting...' \
		'[  913.000001] CIFS: VFS: \\srv9 Send error in SessSetup = -11' \
		'[  914.000001] CIFS: VFS: \\srv9 Send error in SessSetup = -11' >"$tmp/proc/kmsg"
	run --separate-stderr "$nf" hang --proc "$tmp/proc"
	[ "$status" = 1 ]
	[[ $output == *"What cifs and netfs logged, causes first:"*"1  has not responded in 180 seconds"*"(srv9)  [912.000001]"*"2  Send error in SessSetup = -11"*"[913.000001 to 914.000001]"* ]]
	run --separate-stderr "$nf" hang --json --proc "$tmp/proc"
	[ "$(jq -c 'select(.type == "log") | [.id, .role, .server, .count, .check_id]' <<<"$output")" = \
		'["no_response","cause","srv9",1,"stuck"]
["session_setup","consequence","srv9",2,null]' ]
	rm "$tmp/proc/kmsg" && mkdir "$tmp/proc/kmsg"
	run --separate-stderr "$nf" hang --proc "$tmp/proc"
	[ "$status" = 1 ]
	[[ $stderr == *"the kernel's log could not be read"* ]]
}

@test "oops --trace: a dentry in use names its inode, and that the requests of the file" {
	printf '[  228.573737] BUG: Dentry 00000000f9a6f2d1{i=2,n=f} still in use (2) [unmount of cifs cifs]\n' >"$tmp/dentry"
	run -0 "$nf" oops --trace "tests/golden/7.3-mixed.nsn" "$tmp/dentry"
	[[ $output == *"inode       2, that of the dentry: 3 requests, 0 not freed when the trace ends"* ]]
	[[ $output == *"R=00000003[4], the last of that file"* ]]
	run -0 "$nf" oops --json --trace "tests/golden/7.3-mixed.nsn" "$tmp/dentry"
	jq -es 'any(.type == "oops_trace" and .ino == "2" and .requests_of_ino == 3 and .open_of_ino == 0)' <<<"$output"
}

@test "hang: of lists that are cut nothing is said to be lost or down" {
	for size in 300 1300; do
		cp -r tests/hang/6.12-read "$tmp/cut$size"
		head -c $size tests/hang/6.12-read/fs/cifs/DebugData >"$tmp/cut$size/fs/cifs/DebugData"
		run --separate-stderr "$nf" hang --proc "$tmp/cut$size" --proc "$tmp/cut$size"
		[ "$status" = 1 ]
		[[ $output == *"hangs, but /proc does not say why"*"lists too long, cut or not understood: parts were skipped"* ]]
		[[ $output != *"this kernel lost it"* && $output != *"waits for the connection"* ]]
	done
}

@test "hang --trace: it says when the trace has none of them" {
	run --separate-stderr "$nf" hang --proc tests/hang/6.12-read --trace tests/golden/6.12-lossy.nsn
	[ "$status" = 1 ]
	[[ $output == *'History'* ]]
	run --separate-stderr "$nf" hang --proc tests/hang/6.12-read --trace tests/oops/seed.txt
	[ "$status" = 2 ]
}

@test "oops: advice names only what the report's kernel has" {
	for report in advice-5.19-riscv advice-6.1-journal page-wait-4.19-syslog; do
		run -0 "$nf" oops "tests/cases/oops/$report.txt"
		[[ $output == *"/proc/fs/cifs/DebugData"* && $output != *"/proc/fs/netfs"* ]]
	done
	run -0 "$nf" oops <(sed 's/5\.19\.0-1021-starfive/6.12.9/' tests/cases/oops/advice-5.19-riscv.txt)
	[[ $output == *"/proc/fs/netfs/requests"* ]]
}
