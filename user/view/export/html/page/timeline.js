/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The timeline: a canvas with tracks from top to bottom. Spans narrower than a few pixels are drawn
 * as runs, found by binary search, so that a frame costs what is visible and not what was recorded.
 */

const GUTTER = 172; /* names of the tracks, left of the time */
const RULER = 50; /* dmesg's seconds, the wall clock, flags of findings */
const GROUP = 22; /* height of a group's head */
const SMALL = 3; /* px: spans below join a run */
const MIN_SPAN = 1000; /* ns: no use in zooming in further */

class Timeline {
	/* events: {select(row), hover(hit, x, y), viewed(), range(span, final)...} */
	constructor(canvas, data, events) {
		this.canvas = canvas;
		this.ctx = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
		this.data = data;
		this.events = events;
		this.painter = new Painter(this.ctx);
		this.view = { from: data.span.from, to: data.span.to };
		this.scroll = 0;
		this.closed = new Set();
		this.selected = -1;
		this.frames = 0; /* drawn so far */
		this.range = null; /* {from, to} that was chosen */
		this.maker = new Groups(data);
		this.setShown(null);
		this.listen();
		new ResizeObserver(() => this.resize()).observe(canvas.parentElement);
	}

	/* ---- tracks ---- */

	/* mask, tests: as Groups.make() takes them */
	setShown(mask, tests) {
		this.groups = this.maker.make(mask, tests);
		this.tests = tests || null;
		this.place();
	}

	/* Where each track is, from the top of what scrolls. */
	place() {
		let y = 4;
		for (const g of this.groups) {
			g.y = y;
			y += GROUP;
			for (const t of g.tracks) {
				t.y = y;
				t.height = t.lanes ? Math.max(t.lanes.length * t.lane, 14) + 6 : t.kind === "tests" ? 24 : PLOT;
				t.hidden = this.closed.has(g.id);
				if (!t.hidden)
					y += t.height;
			}
			y += 4;
		}
		this.content = y + 8;
		this.redraw();
	}

	/* ---- where ---- */

	resize() {
		const box = this.canvas.parentElement.getBoundingClientRect();
		this.dpr = window.devicePixelRatio || 1;
		this.width = Math.max(300, box.width);
		this.height = Math.max(80, box.height);
		this.canvas.width = Math.round(this.width * this.dpr);
		this.canvas.height = Math.round(this.height * this.dpr);
		this.canvas.style.width = `${this.width}px`;
		this.canvas.style.height = `${this.height}px`;
		this.painter.resize(this.width - GUTTER, this.height - RULER, this.dpr);
		this.draw();
	}

	x(t) {
		return GUTTER + (t - this.view.from) * this.perNs;
	}

	time(x) {
		return this.view.from + (x - GUTTER) / this.perNs;
	}

	get perNs() {
		return (this.width - GUTTER) / (this.view.to - this.view.from);
	}

	setView(from, to) {
		const { span } = this.data, pad = (span.to - span.from) * 0.01;
		const low = span.from - pad, high = span.to + pad;
		const length = Math.min(Math.max(to - from, MIN_SPAN), high - low);
		const mid = (from + to) / 2;
		const start = Math.min(Math.max(mid - length / 2, low), high - length);
		this.view = { from: start, to: start + length };
		this.events.viewed();
		this.redraw();
	}

	/* by: < 1 zooms in; t stays where it is */
	zoom(by, t) {
		const { from, to } = this.view, at = t === undefined ? (from + to) / 2 : t;
		this.setView(at - (at - from) * by, at + (to - at) * by);
	}

	pan(share) {
		const by = (this.view.to - this.view.from) * share;
		this.setView(this.view.from + by, this.view.to + by);
	}

	fit() {
		this.glide(this.data.span.from, this.data.span.to);
	}

	scrollBy(px) {
		this.scroll = Math.min(Math.max(0, this.scroll + px), Math.max(0, this.content - (this.height - RULER)));
		this.redraw();
	}

