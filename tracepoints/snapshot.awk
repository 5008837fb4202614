# From dumps of `bpftool btf dump file ... format raw`, vmlinux's first and then at most one module's:
# the enums and the prototypes named in the variables enums and targets ("tp NAME" or "fn NAME", one a
# line), of the last dump. what: "enums" or "prototypes".
BEGIN {
	split(enums, list, " ")
	for (i in list)
		wanted["enum " list[i]]
	split(targets, list, "\n")
	for (i in list)
		wanted[list[i]]
	type_name[0] = "void"
}

FNR == 1 { file++ }

function value(key,  s) {
	s = $0
	if (!sub(".* " key "=", "", s))
		return 0
	sub(/ .*/, "", s)
	return s
}

# [ID] KIND 'NAME' KEY=VALUE...
/^\[/ {
	id = $1
	gsub(/[][]/, "", id)
	kind[id] = $2
	name = $0
	sub(/^[^']*'/, "", name)
	sub(/'.*/, "", name)
	type_name[id] = name
	to[id] = $2 == "FUNC_PROTO" ? value("ret_type_id") : value("type_id")
	nr[id] = 0
	home[id] = file
	keyword[id] = $2 == "FWD" ? value("fwd_kind") : tolower($2)
	if ($2 == "ENUM")
		enum_ids[++nr_enums] = id
	else if ($2 == "TYPEDEF" && name ~ /^btf_trace_/ || $2 == "FUNC")
		target_ids[++nr_targets] = id
	next
}

kind[id] == "ENUM" || kind[id] == "FUNC_PROTO" {
	name = $0
	sub(/^[^']*'/, "", name)
	sub(/'.*/, "", name)
	member[id, nr[id]] = name
	member_value[id, nr[id]++] = kind[id] == "ENUM" ? value("val") : value("type_id")
}

# C text of a type
function text(id,  k) {
	k = kind[id]
	if (k == "PTR")
		return kind[to[id]] == "FUNC_PROTO" ? "(*)()" : text(to[id]) " *"
	if (k == "CONST" || k == "VOLATILE" || k == "RESTRICT")
		return kind[to[id]] == "PTR" ? text(to[id]) : keyword[id] " " text(to[id])
	if (k == "STRUCT" || k == "UNION" || k == "ENUM" || k == "FWD")
		return keyword[id] " " type_name[id]
	if (k == "ARRAY")
		return text(to[id]) " []"
	return type_name[id]
}

function prototype(id, from,  p, i, s) {
	for (p = id; p in kind && kind[p] != "FUNC_PROTO"; p = to[p])
		;
	s = ""
	for (i = from; i < nr[p]; i++)
		s = s (i > from ? ", " : "") text(member_value[p, i])
	gsub(/\* \*/, "**", s)
	return "(" s ")" (from ? "" : " " text(to[p]))
}

function say(line) {
	if (!(line in said))
		print line
	said[line]
}

END {
	for (i = 1; what == "enums" && i <= nr_enums; i++) {
		id = enum_ids[i]
		if (home[id] != file || !(("enum " type_name[id]) in wanted))
			continue
		for (j = 0; j < nr[id]; j++)
			say(type_name[id] " " member_value[id, j] " " member[id, j])
	}
	for (i = 1; what == "prototypes" && i <= nr_targets; i++) {
		id = target_ids[i]
		if (home[id] != file)
			continue
		name = type_name[id]
		# the first argument of a tracepoint is its own
		if (kind[id] == "FUNC" && ("fn " name) in wanted)
			say("fn " name prototype(id, 0))
		else if (sub(/^btf_trace_/, "", name) && ("tp " name) in wanted)
			say("tp " name prototype(id, 1))
	}
}
