/* SPDX-License-Identifier: GPL-2.0-only */
/* The search line: words that all have to fit a request. What a word cannot mean is said. */

const FLAG_WORDS = {
	error: (d, i) => d.requests.outcome[i] < 0,
	retry: (d, i) => d.requests.retries[i] > 0,
	finding: (d, i) => d.requests.findings[i] > 0,
	open: (d, i) => !(d.requests.flags[i] & FREED),
	partial: (d, i) => (d.requests.flags[i] & PARTIAL) !== 0,
	lost: (d, i) => (d.requests.flags[i] & LOST) !== 0,
	write: (d, i) => (d.requests.flags[i] & WRITE) !== 0,
	read: (d, i) => (d.requests.flags[i] & WRITE) === 0,
	short: (d, i) => d.requests.transferred[i] < d.requests.len[i],
};

/* Names, in which a word without a key is looked for too. */
const NAME_KEYS = {
	origin: (d, i) => d.text[d.requests.origin[i]],
	fs: (d, i) => d.text[d.requests.fs[i]],
	mount: (d, i) => mountName(d, d.requests.mount[i]),
	path: (d, i) => d.text[d.requests.path[i]],
	comm: (d, i) => d.text[d.requests.comm[i]],
	stage: (d, i) => (d.requests.stage[i] < 0 ? "" : STAGES[d.requests.stage[i]].name),
};

const TEXT_KEYS = { ...NAME_KEYS, why: (d, i) => d.text[d.requests.why[i]] };

const EXACT_KEYS = {
	inode: (d, i) => d.text[d.requests.ino[i]],
	pid: (d, i) => String(d.requests.tgid[i]),
	tid: (d, i) => String(d.requests.tid[i]),
	epoch: (d, i) => String(d.requests.epoch[i]),
	mid: (d, i) => Array.from(d.requests.cmds.of(i), (c) => String(d.commands.mid[c])),
};

/* What a number may be followed by; 1 is what it is without. */
const TIME_UNITS = { ns: 1, us: 1e3, "µs": 1e3, ms: 1e6, s: 1e9 };
const SIZE_UNITS = { "": 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };
const SECONDS = { "": 1, s: 1 };

const NUMBER_KEYS = {
	latency: { units: TIME_UNITS, get: (d, i) => d.requests.latency[i] },
	bytes: { units: SIZE_UNITS, get: (d, i) => d.requests.transferred[i] },
	len: { units: SIZE_UNITS, get: (d, i) => d.requests.len[i] },
	offset: { units: SIZE_UNITS, get: (d, i) => d.requests.start[i] },
	retries: { units: { "": 1 }, get: (d, i) => d.requests.retries[i] },
	subs: { units: { "": 1 }, get: (d, i) => d.requests.subs.of(i).length },
	error: { units: { "": 1 }, get: (d, i) => d.requests.outcome[i] },
	time: { units: SECONDS, get: (d, i) => (d.requests.first[i] + d.begin) / 1e9 },
};

const COMPARE = {
	"<": (v, limit) => v < limit, ">": (v, limit) => v > limit, "<=": (v, limit) => v <= limit,
	">=": (v, limit) => v >= limit, "=": (v, limit) => v === limit, ":": (v, limit) => v === limit,
};

const WORD_KEYS = ["R", "test", "conn", "slower", "faster"];
const ALL_KEYS = [...WORD_KEYS, ...Object.keys(TEXT_KEYS), ...Object.keys(EXACT_KEYS), ...Object.keys(NUMBER_KEYS)];

/* Thrown for a word that means nothing: its message is the user's. */
class Unclear extends Error {}

/* How many letters have to be changed to make b of a. */
function distance(a, b) {
	let row = Array.from({ length: b.length + 1 }, (_, j) => j);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++)
			next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
		row = next;
	}
	return row[b.length];
}

/* " Did you mean latency?", or nothing. */
function suggest(word, known) {
	const w = word.toLowerCase();
	const near = known.map((k) => [distance(w, k.toLowerCase()), k]).sort((a, b) => a[0] - b[0])[0];
	return near && near[0] > 0 && near[0] <= Math.max(1, Math.floor(w.length / 3)) ? ` Did you mean ${near[1]}?` : "";
}

