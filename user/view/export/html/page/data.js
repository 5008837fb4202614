/* SPDX-License-Identifier: GPL-2.0-only */
/* The recording: unpacked from the page, and what follows from it for every view. */

const WRITE = 1, PARTIAL = 2, FREED = 4, LOST = 8, SYNTHETIC = 16, PLACED = 32, MOVED = 64, JUDGED = 128; /* of requests.flags */
const TOLD = 1, TRIED = 2, SUB_JUDGED = 4, SUB_MOVED = 8; /* of subrequests.flags */
const ANSWERED = 1, FAILED = 2; /* of commands.flags */

/* The columns of a subrequest's stages, in order, and how they are shown. */
const STAGES = [
	{ key: "prepare_ns", name: "prepare", color: "prepare" },
	{ key: "credit_wait_ns", name: "credit wait", color: "wait" },
	{ key: "send_ns", name: "send", color: "send" },
	{ key: "wire_ns", name: "on the wire", color: "wire" },
	{ key: "decryption_ns", name: "decryption", color: "decrypt" },
	{ key: "callback_ns", name: "callback", color: "callback" },
	{ key: "collection_ns", name: "collection", color: "collect" },
];

async function inflate(base64) {
	if (!("DecompressionStream" in window))
		throw new Error("This browser is too old to unpack the recording. Chrome 80, Firefox 113 and Safari 16.4 can, and later ones.");
	const text = atob(base64), packed = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++)
		packed[i] = text.charCodeAt(i);
	const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
	return new Uint8Array(await new Response(stream).arrayBuffer());
}

/* Cells are zigzag LEB128, each the difference to the one above. Exact up to 2^53. */
function readColumn(bytes, at, rows) {
	const column = new Float64Array(rows);
	let above = 0;
	for (let i = 0; i < rows; i++) {
		let z = 0, scale = 1, byte;
		do {
			byte = bytes[at++];
			z += (byte & 127) * scale;
			scale *= 128;
		} while (byte & 128);
		above += z % 2 ? -(z + 1) / 2 : z / 2;
		column[i] = above;
	}
	return { column, at };
}

/* The same of columns that a double would round: exact, as BigInt. */
const EXACT = new Set(["mid"]);

function readExactColumn(bytes, at, rows) {
	const column = new BigUint64Array(rows);
	let above = 0n;
	for (let i = 0; i < rows; i++) {
		let z = 0n, shift = 0n, byte;
		do {
			byte = bytes[at++];
			z |= BigInt(byte & 127) << shift;
			shift += 7n;
		} while (byte & 128);
		column[i] = above + (z & 1n ? -(z + 1n) / 2n : z / 2n); /* modulo 2^64 */
		above = column[i];
	}
	return { column, at };
}

function readTables(bytes) {
	const length = new DataView(bytes.buffer).getUint32(0, true);
	const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
	const data = { head, text: head.texts };
	let at = 4 + length;
	for (const t of head.tables) {
		const table = { rows: t.rows };
		for (const name of t.columns) {
			const read = (EXACT.has(name) ? readExactColumn : readColumn)(bytes, at, t.rows);
			table[name] = read.column;
			at = read.at;
		}
		data[t.name] = table;
	}
	return data;
}

/* For each of n owners the rows that name it: rows list[first[i]] to list[first[i + 1] - 1]. */
function groupBy(n, owner, offset) {
	const first = new Int32Array(n + 1), list = new Int32Array(owner.length);
	for (const o of owner)
		if (o - offset >= 0)
			first[o - offset + 1]++;
	for (let i = 0; i < n; i++)
		first[i + 1] += first[i];
	const next = first.slice();
	owner.forEach((o, row) => {
		if (o - offset >= 0)
			list[next[o - offset]++] = row;
	});
	return { first, list, of: (i) => list.subarray(first[i], first[i + 1]) };
}

/* What is not known is no 0: it fits no comparison, and is shown as "?". */
function forgetUnknown(table, flag, ...columns) {
	for (let i = 0; i < table.rows; i++)
		if (!(table.flags[i] & flag))
			for (const column of columns)
				table[column][i] = NaN;
}

function deriveRequests(data) {
	const r = data.requests, n = r.rows;
	r.subs = groupBy(n, data.subrequests.request, 0);
	r.cmds = groupBy(n, data.commands.request, 1);
	r.latency = new Float64Array(n);
	r.findings = new Uint16Array(n);
	r.stage = new Int8Array(n); /* in which its subrequests were longest; -1: not known */
	r.share = new Float64Array(n);
	const timed = data.head.trace.duration_ns !== null; /* else it was imported without time stamps */
	for (let i = 0; i < n; i++)
		r.latency[i] = timed && r.done[i] && !(r.flags[i] & PARTIAL) ? r.done[i] - 1 : NaN;
	for (const f of data.head.findings)
		if (f.request !== null)
			r.findings[f.request]++;
}

/* As the text report has it: without "on the wire" the longest of the others says nothing. */
function deriveStages(data) {
	const r = data.requests, s = data.subrequests, wire = 3;
	for (let i = 0; i < r.rows; i++) {
		const sum = STAGES.map((stage) => {
			let ns = 0;
			for (const row of r.subs.of(i))
				ns += Math.max(0, s[stage.key][row] - 1);
			return ns;
		});
		const all = sum.reduce((a, b) => a + b, 0);
		const top = sum.indexOf(Math.max(...sum));
		r.stage[i] = sum[wire] ? top : -1;
		r.share[i] = sum[wire] ? sum[top] / all : 0;
	}
}

