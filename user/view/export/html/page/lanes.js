/* SPDX-License-Identifier: GPL-2.0-only */
/* Spans side by side: each in the lowest lane that is free when it begins. */

const MAX_LANES = 256; /* beyond, the last one takes what is left, one over the other */

/* The first index whose value is at least v (sorted ascending), from `low` on. */
function lowerBound(values, v, low) {
	let lo = low || 0, step = 1;
	while (lo + step < values.length && values[lo + step] < v)
		step *= 2;
	let hi = Math.min(values.length, lo + step + 1);
	while (lo < hi) {
		const mid = (lo + hi) >> 1;
		if (values[mid] < v)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/*
 * rows: of a table, any order; begin, end: its columns. Returns the lanes, each with rows, start and
 * end in order of time, and laneOf: the lane of each row of the table, -1 for those not in rows.
 */
function packLanes(rows, begin, end) {
	const sorted = Int32Array.from(rows).sort((a, b) => begin[a] - begin[b] || a - b);
	const free = [], lists = [], laneOf = new Int32Array(begin.length).fill(-1);
	for (const row of sorted) {
		let lane = 0;
		while (lane < free.length && free[lane] > begin[row])
			lane++;
		if (lane === MAX_LANES)
			lane--;
		if (lane === free.length) {
			free.push(0);
			lists.push([]);
		}
		free[lane] = Math.max(free[lane], end[row]);
		lists[lane].push(row);
		laneOf[row] = lane;
	}
	const lanes = lists.map((list) => {
		let latest = -Infinity;
		return {
			rows: Int32Array.from(list),
			start: Float64Array.from(list, (row) => begin[row]),
			end: Float64Array.from(list, (row) => (latest = Math.max(latest, end[row]))),
		};
	});
	return { lanes, laneOf };
}

/* Steps of a value over time, with their extremes in blocks of 64 for drawing many at once. */
const BLOCK = 64;

class Steps {
	constructor(times, values) {
		this.times = Float64Array.from(times);
		this.values = Float64Array.from(values);
		const blocks = Math.ceil(values.length / BLOCK);
		this.low = new Float64Array(blocks).fill(Infinity);
		this.high = new Float64Array(blocks).fill(-Infinity);
		this.values.forEach((v, i) => {
			const b = Math.floor(i / BLOCK);
			this.low[b] = Math.min(this.low[b], v);
			this.high[b] = Math.max(this.high[b], v);
		});
		this.max = Math.max(1, ...this.high);
	}

	at(t) {
		const i = lowerBound(this.times, t + 1) - 1;
		return i < 0 ? null : this.values[i];
	}

	/* Lowest and highest of the values i to j - 1. */
	range(i, j) {
		let low = Infinity, high = -Infinity;
		while (i < j) {
			if (i % BLOCK === 0 && i + BLOCK <= j) {
				low = Math.min(low, this.low[i / BLOCK]);
				high = Math.max(high, this.high[i / BLOCK]);
				i += BLOCK;
			} else {
				low = Math.min(low, this.values[i]);
				high = Math.max(high, this.values[i]);
				i++;
			}
		}
		return { low, high };
	}
}
