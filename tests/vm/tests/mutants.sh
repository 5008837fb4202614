#!/bin/bash
# A few kernels with one injected bug each (docs/mutants.md). What happens is in mutants.check, which
# boots them one by one; here only what it builds on: cifs and netfs are modules with BTF.
# kernels: 6.12
# lab: --no-mount
set -euo pipefail

for module in cifs netfs; do
	[[ -e /sys/module/$module && -e /sys/kernel/btf/$module ]] || {
		echo "$module is no module with BTF"
		exit 1
	}
done
uname -r >"$OUT/release"
