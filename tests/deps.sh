#!/bin/sh
# What a build and the tests need. `check PKG...` names what is missing; `install [build]` gets it
# with apt on Debian and Ubuntu, and prints the list elsewhere; `ensure` does so only if it must.
# "html" stands for what make test-html needs: a browser is much for those who do not change the page.
set -eu

BUILD="gcc make pkg-config clang llvm bpftool libbpf-dev libelf-dev libdw-dev zlib1g-dev libzstd-dev liblzma-dev libbz2-dev
libjansson-dev libsqlite3-dev nettle-dev libprotobuf-c-dev protobuf-c-compiler uthash-dev libtracecmd-dev libc6-dev"
TESTS="libcmocka-dev bats jq sqlite3 protobuf-compiler python3-jsonschema zstd clang-format scdoc shellcheck
qemu-system-x86 samba cifs-utils fio trace-cmd postgresql busybox-static cpio kmod xz-utils debian-archive-keyring mmdebstrap"
HTML="chromium chromium-driver python3-selenium fonts-dejavu-core"

missing=0
need() { # what, how to get it
	missing=1
	echo "netfsnoop: missing $1 ($2)" >&2
}

check() {
	command -v "${CC:-gcc}" >/dev/null || need "a C compiler" "Debian: gcc"
	command -v "${CLANG:-clang}" >/dev/null || need "clang 14 or newer" "Debian: clang llvm"
	command -v "${BPFTOOL:-bpftool}" >/dev/null || need "bpftool 7.1 or newer" "Debian: bpftool"
	command -v "${PROTOC_C:-protoc-c}" >/dev/null || need "protoc-c" "Debian: protobuf-c-compiler"
	command -v "${PKG_CONFIG:-pkg-config}" >/dev/null || {
		need "pkg-config" "Debian: pkg-config"
		return
	}
	for pkg in "$@"; do
		"${PKG_CONFIG:-pkg-config}" --exists "$pkg" || need "the library $pkg" "Debian: lib${pkg#lib}-dev"
	done
	echo '#include <uthash.h>' | "${CC:-gcc}" -E - >/dev/null 2>&1 || need uthash.h "Debian: uthash-dev"
}

# packages of the list that are not installed
absent() {
	for p; do
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || printf ' %s' "$p"
	done
}

install() {
	packages=$BUILD
	[ "${1:-}" = build ] || packages="$BUILD $TESTS"
	[ "${1:-}" != html ] || packages=$HTML
	if ! command -v apt-get >/dev/null; then
		echo "Not a Debian or Ubuntu machine. Install what these Debian packages hold:" "$packages" >&2
		exit 1
	fi
	# shellcheck disable=SC2086 # a list of words
	wanted=$(absent $packages)
	[ -n "$wanted" ] || { echo "Everything needed is installed."; exit 0; }
	sudo=""
	if [ "$(id -u)" != 0 ]; then
		sudo=sudo
		command -v sudo >/dev/null || {
			echo "netfsnoop: run this as root: apt-get install$wanted" >&2
			exit 1
		}
	fi
	echo "Installing:$wanted"
	$sudo apt-get update -qq
	# shellcheck disable=SC2086 # a list of words
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted
}

# Other systems have other package names: there the programs and headers themselves are looked for.
ensure() {
	if command -v dpkg-query >/dev/null; then
		packages="$BUILD $TESTS"
		[ "${1:-}" != html ] || packages=$HTML
		# shellcheck disable=SC2086 # a list of words
		[ -z "$(absent $packages)" ] || install "${1:-}"
		return
	fi
	if [ "${1:-}" = html ]; then
		for program in chromium chromedriver python3; do
			command -v $program >/dev/null || need $program "Debian's packages: $HTML"
		done
		[ $missing = 0 ] || exit 1
		return
	fi
	for program in gcc clang bpftool bats jq zstd clang-format shellcheck qemu-system-x86_64 smbd \
		mount.cifs fio busybox cpio depmod; do
		command -v $program >/dev/null || need $program "Debian's packages: $BUILD $TESTS"
	done
	[ $missing = 0 ] || exit 1
}

case "${1:-}" in
check)
	shift
	check "$@"
	if [ $missing = 1 ]; then
		echo "netfsnoop: 'make deps' installs everything on Debian and Ubuntu" >&2
		exit 1
	fi
	;;
install)
	shift
	install "$@"
	;;
ensure)
	shift
	ensure "$@"
	;;
*)
	echo "usage: $0 check PKG...|install [build|html]|ensure [html]" >&2
	exit 2
	;;
esac
