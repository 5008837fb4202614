/* SPDX-License-Identifier: GPL-2.0-only */
/* The whole recording in one strip, with a frame around what the timeline shows. */

const BINS = 800;

class Overview {
	constructor(canvas, timeline) {
		this.canvas = canvas;
		this.ctx = canvas.getContext("2d");
		this.timeline = timeline;
		this.data = timeline.data;
		this.setShown(null);
		this.listen();
		new ResizeObserver(() => this.resize()).observe(canvas);
	}

	/* How many requests are open in each bin. */
	setShown(mask) {
		const r = this.data.requests, change = new Float64Array(BINS + 1);
		for (let i = 0; i < r.rows; i++)
			if (!mask || mask[i]) {
				change[this.bin(r.first[i])]++;
				change[this.bin(r.until[i]) + 1]--;
			}
		let open = 0;
		this.open = Array.from(change.subarray(0, BINS), (c) => (open += c));
		this.max = Math.max(1, ...this.open);
		this.draw();
	}

	bin(t) {
		const { from, to } = this.data.span;
		return Math.min(BINS - 1, Math.max(0, Math.floor((t - from) / (to - from) * BINS)));
	}

	resize() {
		this.width = this.canvas.clientWidth;
		this.height = this.canvas.clientHeight;
		this.dpr = window.devicePixelRatio || 1;
		this.canvas.width = Math.round(this.width * this.dpr);
		this.canvas.height = Math.round(this.height * this.dpr);
		this.draw();
	}

	x(t) {
		const { from, to } = this.data.span;
		return GUTTER + (t - from) / (to - from) * (this.width - GUTTER);
	}

	time(x) {
		const { from, to } = this.data.span;
		return from + (x - GUTTER) / (this.width - GUTTER) * (to - from);
	}

	draw() {
		const { ctx, data } = this, tl = this.timeline;
		if (!this.width)
			return;
		const colors = tl.colors || themeColors();
		ctx.setTransform(this.dpr, 0, 0, this.dpr, 0, 0);
		ctx.fillStyle = colors.panel;
		ctx.fillRect(0, 0, this.width, this.height);
		ctx.fillStyle = colors.dim;
		ctx.font = "11px system-ui, sans-serif";
		ctx.textBaseline = "middle";
		ctx.fillText("open requests", 19, this.height / 2);
		ctx.textAlign = "right";
		ctx.fillText(`max ${formatCount(this.max)}`, GUTTER - 8, this.height / 2);
		ctx.textAlign = "left";
		this.drawActivity(colors);
		ctx.fillStyle = colors.bad;
		for (let i = 0; i < data.losses.rows; i++)
			ctx.fillRect(this.x(data.losses.from[i]), 0, Math.max(1, this.x(data.losses.to[i]) - this.x(data.losses.from[i])), 3);
		for (const f of data.head.findings)
			ctx.fillRect(this.x(f.time) - 1, this.height - 5, 2, 5);
		if (tl.range) {
			const x = this.x(tl.range.from);
			ctx.fillStyle = colors.beam;
			ctx.fillRect(x, 0, Math.max(2, this.x(tl.range.to) - x), this.height);
		}
		this.drawFrame(colors);
	}

	drawActivity(colors) {
		const w = (this.width - GUTTER) / BINS, room = this.height - 4;
		this.ctx.fillStyle = colors.activity;
		this.open.forEach((n, i) => {
			const h = n ? Math.max(1, n / this.max * room) : 0;
			const x = Math.round(i * w);
			this.ctx.fillRect(GUTTER + x, this.height - h, Math.round((i + 1) * w) - x, h);
		});
	}

	drawFrame(colors) {
		const { ctx } = this, { from, to } = this.timeline.view;
		const x = Math.max(GUTTER, this.x(from)), right = Math.min(this.width, Math.max(this.x(to), x + 2));
		ctx.fillStyle = colors.shade;
		ctx.fillRect(GUTTER, 0, x - GUTTER, this.height);
		ctx.fillRect(right, 0, this.width - right, this.height);
		ctx.strokeStyle = colors.accent;
		ctx.lineWidth = 1.5;
		ctx.strokeRect(x + 0.75, 0.75, right - x - 1.5, this.height - 1.5);
		ctx.fillStyle = colors.line;
		ctx.fillRect(0, this.height - 1, this.width, 1);
	}

	/* A drag inside the frame moves it; elsewhere it chooses a new span; a click centres. */
	listen() {
		const c = this.canvas, tl = this.timeline;
		let drag = null;
		c.addEventListener("pointerdown", (e) => {
			const t = this.time(e.offsetX), inside = t >= tl.view.from && t <= tl.view.to;
			const whole = tl.view.to - tl.view.from > (this.data.span.to - this.data.span.from) * 0.98;
			drag = { t, x: e.offsetX, view: inside && !whole ? tl.view : null, moved: false };
			c.setPointerCapture(e.pointerId);
		});
		c.addEventListener("pointermove", (e) => {
			if (!drag || (!drag.moved && Math.abs(e.offsetX - drag.x) < 4))
				return;
			drag.moved = true;
			const t = this.time(e.offsetX);
			if (drag.view)
				tl.setView(drag.view.from + t - drag.t, drag.view.to + t - drag.t);
			else
				tl.setView(Math.min(t, drag.t), Math.max(t, drag.t));
		});
		c.addEventListener("pointerup", () => {
			const half = (tl.view.to - tl.view.from) / 2;
			if (drag && !drag.moved)
				tl.glide(drag.t - half, drag.t + half);
			drag = null;
		});
	}
}