/* Where the timeline begins and ends, ns since the recording began. */
function deriveSpan(data) {
	let from = 0, to = data.head.trace.duration_ns || 1;
	const r = data.requests, c = data.commands;
	for (let i = 0; i < r.rows; i++) {
		from = Math.min(from, r.first[i]);
		to = Math.max(to, r.last[i]);
	}
	for (let i = 0; i < c.rows; i++)
		from = Math.min(from, c.first[i]);
	data.span = { from, to };
}

/* When a row of the table is over, for drawing it. */
function deriveEnds(data) {
	const c = data.commands, r = data.requests;
	c.until = new Float64Array(c.rows);
	for (let i = 0; i < c.rows; i++) {
		const known = Math.max(c.end[i], c.sent[i], c.setup[i], 1) - 1;
		const waiting = !c.end[i] && !(c.flags[i] & FAILED);
		c.until[i] = waiting ? data.span.to : c.first[i] + known;
	}
	r.until = new Float64Array(r.rows);
	for (let i = 0; i < r.rows; i++)
		r.until[i] = r.flags[i] & FREED ? r.last[i] : data.span.to;
}

/* The connection that a request went over: of its subrequests, else of its commands; 0: none is known. */
function ownConn(data, i) {
	const r = data.requests, conn = (rows, column) => rows.find((row) => column[row]);
	const sub = conn(r.subs.of(i), data.subrequests.conn), cmd = conn(r.cmds.of(i), data.commands.conn);
	return sub !== undefined ? data.subrequests.conn[sub] : cmd !== undefined ? data.commands.conn[cmd] : 0;
}

/* When each connection was at work, from its first sign of life to the last, and for which mounts. */
function deriveLives(data) {
	const { requests: r, commands: c, credits } = data;
	const lives = data.head.connections.map(() => ({ from: Infinity, to: -Infinity, mounts: new Set() }));
	const note = (conn, from, to) => {
		if (!conn)
			return;
		lives[conn - 1].from = Math.min(lives[conn - 1].from, from);
		lives[conn - 1].to = Math.max(lives[conn - 1].to, to);
	};
	for (let i = 0; i < r.rows; i++) {
		note(r.conn[i], r.first[i], r.until[i]);
		if (r.conn[i])
			lives[r.conn[i] - 1].mounts.add(mountName(data, r.mount[i]));
	}
	for (let i = 0; i < c.rows; i++)
		note(c.conn[i], c.first[i], c.until[i]);
	for (let i = 0; i < credits.rows; i++)
		note(credits.conn[i] + 1, credits.time[i], credits.time[i]);
	return lives;
}

/* A request that sent nothing stands with the connection that its mount had then. */
function deriveConns(data) {
	const r = data.requests;
	r.conn = Int32Array.from(r.first, (_, i) => ownConn(data, i));
	const byMount = new Map();
	deriveLives(data).forEach((life, k) => life.mounts.forEach((m) => byMount.set(m, [...(byMount.get(m) || []), { conn: k + 1, ...life }])));
	for (const list of byMount.values())
		list.sort((a, b) => a.from - b.from);
	for (let i = 0; i < r.rows; i++) {
		const list = r.conn[i] ? null : byMount.get(mountName(data, r.mount[i]));
		if (list)
			r.conn[i] = (list.filter((l) => l.from <= r.first[i]).pop() || list[0]).conn;
	}
	data.lives = deriveLives(data);
}

/* Spans in which the probes were out of the kernel. */
function parkedSpans(data) {
	const spans = [], m = data.moments;
	let from = null;
	for (let i = 0; i < m.rows; i++) {
		const what = data.text[m.what[i]];
		if (what === "parked")
			from = m.time[i];
		if (what === "attached" && from !== null) {
			spans.push({ from, to: m.time[i] });
			from = null;
		}
	}
	if (from !== null)
		spans.push({ from, to: data.span.to });
	return spans;
}

/* Names without "R=" that several requests have: R starts again with each load of netfs. */
function namesTwice(data) {
	const seen = new Set(), twice = new Set();
	for (let i = 0; i < data.requests.rows; i++) {
		const name = requestName(data, i).replace("R=", "");
		(seen.has(name) ? twice : seen).add(name);
	}
	return twice;
}

async function loadData() {
	const element = document.getElementById("data");
	const data = readTables(await inflate(element.textContent));
	element.textContent = "";
	for (const m of data.head.mounts)
		for (const key of ["fs", "source", "point", "options"])
			m[key] = data.text[m[key]];
	forgetUnknown(data.requests, PLACED, "start", "len");
	forgetUnknown(data.requests, MOVED, "transferred");
	forgetUnknown(data.requests, JUDGED, "outcome");
	forgetUnknown(data.subrequests, TOLD, "start", "len");
	forgetUnknown(data.subrequests, SUB_MOVED, "transferred");
	forgetUnknown(data.subrequests, SUB_JUDGED, "error");
	forgetUnknown(data.subrequests, TRIED, "attempts");
	deriveRequests(data);
	deriveStages(data);
	deriveSpan(data);
	deriveEnds(data);
	deriveConns(data);
	data.parked = parkedSpans(data);
	data.ambiguous = namesTwice(data);
	const { start_ns, start_realtime_ns, duration_ns } = data.head.trace;
	data.begin = Number(start_ns); /* CLOCK_MONOTONIC */
	data.real = start_realtime_ns === null ? null : Number(start_realtime_ns); /* CLOCK_REALTIME then */
	for (const f of data.head.findings)
		f.time = f.time_ns - data.begin;
	for (const t of data.head.tests) {
		t.from = t.time_ns - data.begin;
		t.to = t.end_ns === null ? duration_ns : t.end_ns - data.begin;
	}
	return data;
}
