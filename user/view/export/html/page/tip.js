/* SPDX-License-Identifier: GPL-2.0-only */
/* What the pointer is over: a title, then pairs. */
function tipLines(data, hit, time) {
	const { requests: r, subrequests: s, commands: c, text } = data;
	if (hit.finding)
		return [`${hit.finding.check_id}: ${hit.finding.verdict}`, ["", hit.finding.explanation], ["observed", hit.finding.observed], ["", "A click goes there."]];
	if (hit.ruler)
		return [formatDmesg(time + data.begin), ["wall clock", formatWall(data, time)], ["", "Drag to choose a range."]];
	if (hit.group)
		return hit.group.conns ? [hit.group.name, ...hit.group.conns.slice(0, 12).map((i) => [data.head.connections[i].conn, lifeText(data, i)]), ["", hit.group.conns.length > 12 ? `and ${hit.group.conns.length - 12} more` : ""]] : null;
	if (hit.plot && !hit.part)
		return null;
	if (hit.plot) {
		const v = hit.part.steps.at(time);
		return [`${hit.plot.name}: ${v === null ? "not known yet" : formatCount(v)}`, ["at", formatDmesg(time + data.begin)], ["connection", connName(data, hit.part.conn + 1)]];
	}
	if (hit.test)
		return [testLabel(hit.test), ["result", hit.test.result], ["reason", hit.test.reason], ["took", formatNs(hit.test.to - hit.test.from)],
			["requests", formatCount(hit.test.counts.requests)], ["read", formatBytes(hit.test.counts.read_bytes)], ["written", formatBytes(hit.test.counts.written_bytes)],
			["errors", formatFault(hit.test.counts.errors)], ["retries", formatFault(hit.test.counts.retries)], ["never ended", hit.test.counts.open || ""], ["", "A click shows it alone."]];
	if (hit.kind === "request")
		return [`${requestName(data, hit.row)} ${text[r.origin[hit.row]]}`, ["began", formatDmesg(r.first[hit.row] + data.begin)], ["latency", formatNs(r.latency[hit.row])],
			["bytes", `${formatBytes(r.transferred[hit.row])} at ${formatOffset(r.start[hit.row])}`], ["file", `inode ${text[r.ino[hit.row]]}`], ["by", `${text[r.comm[hit.row]] || "?"}-${r.tid[hit.row]}`],
			["subrequests", formatCount(r.subs.of(hit.row).length)], ["longest stage", stageShare(data, hit.row)], ["why", text[r.why[hit.row]]], ["retries", r.retries[hit.row] || ""], ["error", formatFault(r.outcome[hit.row])],
			["findings", r.findings[hit.row] || ""], ["note", requestState(data, hit.row)]];
	if (hit.kind === "sub")
		return [requestName(data, s.request[hit.row], s.sreq[hit.row]), ["", `${s.write[hit.row] ? "write" : "read"} of ${formatBytes(s.len[hit.row])} at ${formatOffset(s.start[hit.row])}`],
			["took", formatNs(s.last[hit.row] - s.first[hit.row])], ...STAGES.map((st) => [st.name, s[st.key][hit.row] ? formatNs(s[st.key][hit.row] - 1) : ""]),
			["credits", s.credits[hit.row] ? s.credits[hit.row] - 1 : ""], ["retries", Math.max(0, s.attempts[hit.row] - 1) || ""], ["error", formatFault(s.error[hit.row])]];
	if (hit.kind === "command")
		return [`${text[c.cmd[hit.row]]}, mid ${c.mid[hit.row]}`, ["for", c.request[hit.row] ? requestName(data, c.request[hit.row] - 1, c.sreq[hit.row]) : "no request of netfs"],
			["began", formatDmesg(c.first[hit.row] + data.begin)], ["took", c.end[hit.row] ? formatNs(c.end[hit.row] - 1) : ""], ["status", statusText(data, hit.row)],
			["credits", `${formatKnown(c.charge[hit.row])} charged, ${formatKnown(c.granted[hit.row])} granted`], ["pending", c.interim[hit.row] || ""], ["connection", connName(data, c.conn[hit.row])]];
	return null;
}

function lifeText(data, conn) {
	const { from, to } = data.lives[conn];
	return `at work ${formatDmesg(from + data.begin)} to ${formatDmesg(to + data.begin)}`;
}
