/* SPDX-License-Identifier: GPL-2.0-only */
/* Statistics of a range of time: of what began in it and passes the filter. */

/* The value below which a share q lies, as hist_quantile() of the text report counts. sorted: ascending */
function quantile(sorted, q) {
	return sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] : NaN;
}

/* {count, known, sum, p50, p95, max} of what get(row) gives; NaN is not known. */
function spread(rows, get) {
	const values = new Float64Array(rows.length);
	let known = 0, sum = 0;
	for (const row of rows) {
		const v = get(row);
		if (Number.isFinite(v)) {
			values[known++] = v;
			sum += v;
		}
	}
	const sorted = values.subarray(0, known).sort();
	return { count: rows.length, known, sum, p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), max: known ? sorted[known - 1] : NaN };
}

/* NaN where none of them is known. */
function sumKnown(rows, get) {
	let sum = rows.length ? NaN : 0;
	for (const row of rows) {
		const v = get(row);
		if (!Number.isNaN(v))
			sum = Number.isNaN(sum) ? v : sum + v;
	}
	return sum;
}

/* Rows of a table that began in the range and pass. */
function rowsWithin(table, range, passes) {
	const rows = [];
	for (let i = 0; i < table.rows; i++)
		if (table.first[i] >= range.from && table.first[i] <= range.to && passes(i))
			rows.push(i);
	return rows;
}

function by(rows, key) {
	const map = new Map();
	for (const row of rows) {
		const k = key(row);
		if (!map.has(k))
			map.set(k, []);
		map.get(k).push(row);
	}
	return [...map.entries()].sort((a, b) => b[1].length - a[1].length);
}

function requestStats(data, rows) {
	const r = data.requests;
	return {
		bytes: sumKnown(rows, (i) => r.transferred[i]), errors: sumKnown(rows, (i) => (r.outcome[i] ? 1 : r.outcome[i])),
		retries: sumKnown(rows, (i) => r.retries[i]), ...spread(rows, (i) => r.latency[i]),
	};
}

/* Of reads and of writes, by stage. */
function stageStats(data, rows) {
	const s = data.subrequests, of = [0, 1].map((write) => rows.filter((i) => s.write[i] === write));
	return STAGES.flatMap((stage) => {
		const ns = s[stage.key];
		return of.map((list, write) => ({ stage, write, ...spread(list, (i) => (ns[i] ? ns[i] - 1 : NaN)) }));
	}).filter((row) => row.count);
}

function commandStats(data, rows) {
	const c = data.commands;
	return by(rows, (i) => data.text[c.cmd[i]]).map(([cmd, list]) => ({
		cmd, errors: sumKnown(list, (i) => (c.flags[i] & FAILED ? 1 : 0)), ...spread(list, (i) => (c.end[i] ? c.end[i] - 1 : NaN)),
	}));
}

/* Lowest and highest of a connection's credits and commands in flight; those with no sample in it stay out. */
function creditStats(data, plots, range) {
	return plots.map((plot, conn) => {
		const life = data.lives[conn];
		if (!plot || life.from > range.to || life.to < range.from)
			return null;
		const of = (steps) => {
			const i = Math.max(0, lowerBound(steps.times, range.from + 1) - 1), j = lowerBound(steps.times, range.to + 1);
			return j > i ? steps.range(i, j) : null;
		};
		return { conn, credits: of(plot.credits), inFlight: of(plot.inFlight) };
	}).filter((c) => c && c.credits);
}

/* All of it. shown: mask by request, or null; tests: as in Groups.make() */
function rangeStats(data, plots, range, shown, tests) {
	const { requests: r, subrequests: s, commands: c } = data, passes = (i) => !shown || shown[i] === 1;
	const requests = rowsWithin(r, range, passes), subs = rowsWithin(s, range, (i) => passes(s.request[i]));
	const commands = rowsWithin(c, range, (i) => (c.request[i] ? passes(c.request[i] - 1) : !shown || (tests !== null && tests.has(c.test[i]))));
	let before = 0, after = 0;
	for (let i = 0; i < r.rows; i++)
		if (passes(i) && r.first[i] < range.from && r.until[i] >= range.from)
			before++;
	for (const i of requests)
		after += r.until[i] > range.to ? 1 : 0;
	return {
		range, before, after, all: requestStats(data, requests),
		origins: by(requests, (i) => `${data.text[r.origin[i]]} ${data.text[r.fs[i]] || "?"}`).map(([name, list]) => ({ name, ...requestStats(data, list) })),
		tasks: by(requests, (i) => data.text[r.comm[i]] || "?").map(([name, list]) => ({ name, ...requestStats(data, list) })),
		subs: { count: subs.length, bytes: sumKnown(subs, (i) => s.transferred[i]), attempts: sumKnown(subs, (i) => s.attempts[i]) },
		stages: stageStats(data, subs), commands: commandStats(data, commands), credits: creditStats(data, plots, range),
	};
}

