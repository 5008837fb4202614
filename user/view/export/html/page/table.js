/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of requests: only the rows in sight are in the document. */

const ROW = 26; /* px */

function textOf(column) {
	return { text: (d, i) => d.text[d.requests[column][i]], sort: (d, i) => d.text[d.requests[column][i]] };
}

function numberOf(column, format) {
	const show = format || ((n) => (n ? formatCount(n) : ""));
	return { number: true, text: (d, i) => show(d.requests[column][i]), sort: (d, i) => d.requests[column][i] };
}

/* A column of which no cell has anything stays away. */
function anyOf(column) {
	return (d) => d.requests[column].some((n) => n !== 0);
}

const REQUEST_COLUMNS = [
	{ name: "Request", width: "112px", mono: true, text: (d, i) => requestName(d, i), sort: (d, i) => d.requests.epoch[i] * 2 ** 33 + d.requests.rreq[i] },
	{ name: "Origin", width: "62px", ...textOf("origin") },
	{ name: "Time", width: "118px", mono: true, number: true, text: (d, i) => formatDmesg(d.requests.first[i] + d.begin), sort: (d, i) => d.requests.first[i] },
	{ name: "Latency", width: "82px", ...numberOf("latency", formatNs) },
	{ name: "Bytes", width: "88px", ...numberOf("transferred", formatBytes) },
	{ name: "Offset", width: "104px", ...numberOf("start", formatOffset) },
	{ name: "Subs", width: "58px", number: true, text: (d, i) => formatCount(d.requests.subs.of(i).length), sort: (d, i) => d.requests.subs.of(i).length },
	{ name: "Retries", width: "70px", bad: true, when: anyOf("retries"), ...numberOf("retries") },
	{ name: "Error", width: "60px", bad: true, when: anyOf("outcome"), ...numberOf("outcome", formatFault) },
	{ name: "Findings", width: "76px", bad: true, when: anyOf("findings"), ...numberOf("findings") },
	{ name: "Longest stage", width: "150px", text: (d, i) => stageShare(d, i), sort: (d, i) => d.requests.stage[i] + d.requests.share[i] },
	{ name: "Task", width: "minmax(90px, 1fr)", text: (d, i) => `${d.text[d.requests.comm[i]] || "?"}-${d.requests.tid[i]}`, sort: (d, i) => d.text[d.requests.comm[i]] },
	{ name: "Inode", width: "70px", number: true, text: (d, i) => d.text[d.requests.ino[i]], sort: (d, i) => Number(d.text[d.requests.ino[i]]) },
	{ name: "File", width: "minmax(120px, 2fr)", when: anyOf("path"), ...textOf("path") },
	{ name: "Mount", width: "minmax(90px, 1fr)", when: (d) => new Set(d.head.mounts.map((_, m) => mountName(d, m + 1))).size > 1, text: (d, i) => mountName(d, d.requests.mount[i]), sort: (d, i) => mountName(d, d.requests.mount[i]) },
	{ name: "Test", width: "minmax(104px, 1fr)", when: (d) => d.head.tests.length > 0, text: (d, i) => testOf(d, i), sort: (d, i) => d.requests.test[i] },
	{ name: "Why", width: "minmax(200px, 5fr)", ...textOf("why") },
];

/* "generic/306#2", or nothing */
function testOf(d, i) {
	const test = d.head.tests.find((t) => t.test === d.requests.test[i]);
	return test ? testLabel(test) : "";
}

function stageShare(d, i) {
	const stage = d.requests.stage[i];
	return stage < 0 ? "" : `${STAGES[stage].name} ${Math.round(100 * d.requests.share[i])} %`;
}

class RequestTable {
	/* events: {select(row), open(row)} */
	constructor(parent, data, events) {
		this.data = data;
		this.events = events;
		this.rows = new Int32Array(0);
		this.by = 3;
		this.down = true;
		this.selected = -1;
		this.columns = REQUEST_COLUMNS.filter((c) => !c.when || c.when(data));
		this.grid = this.columns.map((c) => c.width).join(" ");
		this.build(parent);
		new ResizeObserver(() => this.draw()).observe(this.box);
	}

