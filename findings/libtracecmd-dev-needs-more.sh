#!/bin/bash
# libtracecmd-dev of Debian 12 cannot be used by what it brings: its libtracecmd.pc requires libtracefs, and
# so libtraceevent, but the package depends on neither's -dev package. pkg-config then knows no libtracecmd, and a build
# that takes that for "not there" leaves out trace.dat without a word.
#
# Seen with libtracecmd-dev 3.1.6-1 (libtracecmd 1.3.1) of bookworm: "Package 'libtracefs', required by
# 'libtracecmd', not found". Exit status 0 as long as that is so, 1 once it has changed, 2 where it cannot be tried.
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
# nothing but the package itself, and what it depends on, which has no .pc file
said=$(PKG_CONFIG_LIBDIR=$(dirname "$pc") pkg-config --print-errors --exists libtracecmd 2>&1) && { echo "pkg-config finds it now"; exit 1; }
echo "pkg-config: $said"
[[ $depends != *libtracefs* && $requires == *libtracefs* && $said == *"Package 'libtracefs', required by 'libtracecmd', not found"* ]]
