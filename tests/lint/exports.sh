#!/bin/sh
# A function that a header declares is called from another file than its own: from one of user/, by an
# inline function of the header, or by a test. Where a macro makes the name ("jout_##how") all that begin so may be called.
set -eu

# shellcheck disable=SC2046 # no blanks in the names of our files
unused=$(awk '
FNR == 1 { file++; comment = 0 }
comment {
	if (!(at = index($0, "*/")))
		next
	$0 = substr($0, at + 2)
	comment = 0
}
{
	gsub(/"[^"]*\/\*[^"]*"/, "") # no comment begins in a string
	while (at = index($0, "/*")) {
		rest = substr($0, at + 2)
		end = index(rest, "*/")
		$0 = substr($0, 1, at - 1) (end ? substr(rest, end + 2) : "")
		comment = !end
	}
	pasted = $0
	while (match(pasted, /[a-z_]+ *## *[a-z]/)) {
		prefix[substr(pasted, RSTART, index(substr(pasted, RSTART), "#") - 1)] = 1
		pasted = substr(pasted, RSTART + RLENGTH)
	}
	n = split($0, word, /[^A-Za-z0-9_]+/)
	for (i = 1; i <= n; i++) {
		if (last[word[i]] != file)
			files[word[i]]++
		last[word[i]] = file
	}
}
FILENAME ~ /\.h$/ {
	# a declaration begins in the first column; its name is before the first "("
	if (/^[a-z_].*[a-z0-9_]\(/ && !/^(static|typedef|_Static_assert|__attribute__)/) {
		name = $0
		sub(/\(.*/, "", name)
		sub(/.*[ \t*]/, "", name)
		declared[name] = FILENAME ":" FNR
	} else {
		for (i = 1; i <= n; i++)
			inlined[word[i]] = 1
	}
}
END {
	for (begin in prefix) {
		sub(/ +$/, "", begin)
		for (name in declared)
			if (index(name, begin) == 1)
				inlined[name] = 1
	}
	for (name in declared)
		if (files[name] < 3 && !(name in inlined)) # the header, its own file, and another
			print declared[name] ": " name "()"
}' $(tests/lint/files 'user/*.h' 'user/*.c' 'user/*.def' 'tests/*.c') | sort)
[ -n "$unused" ] || exit 0
echo "$unused"
echo "do: make it static, or remove it, if nothing else calls it"
exit 1
