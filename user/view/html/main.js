/* SPDX-License-Identifier: GPL-2.0-only */
/* Puts the parts together: what is selected, filtered and shown, and the keys. */

const KEYS = [
	["w  s", "zoom in, out (also + and −, or the wheel)"], ["a  d", "move left, right (also ← →, or drag)"],
	["↑  ↓", "scroll the lanes (also the wheel over their names, or with shift)"], ["0", "the whole recording"],
	["j  k", "next, previous request of the table"], ["n  p", "next, previous finding"], ["Enter", "show the selected request in full"],
	["/", "search"], ["1 … 4", "findings, requests, summary, recording"], ["t", "light, dark, or as the system has it"],
	["Esc", "close, deselect, clear the search"], ["?", "this list"],
];
const CHIPS = ["error", "retry", "finding", "read", "write", "open", "lost"];
const LEGEND = [["read", "read"], ["write", "write"], ["meta", "other command"], ...STAGES.map((s) => [s.color, s.name]), ["retry", "earlier attempts"], ["bad", "error, finding, loss"]];
const $ = (id) => document.getElementById(id);

/* Colours of the canvas are those of the style sheet. */
function themeColors() {
	const style = getComputedStyle(document.documentElement), colors = {};
	for (const name of ["canvas", "panel", "group", "line", "grid", "text", "dim", "accent", "beam", "shade", "activity", "read", "write", "meta", "readSoft",
		"writeSoft", "metaSoft", "prepare", "wait", "send", "wire", "callback", "collect", "retry", "bad", "warn", "good", "credits", "creditsSoft", "inflight", "inflightSoft", "onBar", "onStage"])
		colors[name] = style.getPropertyValue(`--${name}`).trim();
	return colors;
}

class Page {
	constructor(data) {
		this.data = data;
		this.selected = -1;
		this.finding = -1;
		this.shown = null; /* by request, those that pass the filter; null: all */
		this.events = { select: (row) => this.select(row), open: (row) => this.open(row), finding: (f) => this.follow(f), test: (t) => this.showTest(t), hover: (...a) => this.hover(...a), viewed: () => this.viewed() };
		this.fillHead();
		this.makeTabs();
		this.timeline = new Timeline($("canvas"), data, this.events);
		this.overview = new Overview($("overview"), this.timeline);
		this.table = new RequestTable(this.panels.requests, data, this.events);
		this.listen();
		this.filter("");
		this.showTab(data.head.findings.length ? "findings" : "requests");
		this.viewed();
	}

	fillHead() {
		const { trace } = this.data.head;
		const when = trace.real_ns ? formatDate(trace.real_ns).slice(0, 19) + " UTC" : formatDmesg(trace.begin_ns);
		const about = [trace.host, trace.release, when, formatNs(trace.duration_ns)].filter(Boolean);
		$("about").replaceChildren(...about.map((a) => el("span", { title: a }, a)));
		document.title = `netfsnoop: ${about.slice(0, 2).join(", ")}`.slice(0, 200);
		fillTiles($("tiles"), this.data);
		$("legend").replaceChildren(...LEGEND.map(([color, name]) => el("span", {}, el("b", { class: `swatch c-${color}` }), name)));
		$("help").replaceChildren(el("h2", {}, "Keys"), el("dl", {}, KEYS.map(([k, what]) => [el("dt", {}, el("kbd", {}, k)), el("dd", {}, what)])),
			el("h2", {}, "Search"), el("p", {}, "Words that all have to fit; one after “-” must not. R=0000002a[3], cifs-42; ", Object.keys(FLAG_WORDS).join(", "),
				"; ", Object.keys(TEXT_KEYS).concat(Object.keys(EXACT_KEYS)).map((k) => `${k}:`).join(" "), "; ", Object.keys(NUMBER_KEYS).join(", "), " with <, > or =, as in latency>10ms bytes>=1m; else any part of a name."),
			el("form", { method: "dialog" }, el("button", {}, "Close")));
	}

	/* ---- tabs ---- */

