#!/bin/sh
# Writes docs/probes.md from probes.def; `make lint` compares the two.
set -eu
cd "$(dirname "$0")"
cat <<'END'
# Probes

Made from `tracepoints/probes.def` by `tracepoints/gen-docs.sh`; do not edit. What attached on a given
kernel, and why the others did not: `netfsnoop doctor -v`.

| probe | how | target | module | group | without it |
|---|---|---|---|---|---|
END
# shellcheck disable=SC2016 # backquotes of Markdown
sed -n 's/^PROBE(\([^,]*\), \([^,]*\), \([^,]*\), \([^,]*\), \([^,]*\), "\(.*\)")$/| `\1` | \2 | `\3` | \4 | \5 | \6 |/p' probes.def |
	sed 's/\\"/"/g; s/| TP |/| tracepoint |/; s/| FENTRY |/| fentry |/; s/| FEXIT |/| fexit |/; s/| FUNCTION |/| kprobe |/; s/| CALLSITE |/| kprobes on the calls |/; s/| BREAKPOINT |/| hardware breakpoint |/; s/| CORE |/| always |/; s/| TEST |/| xfstests |/; s/| IO |/| netfs I\/O |/; s/| FOLIO |/| --folios |/'
