#!/usr/bin/env bats
# What is mistyped, forgotten or mixed up: each is met by a line that says what to do.
load common

commands="record watch report check export diff dump import xfstests doctor hang oops line"

# refused STATUS PATTERN ARG...: one line that has it
refused() {
	local want=$1 pattern=$2
	shift 2
	run "$nf" "$@"
	[ "$status" = "$want" ] && [[ $output == netfsnoop:*$pattern* ]] && one_line ||
		{ echo "$*: $status: $output"; false; }
}

# $output, without the line breaks that argp makes
unwrapped() {
	tr -s '\n ' '  ' <<<"$output"
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
	refused 2 "options go after the command" -o
	echo text >"$tmp/file"
	refused 2 "netfsnoop report $tmp/file" "$tmp/file"
	run "$nf" frobnicate
	[[ $output != *"did you mean"* ]]
}

@test "a mistyped option: the nearest one, or the command that has it" {
	refused 2 "report has no option --tmeline; did you mean --timeline?" report --tmeline x
	refused 2 "report has no option -json; did you mean --json?" report -json x
	refused 2 "record has no option --chekc; did you mean --check?" record --chekc -- true
	refused 2 "report has no option --crash-safe; it is an option of \`record\`, \`xfstests\`" report --crash-safe x
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
		[[ $output == *"standard output: No space left on device: free some space, or write to another device" ]]
		run bash -c "'$nf' $args >&-"
		[ "$status" = 3 ] || { echo "$args: $status"; false; }
		one_line
	done
}

@test "no trace named: ./netfsnoop.nsn, which is said; without it, what to do" {
	need_trace
	mkdir "$tmp/here"
	for command in report check "export --to json" diff dump; do
		(
			cd "$tmp/here"
			# shellcheck disable=SC2086 # a list of words
			refused 2 "netfsnoop.nsn" $command
		)
	done
	cp "$golden" "$tmp/here/netfsnoop.nsn"
	for args in report "report --json" check "export --to json"; do
		# shellcheck disable=SC2086
		"$nf" $args "$golden" >"$tmp/want"
		# shellcheck disable=SC2086
		(cd "$tmp/here" && "$nf" $args 2>"$tmp/err") | cmp - "$tmp/want"
		[ "$(cat "$tmp/err")" = "netfsnoop: no trace named: reading netfsnoop.nsn" ]
	done
}

@test "diff: one trace is compared with netfsnoop.nsn, none is netfsnoop.nsn.old with it" {
	mkdir "$tmp/diff"
	cp tests/golden/7.3-mixed.nsn "$tmp/diff/netfsnoop.nsn"
	cp tests/golden/6.12-mixed.nsn "$tmp/diff/a.nsn"
	cd "$tmp/diff"
	"$nf" diff --json a.nsn netfsnoop.nsn >want || [ $? = 1 ]
	"$nf" diff --json a.nsn >got 2>err || [ $? = 1 ]
	cmp want got
	[ "$(cat err)" = "netfsnoop: comparing a.nsn with netfsnoop.nsn" ]
	refused 2 "no netfsnoop.nsn.old here" diff
	refused 2 "which other trace" diff netfsnoop.nsn
	refused 2 "which other directory" diff .
	cp a.nsn netfsnoop.nsn.old
	run --separate-stderr "$nf" diff
	[ "$status" = 1 ]
	[ "$stderr" = "netfsnoop: comparing netfsnoop.nsn.old with netfsnoop.nsn" ]
	run "$nf" diff - - <a.nsn
	[ "$status" = 2 ]
	[[ $output == *"only one of the two can be standard input"* ]]
}

@test "export: a wrong format: the nearest one, and all of them" {
	need_trace
	all="json, html, sqlite, perfetto, junit, trace"
	for pair in htm:html jsno:json sql:sqlite HTML:html perfeto:perfetto; do
		run "$nf" export --to "${pair%:*}" "$golden"
		[ "$status" = 2 ]
		[[ $(unwrapped) == *"did you mean ${pair#*:}? Formats: $all"* ]]
	done
	run "$nf" export --to nothing "$golden"
	[[ $output != *"did you mean"* && $(unwrapped) == *"$all"* ]]
	run "$nf" export "$golden"
	[ "$status" = 2 ]
	[[ $(unwrapped) == *"$all"* ]]
}

