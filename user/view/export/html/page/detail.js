/* SPDX-License-Identifier: GPL-2.0-only */
/* The selected request: what it was, its subrequests stage by stage, its commands. */

const MOST_SUBREQUESTS = 100; /* drawn here; the timeline has all */

function requestState(data, i) {
	const f = data.requests.flags[i];
	return [f & FREED ? null : "not freed when the recording ended", f & PARTIAL ? "it ran before the recording began" : null,
		f & LOST ? "unreliable: records were lost meanwhile" : null].filter(Boolean).join("; ");
}

/* No capture shows message ids then. conn: index + 1. */
function isSealed(data, conn) {
	return conn > 0 && data.head.connections[conn - 1].sealed === true;
}

function wireshark(data, i) {
	const s = data.subrequests, mids = Array.from(data.requests.subs.of(i), (row) => s.mid[row]).filter(Boolean);
	const ranges = [];
	for (const mid of mids.map(BigInt).sort((a, b) => (a < b ? -1 : Number(a > b)))) {
		const last = ranges.at(-1);
		if (last && mid - last[1] <= 1n)
			last[1] = mid;
		else
			ranges.push([mid, mid]);
	}
	if (mids.length && isSealed(data, data.requests.conn[i]))
		return "";
	if (mids.length < 2)
		return mids.length ? `smb2.msg_id == ${mids[0]}` : "";
	return `smb2.msg_id in {${ranges.map(([from, to]) => (from === to ? from : `${from}..${to}`)).join(", ")}}`;
}

/* What it waited for, or why nobody can say. */
function whyText(data, i) {
	const r = data.requests, f = r.flags[i], no = (reason) => el("span", { class: "dim" }, `not known: ${reason}`);
	if (r.why[i])
		return data.text[r.why[i]];
	if (f & PARTIAL)
		return no("it had begun before the recording");
	if (f & LOST)
		return no("records were lost in its time");
	if (!r.done[i])
		return no(f & FREED ? "when its caller had the result was not seen" : "it had no result when the recording ended");
	return no(r.subs.of(i).length ? "no subrequest was seen both sent and answered" : "it had no subrequests");
}

/* A line to copy: a click selects and copies it. */
function copyLine(text) {
	return el("code", { class: "copy", title: "A click copies", on: { click: (e) => {
		getSelection().selectAllChildren(e.currentTarget);
		if (navigator.clipboard)
			navigator.clipboard.writeText(text).catch(() => {});
	} } }, text);
}

/* Bars of stages over the life of the request. */
function gantt(data, i) {
	const r = data.requests, s = data.subrequests, rows = r.subs.of(i);
	const from = r.first[i], span = Math.max(1, r.last[i] - from);
	const share = (t) => 100 * Math.min(1, Math.max(0, (t - from) / span));
	const lines = Array.from(rows.subarray(0, MOST_SUBREQUESTS), (row) => [
		el("span", { class: "mono" }, `[${formatHex(s.sreq[row])}]`),
		el("span", { class: "track" }, stageParts(data, row).map((p) => el("i", {
			class: `c-${p.color}`, style: `left: ${share(p.from)}%; width: max(1px, ${share(p.to) - share(p.from)}%)`,
			title: `${p.color} ${formatNs(p.to - p.from)}`,
		}))),
		el("span", { class: "number" }, formatNs(s.last[row] - s.first[row])),
	]);
	const more = rows.length > MOST_SUBREQUESTS ? el("p", { class: "dim" }, `and ${formatCount(rows.length - MOST_SUBREQUESTS)} more`) : null;
	return [el("div", { class: "gantt" }, lines), more];
}

function subrequestTable(data, i) {
	const s = data.subrequests, rows = Array.from(data.requests.subs.of(i).subarray(0, MOST_SUBREQUESTS));
	return simpleTable(["", "offset", "bytes", "error", "tries", "credits", "granted", ...STAGES.map((st) => st.name)],
		rows.map((row) => [
			`[${formatHex(s.sreq[row])}]`, formatOffset(s.start[row]),
			formatMoved(s.transferred[row], s.len[row], ""),
			formatFault(s.error[row]), formatCount(s.attempts[row]), formatKnown(s.credits[row]), formatKnown(s.granted[row]),
			...STAGES.map((st) => formatNs(s[st.key][row] ? s[st.key][row] - 1 : NaN)),
		]), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
}

function commandTable(data, i) {
	const c = data.commands, rows = Array.from(data.requests.cmds.of(i).subarray(0, MOST_SUBREQUESTS));
	if (!rows.length)
		return el("p", { class: "dim" }, "None was seen.");
	return simpleTable(["command", "for", "mid", "conn", "took", "status", "charge", "granted", "pending"],
		rows.map((row) => [
			data.text[c.cmd[row]], c.sreq[row] ? `[${formatHex(c.sreq[row])}]` : "", String(c.mid[row]),
			c.conn[row] ? data.head.connections[c.conn[row] - 1].conn : "?", formatNs(c.end[row] ? c.end[row] - 1 : NaN),
			statusText(data, row), formatKnown(c.charge[row]), formatKnown(c.granted[row]), c.interim[row] || "",
		]), [2, 4, 6, 7, 8]);
}

function fillDetail(parent, data, i, events) {
	const r = data.requests, findings = data.head.findings.filter((f) => f.request === i);
	const name = requestName(data, i), bytes = formatMoved(r.transferred[i], r.len[i], " bytes");
	parent.replaceChildren(el("div", {},
		el("header", {}, el("h2", { class: "mono" }, name),
			el("button", { type: "button", class: "quiet", title: "Show it in the timeline (Enter)", on: { click: () => events.open(i) } }, "Zoom"),
			el("button", { type: "button", class: "quiet", title: "Close (Esc)", "aria-label": "Close", on: { click: () => events.select(-1) } }, "✕")),
		findings.map((f) => el("p", { class: `hint ${f.verdict}` }, el("a", { href: `#finding=${data.head.findings.indexOf(f)}` }, f.check_id), ` ${f.explanation || ""}`)),
		definitionList([
			["origin", `${data.text[r.origin[i]]} ${data.text[r.fs[i]]}`], ["transferred", `${bytes} at ${formatOffset(r.start[i])}`],
			["file", `inode ${data.text[r.ino[i]]}${data.text[r.path[i]] && ` ${data.text[r.path[i]]}`} on ${mountName(data, r.mount[i])}`],
			["by", r.tid[i] ? `${data.text[r.comm[i]] || "?"} (tid ${r.tid[i]}, pid ${r.tgid[i]})` : "an unknown task"],
			["began", formatDmesg(r.first[i] + data.begin)], ["wall clock", formatWall(data, r.first[i])],
			["connection", r.conn[i] ? connName(data, r.conn[i]) : null], ["test", testOf(data, i)], ["latency", formatNs(r.latency[i])], ["longest stage", stageShare(data, i)],
			["why", whyText(data, i)], ["error", formatFault(r.outcome[i])], ["retries", r.retries[i] || null], ["failures", r.failures[i] || null], ["note", requestState(data, i)],
		]),
		el("h3", {}, `Subrequests (${formatCount(r.subs.of(i).length)})`), gantt(data, i), el("div", { class: "wide" }, subrequestTable(data, i)),
		el("h3", {}, "SMB commands"), el("div", { class: "wide" }, commandTable(data, i)),
		el("h3", {}, "Look further"),
		copyLine(`netfsnoop report --R ${name.replace("R=", "")} FILE`),
		wireshark(data, i) ? copyLine(wireshark(data, i)) : null));
	parent.scrollTop = 0;
}
