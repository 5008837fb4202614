#!/bin/bash
# The number test once more, with cifs and netfs that have no BTF (see nobtf.prepare).
# kernels: none until it has passed whole again: make test-vm VM_TESTS=nobtf
# lab: --no-mount --strict-dmesg --add tests/vm/tests/compare.sh
exec bash /lab/compare.sh
