/* SPDX-License-Identifier: GPL-2.0-only */
/* The panels below the timeline: findings, summary, recording. */

/* ---- tiles ---- */

function tile(name, value, note, kind) {
	return el("div", { class: `tile ${kind || ""}`, role: "listitem" },
		el("span", { class: "value" }, value), el("span", { class: "name" }, name), note ? el("span", { class: "note" }, note) : null);
}

function findingNote(head) {
	const doubtful = head.findings.filter((f) => f.verdict === "inconclusive").length;
	const checked = head.checks.filter((c) => Number(c.judged) || c.violations || c.inconclusive).length;
	return doubtful ? `${doubtful} inconclusive` : `${counted(checked, "check")} judged${head.trace.lost === 0 ? "" : ", records lost"}`;
}

function fillTiles(parent, data) {
	const { head } = data, { totals, trace } = head;
	const sum = (rows, key) => sumKnown(rows, (row) => (row[key] === null ? NaN : Number(row[key])));
	const errors = sum(totals.requests, "errors"), retries = sum(totals.requests, "retries");
	parent.replaceChildren(
		tile("requests", formatCount(totals.count), totals.open ? `${formatCount(totals.open)} never ended` : "all ended", totals.open ? "warn" : ""),
		tile("subrequests", formatCount(sum(totals.subrequests, "count")), counted(sum(totals.subrequests, "attempts"), "attempt")),
		tile("transferred", formatBytes(sum(totals.requests, "bytes")), `in ${formatNs(trace.duration_ns)}`),
		tile("errors", formatCount(errors), errors ? "of requests" : "", errors ? "bad" : ""),
		tile("retries", formatCount(retries), "", retries ? "warn" : ""),
		tile("findings", formatCount(head.findings.length), findingNote(head), head.findings.some((f) => f.verdict === "violation") ? "bad" : head.findings.length ? "warn" : "good"),
		tile("records lost", trace.lost === null ? "?" : formatCount(trace.lost), trace.lost !== 0 ? `${counted(totals.unreliable, "request")} unreliable` : `of ${counted(trace.events, "event")}`, trace.lost !== 0 ? "bad" : ""),
	);
}

/* ---- findings ---- */

function evidenceTable(data, f) {
	return simpleTable(["time", "thread", "event"],
		f.evidence.map((e) => [formatDmesg(e.time_ns), e.tid, e.text || ""]));
}

function findingCard(data, f, nr, events) {
	const check = data.head.checks.find((c) => c.check_id === f.check_id) || {};
	const name = f.request !== null ? requestName(data, f.request, f.sreq ? parseInt(f.sreq, 16) : 0)
		: f.rreq ? `R=${f.rreq}` : null;
	const link = f.request !== null ? el("a", { href: `#finding=${nr}`, class: "mono follow" }, name) : name ? el("span", { class: "mono" }, name) : null;
	const severity = f.verdict === "violation" ? f.severity : f.verdict;
	return el("article", { class: `finding ${severity}`, id: `finding-${nr}`, tabindex: "-1" },
		el("header", {}, el("span", { class: "badge" }, severity), el("strong", {}, f.check_id), link,
			el("button", { type: "button", class: "quiet", on: { click: () => events.finding(f) } }, formatDmesg(f.time_ns)),
			f.count > 1 ? el("span", { class: "dim" }, counted(f.count, "time")) : null),
		el("p", {}, f.explanation || ""),
		f.doubt ? el("p", { class: "doubt" }, `Inconclusive: ${f.doubt}`) : null,
		definitionList([
			["expected", f.expected], ["observed", f.observed],
			["lost", f.lost_bytes ? counted(f.lost_bytes, "byte") : null],
			["where", f.place ? `${f.place.symbol}+0x${formatHex(f.place.offset)}/0x${formatHex(f.place.size)}${f.place.module ? ` [${f.place.module}]` : ""}` : null],
			["task", f.task ? `${f.task.comm || "?"} (tid ${f.task.tid}, pid ${f.task.tgid})` : null],
			["file", f.dev ? `inode ${f.ino}${f.path ? ` ${f.path}` : ""} on ${f.mount || "?"} (${f.fs || "?"})` : null],
			["connection", f.conn], ["wireshark", f.mid !== null && !data.head.connections.some((c) => c.conn === f.conn && c.sealed) ? `smb2.msg_id == ${BigInt(f.mid)}` : null],
		]),
		el("details", {}, el("summary", {}, "Evidence, and what to look at"), evidenceTable(data, f),
			definitionList([["rule", check.rule], ["it matters", check.why], ["next", check.next]])));
}