/* The words of the line, {not, quoted, text}: white space parts them, quotes keep it, "" within is one. */
function splitWords(line) {
	if ((line.match(/"/g) || []).length % 2)
		throw new Unclear('A quote (") is not closed.');
	return Array.from(line.matchAll(/(-?)((?:"(?:[^"]|"")*"|[^\s"])+)/g), ([, minus, raw]) => ({
		not: minus === "-", quoted: raw[0] === '"', raw: minus + raw,
		text: raw.replace(/"((?:[^"]|"")*)"/g, (_, inside) => inside.replaceAll('""', '"')),
	}));
}

/* A value as it is written in the line. */
function quoteWord(text) {
	return /[\s"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/* ---- kinds of words: each gives a test (data, row), null if it is none of its kind, or throws ---- */

function nameTest(word) {
	const real = /^R=([0-9a-f]{1,8})(?:\[([0-9a-f]+)\])?$/i.exec(word) || /^([0-9a-f]{8})(?:\[([0-9a-f]+)\])?$/i.exec(word);
	const ours = /^cifs-(\d+)(?:\[([0-9a-f]+)\])?$/i.exec(word);
	if (!real && /^R[=:]/i.test(word))
		throw new Unclear(`${word}: what follows R= is a hexadecimal number, as in R=0000002a or R=0000002a[3].`);
	if (!real && !ours)
		return null;
	const rreq = real ? parseInt(real[1], 16) : parseInt(ours[1], 10);
	const index = parseInt((real || ours)[2] || "0", 16);
	return (d, i) => d.requests.rreq[i] === rreq && !(d.requests.flags[i] & SYNTHETIC) === !!real &&
		(!index || d.requests.subs.of(i).some((s) => d.subrequests.sreq[s] === index));
}

function readNumber(key, text, units, example) {
	const hex = /^0x[0-9a-f]+$/i.test(text);
	const m = hex ? [text, text, ""] : /^(-?\d+(?:\.\d+)?)\s*([a-zµ]*)$/i.exec(text);
	if (!m)
		throw new Unclear(`${key}: “${text}” is no number. As in ${example}.`);
	const unit = m[2].toLowerCase(), n = Number(m[1]);
	const scale = units === SIZE_UNITS ? units[unit.replace(/i?b$/, "") || unit] : units[unit];
	if (scale !== undefined)
		return n * scale;
	if (!unit && n === 0)
		return 0;
	if (!unit)
		throw new Unclear(`${key} needs a unit: ${m[1]}ns, ${m[1]}us, ${m[1]}ms or ${m[1]}s?`);
	const known = Object.keys(units).filter(Boolean);
	throw new Unclear(known.length ? `${key}: “${m[2]}” is no unit here; ${known.join(", ")} are.` : `${key} takes a number without a unit, not “${m[2]}”.`);
}

function exampleOf(key) {
	const { units } = NUMBER_KEYS[key];
	if (key === "time" || key === "error")
		return key === "time" ? "time>41.5" : "error=-5";
	return units === TIME_UNITS ? `${key}>5ms` : units === SIZE_UNITS ? `${key}>=64k` : `${key}>3`;
}

function numberTest(key, op, value) {
	if (key === "slower" || key === "faster") {
		if (op !== ":" && op !== "=")
			throw new Unclear(`${key} takes a colon, as in ${key}:5ms.`);
		const limit = readNumber(key, value, TIME_UNITS, `${key}:5ms`);
		return key === "slower" ? (d, i) => d.requests.latency[i] > limit : (d, i) => d.requests.latency[i] < limit;
	}
	const { units, get } = NUMBER_KEYS[key], limit = readNumber(key, value, units, exampleOf(key));
	return (d, i) => COMPARE[op](get(d, i), limit);
}

/* Tests by name, or one of its runs: generic/306, generic/306#2. Rows of head.tests. */
function testsNamed(data, name) {
	return data.head.tests.filter((t) => t.name === name || testLabel(t) === name || `${t.name}#${t.repeat}` === name);
}

function testTest(data, value) {
	const { tests } = data.head, named = testsNamed(data, value);
	if (!tests.length)
		throw new Unclear("test: this recording has no tests of xfstests.");
	if (!named.length) {
		const like = tests.filter((t) => t.name.includes(value)).map((t) => t.name);
		const some = like.length ? ` ${like.slice(0, 5).join(", ")}${like.length > 5 ? " …" : ""} ${like.length > 1 ? "are" : "is"} there.` : suggest(value, tests.map((t) => t.name));
		throw new Unclear(`test: no test is called “${value}”.${some}`);
	}
	const ordinals = new Set(named.map((t) => t.test));
	const test = (d, i) => ordinals.has(d.requests.test[i]);
	test.tests = ordinals;
	return test;
}

function exactTest(key, value) {
	if (!/^(0x[0-9a-f]+|\d+)$/i.test(value))
		throw new Unclear(`${key} takes a number, not “${value}”.`);
	const wanted = String(BigInt(value));
	return (d, i) => [EXACT_KEYS[key](d, i)].flat().includes(wanted);
}

function connTest(value) {
	if (!/^(0x[0-9a-f]+|\d+)$/i.test(value))
		throw new Unclear(`conn takes the number of a connection, as in conn:0x2, not “${value}”.`);
	const id = `0x${BigInt(value).toString(16)}`;
	return (d, i) => d.requests.subs.of(i).some((s) => (d.head.connections[d.subrequests.conn[s] - 1] || {}).conn === id);
}

function keyTest(data, word) {
	const m = /^([a-z]+)(<=|>=|<|>|=|:)(.*)$/is.exec(word), key = m && m[1].toLowerCase();
	if (!m || nameTest(word))
		return null;
	const [, , op, value] = m, takes = (...ops) => {
		if (!ops.includes(op))
			throw new Unclear(`${key}${op} cannot be compared; write ${key}:${value || "…"}.`);
	};
	if (!ALL_KEYS.includes(key))
		throw new Unclear(`“${m[1]}${op}” is not known.${suggest(m[1], ALL_KEYS)} Keys are ${ALL_KEYS.slice(1).join(", ")}; quote the word to find it in names.`);
	if (!value)
		throw new Unclear(`${key}${op} what?`);
	if (Object.hasOwn(NUMBER_KEYS, key) || key === "slower" || key === "faster")
		return numberTest(key, op, value);
	takes(":", "=");
	if (key === "test")
		return testTest(data, value);
	if (key === "conn")
		return connTest(value);
	if (Object.hasOwn(EXACT_KEYS, key))
		return exactTest(key, value);
	return (d, i) => TEXT_KEYS[key](d, i).toLowerCase().includes(value.toLowerCase());
}

function textTest(word) {
	const w = word.toLowerCase();
	return (d, i) => Object.values(NAME_KEYS).some((get) => get(d, i).toLowerCase().includes(w)) ||
		requestName(d, i).toLowerCase().includes(w) || d.text[d.requests.ino[i]] === word;
}

/* A word that is in no name may be a mistake: then this says so. */
function doubt(data, word, test) {
	for (let i = 0; i < data.requests.rows; i++)
		if (test(data, i))
			return null;
	const nothing = nameTest(word) ? `${word} is not in this recording.` : `“${word}” is in no name of a request.`;
	return nothing + suggest(word, [...Object.keys(FLAG_WORDS), "slower:5ms", "faster:5ms"]);
}

function wordTest(data, word, hints) {
	if (word.quoted)
		return textTest(word.text);
	const known = Object.hasOwn(FLAG_WORDS, word.text) ? FLAG_WORDS[word.text] : keyTest(data, word.text);
	if (known)
		return known;
	const test = nameTest(word.text) || textTest(word.text), hint = doubt(data, word.text, test);
	if (hint)
		hints.push(hint);
	return test;
}

/*
 * What a line means: {fits, tests, named, hints, wrong}. fits(data, row), null: everything; tests:
 * ordinals that were asked for, null: none were; named: it is the name of a request; hints: what is to
 * be told. A word after "-" must not fit. wrong: a word means nothing: the line is not one to go by.
 */
function makeFilter(data, line) {
	const hints = [], list = [];
	let tests = null, named = false;
	try {
		for (const word of splitWords(line)) {
			const test = wordTest(data, word, hints);
			if (test.tests && !word.not)
				tests = test.tests;
			named = !list.length && !word.not && !word.quoted && nameTest(word.text) !== null;
			list.push(word.not ? (d, i) => !test(d, i) : test);
		}
	} catch (e) {
		if (!(e instanceof Unclear))
			throw e;
		return { fits: null, tests: null, named: false, hints: [e.message], wrong: true };
	}
	return { fits: list.length ? (d, i) => list.every((t) => t(d, i)) : null, tests, named, hints, wrong: false };
}

/* The line with a test asked for in place of any other; name null: with none. */
function withTest(line, name) {
	let words;
	try {
		words = splitWords(line);
	} catch {
		words = [];
	}
	const rest = words.filter((w) => w.quoted || !/^test[:=]/i.test(w.text)).map((w) => w.raw);
	return [...rest, ...(name ? [`test:${quoteWord(name)}`] : [])].join(" ");
}