	/* To another view, in a few frames so that the eye can follow. */
	glide(from, to) {
		const start = { ...this.view }, began = performance.now();
		const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
		const run = ++this.gliding || (this.gliding = 1);
		const step = (now) => {
			const p = still ? 1 : Math.min(1, (now - began) / 180), ease = 1 - (1 - p) ** 3;
			if (run !== this.gliding)
				return;
			this.setView(start.from + (from - start.from) * ease, start.to + (to - start.to) * ease);
			if (p < 1)
				requestAnimationFrame(step);
		};
		step(began);
	}

	select(row) {
		this.selected = row;
		this.redraw();
	}

	setRange(range) {
		this.range = range;
		this.redraw();
	}

	/* Shows a request in full, with room around it. */
	reveal(row) {
		const r = this.data.requests;
		const pad = Math.max((r.last[row] - r.first[row]) * 0.25, MIN_SPAN);
		this.glide(r.first[row] - pad, r.last[row] + pad);
		this.scrollTo("request", row);
	}

	scrollTo(kind, row) {
		for (const g of this.groups)
			for (const t of g.tracks)
				if (t.kind === kind && t.laneOf[row] >= 0 && !t.hidden) {
					const y = t.y + t.laneOf[row] * t.lane, room = this.height - RULER;
					if (y < this.scroll || y > this.scroll + room - 60)
						this.scrollBy(y - this.scroll - room / 3);
				}
	}

	/* ---- drawing ---- */

	redraw() {
		if (this.pending || !this.width)
			return;
		this.pending = true;
		requestAnimationFrame(() => this.draw());
	}

	draw() {
		this.pending = false;
		if (!this.width)
			return;
		this.colors = this.colors || themeColors();
		this.scroll = Math.min(this.scroll, Math.max(0, this.content - (this.height - RULER)));
		this.drawTracks(this.scroll, this.scroll + this.height - RULER);
		this.ctx.setTransform(this.dpr, 0, 0, this.dpr, 0, 0);
		this.ctx.save();
		this.ctx.beginPath();
		this.ctx.rect(0, RULER, this.width, this.height - RULER);
		this.ctx.clip();
		this.ctx.translate(0, RULER - this.scroll);
		this.drawOver(this.scroll, this.scroll + this.height - RULER);
		this.ctx.restore();
		drawRuler(this);
		this.frames++;
	}

	/* The picture. */
	drawTracks(top, bottom) {
		this.painter.begin(top, this.colors.canvas);
		drawGrid(this, top, bottom);
		for (const t of this.inSight(top, bottom)) {
			if (t.lanes)
				this.drawLanes(t, top, bottom);
			else if (t.kind === "plot")
				drawPlot(this, t);
		}
		this.painter.flush();
	}

	/* What is drawn over it. */
	drawOver(top, bottom) {
		drawSpans(this, top, bottom);
		drawConnections(this);
		for (const t of this.inSight(top, bottom))
			if (t.kind === "tests")
				drawTests(this, t);
		this.drawSelected();
		drawMarks(this, top, bottom);
		drawRange(this, top, bottom);
		drawNames(this, top, bottom);
	}

	inSight(top, bottom) {
		return this.groups.flatMap((g) => g.tracks).filter((t) => !t.hidden && t.y + t.height > top && t.y < bottom);
	}

	drawLanes(t, top, bottom) {
		const first = Math.max(0, Math.floor((top - t.y) / t.lane));
		const last = Math.min(t.lanes.length, Math.ceil((bottom - t.y) / t.lane));
		for (let l = first; l < last; l++) {
			this.drawLane(t, t.lanes[l], t.y + 3 + l * t.lane, t.lane - (t.lane > 5 ? 2 : 1));
			this.drawBad(t, t.bad[l], t.y + 3 + l * t.lane, t.lane - (t.lane > 5 ? 2 : 1));
		}
	}