function checkTable(head) {
	const lost = (c) => c.state === "not-evaluated" || c.lost === 0 ? "" : `without what was lost: ${c.lost === null ? "an unknown number of records" : counted(c.lost, "record")}`;
	const state = (c) => el("span", { class: `state ${c.state}` }, c.state.replaceAll("-", " "));
	return simpleTable(["check", "state", "findings", "inconclusive", "rule", ""],
		head.checks.map((c) => [c.check_id, state(c), c.violations || "", c.inconclusive || "", c.rule, [c.missing || c.note || (Number(c.judged) ? `${c.judged} judged` : ""), lost(c)].filter(Boolean).join("; ")]), [2, 3]);
}

function findingsPanel(data, events) {
	const list = data.head.findings.map((f, nr) => findingCard(data, f, nr, events));
	return el("div", { class: "scroll" },
		list.length ? list : el("p", { class: "empty" }, `No check found anything wrong${data.head.trace.lost === 0 ? "" : " in what is left: records were lost"}.`),
		el("h2", {}, "Checks"), checkTable(data.head));
}

/* ---- summary ---- */

function quantileCells(ns) {
	return ns ? ns.map(formatNs) : ["–", "–", "–", "–"];
}

/* Latencies by powers of two, as bars: what passes the filter. */
function histogram(title, values) {
	const bins = new Map();
	let n = 0;
	for (const v of values)
		if (Number.isFinite(v)) {
			const b = Math.floor(Math.log2(Math.max(1, v)));
			bins.set(b, (bins.get(b) || 0) + 1);
			n++;
		}
	if (!n)
		return null;
	const keys = [...bins.keys()], low = Math.min(...keys), high = Math.max(...keys), max = Math.max(...bins.values());
	const rows = [];
	for (let b = low; b <= high; b++) {
		const count = bins.get(b) || 0;
		rows.push(el("span", { class: "number" }, formatNs(2 ** b)),
			el("span", { class: "bar" }, el("i", { style: `width: ${100 * count / max}%` })),
			el("span", { class: "number" }, count ? formatCount(count) : ""));
	}
	return el("figure", {}, el("figcaption", {}, `${title} (${formatCount(n)})`), el("div", { class: "histogram" }, rows));
}

function latencies(data, shown, write) {
	const r = data.requests, list = [];
	for (let i = 0; i < r.rows; i++)
		if ((!shown || shown[i]) && !!(r.flags[i] & WRITE) === write)
			list.push(r.latency[i]);
	return list;
}

/* How the subrequests' time divides into stages. */
function stageBar(data, shown, write) {
	const s = data.subrequests, sums = STAGES.map(() => 0);
	for (let i = 0; i < s.rows; i++)
		if ((!shown || shown[s.request[i]]) && !!s.write[i] === write)
			STAGES.forEach((stage, k) => (sums[k] += Math.max(0, s[stage.key][i] - 1)));
	const all = sums.reduce((a, b) => a + b, 0);
	if (!all)
		return null;
	return el("figure", {}, el("figcaption", {}, `Time of ${write ? "writes" : "reads"} by stage`),
		el("div", { class: "stack", role: "img", "aria-label": STAGES.map((st, k) => `${st.name} ${Math.round(100 * sums[k] / all)} %`).join(", ") },
			STAGES.map((stage, k) => el("i", { class: `c-${stage.color}`, style: `width: ${100 * sums[k] / all}%`, title: `${stage.name}: ${(100 * sums[k] / all).toFixed(1)} %, ${formatNs(sums[k])}` }))),
		el("div", { class: "keys" }, STAGES.map((stage, k) => el("span", {}, el("b", { class: `c-${stage.color}` }), `${stage.name} ${(100 * sums[k] / all).toFixed(1)} %`))));
}

