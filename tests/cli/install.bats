#!/usr/bin/env bats
# What `make install` and `make dist` bring, and what packages need.
load common

# O is the build directory that the tests were started with: all is built, so make has little to do
make_here() {
	case ${O:-build} in
	*/san) set -- SAN=1 O="${O%/san}" "$@" ;;
	*/cov) set -- COV=1 O="${O%/cov}" "$@" ;;
	*) set -- O="${O:-build}" "$@" ;;
	esac
	make --no-print-directory "$@"
}

setup_file() {
	tmp=$(mktemp -d)
	export tmp
	make_here install prefix=/usr DESTDIR="$tmp/root" >"$tmp/log" 2>&1 || { cat "$tmp/log"; false; }
	doc=$tmp/root/usr/share/doc/netfsnoop nf=$tmp/root/usr/bin/netfsnoop
	export doc nf
}

@test "the program, a man page for each command, the completion" {
	"$nf" --version
	for command in $("$nf" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | grep -v '^netfsnoop$'); do
		[ -s "$tmp/root/usr/share/man/man1/netfsnoop-$command.1" ]
	done
	grep -q 'complete -F' "$tmp/root/usr/share/bash-completion/completions/netfsnoop"
}

@test "every page that help, messages and man pages name is installed" {
	# what is not a comment of the sources is a user's to read
	named=$({
		grep -rhE 'docs/[a-z-]+' --include='*.c' user | grep '"'
		cat docs/man/*.scd user/view/export/json/*.json user/view/export/sqlite/*.sql user/view/export/html/page/*
		for command in $("$nf" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | grep -v '^netfsnoop$'); do
			"$nf" "$command" --help
		done
	} | grep -oE 'docs/[a-z-]+(\.md)?' | sort -u)
	[ "$(wc -w <<<"$named")" -ge 5 ]
	for page in $named; do
		[ -s "$doc/$page" ] || { echo "$page is named and not installed"; false; }
	done
}

@test "pages that are installed lead to pages that are, or to the sources" {
	cd "$doc"
	for page in *.md docs/*.md; do
		for link in $(grep -oE '\]\([^)#]+' "$page" | cut -c3- | grep -v '^https\?:'); do
			case $link in
			../user/* | ../bpf/* | ../tests/* | tests/* | findings/* | docs/man | man/*) continue ;; # the tree's
			esac
			[ -e "$(dirname "$page")/$link" ] || { echo "$page leads to $link"; false; }
		done
	done
}

@test "links of the tree lead somewhere" {
	for page in *.md docs/*.md tests/vm/README.md; do
		for link in $(grep -oE '\]\([^)#]+' "$page" | cut -c3- | grep -v '^https\?:'); do
			[ -e "$(dirname "$page")/$link" ] || { echo "$page leads to $link"; false; }
		done
	done
}

@test "make dist: a tree without git that knows its version, and all that this one has" {
	make --no-print-directory dist O="$tmp" >/dev/null
	version=$(docs/version.sh)
	tar -C "$tmp" -xzf "$tmp/netfsnoop-$version.tar.gz"
	cd "$tmp/netfsnoop-$version"
	[ "$(docs/version.sh)" = "$version" ]
	[ ! -e .git ]
	make -n all >/dev/null # knows how to make everything
	cd "$OLDPWD"
	[ ! -e .git ] || diff <(git ls-files | while IFS= read -r f; do [ ! -e "$f" ] && [ ! -L "$f" ] || echo "$f"; done | sort) \
		<(cd "$tmp/netfsnoop-$version" && find . \( -type f -o -type l \) ! -name .version | sed 's,^\./,,' | sort)
}

@test "without git and .version the version is that of NEWS" {
	mkdir "$tmp/bare"
	cp --parents NEWS docs/version.sh "$tmp/bare"
	cd "$tmp/bare"
	run docs/version.sh
	[[ $output =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]]
	[ "$(head -n 1 NEWS)" = "netfsnoop $output" ]
}

@test "a Debian package's build needs what a build needs" {
	build=$(sed -n '/^BUILD="/,/"/p' tests/deps.sh | tr -d '"' | sed 's/^BUILD=//')
	for package in $build; do
		case $package in
		gcc | make | libc6-dev) continue ;; # build-essential
		esac
		grep -qE "^ $package( |,|\$)" docs/debian/control || { echo "$package is not in docs/debian/control"; false; }
	done
}
