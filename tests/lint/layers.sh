#!/bin/sh
# Dependencies point one way: cmd -> everything, run -> view -> check -> model -> base,
# capture -> trace -> event -> base; libbpf is capture's alone. Only quoted #includes count.
set -eu

# what each layer may include, as an ERE over the path in quotes
allowed() {
	wire='(\.\./)?bpf/event\.h'
	case $1 in
	user/event/*) echo "^(base|event)/|^$wire|^tracepoints/" ;;
	user/base/*) echo "^base/|^$wire" ;;
	user/trace/*) echo "^(base|event|trace)/|^$wire" ;;
	user/tp/*) echo "^(base|event|tp)/|^$wire|^tracepoints/" ;;
	user/import/*) echo "^(base|event|log|trace|tp|import)/|^$wire|^tracepoints/" ;;
	user/model/*) echo "^(base|event|model)/|^$wire|^tracepoints/" ;;
	user/view/kit/*) echo '^(base|event|model)/|^view/kit/' ;;
	user/view/measure/*) echo '^(base|event|model|check)/|^view/(kit|measure)/' ;;
	user/view/*) echo '^(base|event|model|check|view|sym|oops|hang)/' ;;
	user/xfstests/*) echo "^(base|event|trace|model|check|view|run|xfstests)/|^$wire" ;;
	user/run/*) echo '^(base|event|log|trace|import|model|check|view|sym|oops|hang|run)/|^capture/records\.h' ;;
	user/check/*) echo '^(base|event|model|check)/' ;;
	user/hang/*) echo '^(base|hang)/' ;;
	user/sym/*) echo '^(base|sym)/' ;;
	user/log/*) echo '^(base|log)/' ;;
	user/provoke/*) echo '^(base|provoke)/' ;;
	user/oops/*) echo '^(base|log|sym|oops)/' ;;
	user/capture/*) echo "^(base|event|sym|trace|tp|capture)/|^$wire|^bpf/raw\.h|^tracepoints/|^version\.h|^(netfsnoop|classic|tests|ksyms)\.skel\.h" ;;
	user/cmd/* | user/main.c) echo "^(base|event|trace|tp|model|check|view|log|sym|oops|capture|import|cmd|hang|run|xfstests|provoke)/|^$wire|^tracepoints/|^version\.h" ;;
	bpf/event.h | vmlinux/* | tracepoints/*) echo '^[a-z_]+\.(h|def)$' ;;
	bpf/*) echo '^[a-z_]+(\.bpf)?\.h$|^\.\./(vmlinux|tracepoints|bpf)/' ;;
	*) echo '.' ;;
	esac
}

status=0
for f in $(tests/lint/files 'user/*.[ch]' 'bpf/*.[ch]' 'vmlinux/*.h' 'tracepoints/*'); do
	case $f in *.c | *.h | *.def) ;; *) continue ;; esac
	bad=$(sed -n 's/^[ \t]*#[ \t]*include[ \t]*"\([^"]*\)".*/\1/p' "$f" | grep -vE "$(allowed "$f")" || true)
	for include in $bad; do
		echo "$f includes \"$include\", which its layer must not know"
		status=1
	done
	case $f in
	user/provoke/loop.c | user/provoke/link.[ch]) ;;
	*)
		if grep -nE '#[ \t]*include[ \t]*<event2/' "$f" /dev/null; then
			echo "$f uses libevent: only the loop of user/provoke may"
			status=1
		fi
		;;
	esac
	case $f in user/capture/* | bpf/*) continue ;; esac
	if grep -nE '#[ \t]*include[ \t]*<(bpf|linux/bpf)' "$f" /dev/null; then
		echo "$f uses libbpf: only user/capture may"
		status=1
	fi
done
[ $status = 0 ] || echo "do: move the code to the layer that owns it; the rules are in tests/lint/layers.sh"
exit $status
