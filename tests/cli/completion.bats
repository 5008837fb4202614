#!/usr/bin/env bats
# Bash completion, in an interactive bash on a terminal of its own.
load common

setup() {
	mkdir -p "$tmp/here/dir"
	touch "$tmp/here/a.nsn" "$tmp/here/b.txt"
	"$nf" completion bash >"$tmp/completion"
	tab=$PWD/tests/cli/tab
}

# typed SETUP LINE WANT...: LINE WANT by turns
typed() {
	local setup=$1 lines=() want=()
	shift
	while (($#)); do
		lines+=("$1")
		want+=("$2")
		shift 2
	done
	cd "$tmp/here"
	PATH=$tmp:$PATH run "$tab" "$setup" "${lines[@]}"
	[ "$status" = 0 ]
	diff -u <(printf '[%s]\n' "${want[@]}") <(printf '%s\n' "$output")
}

@test "commands" {
	typed "source $tmp/completion" \
		'netfsnoop exp' 'netfsnoop export ' \
		'netfsnoop re*' 'netfsnoop record report ' \
		'netfsnoop help di' 'netfsnoop help diff ' \
		'netfsnoop comp' 'netfsnoop comp' \
		'netfsnoop --v' 'netfsnoop --version '
}

@test "options: = where a value has to follow, a blank where none does" {
	typed "source $tmp/completion" \
		'netfsnoop report --co' 'netfsnoop report --color=' \
		'netfsnoop report --late' 'netfsnoop report --latency ' \
		'netfsnoop record --reda' 'netfsnoop record --redact ' \
		'netfsnoop frob --' 'netfsnoop frob --'
}

@test "values: formats, checks, files, directories, processes" {
	typed "source $tmp/completion" \
		'netfsnoop export --to=sq' 'netfsnoop export --to=sqlite ' \
		'netfsnoop export -t sq' 'netfsnoop export -t sqlite ' \
		'netfsnoop check --explain ref' 'netfsnoop check --explain ref-balance ' \
		'netfsnoop dump --kind=sreq,smb_c' 'netfsnoop dump --kind=sreq,smb_cmd' \
		'netfsnoop check --checks=stuck,infl' 'netfsnoop check --checks=stuck,inflight' \
		'netfsnoop check --checks stuck,infl' 'netfsnoop check --checks stuck,inflight' \
		'netfsnoop report --color=al' 'netfsnoop report --color=always ' \
		'netfsnoop watch --on=error,rec' 'netfsnoop watch --on=error,reconnect' \
		'netfsnoop report -R 000' 'netfsnoop report -R 000' \
		'netfsnoop export -o b' 'netfsnoop export -o b.txt ' \
		'netfsnoop record -m d' 'netfsnoop record -m dir/' \
		'netfsnoop record --redact=b' 'netfsnoop record --redact=b.txt ' \
		'netfsnoop record --btf-module=ci' 'netfsnoop record --btf-module=cifs=' \
		'netfsnoop record --btf-module=cifs=b' 'netfsnoop record --btf-module=cifs=b.txt '
}

@test "a bash whose words do not end at =" {
	typed "source $tmp/completion; COMP_WORDBREAKS=\${COMP_WORDBREAKS//=}" \
		'netfsnoop export --to=sq' 'netfsnoop export --to=sqlite ' \
		'netfsnoop record --redact=b' 'netfsnoop record --redact=b.txt ' \
		'netfsnoop export --output=b' 'netfsnoop export --output=b.txt '
}

@test "operands: traces before other files, another program's behind --" {
	typed "source $tmp/completion" \
		'netfsnoop report a' 'netfsnoop report a.nsn ' \
		'netfsnoop report *' 'netfsnoop report a.nsn dir ' \
		'netfsnoop report b' 'netfsnoop report b.txt ' \
		'netfsnoop import *' 'netfsnoop import a.nsn b.txt dir ' \
		'netfsnoop doctor *' 'netfsnoop doctor ' \
		'netfsnoop record -- mkdi' 'netfsnoop record -- mkdir ' \
		'netfsnoop record -- cat --b' 'netfsnoop record -- cat --b' \
		'netfsnoop record -- cat b.' 'netfsnoop record -- cat b.txt '
}

@test "bash-completion finds it by itself" {
	[ -f /usr/share/bash-completion/bash_completion ] || skip "there is no bash-completion"
	mkdir -p "$tmp/share/completions"
	cp "$tmp/completion" "$tmp/share/completions/netfsnoop"
	typed "source /usr/share/bash-completion/bash_completion; BASH_COMPLETION_USER_DIR=$tmp/share" \
		'netfsnoop exp' 'netfsnoop export ' \
		'netfsnoop report --color=al' 'netfsnoop report --color=always ' \
		'netfsnoop record -- cat b.' 'netfsnoop record -- cat b.txt '
}

@test "every option of --help is offered" {
	# shellcheck source=/dev/null
	. "$tmp/completion"
	for command in $("$nf" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | grep -v '^netfsnoop$'); do
		_netfsnoop_command "$command"
		# shellcheck disable=SC2154 # _netfsnoop_command sets it
		diff -u <("$nf" "$command" --help | grep -oE '^ +(-., )?--[a-zA-Z-]+' | grep -oE -- '--.*' | sort) \
			<(printf '%s\n' $options | tr -d = | sort)
	done
}

@test "what every option's argument is, is known" {
	run grep kind=unknown "$tmp/completion"
	[ "$status" = 1 ] || { echo "say in user/cmd/completion.c what these arguments are: $output"; false; }
}

@test "every value that is offered is taken" {
	checked=0
	while IFS='|' read -r command option words; do
		[ "$command" != export ] || continue # the formats come from its own table
		for word in $words; do
			run as_user "$nf" "$command" "$option=$word" /nonexistent
			[ "$status" = 0 ] || [[ $output != *"$word"* ]] || { echo "$command $option=$word: $output"; false; }
			((checked += 1))
		done
	done < <(sed -nE "s/^\t\"([a-z]+) (--[a-z-]+)\".* kind=(words|list) words='([^']*)'.*/\1|\2|\4/p" "$tmp/completion")
	[ "$checked" -ge 10 ]
}

@test "which shell: 2" {
	for args in '' zsh 'bash bash'; do
		# shellcheck disable=SC2086 # words
		run "$nf" completion $args
		[ "$status" = 2 ]
		[[ $output == *bash* ]]
	done
}
