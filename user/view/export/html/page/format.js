/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers as the text report prints them, and elements. Text only ever becomes a text node. */

function formatNs(ns) {
	if (!Number.isFinite(ns))
		return "–";
	const units = ["ns", "us", "ms", "s"];
	let v = ns, u = 0;
	for (; v >= 999.5 && u < units.length - 1; u++)
		v /= 1000;
	return `${v.toFixed(!u ? 0 : v < 10 ? 2 : v < 100 ? 1 : 0)} ${units[u]}`;
}

function isUnknown(n) {
	return n === null || Number.isNaN(n);
}

function formatBytes(bytes) {
	if (isUnknown(bytes))
		return "?";
	const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
	let v = bytes, u = 0;
	for (; v >= 1024 && u < units.length - 1; u++)
		v /= 1024;
	return `${v.toFixed(u ? 1 : 0)} ${units[u]}`;
}

/* Of a column in which 0 is not known, and 1 is 0. */
function formatKnown(n) {
	return n ? formatCount(n - 1) : "?";
}

function formatCount(n) {
	if (isUnknown(n))
		return "?";
	return Number(n).toLocaleString("en-US");
}

/* An error, or how many: 0 is nothing to tell. */
function formatFault(n) {
	return isUnknown(n) ? "?" : n || "";
}

/* "1 event", "2 events" */
function counted(n, noun) {
	return `${formatCount(n)} ${noun}${Number(n) === 1 ? "" : "s"}`;
}

function formatHex(n, digits) {
	return n.toString(16).padStart(digits || 0, "0");
}

function formatOffset(n) {
	return isUnknown(n) ? "?" : `0x${formatHex(n)}`;
}

/* "512 KiB", "512 of 1,024 bytes" */
function formatMoved(moved, len, noun) {
	return moved === len || isUnknown(len) ? formatBytes(moved) : `${formatCount(moved)} of ${formatCount(len)}${noun}`;
}

/* "[   17.751676]", dmesg's form of CLOCK_MONOTONIC */
function formatDmesg(ns) {
	const us = Math.floor(ns / 1000);
	const sec = Math.floor(us / 1e6);
	return `[${String(sec).padStart(5)}.${String(us - sec * 1e6).padStart(6, "0")}]`;
}

function formatDate(ns) {
	return new Date(ns / 1e6).toISOString().replace("T", " ").replace("Z", " UTC");
}

/* ---- the wall clock, by the recording's one anchor ---- */

let localZone = false; /* else UTC */

/* Of the browser, at the recording's begin. */
function zoneNs(data) {
	return localZone ? -new Date(data.real / 1e6).getTimezoneOffset() * 60e9 : 0;
}

function zoneName(data) {
	const minutes = zoneNs(data) / 60e9, abs = Math.abs(minutes);
	return localZone ? `UTC${minutes < 0 ? "−" : "+"}${String(Math.floor(abs / 60)).padStart(2, "0")}:${String(abs % 60).padStart(2, "0")}` : "UTC";
}

/* "04:55:01.973": of a time since begin, with that many digits of the second. */
function clockText(data, t, digits) {
	const base = Math.floor(data.real / 1e9), ns = data.real - base * 1e9 + t + zoneNs(data); /* small, so exact */
	const units = Math.round(ns / 10 ** (9 - digits)), second = Math.floor(units / 10 ** digits), rest = units - second * 10 ** digits;
	return new Date((base + second) * 1000).toISOString().slice(11, 19) + (digits ? `.${String(rest).padStart(digits, "0")}` : "");
}

/* "2026-11-28 04:55:01.973412 UTC"; null: not recorded */
function formatWall(data, t) {
	if (data.real === null)
		return null;
	const day = new Date((data.real + t + zoneNs(data)) / 1e6).toISOString().slice(0, 10);
	return `${day} ${clockText(data, t, 6)} ${zoneName(data)}`;
}

/* "generic/306", "generic/306#2" of a later run */
function testLabel(test) {
	return Number(test.repeat) > 1 ? `${test.name}#${test.repeat}` : test.name || "?";
}

/* "R=0000002a[3]", "cifs-42" */
function requestName(data, row, index) {
	const r = data.requests;
	const name = r.flags[row] & SYNTHETIC ? `cifs-${r.rreq[row]}` : `R=${formatHex(r.rreq[row], 8)}`;
	return index ? `${name}[${formatHex(index)}]` : name;
}

function connName(data, conn) {
	const c = data.head.connections[conn - 1];
	return c ? `${c.conn}${c.server ? ` ${c.server}` : ""}` : "unknown";
}

function mountName(data, mount) {
	const m = data.head.mounts[mount - 1];
	return m ? m.point || `dev ${m.dev}` : "unknown mount";
}

function statusText(data, cmd) {
	const c = data.commands;
	if (!(c.flags[cmd] & ANSWERED))
		return c.flags[cmd] & FAILED ? `not answered, rc ${c.rc[cmd]}` : "not answered";
	const name = data.text[c.status_name[cmd]];
	return c.status[cmd] ? `0x${formatHex(c.status[cmd], 8)}${name ? ` ${name}` : ""}` : "ok";
}

/* An element. props: class, title, on: {event: handler}, and attributes; children: nodes or text. */
function el(tag, props, ...children) {
	const e = document.createElement(tag);
	for (const [key, value] of Object.entries(props || {})) {
		if (value === null || value === undefined || value === false)
			continue;
		if (key === "on")
			for (const [event, handler] of Object.entries(value))
				e.addEventListener(event, handler);
		else
			e.setAttribute(key, value === true ? "" : value);
	}
	for (const child of children.flat(Infinity))
		if (child !== null && child !== undefined)
			e.append(child instanceof Node ? child : String(child));
	return e;
}

/* A table of rows of cells; a cell is a node or text. numbers: indices of columns of numbers. */
function simpleTable(head, rows, numbers) {
	const align = (i) => (numbers && numbers.includes(i) ? "number" : null);
	return el("table", { class: "plain" },
		el("thead", {}, el("tr", {}, head.map((h, i) => el("th", { class: align(i), scope: "col" }, h)))),
		el("tbody", {}, rows.map((row) => el("tr", {}, row.map((c, i) => el("td", { class: align(i) }, c))))));
}

function definitionList(pairs) {
	return el("dl", {}, pairs.filter((p) => p[1] !== null && p[1] !== undefined && p[1] !== "")
		.map(([key, value]) => [el("dt", {}, key), el("dd", {}, value)]));
}
