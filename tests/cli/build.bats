#!/usr/bin/env bats
# What the Makefile makes of a machine that lacks something. An object is compiled, no more.
load common

setup() {
	build=$(mktemp -d "$tmp/build.XXXX")
	dat=$build/user/import/dat.o
	# a pkg-config that does not know the library named in $LACKS
	cat >"$build/pkg-config" <<-END
		#!/bin/sh
		case "\$*" in *"\$LACKS"*) exit 1 ;; esac
		exec $(command -v pkg-config) "\$@"
	END
	chmod +x "$build/pkg-config"
}

compile() { env -u MAKEFLAGS -u MAKELEVEL LACKS="$1" make --no-print-directory O="$build" PKG_CONFIG="$build/pkg-config" "$dat"; }

@test "build: what a missing library leaves out is said, and is there once the library is" {
	pkg-config --exists libtracecmd || skip "no libtracecmd here"
	run compile libtracecmd
	[ "$status" = 0 ]
	[[ $output == *"netfsnoop: built without import of trace.dat: no libtracecmd (Debian: libtracecmd-dev"* ]]
	! nm "$dat" | grep -q tracecmd_

	run compile none
	[ "$status" = 0 ]
	[[ $output != *without* ]]
	nm "$dat" | grep -q 'U tracecmd_'

	run compile none
	[[ $output != *dat.o* ]] || { echo "compiled again for nothing: $output"; false; }
}

@test "build: a library that it cannot do without ends it, with the package's name" {
	run compile jansson
	[ "$status" != 0 ]
	[[ $output == *"netfsnoop: missing the library jansson (Debian: libjansson-dev)"* ]]
	[[ $output == *"make deps"* ]]
}
