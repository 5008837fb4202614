#!/usr/bin/env bats
# `export`: the files it makes, without looking into them as a browser does (tests/html does).
load common

@test "--to names formats, and a wrong one is a usage error" {
	run "$nf" export --help
	[ "$status" = 0 ]
	[[ $output == *"  html "* && $output == *"  json "* ]]
	run "$nf" export --to nothing "$tmp/x"
	[ "$status" = 2 ]
	[[ $output == *"nothing"* ]]
}

@test "--to html: one page that names no other file" {
	need_trace
	run --separate-stderr "$nf" export --to html -o "$tmp/page.html" "$golden"
	[ "$status" = 0 ]
	[ -z "$output$stderr" ]
	[ "$(stat -c %a "$tmp/page.html")" = 600 ]
	[ "$(head -c 15 "$tmp/page.html")" = "<!DOCTYPE html>" ]
	[ "$(tail -n 1 "$tmp/page.html")" = "</html>" ]
	run ! grep -nE '@include|@DATA@' "$tmp/page.html"
	run ! grep -niE '(src|href) *= *"?[a-z]*:?//|@import|url\(|fetch\(|XMLHttpRequest' "$tmp/page.html"
	grep -q "default-src 'none'" "$tmp/page.html"
}

@test "--to html: the data are base64, so that no name is markup" {
	need_trace
	"$nf" export --to html "$golden" >"$tmp/page.html"
	[ "$(grep -c '</script>' "$tmp/page.html")" = 2 ]
	sed -n 's,.*<script id="data" type="text/plain">\(.*\)</script>,\1,p' "$tmp/page.html" >"$tmp/data"
	run ! grep -q '[^A-Za-z0-9+/=]' "$tmp/data"
	# zlib's header
	[ "$(base64 -d "$tmp/data" | head -c 1 | od -An -tx1)" = " 78" ]
}

@test "--to html: a filter makes it smaller" {
	need_trace
	"$nf" export --to html -o "$tmp/all.html" "$golden"
	# of nothing a page is made too, and its exit status says so
	run "$nf" export --to html -o "$tmp/none.html" --inode 999999 "$golden"
	[ "$status" = 1 ]
	one_line
	[ "$(stat -c %s "$tmp/none.html")" -lt "$(stat -c %s "$tmp/all.html")" ]
}

@test "a full output device is an error, 3" {
	need_trace
	for to in html json; do
		run bash -c "'$nf' export --to $to '$golden' >/dev/full"
		[ "$status" = 3 ] || { echo "$to: $status"; false; }
		one_line
	done
	run "$nf" export --to html -o /dev/full "$golden"
	[ "$status" = 3 ]
}

@test "an output that cannot be made: one line, 3, and it says which" {
	need_trace
	run "$nf" export --to html -o "$tmp/nowhere/page.html" "$golden"
	[ "$status" != 0 ]
	one_line
	[[ $output == *"$tmp/nowhere/page.html"* ]]
}
