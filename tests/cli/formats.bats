#!/usr/bin/env bats
# `export`: what is in each format, on every golden trace.
load common

@test "export --schema needs no file, and is the file in the tree" {
	"$nf" export --schema >"$tmp/schema"
	cmp "$tmp/schema" user/view/export/json/export.schema.json
}

@test "export --to json: every line is what the schema says" {
	for trace in tests/golden/*.nsn; do
		"$nf" export --to json "$trace" >"$tmp/json"
		tests/export/validate.py user/view/export/json/export.schema.json "$tmp/json"
	done
}

@test "export --to json: the schema test bites" {
	need_trace
	"$nf" export --to json "$golden" | sed 's/"freed":/"released":/' >"$tmp/json"
	run tests/export/validate.py user/view/export/json/export.schema.json "$tmp/json"
	[ "$status" = 1 ]
}

@test "export --to json: credits end as their connection does" {
	need_trace
	"$nf" export --to json "$golden" >"$tmp/json"
	jq -es '(map(select(.type == "credit")) | last) as $p | .[] | select(.type == "connection")
		| .conn == $p.conn and .credits == $p.credits and .in_flight == $p.in_flight' "$tmp/json"
}

@test "export --to json: the lines of report and of check are in it" {
	for trace in tests/golden/*.nsn; do
		{ "$nf" report --json "$trace"; "$nf" check --json "$trace" || [ $? = 4 ]; } | sort >"$tmp/both"
		"$nf" export --to json "$trace" | sort >"$tmp/json"
		[ -z "$(comm -23 "$tmp/both" "$tmp/json")" ]
	done
}

# same JSON-QUERY SQL: what jq says of $tmp/json and sqlite3 of $tmp/db
same() {
	want=$(jq -rs "$1" "$tmp/json")
	got=$(sqlite3 "$tmp/db" "$2")
	[ "$want" = "$got" ] || { echo "$trace: $2: $got, JSON has $want"; false; }
}

@test "export --to sqlite: as many rows, bytes and errors as JSON has" {
	for trace in tests/golden/[67]*.nsn; do
		"$nf" export --to json "$trace" >"$tmp/json"
		"$nf" export --to sqlite -o "$tmp/db" "$trace"
		[ "$(stat -c %a "$tmp/db")" = 600 ]
		for type in request subrequest command credit connection moment finding mount probe test loss check_result; do
			same "map(select(.type == \"$type\")) | length" "SELECT count(*) FROM $type"
		done
		same '.[0].run' 'SELECT run FROM run'
		same 'map(select(.type == "request") | .transferred) | add' 'SELECT sum(transferred) FROM request'
		same 'map(select(.type == "subrequest") | .attempts) | add' 'SELECT sum(attempts) FROM subrequest'
		same 'map(select(.type == "request" and .outcome != 0 and .outcome != null)) | length' 'SELECT count(*) FROM request WHERE outcome <> 0'
		same 'map(select(.type == "loss") | .count) | add // 0' 'SELECT coalesce(sum(count), 0) FROM loss'
		same 'map(select(.type == "subrequest") | .stages.wire_ns | select(.)) | add // 0' "SELECT coalesce(sum(ns), 0) FROM stage WHERE stage = 'on the wire'"
		[ "$(sqlite3 "$tmp/db" 'PRAGMA integrity_check')" = ok ]
	done
}

@test "export --to sqlite: filters choose the same" {
	need_trace
	ino=$("$nf" report --json "$golden" | jq -r 'select(.type == "request").ino' | head -n 1)
	trace=$golden
	"$nf" export --to json --inode "$ino" "$golden" >"$tmp/json"
	"$nf" export --to sqlite --inode "$ino" -o "$tmp/db" "$golden"
	for table in request subrequest command credit; do
		same "map(select(.type == \"$table\")) | length" "SELECT count(*) FROM $table"
	done
	same 'map(select(.type == "command")) | length > 0' "SELECT 'true'"
}

@test "export --to perfetto: decoded, it says what the others say" {
	for trace in tests/golden/[67]*.nsn; do
		for format in json sqlite perfetto; do
			"$nf" export --to $format -o "$tmp/$format" "$trace"
		done
		protoc --decode=perfetto.protos.Trace --proto_path=user/view/export/perfetto perfetto.proto <"$tmp/perfetto" >"$tmp/text"
		tests/export/perfetto.py "$tmp/text" "$tmp/json" "$tmp/sqlite"
	done
	sed 's/int_value: 131072/int_value: 131073/' "$tmp/text" >"$tmp/wrong"
	[ "$(cmp "$tmp/text" "$tmp/wrong" | wc -l)" = 1 ]
	run tests/export/perfetto.py "$tmp/wrong" "$tmp/json" "$tmp/sqlite"
	[ "$status" != 0 ]
}

@test "export --to junit: a test case for each check, skipped where it could not judge" {
	for trace in tests/golden/[67]*.nsn; do
		"$nf" export --to junit -o "$tmp/junit" "$trace"
		"$nf" check --json "$trace" >"$tmp/checks" || [[ $? == [14] ]]
		want=$(jq -rs 'map(select(.type == "check_result")) | "\(length) \(map(select(.state == "findings")) | length) \(
			map(select(.state == "inconclusive" or .state == "not-evaluated" or .state == "nothing-to-judge")) | length)"' "$tmp/checks")
		got=$(python3 -c 'import sys, xml.etree.ElementTree as e
suite = e.parse(sys.argv[1]).getroot()
cases = suite.findall("testcase")
assert (int(suite.get("tests")), int(suite.get("failures")), int(suite.get("skipped"))) == tuple(
    len(l) for l in (cases, suite.findall("testcase/failure"), suite.findall("testcase/skipped")))
print(suite.get("tests"), suite.get("failures"), suite.get("skipped"))' "$tmp/junit")
		[ "$want" = "$got" ] || { echo "$trace: $got, not $want"; false; }
	done
}

@test "every view counts the same requests, bytes, errors, subrequests, retries, commands, findings and tests" {
	tests/export/views tests/golden/*.nsn tests/export/*.nsn
}

@test "docs/sql.md: each query runs, and has an answer" {
	awk -v dir="$tmp" '/^```sql/ { n++; f = dir "/q" n ".sql"; next } /^```/ { f = "" } f { print > f }' docs/sql.md
	[ "$(find "$tmp" -name 'q*.sql' | wc -l)" = 17 ]
	for trace in tests/golden/*.nsn tests/export/*.nsn; do
		"$nf" export --to sqlite -o "$tmp/db" "$trace"
		for query in "$tmp"/q*.sql; do
			run sqlite3 -bail "$tmp/db" <"$query"
			[ "$status" = 0 ] || { echo "$trace: $(cat "$query"): $output"; false; }
			case $trace:$(tr '\n' ' ' <"$query") in # who has trouble of that kind
			*"FROM failed"* | *"FROM reconnects"*) [[ $trace != *trouble.nsn || $output ]] ;;
			*"FROM open_at_end"*) [[ $trace != *lossy.nsn || $output ]] ;;
			*mixed.nsn:*) [ -n "$output" ] ;;
			esac || { echo "$trace: $(cat "$query"): no answer"; false; }
		done
	done
}

@test "export --to sqlite: slow, failed and reconnects of a recording of trouble" {
	# 3 s without an answer, ENOSPC, a server that was started anew
	"$nf" export --to sqlite -o "$tmp/db" tests/export/trouble.nsn
	[ "$(sqlite3 "$tmp/db" "SELECT kind, what, latency_ns > 2e9 FROM slow LIMIT 1")" = "request|DR|1" ]
	[ "$(sqlite3 "$tmp/db" "SELECT count(*) FROM slow WHERE latency_ns > 2e9 AND kind = 'command'")" = 3 ]
	[ "$(sqlite3 "$tmp/db" "SELECT kind, what, error, status, status_name FROM failed")" = "$(
		printf '%s\n' 'request|DW|-28||' 'command|WRITE|-28|0xc000007f|DISK_FULL')" ]
	[ "$(sqlite3 "$tmp/db" "SELECT wall, server, away_ns FROM reconnects")" = "2026-11-29 06:22:43.295038|127.0.0.1|3061645233" ]
	[ "$(sqlite3 "$tmp/db" "SELECT DISTINCT substr(wall, 1, 16) FROM slow")" = "2026-11-29 06:22" ]
	[ "$(sqlite3 "$tmp/db" "SELECT ordinary, count(*) FROM command WHERE failed = 1 GROUP BY 1 ORDER BY 1")" = "$(printf '%s\n' '0|1' '1|3')" ]
}

@test "export --to sqlite: wants a regular file of its own, and replaces it" {
	need_trace
	run "$nf" export --to sqlite "$golden"
	[ "$status" = 2 ]
	run "$nf" export --to sqlite -o /dev/null "$golden"
	[ "$status" = 3 ]
	[ -c /dev/null ]
	echo rubbish >"$tmp/db"
	"$nf" export --to sqlite -o "$tmp/db" "$golden"
	[ "$(sqlite3 "$tmp/db" 'SELECT count(*) FROM run')" = 1 ]
}

@test "export: usage is 2, a full device 3" {
	need_trace
	for args in "" "$golden" "--to json" "--to nothing $golden" "--to json $golden $golden" \
		"--to json $tmp/nothing"; do
		# shellcheck disable=SC2086 # a list of words
		run "$nf" export $args
		[ "$status" = 2 ] || { echo "export $args: $status"; false; }
	done
	run bash -c "'$nf' export --to json '$golden' >/dev/full"
	[ "$status" = 3 ]
	run bash -c "'$nf' export --schema >/dev/full"
	[ "$status" = 3 ]
}