function slowestTable(data, shown, events) {
	const r = data.requests, rows = [];
	for (let i = 0; i < r.rows; i++)
		if ((!shown || shown[i]) && Number.isFinite(r.latency[i]))
			rows.push(i);
	if (!rows.length)
		return el("p", { class: "dim" }, shown ? "None passes the filter." : "The latency of none is known.");
	rows.sort((a, b) => r.latency[b] - r.latency[a]);
	const link = (i) => el("a", { href: `#${requestName(data, i)}`, class: "mono", on: { click: (e) => { e.preventDefault(); events.open(i); } } }, requestName(data, i));
	return simpleTable(["slowest", "origin", "latency", "bytes", "longest stage", "task", "why"],
		rows.slice(0, 10).map((i) => [link(i), data.text[r.origin[i]], formatNs(r.latency[i]), formatBytes(r.transferred[i]), stageShare(data, i), r.tid[i] ? `${data.text[r.comm[i]] || "?"}-${r.tid[i]}` : "?", data.text[r.why[i]]]), [2, 3]);
}

function requestTotals(head) {
	return simpleTable(["origin", "file system", "count", "bytes", "errors", "retries", "p50", "p95", "p99", "max"],
		head.totals.requests.map((t) => [t.origin, t.fs || "?", formatCount(t.count), formatBytes(t.bytes), formatCount(t.errors), formatCount(t.retries), ...quantileCells(t.ns)]), [2, 3, 4, 5, 6, 7, 8, 9]);
}

function stageTotals(head) {
	const rows = [];
	STAGES.forEach((stage, k) => head.totals.subrequests.forEach((t) => {
		if (t.count)
			rows.push([el("span", {}, el("b", { class: `swatch c-${stage.color}` }), stage.name), t.write ? "writes" : "reads", formatCount(t.stages[k].count), ...quantileCells(t.stages[k].ns)]);
	}));
	return simpleTable(["stage", "", "known", "p50", "p95", "p99", "max"], rows, [2, 3, 4, 5, 6]);
}