@test "export: the name of the output tells the format, and must not gainsay it" {
	need_trace
	for pair in html:html htm:html json:json jsonl:json db:sqlite sqlite3:sqlite pftrace:perfetto xml:junit nsn:trace \
		HTML:html; do
		"$nf" export -o "$tmp/implied.${pair%:*}" "$golden"
		"$nf" export --to "${pair#*:}" -o "$tmp/told" "$golden"
		cmp "$tmp/implied.${pair%:*}" "$tmp/told" || [ "${pair#*:}" = trace ]
		"$nf" export --to "${pair#*:}" -o "$tmp/both.${pair%:*}" "$golden"
	done
	"$nf" report --json "$tmp/implied.nsn" >/dev/null
	run "$nf" export --to json -o "$tmp/no.html" "$golden"
	[ "$status" = 2 ]
	[[ $(unwrapped) == *"-o $tmp/no.html means html, but --to says json"* ]]
	[ ! -e "$tmp/no.html" ]
	# of a directory with a dot, and of an ending that nobody has, nothing follows
	mkdir -p "$tmp/dir.html"
	"$nf" export --to json -o "$tmp/dir.html/x" "$golden"
	"$nf" export --to json -o "$tmp/x.txt" "$golden"
	run "$nf" export -o "$tmp/y.txt" "$golden"
	[ "$status" = 2 ]
}

@test "check: a wrong check: the nearest one" {
	need_trace
	for option in --checks --explain; do
		run "$nf" check $option stukc "$golden"
		[ "$status" = 2 ]
		[[ $(unwrapped) == *"no check 'stukc'; did you mean stuck? --list lists them"* ]]
	done
	run "$nf" check --checks stuck,lifecyle "$golden"
	[ "$status" = 2 ]
	[[ $output == *"'lifecyle'; did you mean lifecycle?"* ]]
	run "$nf" check --checks stuck,,command "$golden"
	[ "$status" = 2 ]
	run "$nf" check --checks "" "$golden"
	[ "$status" = 2 ]
}

@test "import of a trace, and report of what is to be imported: each names the other" {
	need_trace
	refused 2 "$golden is a netfsnoop trace already: use \`netfsnoop report $golden\`" import "$golden"
	run "$nf" import - <"$golden"
	[ "$status" = 2 ]
	[[ $output == *"is a netfsnoop trace already"* ]]
	printf 'BZh91AY' >"$tmp/text.bz2"
	refused 2 "is bzip2 data, neither text nor a trace.dat" import "$tmp/text.bz2"
	echo text | zstd -q >"$tmp/text.zst"
	refused 2 "has no netfs or cifs event" import "$tmp/text.zst"
	head -c 100 /dev/zero >"$tmp/binary"
	refused 2 "is binary data, neither text nor a trace.dat: give what \`trace-cmd report\` prints" import "$tmp/binary"
	refused 2 "$tmp is a directory: name a file in it" import "$tmp"
	refused 2 "$tmp is a directory: name a file in it" oops "$tmp"
	refused 3 "$tmp has neither fs/netfs/requests nor fs/cifs/DebugData: is it a copy of /proc?" hang --proc "$tmp" --proc "$tmp"
	refused 2 "$tmp/binary is not a netfsnoop trace" report "$tmp/binary"
	refused 2 "\`netfsnoop import\` takes what ftrace recorded, \`netfsnoop oops\` crash reports" report tests/import/trace.txt
	printf '\027\010\104tracing6\0garbage' >"$tmp/trace.dat"
	refused 2 "is a trace-cmd file (trace.dat), not a netfsnoop trace; \`netfsnoop import\` takes it" report "$tmp/trace.dat"
	run "$nf" import - <"$tmp/trace.dat"
	[ "$status" = 2 ]
	[[ $output == *"which must be a file"* ]]
	"$nf" export -o "$tmp/made.db" "$golden"
	refused 2 "is an SQLite database" report "$tmp/made.db"
}

@test "import: text through a pipe that cannot be rewound" {
	"$nf" import -o "$tmp/p.nsn" <(cat tests/import/trace.txt) 2>/dev/null
	"$nf" import -o "$tmp/f.nsn" tests/import/trace.txt 2>/dev/null
	"$nf" import -o "$tmp/s.nsn" - <tests/import/trace.txt 2>/dev/null
	for name in p s; do
		diff <("$nf" report --events "$tmp/f.nsn") <("$nf" report --events "$tmp/$name.nsn")
	done
}