/* ---- the panel ---- */

const MOST_TASKS = 10;

function spreadCells(row) {
	return [row.p50, row.p95, row.max].map(formatNs);
}

function requestCells(row) {
	return [formatCount(row.count), formatBytes(row.bytes), formatCount(row.errors), formatCount(row.retries), ...spreadCells(row)];
}

function rangeTables(data, st) {
	const part = (title, ...content) => el("section", {}, el("h2", {}, title), content), numbers = [1, 2, 3, 4, 5, 6, 7];
	const head = ["count", "bytes", "errors", "retries", "p50", "p95", "max"], seconds = (st.range.to - st.range.from) / 1e9;
	const reads = (w) => (w ? "writes" : "reads");
	return el("div", { class: "columns" },
		part("Requests", simpleTable(["origin", ...head], [...st.origins.map((o) => [o.name, ...requestCells(o)]), [el("b", {}, "all"), ...requestCells(st.all)]], numbers),
			el("p", { class: "dim" }, `${formatBytes(st.all.bytes / seconds)}/s, ${formatCount(Math.round(st.all.count / seconds))} requests/s. `,
				st.before ? `${formatCount(st.before)} more were running when it began. ` : "", st.after ? `${formatCount(st.after)} had not ended when it ended.` : "")),
		part(`Stages of ${counted(st.subs.count, "subrequest")}, ${formatBytes(st.subs.bytes)}`,
			simpleTable(["stage", "", "known", "p50", "p95", "max", "in all"], st.stages.map((row) => [el("span", {}, el("b", { class: `swatch c-${row.stage.color}` }), row.stage.name), reads(row.write), formatCount(row.known), ...spreadCells(row), formatNs(row.sum)]), [2, 3, 4, 5, 6])),
		part("SMB commands", st.commands.length ? simpleTable(["command", "count", "errors", "p50", "p95", "max"], st.commands.map((c) => [c.cmd, formatCount(c.count), formatCount(c.errors), ...spreadCells(c)]), [1, 2, 3, 4, 5]) : el("p", { class: "dim" }, "None began in it.")),
		part("By task", simpleTable(["task", ...head], st.tasks.slice(0, MOST_TASKS).map((t) => [t.name, ...requestCells(t)]), numbers),
			st.tasks.length > MOST_TASKS ? el("p", { class: "dim" }, `and ${formatCount(st.tasks.length - MOST_TASKS)} more`) : null),
		st.credits.length ? part("Connections", simpleTable(["connection", "credits", "in flight"], st.credits.map((c) => [connName(data, c.conn + 1), ...[c.credits, c.inFlight].map((v) => (v.low === v.high ? formatCount(v.low) : `${formatCount(v.low)} to ${formatCount(v.high)}`))]), [1, 2])) : null);
}

function rangePanel(data, st, filtered, events) {
	const { from, to } = st.range, wall = formatWall(data, from);
	const button = (name, title, click) => el("button", { type: "button", title, on: { click } }, name);
	return el("div", { class: "scroll" },
		el("p", { class: "rangehead" }, el("strong", {}, formatNs(to - from)), el("span", { class: "mono" }, `${formatDmesg(from + data.begin)} to ${formatDmesg(to + data.begin)}`),
			wall ? el("span", { class: "dim" }, wall) : null, button("Zoom", "Show it in full", () => events.zoomRange()), button("Clear", "Choose none (Esc)", () => events.range(null, true))),
		el("p", { class: "notice" }, `Of what began in it${filtered ? " and passes the filter" : ""}. Quantiles here are exact; those of the summary are within 6 %.`),
		rangeTables(data, st));
}
