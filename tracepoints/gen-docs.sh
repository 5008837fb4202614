#!/bin/sh
# Writes docs/probes.md from probes.def; `make lint` compares the two.
set -eu
cd "$(dirname "$0")"
cat <<'END'
# Probes

Generated from `tracepoints/probes.def` by `tracepoints/gen-docs.sh`; do not edit. `netfsnoop doctor -v` shows
which probes a kernel has, and why the others are off. The group tells when a probe is attached: "netfs I/O" if cifs goes
through netfs (6.10 and later), "old I/O" if it does not; probes of "xfstests" are always attached.

| probe | how | target | module | group | without it |
|---|---|---|---|---|---|
END
# shellcheck disable=SC2016 # backquotes of Markdown
sed -n 's/^PROBE(\([^,]*\), \([^,]*\), \([^,]*\), \([^,]*\), \([^,]*\), "\(.*\)")$/| `\1` | \2 | `\3` | \4 | \5 | \6 |/p' probes.def |
	sed 's/\\"/"/g; s/| TP |/| tracepoint |/; s/| FENTRY |/| fentry |/; s/| FEXIT |/| fexit |/; s/| FUNCTION |/| kprobe |/; s/| CALLSITE |/| kprobes on the calls |/; s/| BREAKPOINT |/| hardware breakpoint |/; s/| CORE |/| always |/; s/| TEST |/| xfstests |/; s/| IO |/| netfs I\/O |/; s/| OLD_IO |/| old I\/O |/; s/| FOLIO |/| --folios |/'
cat <<'END'

## Events that are left out

| events | why |
|---|---|
END
sed -n 's/^ \* LEFT_OUT \(.*\)$/| \1 |/p' probes.def
