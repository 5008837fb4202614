/* SPDX-License-Identifier: GPL-2.0-only */
/* What the timeline draws around its lanes: ruler, grid, plots, findings, losses, names, tests. */

/* The stages of a subrequest's last attempt as the text report draws them, in order of time. */
function stageParts(data, row) {
	const s = data.subrequests, first = s.first[row];
	const at = (column) => (s[column][row] ? first + s[column][row] - 1 : null);
	const begin = at("begin"), submit = at("submit"), sent = at("sent"), response = at("response");
	const back = at("callbackEnd"), end = at("end"), parts = [];
	const add = (color, from, to) => {
		if (from !== null && to !== null && to >= from)
			parts.push({ color, from, to });
	};
	parts.push({ color: "collect", from: first, to: s.last[row] });
	if (s.attempts[row] > 1)
		add("retry", first, begin);
	add("prepare", begin, submit);
	if (s.wait[row] > 1 && begin !== null)
		add("wait", begin, Math.min(begin + s.wait[row] - 1, submit === null ? Infinity : submit));
	add("send", submit, sent);
	add("wire", sent, response);
	if (sent === null)
		add("wire", submit, at("term"));
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
	for (const t of list) {
		const x = Math.round(tl.x(t));
		if (x < GUTTER)
			continue;
		ctx.fillStyle = colors.line;
		ctx.fillRect(x, RULER - 8, 1, 7);
		ctx.fillStyle = colors.dim;
		ctx.fillText(tickText(t + tl.data.begin, step), x + 4, 11);
	}
	drawFlags(tl);
	ctx.fillStyle = colors.line;
	ctx.fillRect(GUTTER - 1, 0, 1, tl.height);
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
	const { ctx, colors, data } = tl, m = data.marks;
	for (let i = 0; i < m.rows; i++) {
		const x = Math.round(tl.x(m.time[i]));
		if (data.text[m.what[i]] !== "reconnect" || x < GUTTER || x > tl.width)
			continue;
		for (const g of tl.groups) {
			const last = g.tracks[g.tracks.length - 1];
			if (g.conn !== m.conn[i] - 1 || last.hidden || g.y > bottom || last.y + last.height < top)
				continue;
			ctx.fillStyle = colors.warn;
			ctx.fillRect(x, g.y, 2, last.y + last.height - g.y);
			ctx.font = "bold 10px system-ui, sans-serif";
			ctx.textBaseline = "middle";
			ctx.fillText("reconnect", x + 5, g.y + GROUP / 2);
		}
	}
}

/* A column per pixel: filled to the highest value, with a line from there to the lowest. */
function drawPlot(tl, t) {
	const { colors, painter } = tl, { steps } = t;
	const bottom = t.y + t.height - 4, scale = (t.height - 10) / steps.max;
	const right = Math.min(tl.width, tl.x(tl.data.span.to));
	let i = lowerBound(steps.times, tl.view.from), last = i ? steps.values[i - 1] : null;
	for (let x = GUTTER; x < right; x++) {
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

const VERDICT_COLORS = { pass: "good", fail: "bad", killed: "bad", dmesg: "warn" };

/* xfstests: a band for each test. */
function drawTests(tl, t) {
	const { ctx, colors } = tl;
	for (const test of tl.data.head.tests) {
		const x = Math.max(GUTTER, tl.x(test.from)), right = Math.min(tl.width, tl.x(test.to));
		if (right <= x)
			continue;
		ctx.fillStyle = colors[VERDICT_COLORS[test.verdict] || "activity"];
		ctx.fillRect(x, t.y + 3, Math.max(1, right - x - 1), t.height - 8);
		if (right - x < 40)
			continue;
		ctx.fillStyle = colors.onBar;
		ctx.font = "11px system-ui, sans-serif";
		ctx.textBaseline = "middle";
		ctx.fillText(test.name.slice(0, Math.floor((right - x - 8) / 6)), x + 4, t.y + t.height / 2 - 1);
	}
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
	ctx.textBaseline = "middle";
	for (const g of tl.groups) {
		if (g.y < bottom && g.y + GROUP > top) {
			ctx.fillStyle = colors.group;
			ctx.fillRect(0, g.y, GUTTER - 1, GROUP);
			ctx.fillStyle = colors.line;
			ctx.fillRect(0, g.y, tl.width, 1);
			ctx.fillStyle = colors.text;
			ctx.font = "600 11px system-ui, sans-serif";
			ctx.fillText(tl.closed.has(g.id) ? "▸" : "▾", 6, g.y + GROUP / 2 + 1);
			ctx.fillText(cut(ctx, g.name, GUTTER - 28), 19, g.y + GROUP / 2 + 1);
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
	if (t.kind !== "plot")
		return;
	ctx.textAlign = "right";
	ctx.fillText(t.note, GUTTER - 8, t.y + 11);
	ctx.textAlign = "left";
}
