#!/bin/bash
# Boots kernels and writes down what each says of itself: tracepoints/formats/RELEASE/.
set -euo pipefail

usage() {
	cat <<EOF
usage: tracepoints/snapshot.sh SERIES...

Boot each kernel (SERIES as for tests/vm/run) and write files about it and its netfs and cifs:
  formats     fields and print format of each event, as in tracefs; of page cache events only those of
              probes.def
  enums       "ENUM NUMBER ENUMERATOR" of the enums in user/event/enums.def, from BTF
  prototypes  "tp NAME(TYPE...)" and "fn NAME(TYPE...) RETURN-TYPE" of the targets of probes.def, from
              BTF; targets that the kernel lacks are left out
EOF
}

cd "$(dirname -- "$0")"/..

# in the guest
collect() {
	local format
	cd /sys/kernel/tracing/events || return

	# netfs and cifs write through the page cache, which tells of writeback that failed
	for format in {netfs,cifs}/*/format filemap/{filemap_set,file_check_and_advance}_wb_err/format; do
		# ids and the common fields depend on the boot and are the same for all
		sed -E '/^(ID:|format:|$)|common_/d' "$format"
	done >"$OUT/formats"
	cp /sys/kernel/btf/{vmlinux,netfs,cifs} "$OUT"
	uname -r >"$OUT/release"
}

# enums that have a meaning for us
enums() { sed -nE 's/^KERNEL_ENUM\([A-Z_]+, *([A-Za-z0-9_]+),.*/\1/p' user/event/enums.def; }

# "tp TARGET" or "fn TARGET", one a line
targets() {
	sed -nE 's/^PROBE\([^,]*, *([A-Z]+), *([^,]*),.*/\1 \2/p' tracepoints/probes.def |
		sed 's/^TP /tp /; s/^[A-Z]* /fn /' | sort -u
}

# extract WHAT: from all dumps
extract() {
	local module

	awk -v what="$1" -v enums="$enums" -v targets="$targets" -f tracepoints/snapshot.awk "$work/vmlinux.txt"
	for module in netfs cifs; do
		awk -v what="$1" -v enums="$enums" -v targets="$targets" -f tracepoints/snapshot.awk \
			"$work/vmlinux.txt" "$work/$module.txt"
	done
}

snapshot() {
	local module dir

	rm -rf "$work/out"
	tests/vm/run --kernel "$1" --no-mount --out "$work/out" tracepoints/snapshot.sh --collect
	dir=tracepoints/formats/$(<"$work/out/release")
	mkdir -p "$dir"
	bpftool btf dump file "$work/out/vmlinux" format raw >"$work/vmlinux.txt"
	for module in netfs cifs; do
		bpftool -B "$work/out/vmlinux" btf dump file "$work/out/$module" format raw >"$work/$module.txt"
	done
	cp "$work/out/formats" "$dir/formats"
	extract enums | sort -u -k 1,1 -k 2,2n -k 3 >"$dir/enums"
	extract prototypes | sort -u >"$dir/prototypes"
	echo "$dir"
}

case ${1:-} in
-h | --help) usage; exit ;;
--collect) collect; exit ;;
'' | -*) usage >&2; exit 2 ;;
esac
enums=$(enums | tr '\n' ' ')
targets=$(targets)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for series; do
	snapshot "$series"
done