	build(parent) {
		this.heads = this.columns.map((c, i) => el("button", {
			type: "button", role: "columnheader", class: c.number ? "number" : null,
			on: { click: () => this.sortBy(i) },
		}, c.name));
		this.head = el("div", { class: "head", role: "row", style: `grid-template-columns: ${this.grid}` }, this.heads);
		this.space = el("div", { class: "space" });
		this.box = el("div", { class: "rows", tabindex: "0", role: "grid", "aria-label": "Requests", on: {
			scroll: () => this.draw(),
			keydown: (e) => this.key(e),
		} }, this.head, this.space);
		parent.append(this.box);
	}

	/* rows: those that pass the filter, any order */
	setRows(rows) {
		this.rows = rows;
		this.sort();
	}

	sortBy(i) {
		this.down = i === this.by ? !this.down : this.columns[i].number === true;
		this.by = i;
		this.sort();
	}

	sort() {
		const d = this.data, get = this.columns[this.by].sort, sign = this.down ? -1 : 1;
		const keys = new Array(d.requests.rows);
		for (const row of this.rows)
			keys[row] = get(d, row);
		const compare = (a, b) => {
			const x = keys[a], y = keys[b];
			if (x === y || (x !== x && y !== y))
				return a - b;
			if (x !== x || y !== y)
				return x !== x ? 1 : -1; /* not known: last, either way */
			return x < y ? -sign : sign;
		};
		this.rows = Int32Array.from(this.rows).sort(compare);
		this.heads.forEach((h, i) => h.setAttribute("aria-sort", i !== this.by ? "none" : this.down ? "descending" : "ascending"));
		this.box.setAttribute("aria-rowcount", this.rows.length);
		this.space.style.height = `${this.rows.length * ROW}px`;
		this.draw();
	}

	draw() {
		const top = this.box.scrollTop, room = this.box.clientHeight;
		const first = Math.max(0, Math.floor(top / ROW) - 4);
		const last = Math.min(this.rows.length, Math.ceil((top + room) / ROW) + 4);
		const list = [];
		for (let at = first; at < last; at++)
			list.push(this.rowElement(at));
		this.space.replaceChildren(...list);
	}

	rowElement(at) {
		const row = this.rows[at], d = this.data;
		const cells = this.columns.map((c) => {
			const text = c.text(d, row), kind = [c.number && "number", c.mono && "mono", c.bad && text && "bad"];
			return el("span", { role: "gridcell", class: kind.filter(Boolean).join(" ") || null, title: text }, text);
		});
		return el("div", {
			role: "row", class: row === this.selected ? "row selected" : "row", id: `request-${row}`,
			"aria-rowindex": at + 1, "aria-selected": row === this.selected ? "true" : "false",
			style: `top: ${at * ROW}px; grid-template-columns: ${this.grid}`,
			on: { click: () => this.events.select(row), dblclick: () => this.events.open(row) },
		}, cells);
	}

	/* Marks a request and brings it into sight. */
	select(row) {
		this.selected = row;
		const at = this.rows.indexOf(row), head = this.head.offsetHeight;
		if (at >= 0 && at * ROW < this.box.scrollTop)
			this.box.scrollTop = at * ROW;
		if (at >= 0 && (at + 1) * ROW + head > this.box.scrollTop + this.box.clientHeight)
			this.box.scrollTop = (at + 1) * ROW + head - this.box.clientHeight;
		if (at >= 0)
			this.box.setAttribute("aria-activedescendant", `request-${row}`);
		this.draw();
	}

	step(by) {
		if (!this.rows.length)
			return;
		const at = this.rows.indexOf(this.selected);
		const next = at < 0 ? 0 : Math.min(this.rows.length - 1, Math.max(0, at + by));
		this.events.select(this.rows[next]);
	}

	key(e) {
		const page = Math.floor(this.box.clientHeight / ROW) - 2;
		const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[e.key];
		if (by !== undefined)
			this.step(by);
		else if (e.key === "Enter" && this.selected >= 0)
			this.events.open(this.selected);
		else
			return;
		e.preventDefault();
		e.stopPropagation();
	}
}