@test "a directory as a trace: which file to name" {
	need_trace
	mkdir "$tmp/run"
	for command in report check "export --to json" dump "diff $golden"; do
		# shellcheck disable=SC2086 # a list of words
		[ "$command" = "diff $golden" ] || refused 2 "$tmp/run is a directory: name a trace" $command "$tmp/run"
	done
	cp "$golden" "$tmp/run/trace.nsn"
	refused 2 "$tmp/run is a directory: name a trace, such as $tmp/run/trace.nsn" report "$tmp/run"
	run "$nf" import "$tmp/run"
	[ "$status" = 2 ]
	one_line
	run "$nf" oops "$tmp/run"
	[ "$status" = 2 ]
	one_line
}

@test "a trace that its reader may not read" {
	need_trace
	cp "$golden" "$tmp/mine.nsn"
	chmod 600 "$tmp/mine.nsn"
	[ "$(id -u)" = 0 ] || chmod 000 "$tmp/mine.nsn"
	for command in report check "export --to json"; do
		# shellcheck disable=SC2086 # a list of words
		run as_user "$nf" $command "$tmp/mine.nsn"
		[ "$status" = 3 ]
		one_line
		[[ $output == *"Permission denied; only its owner can read a trace" ]]
	done
}

@test "a terminal as standard input is no trace" {
	for command in report check "export --to json" dump "diff $tmp/x"; do
		TERM=xterm run timeout 20 script -qec "'$nf' $command -" /dev/null </dev/null
		[ "$status" = 2 ] || [[ $command == diff* ]]
		[[ $output == *"standard input is a terminal"* || $command == diff* ]]
	done
}

@test "a filter that fits nothing: 1, and one line, everywhere" {
	need_trace
	for args in "report" "report --latency" "report -t" "report --json" "report --events" "check" "check --json" \
		"export --to json" "export -o $tmp/n.db" "export -o $tmp/n.pftrace" "export --to junit" "diff $golden"; do
		for filter in "--inode 999999" "--pid 999999" "--fs nofs" "--mount /nowhere" "--file *.db" "--test generic/999"; do
			# shellcheck disable=SC2086 # a list of words
			run --separate-stderr "$nf" $args $filter "$golden"
			[ "$status" = 1 ] || { echo "$args $filter: $status"; false; }
			[[ $stderr == "netfsnoop: no request in $golden matches the filters"* ]] ||
				{ echo "$args $filter: $stderr"; false; }
			[[ $filter != --mount* || $stderr == *"; its mounts are /mnt/smb"* ]]
			[[ $args != check* || -z $output ]] || { echo "$args $filter: a table of nothing"; false; }
		done
		# shellcheck disable=SC2086
		run "$nf" $args --mount /mnt/smb "$golden"
		[[ $output != *"matches the filters"* ]]
	done
	for args in report "report --json" "report --events"; do
		# shellcheck disable=SC2086
		run --separate-stderr "$nf" $args -R 7fffffff "$golden"
		[ "$status" = 1 ]
	done
}

@test "-m: a slash at the end is none" {
	need_trace
	"$nf" report --json --mount /mnt/smb "$golden" >"$tmp/want"
	for dir in /mnt/smb/ /mnt/smb//; do
		"$nf" report --json --mount $dir "$golden" | cmp - "$tmp/want"
		"$nf" export --to json --mount $dir --redact=<(head -c 32 /dev/zero) "$golden" |
			jq -es 'map(select(.type == "request")) | length > 0'
	done
}

@test "two files, where one is enough" {
	need_trace
	for command in report check "export --to json" dump import oops "diff $golden"; do
		# shellcheck disable=SC2086 # a list of words
		run "$nf" $command "$golden" "$golden"
		[ "$status" = 2 ] || { echo "$command: $status"; false; }
		[[ $command != report || $(unwrapped) == *"\`netfsnoop diff $golden $golden\` compares two"* ]]
	done
}

# on_terminal COMMAND...: on a terminal of xterm's kind; sets status and output
on_terminal() {
	TERM=${term-xterm} run script -qec "$*" /dev/null </dev/null
}

