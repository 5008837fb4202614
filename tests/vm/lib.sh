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

# may_miss KERNEL: VM_ALLOW_MISSING names the kernels without which a test is skipped instead of failed.
may_miss() { [[ " ${VM_ALLOW_MISSING:-} " == *" $1 "* ]]; }

# cannot_have KERNEL WHAT: ends a test
cannot_have() {
	! may_miss "$1" || { echo "$2; VM_ALLOW_MISSING says it may be missing"; exit 77; }
	echo "$2; where it may be missing: VM_ALLOW_MISSING=\"$1\""
	exit 1
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

# copy_host_files ROOT [FROM]: names on stdin, links are followed; those below FROM (default /) lose it.
copy_host_files() {
	local from=${2:-/}
	sort -u | sed "s,^${from%/}/,,; t; d" |
		tar -C "$from" --create --dereference --files-from=- |
		tar -C "$1" --extract --keep-directory-symlink --no-same-owner
}

# library_path DIR: where the libraries of packages that are unpacked there are
library_path() {
	{ find "$1"/{,usr/}lib -type f -name '*.so*' -printf '%h\n' 2>/dev/null || true; } | sort -u | paste -sd:
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

# shellcheck disable=SC2034
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
debian_suites='(bookworm|trixie|forky|sid|(old)*stable|testing|unstable)'

# host_mirror SUITE-ERE: base URI of the first matching source of this machine
host_mirror() {
	# shellcheck disable=SC2016 # apt's own variables
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		awk -v suite="^$1\$" '$2 ~ suite && $3 == "main" && !found { print $1; found = 1 }'
}

mirror_for() {
	case $1 in
	*-security) echo "${NETFSNOOP_SECURITY_MIRROR:-$(host_mirror "$debian_suites-security")}" ;;
	*) echo "${NETFSNOOP_MIRROR:-$(host_mirror "$debian_suites(-updates|-backports)?")}" ;;
	esac
}

# This machine's way to its mirrors, as options for mmdebstrap: proxies, and whether a mirror that stands still is believed.
apt_options() {
	apt-config dump | sed -nE 's/^(Acquire::(https?::[^ ]*Proxy[^ ]*|Check-Valid-Until|Check-Date) .*)$/--aptopt=\1/Ip'
}