	makeTabs() {
		const names = { findings: `Findings (${formatCount(this.data.head.findings.length)})`, requests: "Requests", summary: "Summary", recording: "Recording" };
		this.panels = {};
		this.tabs = {};
		for (const [id, name] of Object.entries(names)) {
			this.panels[id] = el("div", { class: "panel", role: "tabpanel", id: `panel-${id}`, "aria-labelledby": `tab-${id}`, hidden: true });
			this.tabs[id] = el("button", { type: "button", role: "tab", id: `tab-${id}`, "aria-controls": `panel-${id}`, on: { click: () => this.showTab(id), keydown: (e) => this.tabKey(e, id) } }, name);
		}
		$("tabs").replaceChildren(...Object.values(this.tabs));
		$("panels").replaceChildren(...Object.values(this.panels));
		this.panels.findings.append(findingsPanel(this.data, this.events));
		this.panels.recording.append(recordingPanel(this.data));
		$("chips").replaceChildren(...CHIPS.map((word) => el("button", { type: "button", class: "chip", "aria-pressed": "false", on: { click: () => this.toggleWord(word) } }, word)));
	}

	showTab(id) {
		for (const key of Object.keys(this.tabs)) {
			this.panels[key].hidden = key !== id;
			this.tabs[key].setAttribute("aria-selected", key === id ? "true" : "false");
			this.tabs[key].tabIndex = key === id ? 0 : -1;
		}
		this.tab = id;
		if (id === "summary" && this.summaryOf !== this.shown) {
			this.summaryOf = this.shown;
			this.panels.summary.replaceChildren(summaryPanel(this.data, this.shown, this.events));
		}
	}

	tabKey(e, id) {
		const ids = Object.keys(this.tabs), by = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
		if (!by)
			return;
		const next = ids[(ids.indexOf(id) + by + ids.length) % ids.length];
		this.showTab(next);
		this.tabs[next].focus();
		e.preventDefault();
		e.stopPropagation();
	}

	/* ---- filter ---- */

	filter(line) {
		const test = makeFilter(line), n = this.data.requests.rows, rows = [];
		this.shown = test ? new Uint8Array(n) : null;
		for (let i = 0; i < n; i++)
			if (!test || test(this.data, i)) {
				rows.push(i);
				if (test)
					this.shown[i] = 1;
			}
		this.table.setRows(Int32Array.from(rows));
		this.timeline.setShown(this.shown);
		this.overview.setShown(this.shown);
		$("matches").textContent = test ? `${formatCount(rows.length)} of ${formatCount(n)}` : `${formatCount(n)} requests`;
		const words = line.trim().split(/\s+/);
		for (const chip of $("chips").children)
			chip.setAttribute("aria-pressed", words.includes(chip.textContent) ? "true" : "false");
		this.summaryOf = undefined;
		if (this.tab === "summary")
			this.showTab("summary");
		/* a single request that was asked for by name is what is meant */
		if (test && rows.length === 1 && nameTest(line.trim()))
			this.select(rows[0]);
	}

	toggleWord(word) {
		const words = $("search").value.trim().split(/\s+/).filter(Boolean);
		$("search").value = (words.includes(word) ? words.filter((w) => w !== word) : [...words, word]).join(" ");
		this.filter($("search").value);
		if (this.tab === "findings" || this.tab === "recording")
			this.showTab("requests");
	}

	/* ---- selection ---- */

	/* The time of a test, in full. */
	showTest(t) {
		this.timeline.glide(t.from, t.to);
	}

	select(row) {
		this.selected = row;
		$("detail").hidden = row < 0;
		this.timeline.select(row);
		this.table.select(row);
		if (row >= 0)
			fillDetail($("detail"), this.data, row, this.events);
		this.setHash(row < 0 ? "" : requestName(this.data, row));
	}

	open(row) {
		if (row < 0)
			return;
		this.select(row);
		this.timeline.reveal(row);
	}

	/* To a finding: its card, its request, its moment. */
	follow(f) {
		this.finding = this.data.head.findings.indexOf(f);
		this.showTab("findings");
		if (f.request !== null && this.shown && !this.shown[f.request]) {
			$("search").value = "";
			this.filter("");
		}
		if (f.request !== null) {
			this.open(f.request);
		} else {
			const half = (this.data.span.to - this.data.span.from) / 20;
			this.select(-1);
			this.timeline.glide(f.time - half, f.time + half);
		}
		const card = $(`finding-${this.finding}`);
		for (const other of document.querySelectorAll(".finding.current"))
			other.classList.remove("current");
		card.classList.add("current");
		card.scrollIntoView({ block: "nearest" });
		this.setHash(`finding=${this.finding}`);
	}

	stepFinding(by) {
		const { findings } = this.data.head;
		if (findings.length)
			this.follow(findings[(this.finding + by + findings.length) % findings.length]);
	}

	setHash(text) {
		this.hash = text ? `#${text}` : "";
		history.replaceState(null, "", this.hash || location.pathname + location.search);
	}