@test "colours: on a terminal alone, not with NO_COLOR and not where TERM is dumb or not set" {
	need_trace
	sed '/PUT SUBREQ/d; s,18/18,17/17,; s/\(PUT WORK IP *r=\)0/\11/' tests/import/trace.txt >"$tmp/leak"
	"$nf" import -o "$tmp/leak.nsn" "$tmp/leak" 2>/dev/null
	for args in "report $golden" "report -t $golden" "check $golden" "check $tmp/leak.nsn"; do
		on_terminal "$nf $args"
		[[ $output == *$'\e['* ]] || { echo "$args: none"; false; }
		NO_COLOR='' on_terminal "$nf $args"
		[[ $output == *$'\e['* ]]
		NO_COLOR=1 on_terminal "$nf $args"
		[[ $output != *$'\e'* ]] || { echo "$args: NO_COLOR"; false; }
		term=dumb on_terminal "$nf $args"
		[[ $output != *$'\e'* ]] || { echo "$args: dumb"; false; }
		on_terminal "env -u TERM $nf $args"
		[[ $output != *$'\e'* ]]
		on_terminal "$nf $args --color=never"
		[[ $output != *$'\e'* ]]
		# shellcheck disable=SC2086 # a list of words
		run "$nf" $args
		[[ $output != *$'\e'* ]]
		# shellcheck disable=SC2086
		NO_COLOR=1 run "$nf" $args --color=always
		[[ $output == *$'\e['* ]]
	done
	run "$nf" check --color=always "$tmp/leak.nsn"
	[[ $output == *$'\e[31mref-balance'* && $output == *"$(printf 'ref-balance     \e[31m1 finding')"* ]]
	# without them it is the same
	diff <("$nf" check --color=always "$tmp/leak.nsn" | sed 's/\x1b\[[0-9]*m//g') <("$nf" check "$tmp/leak.nsn")
	for command in report check; do
		run "$nf" $command --color=maybe "$golden"
		[ "$status" = 2 ]
	done
}

@test "progress: on a terminal, of what takes long, and nothing is left of it" {
	need_trace
	slowly="sleep 3; cat '$golden'"
	on_terminal "sh -c \"$slowly\" | $nf report - >'$tmp/out'"
	[[ $output == *"reading: "* ]]
	[[ $output == *$'\r\e[K' ]]
	"$nf" report "$golden" | cmp - "$tmp/out"
	# not in a pager, not where TERM is dumb, not in a file
	on_terminal "sh -c \"$slowly\" | $nf report - | cat"
	[[ $output != *"reading: "* ]]
	term=dumb on_terminal "sh -c \"$slowly\" | $nf report - >/dev/null"
	[ -z "$output" ]
	sh -c "$slowly" | "$nf" report - >/dev/null 2>"$tmp/err"
	[ ! -s "$tmp/err" ]
}

@test "progress: checking and exporting, too" {
	need_trace
	for command in check "export --to json" "export --to html"; do
		on_terminal "sh -c \"sleep 3; cat '$golden'\" | $nf $command - >'$tmp/out'"
		[[ $output == *"reading: "* && $output == *$'\r\e[K' ]] || { echo "$command: $output"; false; }
		# shellcheck disable=SC2086 # a list of words
		"$nf" $command - <"$golden" | cmp - "$tmp/out"
	done
}

@test "progress: record says that it attaches, how far it is, and that it detaches" {
	[ "$(id -u)" = 0 ] || skip "not root"
	"$nf" record -q --wait-module -o "$tmp/p.nsn" -- true 2>/dev/null || skip "nothing can be recorded here"
	on_terminal "$nf record --wait-module -o $tmp/p.nsn -- sleep 1"
	[[ $output == *"attaching the probes..."*"events: 0 "*"detaching the probes..."*$'\r\e[K'"netfsnoop: 0 events in 1."* ]]
	on_terminal "$nf record -q --wait-module -o $tmp/p.nsn -- sleep 1"
	[ -z "$output" ]
	run "$nf" record --wait-module -o "$tmp/p.nsn" -- sleep 1
	[[ $output != *probes* && $output != *$'\e'* ]]
}

@test "files that an option names are looked at first" {
	need_trace
	: >"$tmp/nothing.nsn"
	refused 2 "--module $tmp/absent: No such file" oops --module "$tmp/absent" tests/oops/seed.txt
	for command in "oops --trace FILE tests/oops/seed.txt" "hang --proc tests/hang/6.12-read --trace FILE"; do
		# shellcheck disable=SC2086 # a list of words
		refused 2 "$tmp/absent" ${command/FILE/$tmp/absent}
		# shellcheck disable=SC2086
		refused 2 "is empty" ${command/FILE/$tmp/nothing.nsn}
	done
	run "$nf" hang --proc "$tmp/absent"
	[ "$status" = 2 ]
	[[ $output == *"--proc $tmp/absent: no such directory"* ]]
	run "$nf" hang "$golden"
	[ "$status" = 2 ]
	[[ $(unwrapped) == *"to add a trace, use --trace $golden"* ]]
	refused 2 "\`netfsnoop oops tests/oops/seed.txt\`" line tests/oops/seed.txt
	[ "$(id -u)" = 0 ] || skip "not root"
	for command in record watch doctor; do
		run "$nf" $command --btf "$tmp/absent"
		[ "$status" = 3 ]
		one_line
		[[ $output == *"--btf $tmp/absent: No such file"* ]]
		run "$nf" $command --btf-module "cifs=$tmp/absent"
		[[ $output == *"--btf-module $tmp/absent: No such file"* ]]
	done
}

