#!/bin/sh
# join.sh PAGE: the page with what its "@include FILE..." lines name in their place; to stdout.
set -eu

dir=$(dirname "$1")
while IFS= read -r line; do
	case $line in
	@include\ *)
		for file in ${line#@include }; do
			cat "$dir/$file"
		done
		;;
	*) printf '%s\n' "$line" ;;
	esac
done <"$1"
