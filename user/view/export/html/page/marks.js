/* SPDX-License-Identifier: GPL-2.0-only */
/* What the timeline draws around its lanes: ruler, grid, plots, findings, losses, names, tests. */

/* The stages of a subrequest's last attempt as the text report draws them, in order of time: where nothing else is known, unknown. */
function stageParts(data, row) {
	const s = data.subrequests, first = s.first[row];
	const at = (column) => (s[column][row] ? first + s[column][row] - 1 : null);
	const begin = at("begin"), submit = at("submit"), sent = at("sent"), arrived = at("arrived"), response = at("response");
	const back = at("callback_end"), end = at("end"), parts = [];
	const add = (color, from, to) => {
		if (from !== null && to !== null && to >= from)
			parts.push({ color, from, to });
	};
	parts.push({ color: "unknown", from: first, to: s.last[row] });
	if (s.attempts[row] > 1)
		add("retry", first, begin);
	add("prepare", begin, submit);
	if (s.wait[row] > 1 && begin !== null)
		add("wait", begin, Math.min(begin + s.wait[row] - 1, submit === null ? Infinity : submit));
	add("send", submit, sent);
	add("wire", sent, arrived ?? response);
	add("decrypt", arrived, response);
	add("callback", response, back);
	add("collect", back, end);
	return parts;
}

/* Steps of 1, 2 or 5 with at least `room` px between them. */
function tickStep(perNs, room) {
	const least = room / perNs, ten = 10 ** Math.floor(Math.log10(least));
	return [1, 2, 5, 10].map((k) => k * ten).find((step) => step >= least);
}

function ticks(tl) {
	const step = tickStep(tl.perNs, 110), list = [], begin = tl.data.begin;
	/* on round values of the kernel's clock; relative to begin, so that doubles stay exact */
	const offset = begin % step;
	for (let k = Math.ceil((tl.view.from + offset) / step); k * step - offset <= tl.view.to; k++)
		list.push(k * step - offset);
	return { list, step };
}

function drawGrid(tl, top, bottom) {
	for (const t of ticks(tl).list)
		if (tl.x(t) >= GUTTER)
			tl.painter.rect(tl.colors.grid, Math.round(tl.x(t)), top, 1, bottom - top);
}

/* Seconds as in dmesg, with as many digits as the step needs. */
function tickText(ns, step) {
	const digits = Math.min(9, Math.max(0, -Math.floor(Math.log10(step / 1e9))));
	return (ns / 1e9).toFixed(digits);
}

function drawRuler(tl) {
	const { ctx, colors } = tl, { list, step } = ticks(tl);
	ctx.fillStyle = colors.panel;
	ctx.fillRect(0, 0, tl.width, RULER);
	ctx.fillStyle = colors.line;
	ctx.fillRect(0, RULER - 1, tl.width, 1);
	ctx.font = "11px system-ui, sans-serif";
	ctx.textBaseline = "middle";
	ctx.fillStyle = colors.dim;
	ctx.fillText("seconds, as in dmesg", 10, 11);
	ctx.fillText(tl.data.real === null ? "wall clock not recorded" : `wall clock, ${zoneName(tl.data)}`, 10, 27);
	for (const t of list) {
		const x = Math.round(tl.x(t));
		if (x < GUTTER)
			continue;
		ctx.fillStyle = colors.line;
		ctx.fillRect(x, 4, 1, 14);
		ctx.fillStyle = colors.text;
		ctx.fillText(tickText(t + tl.data.begin, step), x + 4, 11);
	}
	drawClock(tl);
	drawRangeHead(tl);
	drawFlags(tl);
	ctx.fillStyle = colors.line;
	ctx.fillRect(GUTTER - 1, 0, 1, RULER);
}

