/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rectangles as pixels of a picture: thousands of them a frame, at a cost that is that of their area.
 * Places are those of the tracks; x is that of the canvas.
 */
class Painter {
	constructor(ctx) {
		this.ctx = ctx;
		this.cache = new Map();
		this.count = 0; /* of a frame */
	}

	resize(width, height, dpr) {
		this.dpr = dpr;
		this.width = Math.max(1, Math.round(width * dpr));
		this.height = Math.max(1, Math.round(height * dpr));
		this.image = this.ctx.createImageData(this.width, this.height);
		this.pixels = new Uint32Array(this.image.data.buffer);
	}

	/* top: which place of the tracks is at the upper edge */
	begin(top, color) {
		this.top = top;
		this.count = 0;
		this.pixels.fill(this.pixelOf(color));
	}

	/* "#rrggbb" as the picture has it */
	pixelOf(color) {
		let pixel = this.cache.get(color);
		if (pixel === undefined) {
			const rgb = parseInt(color.slice(1), 16);
			pixel = (0xff000000 | (rgb & 0xff) << 16 | (rgb & 0xff00) | rgb >> 16) >>> 0;
			this.cache.set(color, pixel);
		}
		return pixel;
	}

	rect(color, x, y, w, h) {
		const { dpr, width } = this, pixel = this.pixelOf(color);
		const left = Math.max(0, Math.round((x - GUTTER) * dpr));
		const right = Math.min(width, Math.max(left + 1, Math.round((x - GUTTER + w) * dpr)));
		const upper = Math.max(0, Math.round((y - this.top) * dpr));
		const lower = Math.min(this.height, Math.round((y - this.top + h) * dpr));
		this.count++;
		for (let at = upper * width; at < lower * width; at += width)
			this.pixels.fill(pixel, at + left, at + right);
	}

	/* The tracks' part of the canvas is this picture now. */
	flush() {
		this.ctx.putImageData(this.image, Math.round(GUTTER * this.dpr), Math.round(RULER * this.dpr));
	}
}
