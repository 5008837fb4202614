#!/usr/bin/env bats
# Names in a trace: kept from others by --redact, and harmless in every view.
load common

# renamed MODE FILE: a golden trace with other names
renamed() {
	"$nf" dump --raw tests/golden/6.12-lossy.nsn | tests/export/rename.py "$1" | zstd -q --check >"$2"
}

# every_view TRACE DIR OPTION...: all that can be made of a trace, a file each
every_view() {
	local trace=$1 dir=$2 format
	shift 2
	mkdir -p "$dir"
	for format in $("$nf" export --help | sed -n '/^Formats:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
		"$nf" export --to "$format" -o "$dir/$format" "$@" "$trace"
	done
	"$nf" dump --raw "$dir/trace" >"$dir/raw"
	sed -n 's,.*<script id="data" type="text/plain">\(.*\)</script>,\1,p' "$dir/html" | base64 -d |
		python3 -c 'import sys, zlib; sys.stdout.buffer.write(zlib.decompress(sys.stdin.buffer.read()))' >"$dir/html-data"
	[ -s "$dir/html-data" ]
}

# what `report` and `check` say of a trace
texts() {
	for how in '' --json --timeline --events; do
		# shellcheck disable=SC2086 # none, or one
		"$nf" report $how "$1"
	done
	"$nf" check "$1" || [ $? = 4 ]
}

secrets='sekret|10\.9\.8\.7'

@test "--redact: no secret of a made-up trace in any format, nor in what is said of the trace" {
	renamed secret "$tmp/secret.nsn"
	every_view "$tmp/secret.nsn" "$tmp/open"
	every_view "$tmp/secret.nsn" "$tmp/redacted" --redact
	texts "$tmp/secret.nsn" >"$tmp/open/texts"
	texts "$tmp/redacted/trace" >"$tmp/redacted/texts"
	rm "$tmp/open/trace" "$tmp/open/html" "$tmp/redacted/trace" "$tmp/redacted/html" # compressed
	for f in "$tmp/open"/*; do # else it proves nothing
		case $f in */junit) continue ;; esac
		grep -aqiE "$secrets" "$f" || { echo "$f has no secret to begin with"; false; }
	done
	run grep -aliE "$secrets" -r "$tmp/redacted"
	[ "$status" = 1 ]
}

@test "--redact: no name of a real trace is left" {
	need_trace
	every_view "$golden" "$tmp/real" --redact
	run grep -aE '127\.0\.0\.1|/mnt/smb|workload|//[^/]*/share[^-]|=root' -r "$tmp/real"
	[ "$status" = 1 ]
	# kernel threads keep theirs
	jq -es 'map(select(.type == "mount")) | length > 0 and all(.point | startswith("/path-"))' "$tmp/real/json"
	[ "$(sqlite3 "$tmp/real/sqlite" "SELECT count(*) FROM task WHERE comm = 'cifsd'")" -gt 0 ]
	[ "$(sqlite3 "$tmp/real/sqlite" "SELECT count(*) FROM task WHERE comm NOT LIKE 'task-%' AND ppid <> 2 AND comm <> 'netfsnoop'")" = 0 ]
}

@test "--redact changes names and nothing else" {
	need_trace
	for format in json sqlite; do
		"$nf" export --to $format -o "$tmp/$format" "$golden"
		"$nf" export --to $format --redact -o "$tmp/$format.r" "$golden"
	done
	strip='del(.host, .server, .cmdline, .mount, .source, .point, .options, .run) | del(.comm?) | del(.task.comm?)'
	jq -c "$strip" "$tmp/json" >"$tmp/one"
	jq -c "$strip" "$tmp/json.r" >"$tmp/two"
	cmp "$tmp/one" "$tmp/two"
}

@test "--redact=KEYFILE: the same tokens in every trace; without, others each time" {
	need_trace
	host() { "$nf" export --to json "$@" "$golden" | jq -r 'select(.type == "connection") | .server'; }
	head -c 32 /dev/urandom >"$tmp/key"
	[ "$(host --redact="$tmp/key")" = "$(host --redact="$tmp/key")" ]
	[ "$(host --redact)" != "$(host --redact)" ]
	[[ $(host --redact) =~ ^host-[0-9a-f]{10}$ ]]
	echo short >"$tmp/key"
	run "$nf" export --to json --redact="$tmp/key" "$golden"
	[ "$status" = 2 ]
	one_line
	run "$nf" export --to json --redact="$tmp/nothing" "$golden"
	[ "$status" = 2 ]
}

@test "--redact: --mount takes the real name" {
	need_trace
	mount=$("$nf" report --json "$golden" | jq -r 'select(.type == "request") | .mount' | head -n 1)
	"$nf" export --to json --mount "$mount" "$golden" | grep -c '"type":"request"' >"$tmp/plain"
	"$nf" export --to json --mount "$mount" --redact "$golden" | grep -c '"type":"request"' | cmp - "$tmp/plain"
}

# no controls, no ESC, valid UTF-8, no override of the direction of text
harmless() {
	iconv -f UTF-8 -t UTF-8 "$1" >/dev/null || { echo "$1 is no UTF-8"; return 1; }
	run grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xe2\x80\xae' "$1"
	[ "$status" = 1 ] || { echo "$1 has control characters"; return 1; }
}

@test "names with control characters, markup, broken UTF-8 and 4 KiB do no harm in any view" {
	renamed hostile "$tmp/hostile.nsn"
	every_view "$tmp/hostile.nsn" "$tmp/views"
	texts "$tmp/hostile.nsn" >"$tmp/views/texts"
	harmless "$tmp/views/texts"
	harmless "$tmp/views/json"
	tests/export/validate.py user/view/export/json/export.schema.json "$tmp/views/json"
	grep -q 'onerror' "$tmp/views/json" # it is there, as text
	jq -es 'map(select(.type == "request" and .ino)) | length > 0 and all(.path | test("^/.*onerror.*/.*onerror"))' "$tmp/views/json"
	sqlite3 "$tmp/views/sqlite" .dump >"$tmp/views/dump"
	harmless "$tmp/views/dump"
	[ "$(sqlite3 "$tmp/views/sqlite" 'SELECT max(length(point)) > 4096 FROM mount')" = 1 ]
	protoc --decode=perfetto.protos.Trace --proto_path=user/view/export/perfetto perfetto.proto <"$tmp/views/perfetto" >"$tmp/views/prototext"
	harmless "$tmp/views/prototext"
	tests/export/perfetto.py "$tmp/views/prototext" "$tmp/views/json" "$tmp/views/sqlite"
	harmless "$tmp/views/html"
	run grep -qi '</script><img' "$tmp/views/html"
	[ "$status" = 1 ]
	harmless "$tmp/views/junit"
	python3 -c 'import sys, xml.etree.ElementTree as e; e.parse(sys.argv[1])' "$tmp/views/junit"
}