/* The wall clock below it, on round values of its own. */
function drawClock(tl) {
	const { ctx, colors, data } = tl;
	if (data.real === null)
		return;
	const step = clockStep(tl.perNs, 120), offset = (step <= 1e9 ? data.real % 1e9 : data.real + zoneNs(data)) % step;
	for (let k = Math.ceil((tl.view.from + offset) / step); k * step - offset <= tl.view.to; k++) {
		const t = k * step - offset, x = Math.round(tl.x(t));
		if (x < GUTTER)
			continue;
		ctx.fillStyle = colors.line;
		ctx.fillRect(x, 22, 1, 11);
		ctx.fillStyle = colors.dim;
		ctx.fillText(clockText(data, t, Math.max(0, -Math.floor(Math.log10(step / 1e9)))), x + 4, 27);
	}
}

/* As tickStep(), but seconds make round minutes and hours. */
function clockStep(perNs, room) {
	const least = room / perNs, whole = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400].map((s) => s * 1e9);
	return least <= 20e9 ? tickStep(perNs, room) : whole.find((step) => step >= least) || Math.ceil(least / 86400e9) * 86400e9;
}

/* ---- the range that was chosen ---- */

function rangePixels(tl) {
	const from = Math.max(GUTTER, tl.x(tl.range.from)), to = Math.min(tl.width, tl.x(tl.range.to));
	return { from, to, width: to - from };
}

function drawRange(tl, top, bottom) {
	const { ctx, colors, range } = tl;
	if (!range)
		return;
	const { from, to } = rangePixels(tl);
	ctx.fillStyle = colors.shade;
	ctx.fillRect(GUTTER, top, Math.max(0, Math.min(from, tl.width) - GUTTER), bottom - top);
	ctx.fillRect(Math.max(GUTTER, to), top, Math.max(0, tl.width - Math.max(GUTTER, to)), bottom - top);
	ctx.fillStyle = colors.accent;
	for (const t of [range.from, range.to])
		if (tl.x(t) >= GUTTER && tl.x(t) <= tl.width)
			ctx.fillRect(Math.round(tl.x(t)) - 0.5, top, 1, bottom - top);
}

function drawRangeHead(tl) {
	const { ctx, colors, range } = tl, text = range ? formatNs(range.to - range.from) : "";
	if (!range)
		return;
	const { from, width } = rangePixels(tl);
	if (width <= 0)
		return;
	ctx.fillStyle = colors.beam;
	ctx.fillRect(from, 0, Math.max(2, width), RULER - 1);
	ctx.fillStyle = colors.accent;
	ctx.fillRect(from, RULER - 4, Math.max(2, width), 3);
	ctx.textAlign = "center";
	if (width > ctx.measureText(text).width + 6)
		ctx.fillText(text, from + width / 2, RULER - 10);
	ctx.textAlign = "left";
}

/* ---- findings in the ruler ---- */

function drawFlags(tl) {
	const { ctx, colors, data } = tl;
	let last = -Infinity;
	for (const f of data.head.findings) {
		const x = tl.x(f.time);
		if (x < GUTTER || x > tl.width || x < last + 3)
			continue;
		last = x;
		ctx.fillStyle = f.verdict === "violation" ? colors.bad : colors.warn;
		ctx.beginPath();
		ctx.moveTo(x - 5, RULER - 14);
		ctx.lineTo(x + 5, RULER - 14);
		ctx.lineTo(x, RULER - 2);
		ctx.fill();
	}
}

function findingAt(tl, px) {
	let best = null, distance = 8;
	for (const f of tl.data.head.findings) {
		const d = Math.abs(tl.x(f.time) - px);
		if (d < distance) {
			best = f;
			distance = d;
		}
	}
	return best ? { finding: best } : null;
}

/* ---- behind and above the lanes ---- */

function hatch(tl, color, from, to, top, bottom) {
	const { ctx } = tl, x = Math.max(GUTTER, tl.x(from)), right = Math.min(tl.width, tl.x(to));
	if (right <= x)
		return;
	ctx.save();
	ctx.beginPath();
	ctx.rect(x, top, right - x, bottom - top);
	ctx.clip();
	ctx.globalAlpha = 0.07;
	ctx.fillStyle = color;
	ctx.fillRect(x, top, right - x, bottom - top);
	ctx.globalAlpha = 0.22;
	ctx.strokeStyle = color;
	ctx.lineWidth = 1;
	ctx.beginPath();
	const height = bottom - top;
	for (let at = x - height - ((x - height) % 9); at < right; at += 9) {
		ctx.moveTo(at, bottom);
		ctx.lineTo(at + height, top);
	}
	ctx.stroke();
	ctx.restore();
}

