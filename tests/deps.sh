#!/bin/sh
# What a build, the demo and the tests need, in sets:
#   build    to compile
#   lab      virtual machines: make demo, make test-vm
#   tests    the rest of make test
#   html     make test-html: a browser is much for those who do not change the page
#   bare     make test-bare
#   deb      make deb, beyond build
#   crash    make test-crash, beyond lab and tests
#   fuzz     make fuzz
#   provoke  make test-provoke, beyond lab and tests
#   clang-N  a compiler of that version: make test-clang
# None of them starts a service: tests/unpack gets the programs of packages that would.
#
# `check PKG...` names what is missing for a build. `install [SET]...` gets it with apt on Debian and Ubuntu, and
# prints the list elsewhere; `ensure [SET]...` does so only if something is missing. Without a set: build lab tests.
# `clangs` names compilers for make test-clang.
set -eu

BUILD="gcc make pkg-config clang bpftool libbpf-dev libelf-dev libdw-dev zlib1g-dev libzstd-dev liblzma-dev libbz2-dev
libjansson-dev libsqlite3-dev nettle-dev libprotobuf-c-dev protobuf-c-compiler uthash-dev libtracecmd-dev libtracefs-dev
libtraceevent-dev libevent-dev libc6-dev"
LAB="qemu-system-x86 cifs-utils fio jq busybox-static cpio kmod xz-utils zstd debian-archive-keyring"
TESTS="libcmocka-dev bats bash-completion jq sqlite3 protobuf-compiler python3-jsonschema zstd clang-format scdoc shellcheck trace-cmd
mmdebstrap"
HTML="chromium chromium-driver python3-selenium fonts-dejavu-core"

missing=0
need() { # what, how to get it
	missing=1
	echo "netfsnoop: missing $1 ($2)" >&2
}

# the package of a name of pkg-config
debian_name() {
	case $1 in
	zlib) echo zlib1g-dev ;;
	nettle) echo nettle-dev ;;
	*) echo "lib${1#lib}-dev" ;;
	esac
}

check() {
	command -v "${CC:-gcc}" >/dev/null || need "a C compiler" "Debian: gcc"
	command -v "${CLANG:-clang}" >/dev/null || need "clang 14 or newer" "Debian: clang"
	command -v "${BPFTOOL:-bpftool}" >/dev/null || need "bpftool 7.1 or newer" "Debian: bpftool"
	command -v "${PROTOC_C:-protoc-c}" >/dev/null || need "protoc-c" "Debian: protobuf-c-compiler"
	command -v "${PKG_CONFIG:-pkg-config}" >/dev/null || {
		need "pkg-config" "Debian: pkg-config"
		return
	}
	for pkg in "$@"; do
		"${PKG_CONFIG:-pkg-config}" --exists "$pkg" || need "the library $pkg" "Debian: $(debian_name "$pkg")"
	done
	! command -v "${CC:-gcc}" >/dev/null || echo '#include <uthash.h>' | "${CC:-gcc}" -E - >/dev/null 2>&1 ||
		need uthash.h "Debian: uthash-dev"
}

packages_of() { # SET...
	for set; do
		case $set in
		build) echo "$BUILD" ;;
		lab) echo "$LAB" ;;
		tests) echo "$TESTS" ;;
		html) echo "$HTML" ;;
		bare) echo mmdebstrap ;;
		deb) echo build-essential debhelper scdoc libcmocka-dev zstd ;;
		crash) echo e2fsprogs ;;
		fuzz) echo libclang-rt-dev ;;
		provoke) echo smbclient python3 ;;
		clang-[0-9]*) echo "$set" ;;
		*) echo "netfsnoop: no set $set of packages; the sets are in tests/deps.sh" >&2; exit 2 ;;
		esac
	done
}

# packages of the list that are not installed
absent() {
	for p; do
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || printf ' %s' "$p"
	done
}

install() { # PACKAGE...
	if ! command -v apt-get >/dev/null; then
		echo "Not a Debian or Ubuntu machine. Install what these Debian packages hold:" "$@" >&2
		exit 1
	fi
	wanted=$(absent "$@")
	[ -n "$wanted" ] || { echo "Everything needed is installed."; return; }
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
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends $wanted
}

# Other systems have other package names: there the programs themselves are looked for.
programs_of() { # SET...
	for set; do
		case $set in
		build) echo gcc clang bpftool protoc-c ;;
		lab) echo qemu-system-x86_64 smbd mount.cifs fio jq busybox cpio depmod zstd ;;
		tests) echo bats jq sqlite3 protoc clang-format shellcheck scdoc trace-cmd mmdebstrap ;;
		html) echo chromium chromedriver python3 ;;
		bare) echo mmdebstrap ;;
		crash) echo mkfs.ext4 ;;
		provoke) echo smbclient smbd python3 ;;
		clang-[0-9]*) echo "$set" ;;
		esac
	done
}

ensure() { # SET...
	packages=$(packages_of "$@")
	if command -v dpkg-query >/dev/null; then
		# shellcheck disable=SC2086 # a list of words
		[ -z "$(absent $packages)" ] || install $packages
		return
	fi
	for program in $(programs_of "$@"); do
		command -v "$program" >/dev/null || need "$program" "one of Debian's packages" "$packages"
	done
	[ $missing = 0 ] || exit 1
}

# The compilers for BPF that this release has, from 14 on: the oldest, 19, and the newest
clangs() {
	apt-cache search --names-only '^clang-[0-9]+$' | sed -nE 's/^clang-([0-9]+) .*/\1/p' | sort -n |
		awk '$1 >= 14 { if (!n++) first = $1; if ($1 == 19) middle = 19; last = $1 }
			END { if (n) { print first; if (middle) print middle; print last } }' | uniq | sed 's/^/clang-/' | xargs
}

command=${1:-}
[ $# = 0 ] || shift
case $command in
check)
	check "$@"
	if [ $missing = 1 ]; then
		echo "netfsnoop: 'make deps' installs everything on Debian and Ubuntu" >&2
		exit 1
	fi
	;;
install | ensure)
	[ $# -gt 0 ] || set -- build lab tests
	if [ "$command" = ensure ]; then
		ensure "$@"
	else
		packages=$(packages_of "$@")
		# shellcheck disable=SC2086 # a list of words
		install $packages
	fi
	;;
clangs)
	clangs
	;;
*)
	echo "usage: $0 check PKG...|install [SET]...|ensure [SET]...|clangs" >&2
	exit 2
	;;
esac
