#!/bin/bash
# libtracecmd-dev of Debian 12 cannot be used on its own: its libtracecmd.pc requires libtracefs, which requires
# libtraceevent, but the package depends on neither -dev package. pkg-config then does not find libtracecmd, and a build
# that treats this as "not installed" silently omits support for trace.dat.
#
# Seen with libtracecmd-dev 3.1.6-1 (libtracecmd 1.3.1) of bookworm: "Package 'libtracefs', required by
# 'libtracecmd', not found". Exit status: 0 the behaviour is still there, 1 it has changed, 2 it cannot be tried here.
set -euo pipefail

version=3.1.6-1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq "libtracecmd-dev=$version" >/dev/null 2>&1 || { echo "libtracecmd-dev $version is not offered"; exit 2; }
depends=$(dpkg-deb -f libtracecmd-dev_*.deb Depends)
dpkg-deb -x libtracecmd-dev_*.deb root
pc=$(find root -name libtracecmd.pc)
requires=$(sed -n 's/^Requires: *//p' "$pc")
echo "libtracecmd-dev $version depends on: $depends"
echo "libtracecmd.pc requires: $requires"
# only the package itself; what it depends on has no .pc file
said=$(PKG_CONFIG_LIBDIR=$(dirname "$pc") pkg-config --print-errors --exists libtracecmd 2>&1) && { echo "pkg-config finds it now"; exit 1; }
echo "pkg-config: $said"
[[ $depends != *libtracefs* && $requires == *libtracefs* && $said == *"Package 'libtracefs', required by 'libtracecmd', not found"* ]]
