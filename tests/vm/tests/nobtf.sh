#!/bin/bash
# The number test once more, with cifs and netfs that have no BTF (see nobtf.prepare).
# kernels: 6.12
# lab: --no-mount --strict-dmesg --add tests/vm/tests/compare.sh
exec bash /lab/compare.sh