function commandTotals(head) {
	return simpleTable(["command", "count", "errors", "unanswered", "pending", "charged", "granted", "p50", "p95", "p99", "max"],
		head.totals.commands.map((c) => [c.cmd, ...["count", "errors", "unanswered", "interim", "charged", "granted"].map((k) => formatCount(c[k])), ...quantileCells(c.ns)]), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
}

function connectionTotals(head) {
	return simpleTable(["connection", "server", "protected", "instance", "reconnects", "commands", "credits", "taken", "granted", "returned", "most in flight", "credit waits", "took"],
		head.connections.map((c) => [c.conn, c.server || "?", c.smb1 ? "SMB 1" : c.sealed ? (c.cipher ?? "sealed") : c.sign === null ? "?" : c.sign ? "signed" : "no", c.instance === null ? "?" : c.instance, formatCount(c.reconnects), formatCount(c.commands), formatCount(c.credits), formatCount(c.taken), formatCount(c.granted), formatCount(c.returned), formatCount(c.max_in_flight), formatCount(c.credit_waits), formatNs(c.credit_wait_ns ?? NaN)]), [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
}

function testTotals(head, events) {
	const link = (t) => el("button", { type: "button", class: "quiet", title: "Show it alone", on: { click: () => events.test(t) } }, testLabel(t));
	return simpleTable(["test", "result", "took", "requests", "read", "written", "errors", "retries", "never ended", ""],
		head.tests.map((t) => [link(t), t.result || "?", formatNs(t.to - t.from), formatCount(t.counts.requests), formatBytes(t.counts.read_bytes), formatBytes(t.counts.written_bytes), formatFault(t.counts.errors), formatFault(t.counts.retries), t.counts.open || "", t.reason || ""]), [2, 3, 4, 5, 6, 7, 8]);
}

function summaryPanel(data, shown, events) {
	const { head } = data;
	const part = (title, ...content) => el("section", {}, el("h2", {}, title), content);
	return el("div", { class: "scroll" },
		shown ? el("p", { class: "notice" }, "The pictures and the list of slowest requests follow the filter; the tables are of the whole recording.") : null,
		el("div", { class: "figures" }, histogram("Latency of reads", latencies(data, shown, false)), histogram("Latency of writes", latencies(data, shown, true)), stageBar(data, shown, false), stageBar(data, shown, true)),
		part("Slowest requests", slowestTable(data, shown, events)),
		head.tests.length ? part("Tests", testTotals(head, events)) : null,
		part("Requests", requestTotals(head)),
		part("Stages of subrequests", stageTotals(head)),
		part("SMB commands", commandTotals(head)),
		head.totals.statuses.length ? part("Errors by NTSTATUS", simpleTable(["command", "status", "", "count"], head.totals.statuses.map((s) => [s.cmd, s.status || "", s.status_name, formatCount(s.count)]), [3])) : null,
		part("Connections", connectionTotals(head)));
}

/* ---- recording ---- */

function lossTable(data) {
	const l = data.losses, rows = [];
	for (let i = 0; i < Math.min(l.rows, 200); i++)
		rows.push([formatDmesg(l.from[i] + data.begin), l.to[i] > l.from[i] ? formatNs(l.to[i] - l.from[i]) : "?", l.count[i] ? formatCount(l.count[i]) : "?", data.text[l.probe[i]] || "?", l.cpu[i] < 0 ? "any" : l.cpu[i]]);
	return simpleTable(["from", "for", "records", "probe", "CPU"], rows, [1, 2, 4]);
}

function momentTable(data) {
	const m = data.moments, rows = [];
	for (let i = 0; i < m.rows; i++)
		rows.push([formatDmesg(m.time[i] + data.begin), data.text[m.what[i]], m.conn[i] ? connName(data, m.conn[i]) : ""]);
	return simpleTable(["time", "what", "connection"], rows);
}

function recordingPanel(data) {
	const { trace, damage, probes, mounts } = data.head;
	const silent = probes.filter((p) => p.state === "on" && !Number(p.seen)).map((p) => p.name);
	const off = probes.filter((p) => p.state !== "on");
	const broken = Object.entries(damage).filter((e) => Number(e[1]));
	return el("div", { class: "scroll" },
		definitionList([
			["host", trace.host], ["kernel", [trace.kernel, trace.machine].filter(Boolean).join(", ")],
			["began", data.real === null ? formatDmesg(trace.start_ns) : `${formatDate(trace.start_realtime_ns)}, ${formatDmesg(trace.start_ns)}`],
			["took", formatNs(trace.duration_ns) + (trace.ended ? "" : "; no end was recorded: what is open here may have ended")],
			["events", `${formatCount(trace.events)}${trace.late ? `, ${formatCount(trace.late)} out of time order` : ""}`],
			["recorded by", `netfsnoop ${trace.netfsnoop || "unknown"}${trace.filtered ? ", only what its filters let through" : ""}`],
			["command", trace.cmdline],
			["shown here", trace.restricted ? "only requests that match the filters of export" : "all of it"],
			["damage", broken.length ? broken.map(([k, v]) => k.replace("_", " ") + (v === true ? "" : `: ${formatCount(v)}`)).join(", ") : "none"],
		]),
		el("h2", {}, "Mounts"), simpleTable(["mount", "source", "type", "device", "options"], mounts.map((m) => [m.point || "?", m.source || "?", m.fs || "?", m.dev, m.options || "?"])),
		data.losses.rows ? [el("h2", {}, "Losses"), lossTable(data)] : null,
		el("h2", {}, "Marks"), momentTable(data),
		el("h2", {}, "Probes"),
		el("p", {}, `${probes.length - off.length} attached, ${off.length} not.`),
		silent.length ? el("p", { class: "dim" }, `Attached, never fired: ${silent.join(", ")}`) : null,
		off.length ? simpleTable(["not attached", "state", "why"], off.map((p) => [p.name, p.state, p.reason || ""])) : null);
}
