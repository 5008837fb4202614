# shellcheck shell=bash
# $cur is the word that is completed. compgen's lines become the answers.
_netfsnoop_answer() {
	mapfile -t COMPREPLY < <(compgen "$@" -- "$cur")
}

_netfsnoop_files() {
	compopt -o filenames
	_netfsnoop_answer -f
}

# traces and directories; any file where there are none
_netfsnoop_traces() {
	compopt -o filenames
	mapfile -t COMPREPLY < <(compgen -f -X '!*.nsn' -- "$cur"; compgen -d -- "$cur")
	((${#COMPREPLY[@]})) || _netfsnoop_answer -f
}

# a,b,c: what comes behind the last comma
_netfsnoop_list() {
	local before=${cur%"${cur##*,}"}
	local cur=${cur##*,}

	compopt -o nospace
	_netfsnoop_answer -W "$1"
	COMPREPLY=("${COMPREPLY[@]/#/$before}")
}

# cifs=FILE; with = as a break between words, FILE is a word of its own
_netfsnoop_module_file() {
	if [[ $option == *=*= ]]; then
		_netfsnoop_files
	else
		compopt -o nospace
		_netfsnoop_answer -W "$1"
	fi
}

_netfsnoop_argument() {
	case $kind in
	file) _netfsnoop_files ;;
	dir) compopt -o filenames && _netfsnoop_answer -d ;;
	pid) _netfsnoop_answer -W "$(cd /proc && echo [0-9]*)" ;;
	module-file) _netfsnoop_module_file "$words" ;;
	list) _netfsnoop_list "$words" ;;
	words) _netfsnoop_answer -W "$words" ;;
	esac
}

# The command line behind --, which begins at word $1.
_netfsnoop_other() {
	if declare -F _comp_command_offset >/dev/null; then
		_comp_command_offset "$1"
	elif declare -F _command_offset >/dev/null; then
		_command_offset "$1"
	elif ((COMP_CWORD == $1)); then
		_netfsnoop_answer -c
	else
		compopt -o filenames && _netfsnoop_answer -f
	fi
}

# Sets option, "--name=" where a = follows it, and cur, what there is of its argument. = comes as a word of its
# own unless COMP_WORDBREAKS was changed.
_netfsnoop_split() {
	local i=$COMP_CWORD

	option=${COMP_WORDS[i - 1]}
	[[ $cur != = ]] || { cur="" && option+="=" && return; }
	if [[ $option == = ]]; then
		option=""
		while ((i > 2)) && [[ ${COMP_WORDS[i - 1]} == = ]]; do
			option=${COMP_WORDS[i - 2]}=$option
			((i -= 2))
		done
	elif [[ $cur == --*=* ]]; then
		option=${cur%%=*}=
		prefix=$option
		cur=${cur#*=}
	fi
}

_netfsnoop() {
	local cur=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} option prefix="" operands options kind words i

	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		# shellcheck disable=SC2154 # the program prints it in front of this
		_netfsnoop_answer -W "$_netfsnoop_commands --help --version"
		return
	fi
	for ((i = 2; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} != -- ]] || { _netfsnoop_other $((i + 1)); return; }
	done
	_netfsnoop_command "$command"
	_netfsnoop_split
	_netfsnoop_value "$command ${option%%=*}"
	[[ $kind || $option != *= ]] || _netfsnoop_value "$command ${option%%=*}="
	if [[ $kind ]]; then
		_netfsnoop_argument
		COMPREPLY=("${COMPREPLY[@]/#/$prefix}")
	elif [[ $cur == -* ]]; then
		_netfsnoop_answer -W "$options"
		[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace
	elif [[ $command == help ]]; then
		_netfsnoop_answer -W "$_netfsnoop_commands"
	elif [[ $operands == file ]]; then
		_netfsnoop_files
	elif [[ $operands == trace ]]; then
		_netfsnoop_traces
	fi
}

complete -F _netfsnoop netfsnoop
