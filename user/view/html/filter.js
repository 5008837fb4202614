/* SPDX-License-Identifier: GPL-2.0-only */
/* The search line: words that all have to fit a request. */

const FLAG_WORDS = {
	error: (d, i) => d.requests.error[i] !== 0,
	retry: (d, i) => d.requests.retries[i] > 0,
	finding: (d, i) => d.requests.findings[i] > 0,
	open: (d, i) => !(d.requests.flags[i] & FREED),
	partial: (d, i) => (d.requests.flags[i] & PARTIAL) !== 0,
	lost: (d, i) => (d.requests.flags[i] & LOST) !== 0,
	write: (d, i) => (d.requests.flags[i] & WRITE) !== 0,
	read: (d, i) => (d.requests.flags[i] & WRITE) === 0,
	short: (d, i) => d.requests.transferred[i] < d.requests.len[i],
};

const TEXT_KEYS = {
	origin: (d, i) => d.text[d.requests.origin[i]],
	fs: (d, i) => d.text[d.requests.fs[i]],
	mount: (d, i) => mountName(d, d.requests.mount[i]),
	comm: (d, i) => d.text[d.requests.comm[i]],
	stage: (d, i) => (d.requests.stage[i] < 0 ? "" : STAGES[d.requests.stage[i]].name),
};

const EXACT_KEYS = {
	inode: (d, i) => d.text[d.requests.ino[i]],
	pid: (d, i) => String(d.requests.tgid[i]),
	tid: (d, i) => String(d.requests.tid[i]),
	epoch: (d, i) => String(d.requests.epoch[i]),
	mid: (d, i) => Array.from(d.requests.cmds.of(i), (c) => String(d.commands.mid[c])),
	conn: (d, i) => Array.from(d.requests.subs.of(i),
		(s) => (d.head.connections[d.subrequests.conn[s] - 1] || {}).id),
};

const NUMBER_KEYS = {
	latency: (d, i) => d.requests.latency[i],
	bytes: (d, i) => d.requests.transferred[i],
	len: (d, i) => d.requests.len[i],
	offset: (d, i) => d.requests.start[i],
	retries: (d, i) => d.requests.retries[i],
	subs: (d, i) => d.requests.subs.of(i).length,
	error: (d, i) => d.requests.error[i],
	time: (d, i) => (d.requests.first[i] + d.begin) / 1e9,
};

const UNITS = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

function numberTest(word) {
	const m = /^(\w+)(<=|>=|<|>|=)(-?[\d.]+)(ns|us|ms|s|k|m|g)?(?:i?b)?$/i.exec(word);
	const get = m && NUMBER_KEYS[m[1].toLowerCase()];
	if (!get)
		return null;
	const scale = m[4] && m[1] !== "time" ? UNITS[m[4].toLowerCase()] : 1;
	const limit = Number(m[3]) * scale;
	const compare = {
		"<": (v) => v < limit, ">": (v) => v > limit, "<=": (v) => v <= limit,
		">=": (v) => v >= limit, "=": (v) => v === limit,
	}[m[2]];
	return (d, i) => compare(get(d, i));
}

function nameTest(word) {
	const real = /^(?:R=)([0-9a-f]{1,8})(?:\[([0-9a-f]+)\])?$/i.exec(word) ||
		/^([0-9a-f]{8})(?:\[([0-9a-f]+)\])?$/i.exec(word);
	const ours = /^cifs-(\d+)(?:\[([0-9a-f]+)\])?$/i.exec(word);
	if (!real && !ours)
		return null;
	const rreq = real ? parseInt(real[1], 16) : parseInt(ours[1], 10);
	const index = parseInt((real || ours)[2] || "0", 16);
	return (d, i) => d.requests.rreq[i] === rreq && !(d.requests.flags[i] & SYNTHETIC) === !!real &&
		(!index || d.requests.subs.of(i).some((s) => d.subrequests.index[s] === index));
}

function keyTest(word) {
	const m = /^(\w+):(.+)$/.exec(word);
	const key = m && m[1].toLowerCase(), value = m && m[2];
	if (m && TEXT_KEYS[key])
		return (d, i) => TEXT_KEYS[key](d, i).toLowerCase().includes(value.toLowerCase());
	if (m && EXACT_KEYS[key])
		return (d, i) => [EXACT_KEYS[key](d, i)].flat().includes(value);
	return null;
}

function textTest(word) {
	const w = word.toLowerCase();
	return (d, i) => Object.values(TEXT_KEYS).some((get) => get(d, i).toLowerCase().includes(w)) ||
		requestName(d, i).toLowerCase().includes(w) || d.text[d.requests.ino[i]] === word;
}

/* (data, row) => does it fit; null: everything does. A word after "-" must not fit. */
function makeFilter(line) {
	const tests = line.trim().split(/\s+/).filter(Boolean).map((raw) => {
		const not = raw.length > 1 && raw[0] === "-", word = not ? raw.slice(1) : raw;
		const flag = Object.hasOwn(FLAG_WORDS, word) ? FLAG_WORDS[word] : null;
		const test = nameTest(word) || flag || numberTest(word) || keyTest(word) || textTest(word);
		return not ? (d, i) => !test(d, i) : test;
	});
	return tests.length ? (d, i) => tests.every((t) => t(d, i)) : null;
}
