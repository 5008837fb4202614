/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the address names after "#": test=NAME, filter=LINE, range=FROM-TO, R=0000002a (cifs-42),
 * finding=3, joined by "&"; with epoch= and at= where a name is there more than once. Times are
 * seconds as in dmesg.
 */

function encodeValue(text) {
	return encodeURIComponent(text).replace(/%(?:2F|3A|3C|3D|3E|5B|5D|22)/g, decodeURIComponent);
}

function decodeValue(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return text; /* a lone "%", as people write it */
	}
}

function parseAddress(hash) {
	const address = {};
	for (const part of hash.replace(/^#/, "").split("&").filter(Boolean)) {
		const at = part.indexOf("=");
		if (at < 0)
			address.R = decodeValue(part); /* cifs-42, 0000002a */
		else
			address[decodeValue(part.slice(0, at))] = decodeValue(part.slice(at + 1));
	}
	return address;
}

function formatAddress(address) {
	const parts = Object.entries(address).filter((e) => e[1] !== null && e[1] !== "")
		.map(([key, value]) => (key === "R" && String(value).startsWith("cifs-") ? value : `${key}=${encodeValue(String(value))}`));
	return parts.length ? `#${parts.join("&")}` : "";
}

/* "41.799060" as ns since the recording began; null: it is no time. */
function readSeconds(data, text) {
	return /^\d+(\.\d+)?$/.test(text || "") ? Number(text) * 1e9 - data.begin : null;
}

function formatSeconds(data, t) {
	return ((t + data.begin) / 1e9).toFixed(9).replace(/0{1,3}$/, "");
}

function readRange(data, text) {
	const [from, to] = (text || "").split("-").map((part) => readSeconds(data, part));
	return from !== null && to !== undefined && to !== null && to > from ? { from, to } : null;
}

/* The row of the request that is named; of several the one nearest to `at`, then the first; -1: none. */
function requestNamed(data, { R, epoch, at }) {
	let test = null;
	try {
		test = nameTest(/^cifs-/i.test(R) ? R : `R=${R.replace(/^R=/i, "")}`);
	} catch {
		return -1;
	}
	const r = data.requests, near = readSeconds(data, at);
	let best = -1;
	for (let i = 0; test && i < r.rows; i++) {
		if (!test(data, i) || (epoch && String(r.epoch[i]) !== epoch))
			continue;
		if (best < 0 || (near !== null && Math.abs(r.first[i] - near) < Math.abs(r.first[best] - near)))
			best = i;
	}
	return best;
}

/* The same of a test. */
function testNamed(data, { test, at }) {
	const near = readSeconds(data, at), named = testsNamed(data, test);
	if (near === null)
		return named[0] || null;
	return named.sort((a, b) => Math.abs(a.from - near) - Math.abs(b.from - near))[0] || null;
}