	drawLane(t, lane, y, h) {
		const { start, end, rows } = lane, { from, to } = this.view;
		const wide = SMALL / this.perNs, half = 0.5 / this.perNs;
		let i = lowerBound(end, from);
		while (i < rows.length && start[i] < to) {
			if (end[i] - start[i] >= wide) {
				this.drawSpan(t, rows[i], start[i], end[i], y, h);
				i++;
				continue;
			}
			const first = i;
			let until = Math.max(end[i], start[i] + 2 * half);
			for (;;) {
				i = lowerBound(end, until + half, i + 1);
				if (i >= rows.length || start[i] > until + half || end[i] - start[i] >= wide)
					break;
				until = end[i];
			}
			const x = Math.max(GUTTER, this.x(start[first])), w = Math.max(1, this.x(until) - x);
			this.painter.rect(this.colors[this.colorOf(t.kind, rows[first])], x, y, w, h);
		}
	}

	colorOf(kind, row) {
		const { requests: r, subrequests: s, commands: c, text } = this.data;
		if (kind === "request")
			return r.flags[row] & WRITE ? "write" : "read";
		if (kind === "sub")
			return s.write[row] ? "writeSoft" : "readSoft";
		const cmd = text[c.cmd[row]];
		return cmd === "READ" ? "read" : cmd === "WRITE" ? "write" : "meta";
	}

	/* One that is wide enough to be seen as itself. */
	drawSpan(t, row, from, to, y, h) {
		const x = Math.max(GUTTER, this.x(from)), right = Math.min(this.width + 2, this.x(to));
		const w = Math.max(1, right - x - (right - x > 6 ? 1 : 0));
		if (t.kind === "sub" && w >= 6)
			this.drawStages(row, y, h);
		else if (t.kind === "request" && w >= 6)
			this.drawRequest(row, x, y, w, h);
		else if (t.kind === "command" && w >= 6)
			this.drawCommand(row, x, y, w, h);
		else
			this.painter.rect(this.colors[this.colorOf(t.kind, row)], x, y, w, h);
		if (w > 44 && h >= 12)
			this.label(t.kind, row, x, y, w, h);
	}

	/* Paler from where the caller has its result. */
	drawRequest(row, x, y, w, h) {
		const r = this.data.requests, color = this.colorOf("request", row);
		const done = r.done[row] ? Math.min(x + w, Math.max(x, this.x(r.first[row] + r.done[row] - 1))) : x + w;
		this.painter.rect(this.colors[color], x, y, done - x, h);
		this.painter.rect(this.colors[`${color}Soft`], done, y, x + w - done, h);
	}

	/* Paler until it was sent. */
	drawCommand(row, x, y, w, h) {
		const c = this.data.commands, color = this.colorOf("command", row);
		const sent = c.sent[row] ? Math.min(x + w, Math.max(x, this.x(c.first[row] + c.sent[row] - 1))) : x;
		this.painter.rect(this.colors[`${color}Soft`], x, y, sent - x, h);
		this.painter.rect(this.colors[color], sent, y, x + w - sent, h);
	}

	drawStages(row, y, h) {
		for (const part of stageParts(this.data, row)) {
			const x = Math.max(GUTTER, this.x(part.from)), right = Math.min(this.width + 2, this.x(part.to));
			if (right > x)
				this.painter.rect(this.colors[part.color], x, y, Math.max(0.6, right - x), h);
		}
	}

	label(kind, row, x, y, w, h) {
		const { requests: r, subrequests: s, commands: c, text } = this.data;
		const name = kind === "request" ? `${requestName(this.data, row)} ${text[r.origin[row]]}`
			: kind === "sub" ? `[${formatHex(s.sreq[row])}] ${formatBytes(s.len[row])}`
				: `${text[c.cmd[row]]} ${c.mid[row]}`;
		const fits = Math.floor((w - 8) / 6.1);
		if (fits < 4)
			return;
		this.labels.push([name.length > fits ? `${name.slice(0, fits - 1)}…` : name, x + 4, y + h / 2, kind]);
	}

