#!/bin/sh
# C files are as clang-format leaves them; tracepoints/probes.def is a table, one probe a line.
set -eu

command -v clang-format >/dev/null || { echo "clang-format is missing: make deps"; exit 1; }
bad=$(tests/lint/files '*.c' '*.h' | while IFS= read -r f; do
	clang-format --dry-run -Werror "$f" >/dev/null 2>&1 || printf '%s ' "$f"
done)
[ -n "$bad" ] || exit 0
echo "$bad" | xargs -n 1
echo "do: clang-format -i $bad"
exit 1
