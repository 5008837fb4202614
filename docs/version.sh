#!/bin/sh
# version.sh: the version of this tree. NEWS names the release; 0.9.0~gHASH comes before it, 0.9.0+N.gHASH is
# N commits after its tag. A tarball has in .version what was said of the tree it was made from.
set -eu

release=$(sed -n '1s/^netfsnoop //p' NEWS)
if [ -e .git ]; then
	if described=$(git describe --tags --match 'v[0-9]*' --dirty 2>/dev/null); then
		echo "$described" | sed 's/^v//; s/-/+/; s/-/./g'
		exit
	elif hash=$(git describe --always --exclude '*' --dirty 2>/dev/null); then
		echo "$release~g$hash" | sed 's/-/./g'
		exit
	fi
fi
cat .version 2>/dev/null || echo "$release"
