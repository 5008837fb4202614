#!/bin/sh
# tracepoints/probes.def and the programs of the BPF object are the same list. $O: build directory.
set -eu

tracepoints/gen-docs.sh | cmp -s - docs/probes.md || {
	echo "docs/probes.md is not what tracepoints/probes.def says"
	echo "do: tracepoints/gen-docs.sh > docs/probes.md"
	exit 1
}
object=${O:-build}/netfsnoop.bpf.o
[ -f "$object" ] || { echo "no $object; do: make"; exit 1; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# "program ?mechanism/target", as the table has it; bpf/program.bpf.h makes two of most,
# but not of those of tests
sed -n 's/^PROBE(\([^,]*\), *\([A-Z]*\), *\([^,]*\),.*/\1 \2 \3/p' tracepoints/probes.def |
	sed 's/ TP / ?probe_tp\//; s/ FENTRY / ?probe_entry\//; s/ FEXIT / ?probe_exit\//
		s/ FUNCTION / ?kprobe\//; s/ CALLSITE / ?kprobe\//; s/ BREAKPOINT .*/ ?perf_event/' |
	sed 'p; /?probe_/!d; /^test_/d; s/ ?probe_/_raw ?probe_/
		s/?probe_tp/?raw_tp/; s/?probe_entry/?kprobe/; s/?probe_exit/?kretprobe/' |
	sort >"$tmp/table"
# ... and as the objects have it: functions in sections of that kind of name
programs() {
	# binutils' warns of the order of symbols in an object that bpftool linked
	readelf -S -W "$1" >"$tmp/sections" 2>/dev/null
	readelf -s -W "$1" >"$tmp/symbols" 2>/dev/null
	awk '
FNR == NR {
	if (match($0, /^ *\[ *[0-9]+\]/)) {
		nr = substr($0, RSTART, RLENGTH)
		gsub(/[^0-9]/, "", nr)
		sub(/^ *\[ *[0-9]+\] */, "")
		section[nr] = $1
	}
	next
}
$4 == "FUNC" && $5 == "GLOBAL" && section[$7] ~ /\/|^[?]perf_event$/ { print $8, section[$7] }
' "$tmp/sections" "$tmp/symbols"
}
{
	programs "$object"
	programs "${O:-build}/bpf/tests.bpf.o" | sed 's,?tp_btf/,?probe_tp/,'
} | sort >"$tmp/object"

if [ ! -s "$tmp/table" ] || [ ! -s "$tmp/object" ]; then
	echo "cannot read the table or $object"
	exit 1
fi
cmp -s "$tmp/table" "$tmp/object" && exit 0
comm -23 "$tmp/table" "$tmp/object" | sed 's/^/in probes.def, not in the object: /'
comm -13 "$tmp/table" "$tmp/object" | sed 's/^/in the object, not in probes.def: /'
echo "do: give every entry of tracepoints/probes.def a program in bpf/, of that name and section"
exit 1