/* Losses, whose spans may overlap, and time in which nothing was attached. */
function drawSpans(tl, top, bottom) {
	const { losses } = tl.data;
	let last = -Infinity;
	for (let i = 0; i < losses.rows; i++) {
		const until = Math.max(losses.to[i], losses.from[i] + 2 / tl.perNs);
		if (until > last)
			hatch(tl, tl.colors.bad, Math.max(losses.from[i], last), until, top, bottom);
		last = Math.max(last, until);
	}
	for (const p of tl.data.parked)
		hatch(tl, tl.colors.dim, p.from, p.to, top, bottom);
}

/* Reconnects: a line through the connection's tracks, with a word. */
function drawMarks(tl, top, bottom) {
	const { ctx, colors, data } = tl, m = data.moments;
	for (let i = 0; i < m.rows; i++) {
		const x = Math.round(tl.x(m.time[i]));
		if (data.text[m.what[i]] !== "reconnect" || x < GUTTER || x > tl.width)
			continue;
		for (const g of tl.groups) {
			const last = g.tracks[g.tracks.length - 1];
			if (!g.conns || !g.conns.includes(m.conn[i] - 1) || last.hidden || g.y > bottom || last.y + last.height < top)
				continue;
			ctx.fillStyle = colors.warn;
			ctx.fillRect(x, g.y, 2, last.y + last.height - g.y);
			ctx.font = "bold 10px system-ui, sans-serif";
			ctx.textBaseline = "middle";
			ctx.fillText("reconnect", x + 5, g.y + GROUP / 2);
		}
	}
}

/* The connections of a track, each from its first sign of life to its last. */
function drawPlot(tl, t) {
	for (const part of t.parts)
		if (part.to >= tl.view.from && part.from <= tl.view.to)
			drawPlotPart(tl, t, part);
}

function partAt(t, time) {
	return t.parts.find((p) => p.from <= time && time <= p.to) || null;
}

/* A column per pixel: filled to the highest value, with a line from there to the lowest. */
function drawPlotPart(tl, t, { steps, from, to }) {
	const { colors, painter } = tl;
	const bottom = t.y + t.height - 4, scale = (t.height - 10) / t.max;
	const left = Math.max(GUTTER, Math.floor(tl.x(from))), right = Math.min(tl.width, Math.max(left + 1, tl.x(to)));
	let i = lowerBound(steps.times, tl.time(left)), last = i ? steps.values[i - 1] : null;
	for (let x = left; x < right; x++) {
		const j = lowerBound(steps.times, tl.time(x + 1), i);
		let low = last, high = last;
		if (j > i) {
			const r = steps.range(i, j);
			low = last === null ? r.low : Math.min(last, r.low);
			high = last === null ? r.high : Math.max(last, r.high);
			last = steps.values[j - 1];
			i = j;
		}
		if (high === null)
			continue;
		const y = bottom - high * scale;
		painter.rect(colors[`${t.color}Soft`], x, y, 1, bottom - y);
		painter.rect(colors[t.color], x, y - 0.5, 1, Math.max(1.5, (high - low) * scale));
	}
}

/* Where connections share a group: which begins where. */
function drawConnections(tl) {
	const { ctx, colors, data } = tl;
	ctx.font = "10px system-ui, sans-serif";
	ctx.textBaseline = "middle";
	for (const g of tl.groups) {
		if (!g.conns || g.conns.length < 2 || tl.closed.has(g.id))
			continue;
		const last = g.tracks[g.tracks.length - 1];
		let free = -Infinity;
		for (const conn of g.conns) {
			const x = Math.round(tl.x(data.lives[conn].from)), { id } = data.head.connections[conn];
			if (x < GUTTER || x > tl.width)
				continue;
			ctx.fillStyle = colors.line;
			ctx.fillRect(x, g.y + GROUP, 1, last.y + last.height - g.y - GROUP);
			if (x < free)
				continue;
			ctx.fillStyle = colors.dim;
			ctx.fillText(id, x + 3, g.y + GROUP + 6);
			free = x + 9 + ctx.measureText(id).width;
		}
	}
}