	drawBad(t, rows, y, h) {
		let last = -Infinity;
		for (const row of rows) {
			const { from, to } = this.spanOf(t.kind, row);
			const x = this.x(from), right = this.x(to);
			if (right < GUTTER || x > this.width || x < last + 2)
				continue;
			last = Math.max(GUTTER, x);
			this.painter.rect(this.colors.bad, last, y, 2, h);
			this.painter.rect(this.colors.bad, last, y + h - 2, Math.max(2, Math.min(right, this.width) - last), 2);
		}
	}

	spanOf(kind, row) {
		const { requests: r, subrequests: s, commands: c } = this.data;
		if (kind === "request")
			return { from: r.first[row], to: r.until[row] };
		return kind === "sub" ? { from: s.first[row], to: s.last[row] } : { from: c.first[row], to: c.until[row] };
	}

	/* Frames around the selected request and all that belongs to it; the rest fades. */
	drawSelected() {
		this.drawLabels();
		if (this.selected < 0)
			return;
		const { requests: r } = this.data, ctx = this.ctx;
		const rows = { request: [this.selected], sub: r.subs.of(this.selected), command: r.cmds.of(this.selected) };
		const boxes = [];
		for (const g of this.groups)
			for (const t of g.tracks)
				if (t.lanes && !t.hidden)
					for (const row of rows[t.kind])
						if (t.laneOf[row] >= 0)
							boxes.push(this.box(t, row));
		ctx.strokeStyle = this.colors.accent;
		ctx.lineWidth = 1.5;
		const narrow = boxes.filter((b) => b.w < 8);
		for (const b of boxes)
			if (b.x + b.w > GUTTER && b.x < this.width)
				ctx.strokeRect(Math.max(GUTTER, b.x) - 1, b.y - 1, Math.max(2, b.x + b.w - Math.max(GUTTER, b.x)) + 2, b.h + 2);
		if (narrow.length)
			this.drawBeam(boxes[0]);
	}

	/* A request too narrow to be seen gets a beam of light. */
	drawBeam(b) {
		if (b.x + b.w < GUTTER || b.x > this.width || b.w > 8)
			return;
		this.ctx.fillStyle = this.colors.beam;
		this.ctx.fillRect(Math.max(GUTTER, b.x - 3), 0, b.w + 6, this.content);
	}

	box(t, row) {
		const { from, to } = this.spanOf(t.kind, row), x = this.x(from);
		return { x, w: Math.max(1, this.x(to) - x), y: t.y + 3 + t.laneOf[row] * t.lane, h: t.lane - (t.lane > 5 ? 2 : 1) };
	}

	drawLabels() {
		const ctx = this.ctx;
		ctx.font = "10px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
		ctx.textBaseline = "middle";
		for (const [text, x, y, kind] of this.labels) {
			ctx.fillStyle = kind === "sub" ? this.colors.onStage : this.colors.onBar;
			ctx.fillText(text, x, y + 0.5);
		}
		this.labels = [];
	}

	/* ---- the pointer and the keys ---- */

	/* {kind, row}, {group}, {finding}, {test}, {plot, part}, {ruler} or null at a place in the canvas */
	hit(px, py) {
		const y = py - RULER + this.scroll;
		if (py < RULER)
			return findingAt(this, px) || (px >= GUTTER ? { ruler: true } : null);
		for (const g of this.groups) {
			if (y >= g.y && y < g.y + GROUP)
				return { group: g };
			for (const t of g.tracks)
				if (!t.hidden && y >= t.y && y < t.y + t.height)
					return px < GUTTER ? null : this.hitTrack(t, px, y);
		}
		return null;
	}

	hitTrack(t, px, y) {
		if (t.kind === "plot")
			return { plot: t, part: partAt(t, this.time(px)) };
		if (t.kind === "tests") {
			const test = testAt(this, px);
			return test ? { test } : null;
		}
		const lane = t.lanes[Math.floor((y - t.y - 3) / t.lane)];
		const near = 2 / this.perNs, at = this.time(px);
		if (!lane)
			return null;
		const i = lowerBound(lane.end, at - near);
		return i < lane.rows.length && lane.start[i] <= at + near ? { kind: t.kind, row: lane.rows[i] } : null;
	}

