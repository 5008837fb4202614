# shellcheck shell=bash
# Shared by the lab's host-side scripts; sourced, never run.

note() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# die STATUS MESSAGE...
die() {
	local status=$1
	shift
	note "$@"
	exit "$status"
}

# need STATUS COMMAND PACKAGE: both sbin directories count, a user's PATH may lack them.
need() {
	command -v "$2" >/dev/null || die "$1" "$2 not found, install the package $3"
}

PATH=$PATH:/usr/sbin:/sbin

# shellcheck disable=SC2034 # for the scripts that source this
vm_dir=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034
cache=${NETFSNOOP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/netfsnoop}

# make_skeleton ROOT: base image and overlay must agree on the merged-/usr
# links, a plain directory "lib" in the overlay would replace the link.
make_skeleton() {
	local dir

	for dir in bin sbin lib lib64; do
		mkdir -p "$1/usr/$dir"
		[[ -L $1/$dir ]] || ln -s "usr/$dir" "$1/$dir"
	done
}

# copy_host_files ROOT: names on stdin, links are followed.
copy_host_files() {
	sort -u | sed 's,^/,,' |
		tar -C / --create --dereference --files-from=- |
		tar -C "$1" --extract --keep-directory-symlink --no-same-owner
}

# libraries_of ELF...: what the dynamic loader would open; nothing for static files.
libraries_of() {
	{ ldd "$@" 2>/dev/null || true; } | grep -oE '/[^ ]+\.so[^ :]*' | grep -v ':$' | sort -u || true
}

# pack ROOT FILE: an uncompressed newc archive, padded so that another can follow.
pack() {
	(cd "$1" && find . -mindepth 1 -print0 | sort -z |
		cpio --null --create --format=newc --owner=0:0 --quiet) >"$2"
	truncate --size=%512 "$2"
}