const RESULT_COLORS = { pass: "good", fail: "bad", killed: "bad", dmesg: "warn" };

/* xfstests: a band for each test. */
function drawTests(tl, t) {
	const { ctx, colors } = tl;
	for (const test of tl.data.head.tests) {
		const x = Math.max(GUTTER, tl.x(test.from)), right = Math.min(tl.width, tl.x(test.to));
		if (right <= x)
			continue;
		ctx.globalAlpha = tl.tests && !tl.tests.has(test.test) ? 0.35 : 1;
		ctx.fillStyle = colors[RESULT_COLORS[test.result] || "dim"];
		ctx.fillRect(x, t.y + 3, Math.max(1, right - x - 1), t.height - 8);
		ctx.globalAlpha = 1;
		ctx.fillStyle = colors.onBar;
		ctx.font = "11px system-ui, sans-serif";
		ctx.textBaseline = "middle";
		ctx.fillText(testText(ctx, test, right - x - 8), x + 4, t.y + t.height / 2 - 1);
	}
}

/* As much of its name as there is room for: all, the number, or nothing. */
function testText(ctx, test, room) {
	const name = testLabel(test), fits = (text) => text.length < 200 && ctx.measureText(text).width <= room;
	return [name, name.replace(/^.*\//, "")].find(fits) || "";
}

function testAt(tl, px) {
	const at = tl.time(px);
	return tl.data.head.tests.find((t) => t.from <= at && at <= t.to) || null;
}

/* ---- names, over what the lanes drew ---- */

/* Measuring text is slow; there are few names and they stay. */
const cuts = new Map();

function cut(ctx, text, width) {
	let short = cuts.get(text);
	if (short !== undefined)
		return short;
	short = text.slice(0, 200);
	while (short.length > 1 && ctx.measureText(short).width > width)
		short = `${short.slice(0, -2)}…`;
	cuts.set(text, short);
	return short;
}

function drawNames(tl, top, bottom) {
	const { ctx, colors } = tl;
	ctx.fillStyle = colors.panel;
	ctx.fillRect(0, top, GUTTER - 1, bottom - top);
	ctx.fillStyle = colors.line;
	ctx.fillRect(GUTTER - 1, top, 1, bottom - top);
	ctx.textBaseline = "middle";
	for (const g of tl.groups) {
		if (g.y < bottom && g.y + GROUP > top) {
			ctx.fillStyle = colors.group;
			ctx.fillRect(0, g.y, tl.width, GROUP);
			ctx.fillStyle = colors.line;
			ctx.fillRect(0, g.y, tl.width, 1);
			ctx.fillStyle = colors.text;
			ctx.font = "600 11px system-ui, sans-serif";
			ctx.fillText(tl.closed.has(g.id) ? "▸" : "▾", 6, g.y + GROUP / 2 + 1);
			ctx.fillText(cut(ctx, g.name, tl.width - 40), 19, g.y + GROUP / 2 + 1);
		}
		for (const t of g.tracks)
			if (!t.hidden && t.y < bottom && t.y + t.height > top)
				drawTrackName(tl, t);
	}
}

function drawTrackName(tl, t) {
	const { ctx, colors } = tl;
	ctx.font = "11px system-ui, sans-serif";
	ctx.fillStyle = colors.dim;
	ctx.fillText(t.name, 19, t.y + 11);
	if (t.below && t.height > 32)
		ctx.fillText(cut(ctx, t.below, GUTTER - 28), 19, t.y + 25);
	if (t.kind !== "plot")
		return;
	ctx.textAlign = "right";
	ctx.fillText(t.note, GUTTER - 8, t.y + 11);
	ctx.textAlign = "left";
}