	requestOf(hit) {
		const { subrequests: s, commands: c } = this.data;
		if (!hit || hit.row === undefined)
			return -1;
		return hit.kind === "request" ? hit.row : hit.kind === "sub" ? s.request[hit.row] : c.request[hit.row] - 1;
	}

	click(x, y) {
		const hit = this.hit(x, y);
		if (hit && hit.group) {
			if (!this.closed.delete(hit.group.id))
				this.closed.add(hit.group.id);
			this.place();
		} else if (hit && hit.finding) {
			this.events.finding(hit.finding);
		} else if (hit && hit.test) {
			this.events.test(hit.test);
		} else {
			this.events.select(this.requestOf(hit));
		}
	}

	listen() {
		const c = this.canvas;
		this.labels = [];
		this.held = null; /* the drag that is on */
		c.addEventListener("pointerdown", (e) => {
			if (e.button)
				return;
			this.held = { x: e.offsetX, y: e.offsetY, view: this.view, scroll: this.scroll, moved: false, range: this.range, ranging: e.offsetY < RULER || e.shiftKey };
			c.setPointerCapture(e.pointerId);
		});
		c.addEventListener("pointermove", (e) => {
			if (!this.held)
				this.events.hover(this.hit(e.offsetX, e.offsetY), e.clientX, e.clientY, e.offsetX);
			else
				this.drag(this.held, e.offsetX, e.offsetY);
		});
		c.addEventListener("pointerup", (e) => {
			const d = this.held;
			this.held = null;
			if (d && !d.moved)
				this.click(e.offsetX, e.offsetY);
			else if (d && d.ranging)
				this.events.range(this.range, true);
		});
		c.addEventListener("pointercancel", () => this.letGo());
		c.addEventListener("pointerleave", () => this.events.hover(null));
		c.addEventListener("dblclick", (e) => {
			const row = this.requestOf(this.hit(e.offsetX, e.offsetY));
			if (row >= 0)
				this.reveal(row);
		});
		c.addEventListener("wheel", (e) => this.wheel(e), { passive: false });
	}

	drag(d, x, y) {
		if (!d.moved && Math.hypot(x - d.x, y - d.y) < 4)
			return;
		d.moved = true;
		this.events.hover(null);
		if (d.ranging)
			return this.dragRange(d, x);
		const by = (d.x - x) / this.perNs;
		this.setView(d.view.from + by, d.view.to + by);
		this.scroll = d.scroll;
		this.scrollBy(d.y - y);
	}

	/* From where it began to where the pointer is, within what was recorded. */
	dragRange(d, x) {
		const { span } = this.data, bound = (t) => Math.min(Math.max(t, span.from), span.to);
		const a = bound(this.time(Math.max(GUTTER, d.x))), b = bound(this.time(Math.max(GUTTER, x)));
		this.setRange(a === b ? null : { from: Math.min(a, b), to: Math.max(a, b) });
		this.events.range(this.range, false);
	}

	/* Ends a drag as if it had not been. Was there one? */
	letGo() {
		const d = this.held;
		this.held = null;
		if (!d || !d.moved)
			return false;
		this.scroll = d.scroll;
		this.setView(d.view.from, d.view.to);
		if (d.ranging) {
			this.setRange(d.range);
			this.events.range(d.range, true);
		}
		return true;
	}

	wheel(e) {
		e.preventDefault();
		const px = e.deltaMode === 1 ? 16 : e.deltaMode === 2 ? this.height : 1;
		const dx = e.deltaX * px, dy = e.deltaY * px;
		if (e.shiftKey || e.offsetX < GUTTER)
			this.scrollBy(dy || dx);
		else if (Math.abs(dx) > Math.abs(dy))
			this.pan(dx / (this.width - GUTTER));
		else
			this.zoom(Math.exp(Math.max(-1, Math.min(1, dy * 0.002))), this.time(e.offsetX));
	}
}
