#!/usr/bin/env bats
# `check`: exit status, output, usage.
load common

@test "check: clean traces of every kernel are silent" {
	for trace in tests/golden/*-mixed.nsn; do
		run --separate-stderr "$nf" check "$trace"
		[[ $output != *": R="* && ${lines[-1]} == "$(nr_checks) checks, 0 findings; "* ]]
		case $trace in *6.1-*) expected=4 ;; *) expected=0 ;; esac
		[ "$status" = $expected ] || { echo "$trace: $status"; echo "$output"; false; }
		[ -z "$stderr" ]
	done
}

@test "check: what a loss could explain is inconclusive at most" {
	run "$nf" check tests/golden/6.12-lossy.nsn
	[ "$status" = 0 ] || [ "$status" = 4 ]
	[[ $output != *violation* ]]
}

@test "check: of a damaged trace nothing is said to be clean" {
	cp tests/export/trouble.nsn "$tmp/t.nsn"
	printf '\xff' | dd of="$tmp/t.nsn" bs=1 seek=15169 conv=notrunc status=none
	run --separate-stderr "$nf" check "$tmp/t.nsn"
	[ "$status" = 4 ]
	[[ $output == *"part of the file could not be read: what was in it is not judged" ]]
	[[ $stderr == *"skipped 1 damaged block"* ]]
}

@test "check: a table of all checks: clean, nothing to judge, or not evaluated with a reason; then their sum" {
	need_trace
	run "$nf" check "$golden"
	[ "${#lines[@]}" = $(($(nr_checks) + 1)) ]
	for line in "${lines[@]::$(nr_checks)}"; do
		[[ $line =~ ^[a-z-]+\ +(clean:\ [1-9]|nothing\ to\ judge:\ no\ .+|not\ evaluated:\ .+) ]]
	done
	[[ ${lines[-1]} == "$(nr_checks) checks, 0 findings; 5 had nothing to judge; 1 could not be evaluated: smb2_verify_signature_exit is not among the recorded probes" ]]
	[ "$status" = 0 ] # it was recorded by a version that did not have that probe
}

@test "check: no retry in the trace: what judges retries says so, and so does JSON" {
	run "$nf" check --checks retry-rules,stuck tests/golden/7.3-mixed.nsn
	[ "$status" = 0 ]
	[ "${lines[0]}" = "retry-rules     nothing to judge: no retries" ]
	[ "${lines[1]}" = "stuck           clean: 6 requests" ]
	[ "${lines[2]}" = "2 checks, 0 findings; 1 had nothing to judge" ]
	run "$nf" check --json --checks retry-rules,stuck tests/golden/7.3-mixed.nsn
	[ "$(jq -s -c 'map([.state, .judged])' <<<"$output")" = '[["nothing-to-judge",0],["clean",6]]' ]
}

@test "check: there was nothing to judge at all: 4" {
	run "$nf" check --checks retry-rules tests/golden/7.3-mixed.nsn
	[ "$status" = 4 ]
	[ "${lines[1]}" = "1 check, 0 findings; 1 had nothing to judge" ]
}

@test "check: 6.1 has no netfs I/O: not evaluated, never clean, said in the last line, 4" {
	run "$nf" check tests/golden/6.1-mixed.nsn
	[ "$status" = 4 ]
	[[ $output == *"iter-revert     not evaluated: "* ]]
	[[ $output == *"command         clean"* ]]
	[ "${lines[-1]}" = "$(nr_checks) checks, 0 findings; $(($(nr_checks) - 3)) could not be evaluated: see above" ]
	run "$nf" check --checks command,inflight tests/golden/6.1-mixed.nsn
	[ "$status" = 0 ]
	[ "${lines[-1]}" = "2 checks, 0 findings" ]
}

@test "check --list and --explain need no file" {
	run "$nf" check --list
	[ "$status" = 0 ]
	[ "${#lines[@]}" = "$(nr_checks)" ]
	for id in $(cut -d' ' -f1 <<<"$output"); do
		run "$nf" check --explain "$id"
		[ "$status" = 0 ]
		[[ $output == "$id ("*"Rule: "*"Why it matters: "*"Look at next: "*"Past bugs: "*"Probes: "* ]]
		grep -q "^### $id\$" docs/checks.md
	done
}

@test "check --checks: only these" {
	need_trace
	run "$nf" check --checks stuck,command "$golden"
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 3 ]
}

@test "check --json: an object per line, findings before checks" {
	"$nf" check --json tests/golden/6.12-lossy.nsn >"$tmp/json" || [ $? = 4 ]
	jq -es --argjson n "$(nr_checks)" 'map(.type) | (map(select(. == "check_result")) | length) == $n and (index("check_result") as $i | .[$i:] | all(. == "check_result"))' "$tmp/json"
	jq -es 'map(select(.type == "finding")) | all(has("check_id") and has("verdict") and has("severity")
		and has("rreq") and has("sreq") and has("mid") and has("conn") and has("place") and has("time_ns")
		and has("expected") and has("observed") and has("explanation") and has("count"))' "$tmp/json"
}

@test "check: twice the same, byte for byte" {
	"$nf" check tests/golden/6.12-lossy.nsn >"$tmp/one" || true
	"$nf" check - <tests/golden/6.12-lossy.nsn >"$tmp/two" || true
	cmp "$tmp/one" "$tmp/two"
}

@test "check: usage is 2, a full device 3" {
	need_trace
	for args in "" "--checks nothing $golden" "--explain nothing" "$tmp/nothing" "$golden $golden"; do
		# shellcheck disable=SC2086 # a list of words
		run "$nf" check $args
		[ "$status" = 2 ] || { echo "check $args: $status"; false; }
	done
	run bash -c "'$nf' check '$golden' >/dev/full"
	[ "$status" = 3 ]
}

@test "check --explain: what it says of limits, kernels and probes is in docs/checks.md" {
	for id in $("$nf" check --list | cut -d' ' -f1); do
		section=$(sed -n "/^### $id\$/,/^##/p" docs/checks.md | tr -s ' \n' ' ')
		for part in Limits Kernels Probes; do
			line=$("$nf" check --explain "$id" | grep "^$part: ")
			[[ $section == *"- $line "* ]] || { echo "$id: $line"; false; }
		done
	done
}

@test "check of a recording that lost records: each line and the last one tell, in JSON and SQL too" {
	run "$nf" check tests/golden/6.12-lossy.nsn
	[ "$(grep -c '; without what was lost: 568 records$' <<<"$output")" = "$(($(nr_checks) - 1))" ] # all that were judged
	[[ ${lines[-1]} == *"; the recording lost 607 records, 568 of which matter to checks" ]]
	"$nf" check --json tests/golden/6.12-lossy.nsn | jq -es 'map(select(.type == "check_result")) | length > 0 and all(.lost == 568)'
	"$nf" export --to sqlite -o "$tmp/t.db" tests/golden/6.12-lossy.nsn
	[ "$(sqlite3 "$tmp/t.db" 'select distinct lost from check_result')" = 568 ]
	run "$nf" check "$golden"
	[[ $output != *lost* ]]
	"$nf" check --json "$golden" | jq -es 'map(select(.type == "check_result")) | all(.lost == 0)'
}

@test "check of a text from which lines were taken: what may be missing is never a violation" {
	local text from
	for text in tests/import/6.12.txt tests/import/7.3.txt; do
		for from in 5 20 37 60 90 120; do
			for lines in 1 4 12; do
				grep -v '^#' "$text" | awk -v from=$from -v n=$lines 'NR < from || NR >= from + n' >"$tmp/snipped"
				"$nf" import -o "$tmp/t.nsn" "$tmp/snipped" 2>"$tmp/said"
				grep -q "no header counts its events" "$tmp/said"
				run "$nf" check "$tmp/t.nsn"
				[ "$status" != 1 ] || { echo "$text $from $lines: $output"; false; }
			done
		done
		grep -v cifsd "$text" | grep -v '^#' >"$tmp/snipped"
		"$nf" import -o "$tmp/t.nsn" "$tmp/snipped"
		run "$nf" check "$tmp/t.nsn"
		[ "$status" != 1 ]
	done
}

@test "check of a cut trace, and of two in one file: 4, as a part is not judged" {
	head -c 16400 tests/golden/6.12-mixed.nsn >"$tmp/cut.nsn"
	cat tests/golden/7.3-mixed.nsn tests/golden/6.12-mixed.nsn >"$tmp/two.nsn"
	for file in cut two; do
		run "$nf" check "$tmp/$file.nsn"
		[ "$status" = 4 ]
		[[ $output == *"part of the file could not be read: what was in it is not judged"* ]]
	done
}

@test "check of events that do not show the kernel: not evaluated, and not blamed on a kernel without netfs" {
	grep -v '^#' tests/import/7.3.txt | grep -E 'SUBMT|TERM|DONE|FREE' >"$tmp/few"
	"$nf" import -o "$tmp/t.nsn" "$tmp/few"
	run "$nf" check "$tmp/t.nsn"
	[ "$status" = 4 ]
	[[ $output == *"do not show which kernel family this is"* && $output != *"without netfs"* ]]
}

@test "check of an excerpt: how much was lost is not known, and no view says 0" {
	sed '/PUT SUBREQ/d' tests/import/trace.txt >"$tmp/excerpt"
	"$nf" import -o "$tmp/t.nsn" "$tmp/excerpt"
	run "$nf" check "$tmp/t.nsn"
	[[ $output == *"lifecycle       clean: "*"; without what was lost: an unknown number of records"* ]]
	[[ ${lines[-1]} == *"; the recording lost an unknown number of records" ]]
	"$nf" check --json "$tmp/t.nsn" | jq -es 'map(select(.type == "check_result")) | all(.lost == null)'
	"$nf" report --json "$tmp/t.nsn" | jq -es 'map(select(.type == "loss" or .type == "summary")) | length == 2 and .[0].count == null and .[0].at_least and .[1].lost == null'
	run "$nf" report "$tmp/t.nsn"
	[[ $output == *"number unknown"* && $output != *"None"* ]]
	run "$nf" report --events "$tmp/t.nsn"
	[[ $output == *"LOST an unknown number of records"* ]]
	"$nf" export --to sqlite -o "$tmp/t.db" "$tmp/t.nsn"
	[ "$(sqlite3 -nullvalue null "$tmp/t.db" 'select lost from run; select count, at_least from loss')" = $'null\nnull|1' ]
}