	/* The address names a request or a finding. */
	goHash() {
		const text = decodeURIComponent(location.hash.slice(1)), finding = /^finding=(\d+)$/.exec(text);
		if (finding && this.data.head.findings[finding[1]])
			return this.follow(this.data.head.findings[finding[1]]);
		const test = nameTest(text);
		for (let i = 0; test && i < this.data.requests.rows; i++)
			if (test(this.data, i))
				return this.open(i);
	}

	/* ---- the timeline ---- */

	viewed() {
		const { from, to } = this.timeline ? this.timeline.view : this.data.span;
		$("range").textContent = `${formatDmesg(from + this.data.begin)} + ${formatNs(to - from)}`;
		if (this.overview)
			this.overview.draw();
	}

	hover(hit, x, y, offset) {
		const tip = $("tip"), lines = hit ? tipLines(this.data, hit, this.timeline.time(offset)) : null;
		tip.hidden = !lines;
		$("canvas").style.cursor = hit && (hit.group || hit.finding || hit.row !== undefined) ? "pointer" : "default";
		if (!lines)
			return;
		tip.replaceChildren(el("strong", {}, lines[0]), definitionList(lines.slice(1)));
		const box = tip.getBoundingClientRect();
		tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - box.width - 8))}px`;
		tip.style.top = `${y + 18 + box.height > innerHeight ? Math.max(4, y - box.height - 12) : y + 18}px`;
	}

	/* ---- keys and buttons ---- */

	listen() {
		const tl = this.timeline, on = (id, event, what) => $(id).addEventListener(event, what);
		on("zoom-in", "click", () => tl.zoom(0.6));
		on("zoom-out", "click", () => tl.zoom(1 / 0.6));
		on("zoom-fit", "click", () => tl.fit());
		on("zoom-request", "click", () => this.open(this.selected));
		on("theme", "click", () => this.nextTheme());
		on("help-open", "click", () => $("help").showModal());
		on("search", "input", () => {
			clearTimeout(this.typing);
			this.typing = setTimeout(() => this.filter($("search").value), 120);
		});
		on("splitter", "pointerdown", (e) => this.splitter(e));
		on("splitter", "keydown", (e) => this.splitterKey(e));
		addEventListener("hashchange", () => location.hash !== this.hash && this.goHash());
		addEventListener("keydown", (e) => this.key(e));
		matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.recolor());
		this.setTheme("auto");
	}

	keyAction(key) {
		const tl = this.timeline, tabs = Object.keys(this.tabs);
		return {
			w: () => tl.zoom(0.7), "+": () => tl.zoom(0.7), "=": () => tl.zoom(0.7), s: () => tl.zoom(1 / 0.7), "-": () => tl.zoom(1 / 0.7),
			a: () => tl.pan(-0.15), ArrowLeft: () => tl.pan(-0.15), d: () => tl.pan(0.15), ArrowRight: () => tl.pan(0.15),
			ArrowUp: () => tl.scrollBy(-40), ArrowDown: () => tl.scrollBy(40), 0: () => tl.fit(), Home: () => tl.fit(),
			j: () => this.table.step(1), k: () => this.table.step(-1), n: () => this.stepFinding(1), p: () => this.stepFinding(-1),
			Enter: () => this.open(this.selected), "/": () => $("search").focus(), t: () => this.nextTheme(), "?": () => $("help").showModal(),
			Escape: () => this.escape(), 1: () => this.showTab(tabs[0]), 2: () => this.showTab(tabs[1]), 3: () => this.showTab(tabs[2]), 4: () => this.showTab(tabs[3]),
		}[key];
	}

	key(e) {
		const typing = e.target.matches("input, textarea"), control = e.target.matches("button, a, summary, [role=separator]");
		const action = this.keyAction(e.key);
		if (!action || e.ctrlKey || e.metaKey || e.altKey || $("help").open)
			return;
		if (typing && e.key !== "Escape" || (control && (e.key === "Enter" || e.key === " ")))
			return;
		e.preventDefault();
		action();
	}

	escape() {
		if (document.activeElement === $("search"))
			$("search").blur();
		else if (this.selected >= 0)
			this.select(-1);
		else if ($("search").value) {
			$("search").value = "";
			this.filter("");
		}
	}

	setHeight(px) {
		$("time").style.height = `${Math.min(Math.max(140, px), innerHeight - 200)}px`;
	}

	splitter(e) {
		const top = $("time").getBoundingClientRect().top, move = (ev) => this.setHeight(ev.clientY - top);
		$("splitter").setPointerCapture(e.pointerId);
		$("splitter").addEventListener("pointermove", move);
		$("splitter").addEventListener("pointerup", () => $("splitter").removeEventListener("pointermove", move), { once: true });
	}

	splitterKey(e) {
		const by = { ArrowUp: -30, ArrowDown: 30 }[e.key];
		if (!by)
			return;
		this.setHeight($("time").offsetHeight + by);
		e.preventDefault();
		e.stopPropagation();
	}

	setTheme(theme) {
		this.theme = theme;
		if (theme === "auto")
			delete document.documentElement.dataset.theme;
		else
			document.documentElement.dataset.theme = theme;
		$("theme").textContent = { auto: "Auto", light: "Light", dark: "Dark" }[theme];
		this.recolor();
	}

	nextTheme() {
		this.setTheme({ auto: "dark", dark: "light", light: "auto" }[this.theme]);
	}

	recolor() {
		this.timeline.colors = themeColors();
		this.timeline.redraw();
		this.overview.draw();
	}
}

/* What the pointer is over: a title, then pairs. */
function tipLines(data, hit, time) {
	const { requests: r, subrequests: s, commands: c, text } = data;
	if (hit.finding)
		return [`${hit.finding.check}: ${hit.finding.verdict}`, ["", hit.finding.explanation], ["observed", hit.finding.observed], ["", "A click goes there."]];
	if (hit.plot) {
		const v = hit.plot.steps.at(time);
		return [`${hit.plot.name}: ${v === null ? "not known yet" : formatCount(v)}`, ["at", formatDmesg(time + data.begin)], ["connection", connName(data, hit.plot.conn + 1)]];
	}
	if (hit.test)
		return [hit.test.name, ["verdict", hit.test.verdict], ["reason", hit.test.reason], ["took", formatNs(hit.test.to - hit.test.from)],
			["requests", formatCount(hit.test.requests)], ["read", formatBytes(hit.test.read)], ["written", formatBytes(hit.test.written)],
			["errors", hit.test.errors || ""], ["retries", hit.test.retries || ""], ["never ended", hit.test.open || ""]];
	if (hit.kind === "request")
		return [`${requestName(data, hit.row)} ${text[r.origin[hit.row]]}`, ["began", formatDmesg(r.first[hit.row] + data.begin)], ["latency", formatNs(r.latency[hit.row])],
			["bytes", `${formatBytes(r.transferred[hit.row])} at 0x${formatHex(r.start[hit.row])}`], ["file", `inode ${text[r.ino[hit.row]]}`], ["by", `${text[r.comm[hit.row]] || "?"}-${r.tid[hit.row]}`],
			["subrequests", formatCount(r.subs.of(hit.row).length)], ["longest stage", stageShare(data, hit.row)], ["retries", r.retries[hit.row] || ""], ["error", r.error[hit.row] || ""],
			["findings", r.findings[hit.row] || ""], ["note", requestState(data, hit.row)]];
	if (hit.kind === "sub")
		return [requestName(data, s.request[hit.row], s.index[hit.row]), ["", `${s.write[hit.row] ? "write" : "read"} of ${formatBytes(s.len[hit.row])} at 0x${formatHex(s.start[hit.row])}`],
			["took", formatNs(s.last[hit.row] - s.first[hit.row])], ...STAGES.map((st) => [st.name, s[st.key][hit.row] ? formatNs(s[st.key][hit.row] - 1) : ""]),
			["credits", s.credits[hit.row] ? s.credits[hit.row] - 1 : ""], ["retries", Math.max(0, s.attempts[hit.row] - 1) || ""], ["error", s.error[hit.row] || ""]];
	if (hit.kind === "command")
		return [`${text[c.cmd[hit.row]]}, mid ${c.mid[hit.row]}`, ["for", c.request[hit.row] ? requestName(data, c.request[hit.row] - 1, c.sreq[hit.row]) : "no request of netfs"],
			["began", formatDmesg(c.first[hit.row] + data.begin)], ["took", c.end[hit.row] ? formatNs(c.end[hit.row] - 1) : ""], ["status", statusText(data, hit.row)],
			["credits", `${c.charge[hit.row]} charged, ${c.granted[hit.row]} granted`], ["pending", c.interim[hit.row] || ""], ["connection", connName(data, c.conn[hit.row])]];
	return null;
}

async function start() {
	try {
		const data = await loadData();
		$("app").hidden = false;
		window.netfsnoop = new Page(data); /* for the console, and for tests */
		$("wait").remove();
		window.netfsnoop.goHash();
	} catch (e) {
		$("wait").textContent = `The recording cannot be shown: ${e.message}`;
		throw e;
	}
}

start();