@test "a -- that no command follows" {
	for command in record watch xfstests; do
		refused 2 "no command after --" $command --
	done
}

@test "record --check that cannot record: one line, and no table of checks" {
	[ "$(id -u)" != 0 ] || [ ! -d /sys/module/cifs ] || skip "this machine can record"
	run "$nf" record --check -d 1 -o "$tmp/never"
	[ "$status" = 3 ]
	one_line
	run "$nf" record --json -d 1 -o "$tmp/never"
	[ "$status" = 3 ]
	one_line
}

@test "widths from 60 up: by --width, by COLUMNS, by the terminal" {
	for width in 60 71 79 100; do
		for args in "report" "report --latency" "report -t"; do
			COLUMNS=$width "$nf" $args tests/golden/7.3-mixed.nsn | grep -v 'wireshark: ' >"$tmp/narrow"
			longest=$(wc -L <"$tmp/narrow")
			[ "$longest" -le $width ] || { echo "$args, $width columns: $longest"; false; }
			# a timeline takes all that there is
			[ "$args" != "report -t" ] || [ "$longest" = $width ]
		done
		COLUMNS=$width "$nf" report -t tests/golden/7.3-mixed.nsn >"$tmp/env"
		"$nf" report -t --width $width tests/golden/7.3-mixed.nsn | cmp - "$tmp/env"
		COLUMNS=200 "$nf" report -t --width $width tests/golden/7.3-mixed.nsn | cmp - "$tmp/env"
		TERM=xterm script -qec "stty cols $width; '$nf' report -t --color=never tests/golden/7.3-mixed.nsn" /dev/null \
			</dev/null | tr -d '\r' | cmp - "$tmp/env"
	done
	# amounts and distributions of diff; what explains them is prose
	COLUMNS=60 "$nf" diff tests/golden/6.12-mixed.nsn tests/golden/7.3-mixed.nsn | sed '/^Findings/,$d' >"$tmp/narrow" || true
	[ "$(wc -L <"$tmp/narrow")" -le 60 ]
	# what is no width is none, and fewer than 60 are 60
	for columns in 0 x 20; do
		COLUMNS=$columns "$nf" report -t tests/golden/7.3-mixed.nsn >"$tmp/env"
		"$nf" report -t --width $([ $columns = 20 ] && echo 60 || echo 80) tests/golden/7.3-mixed.nsn | cmp - "$tmp/env"
	done
	for command in record report export; do
		COLUMNS=60 run "$nf" $command --help
		[ "$(wc -L <<<"$output")" -le 60 ]
	done
}

@test "a name with any bytes is shown, and does nothing to the terminal" {
	run "$nf" report $'no\nsuch\033[31mfile\377'
	[ "$status" = 2 ]
	[[ ${#lines[@]} == 1 && $output == *'no\x0asuch\x1b[31mfile\xff'* && $output != *$'\033'* ]]
}

@test "report -R 0: no request has that number" {
	run "$nf" report -R 0 tests/golden/7.3-mixed.nsn
	[ "$status" = 2 ]
	[[ $output == *"not a request id: 0"* ]]
}

@test "options of which one would be ignored: refused, never dropped without a word" {
	need_trace
	for args in "report --json --timeline" "report --lanes --events" "report --latency -j" "report -R 1 -v" \
		"report --json --all" "report --json --width 100" "report -t -v" "check --list --json" "check --explain stuck x.nsn" \
		"check --list --explain stuck" "check --checks stuck --list" "export --schema -o x.json" "export --schema x.nsn"; do
		# shellcheck disable=SC2086 # words
		run "$nf" $args
		[ "$status" = 2 ] || { echo "$args: $status"; false; }
		[[ ${lines[0]} == *" do not go together" ]] || { echo "$args: $output"; false; }
	done
	for option in "--limit 3" --all; do
		# shellcheck disable=SC2086 # words
		run "$nf" report $option
		[ "$status" = 2 ]
		[[ ${lines[0]} == *"--"*" is for timelines: add --timeline or --lanes" ]] || { echo "$output"; false; }
	done
	# these are one view, told in several ways
	"$nf" report -t --lanes --all --limit 2 "$golden" >/dev/null
	"$nf" report -R "$("$nf" report --json "$golden" | jq -r 'select(.type == "request") | .rreq' | head -n 1)" --json "$golden" >/dev/null
}
