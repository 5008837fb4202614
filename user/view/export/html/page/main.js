/* SPDX-License-Identifier: GPL-2.0-only */
/* Puts the parts together: what is selected, filtered and shown, and the keys. */

const KEYS = [
	["w  s", "zoom in, out (also + and −, or the wheel)"], ["a  d", "move left, right (also ← →, or drag)"],
	["r", "statistics of what is shown (also drag over the time axis, or with shift over the lanes)"],
	["↑  ↓", "scroll the lanes (also the wheel over their names, or with shift)"], ["0", "the whole recording"],
	["j  k", "next, previous request of the table"], ["n  p", "next, previous finding"], ["Enter", "show the selected request in full"],
	["/", "search"], ["1 … 5", "findings, requests, summary, recording, range"], ["u", "wall clock in UTC or in local time"], ["t", "light, dark, or as the system has it"],
	["Esc", "undo what came last: the drag, the range, the selected request or the filter"], ["?", "this list"],
];
const CHIPS = ["error", "retry", "finding", "read", "write", "open", "lost"];
const LEGEND = [["read", "read"], ["write", "write"], ["meta", "other command"], ...STAGES.map((s) => [s.color, s.name]), ["retry", "earlier attempts"], ["unknown", "stage not known, or not sent"], ["bad", "error, finding, loss"]];
const $ = (id) => document.getElementById(id);

/* Colours of the canvas are those of the style sheet. */
function themeColors() {
	const style = getComputedStyle(document.documentElement), colors = {};
	for (const name of ["canvas", "panel", "group", "line", "grid", "text", "dim", "accent", "beam", "shade", "activity", "read", "write", "meta", "readSoft",
		"writeSoft", "metaSoft", "prepare", "wait", "send", "wire", "decrypt", "callback", "collect", "retry", "unknown", "bad", "warn", "good", "credits", "creditsSoft", "inflight", "inflightSoft", "onBar", "onStage"])
		colors[name] = style.getPropertyValue(`--${name}`).trim();
	return colors;
}

class Page {
	constructor(data) {
		this.data = data;
		this.selected = -1;
		this.finding = -1;
		this.shown = null; /* by request, those that pass the filter; null: all */
		this.line = ""; /* the filter that shown is of */
		this.range = null;
		this.latest = []; /* what Esc takes back, in order: "filter", "range", "request" */
		this.events = { select: (row) => this.select(row), open: (row) => this.open(row), finding: (f) => this.follow(f), test: (t) => this.showTest(t), hover: (...a) => this.hover(...a), viewed: () => this.viewed(), range: (...a) => this.setRange(...a), zoomRange: () => this.timeline.glide(this.range.from, this.range.to) };
		this.fillHead();
		this.makeTabs();
		this.timeline = new Timeline($("canvas"), data, this.events);
		this.overview = new Overview($("overview"), this.timeline);
		this.table = new RequestTable(this.panels.requests, data, this.events);
		this.listen();
		this.filter("");
		this.showTab(data.head.findings.length ? "findings" : "requests");
		this.showPart();
		this.viewed();
	}

	/* Of a page of some requests, those in full. */
	showPart() {
		const r = this.data.requests;
		let from = Infinity, to = -Infinity;
		for (let i = 0; i < r.rows; i++) {
			from = Math.min(from, r.first[i]);
			to = Math.max(to, r.last[i]);
		}
		if (this.data.head.trace.restricted && to > from)
			this.timeline.setView(from - (to - from) / 20, to + (to - from) / 20);
	}

	fillHead() {
		const { trace } = this.data.head;
		const when = this.data.real === null ? formatDmesg(trace.start_ns) : formatDate(trace.start_realtime_ns).slice(0, 19) + " UTC";
		const about = [trace.host, trace.kernel, when, formatNs(trace.duration_ns)].filter(Boolean);
		$("about").replaceChildren(...about.map((a) => el("span", { title: a }, a)));
		document.title = `netfsnoop: ${about.slice(0, 2).join(", ")}`.slice(0, 200);
		fillTiles($("tiles"), this.data);
		$("legend").replaceChildren(...LEGEND.map(([color, name]) => el("span", {}, el("b", { class: `swatch c-${color}` }), name)));
		this.zone();
		this.fillTests();
		$("help").replaceChildren(el("h2", {}, "Keys"), el("dl", {}, KEYS.map(([k, what]) => [el("dt", {}, el("kbd", {}, k)), el("dd", {}, what)])),
			el("h2", {}, "Search"), el("p", {}, "Words that all have to fit; one after “-” must not."),
			definitionList([["name", "R=0000002a, R=0000002a[3], cifs-42"], ["is", Object.keys(FLAG_WORDS).join(", ")], ["took", "slower:5ms faster:100us; a time has its unit"],
				["number", `${Object.keys(NUMBER_KEYS).join(", ")} with <, >, <=, >= or =, as in bytes>=1m error=-5`],
				["of", `test:generic/306 test:generic/306#2 conn:0x2 ${Object.keys(EXACT_KEYS).map((k) => `${k}:`).join(" ")}`], ["has", `${Object.keys(TEXT_KEYS).map((k) => `${k}:`).join(" ")}`],
				["else", "any part of a name; in quotes if it has blanks or looks like one of the above"]]),
			el("form", { method: "dialog" }, el("button", {}, "Close")));
	}

	/* ---- tabs ---- */

	makeTabs() {
		const names = { findings: `Findings (${formatCount(this.data.head.findings.length)})`, requests: "Requests", summary: "Summary", recording: "Recording", range: "Range" };
		this.panels = {};
		this.tabs = {};
		for (const [id, name] of Object.entries(names)) {
			this.panels[id] = el("div", { class: "panel", role: "tabpanel", id: `panel-${id}`, "aria-labelledby": `tab-${id}`, hidden: true });
			this.tabs[id] = el("button", { type: "button", role: "tab", id: `tab-${id}`, "aria-controls": `panel-${id}`, on: { click: () => this.showTab(id), keydown: (e) => this.tabKey(e, id) } }, name);
		}
		this.tabs.range.hidden = true;
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
		if (id === "range")
			this.fillRange();
	}

	tabKey(e, id) {
		const ids = Object.keys(this.tabs).filter((key) => !this.tabs[key].hidden), by = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
		if (!by)
			return;
		const next = ids[(ids.indexOf(id) + by + ids.length) % ids.length];
		this.showTab(next);
		this.tabs[next].focus();
		e.preventDefault();
		e.stopPropagation();
	}

	/* ---- filter ---- */

	/* The tests of the recording, to choose one. */
	fillTests() {
		const { tests } = this.data.head, select = $("test");
		select.hidden = !tests.length;
		select.replaceChildren(el("option", { value: "" }, "all tests"), ...tests.map((t, i) => el("option", { value: i + 1 }, `${testLabel(t)}${t.result ? ` – ${t.result}` : ""}`)));
	}

	/* A line that means nothing leaves all as it is, and is told. */
	filter(line) {
		const made = makeFilter(this.data, line), n = this.data.requests.rows;
		this.say(made.hints, made.wrong);
		if (made.wrong)
			return;
		this.line = line.trim();
		this.shown = made.fits ? new Uint8Array(n) : null;
		this.tests = made.tests;
		for (let i = 0; made.fits && i < n; i++)
			this.shown[i] = made.fits(this.data, i) ? 1 : 0;
		this.came("filter", this.line);
		this.timeline.setShown(this.shown, this.tests);
		this.overview.setShown(this.shown);
		this.listRequests();
		const words = this.words();
		for (const chip of $("chips").children)
			chip.setAttribute("aria-pressed", words.includes(chip.textContent) ? "true" : "false");
		const chosen = this.tests && this.tests.size === 1 ? this.data.head.tests.findIndex((t) => this.tests.has(t.test)) + 1 : "";
		$("test").value = String(chosen);
		this.summaryOf = undefined;
		if (this.tab === "summary" || this.tab === "range")
			this.showTab(this.tab);
		/* a single request that was asked for by name is what is meant */
		if (made.named && this.table.rows.length === 1)
			this.select(this.table.rows[0]);
		else
			this.setHash();
	}

	/* The table has what passes the filter and, with a range, began in it. */
	listRequests() {
		const r = this.data.requests, n = r.rows, rows = [];
		for (let i = 0; i < n; i++)
			if ((!this.shown || this.shown[i]) && (!this.range || (r.first[i] >= this.range.from && r.first[i] <= this.range.to)))
				rows.push(i);
		this.table.setRows(Int32Array.from(rows));
		$("matches").textContent = (this.shown || this.range ? `${formatCount(rows.length)} of ${formatCount(n)}` : counted(n, "request")) + (this.range ? " in range" : "");
	}

	words() {
		return splitWords(this.line).map((w) => w.raw);
	}

	setLine(line) {
		$("search").value = line;
		this.filter(line);
	}

	say(hints, wrong) {
		$("hint").hidden = !hints.length;
		$("hint").className = wrong ? "wrong" : "";
		$("hint").textContent = hints.join(" ") + (wrong && this.line ? ` Still shown: ${this.line}` : "");
		$("search").setAttribute("aria-invalid", wrong ? "true" : "false");
	}

	toggleWord(word) {
		const words = this.words();
		this.setLine((words.includes(word) ? words.filter((w) => w !== word) : [...words, word]).join(" "));
		if (this.tab === "findings" || this.tab === "recording")
			this.showTab("requests");
	}

	/* A test alone, in full; null: all again. */
	showTest(t) {
		this.setLine(withTest(this.line, t ? `${t.name}${this.data.head.tests.some((o) => o !== t && o.name === t.name) ? `#${t.repeat}` : ""}` : null));
		if (t)
			this.timeline.glide(t.from, t.to);
	}

	/* ---- range ---- */

	/* final: the pointer has let go, so that it is worth counting */
	setRange(range, final) {
		this.range = range;
		this.timeline.setRange(range);
		this.overview.draw();
		if (!final)
			return;
		this.came("range", range);
		this.tabs.range.hidden = !range;
		this.listRequests();
		if (range || this.tab === "range")
			this.showTab(range ? "range" : "requests");
		this.setHash();
	}

	fillRange() {
		const st = rangeStats(this.data, this.timeline.maker.plots, this.range, this.shown, this.tests);
		this.panels.range.replaceChildren(rangePanel(this.data, st, this.shown !== null, this.events));
		return st;
	}

	/* ---- selection ---- */

	select(row) {
		this.selected = row;
		$("detail").hidden = row < 0;
		this.timeline.select(row);
		this.table.select(row);
		if (row >= 0)
			fillDetail($("detail"), this.data, row, this.events);
		this.mark(-1);
		this.came("request", row >= 0);
		this.setHash();
	}

	open(row) {
		if (row < 0)
			return;
		this.select(row);
		this.timeline.reveal(row);
	}

	/* The card of a finding, or of none. */
	mark(finding) {
		this.finding = finding;
		for (const other of document.querySelectorAll(".finding.current"))
			other.classList.remove("current");
		if (finding >= 0)
			$(`finding-${finding}`).classList.add("current");
	}

	/* To a finding: its card, its request, its moment. */
	follow(f) {
		const nr = this.data.head.findings.indexOf(f);
		this.showTab("findings");
		if (f.request !== null && this.shown && !this.shown[f.request])
			this.setLine("");
		if (f.request !== null) {
			this.open(f.request);
		} else {
			const half = (this.data.span.to - this.data.span.from) / 20;
			this.select(-1);
			this.timeline.glide(f.time - half, f.time + half);
		}
		this.mark(nr);
		this.came("request", true);
		$(`finding-${nr}`).scrollIntoView({ block: "nearest" });
		this.setHash();
	}

	stepFinding(by) {
		const { findings } = this.data.head, next = this.finding < 0 && by < 0 ? -1 : this.finding + by;
		if (findings.length)
			this.follow(findings[(next + findings.length) % findings.length]);
	}

	/* ---- the address ---- */

	setHash() {
		const r = this.data.requests, twice = this.data.ambiguous;
		const range = this.range ? `${formatSeconds(this.data, this.range.from)}-${formatSeconds(this.data, this.range.to)}` : "";
		const address = { filter: this.line, range };
		if (this.finding >= 0) {
			address.finding = this.finding;
		} else if (this.selected >= 0) {
			address.R = requestName(this.data, this.selected).replace("R=", "");
			if (twice.has(address.R))
				Object.assign(address, { epoch: r.epoch[this.selected], at: formatSeconds(this.data, r.first[this.selected]) });
		}
		this.hash = formatAddress(address);
		history.replaceState(null, "", this.hash || location.pathname + location.search);
	}

	/* To what the address names. What it does not find is said. */
	goHash(hash) {
		const address = parseAddress(hash), { findings } = this.data.head, missing = [];
		const test = address.test ? testNamed(this.data, address) : null, range = readRange(this.data, address.range);
		if (address.test && !test)
			missing.push(`No test is called “${address.test}” here.`);
		if (test)
			this.showTest(test);
		else if (address.filter !== undefined)
			this.setLine(address.filter);
		if (range)
			this.setRange(range, true);
		else if (address.range)
			missing.push(`“${address.range}” is no range: two times in seconds, joined by “-”.`);
		if (range)
			this.timeline.glide(range.from - (range.to - range.from) / 4, range.to + (range.to - range.from) / 4);
		const row = address.R ? requestNamed(this.data, address) : -1;
		if (row >= 0)
			this.openShown(row);
		else if (address.R)
			missing.push(`${/^cifs-/.test(address.R) ? "" : "R="}${address.R} is not in this recording${this.data.head.trace.restricted ? ", of which only a part is here" : ""}.`);
		if (address.finding !== undefined && findings[address.finding])
			this.follow(findings[address.finding]);
		else if (address.finding !== undefined)
			missing.push(`There is no finding ${address.finding}.`);
		if (missing.length)
			this.say(missing, true);
	}

	/* Also where the filter leaves it out. */
	openShown(row) {
		if (this.shown && !this.shown[row])
			this.setLine("");
		this.open(row);
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
		$("canvas").style.cursor = !hit ? "default" : hit.ruler ? "crosshair" : hit.group || hit.finding || hit.test || hit.row !== undefined ? "pointer" : "default";
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
		on("range-view", "click", () => this.rangeOfView());
		on("zone", "click", () => this.zone(true));
		on("test", "change", () => this.showTest(this.data.head.tests[$("test").value - 1] || null));
		on("theme", "click", () => this.nextTheme());
		on("help-open", "click", () => $("help").showModal());
		on("search", "input", () => {
			clearTimeout(this.typing);
			this.typing = setTimeout(() => this.filter($("search").value), 120);
		});
		on("splitter", "pointerdown", (e) => this.splitter(e));
		on("splitter", "keydown", (e) => this.splitterKey(e));
		addEventListener("hashchange", () => location.hash !== this.hash && this.goHash(location.hash));
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
			r: () => this.rangeOfView(), u: () => this.zone(true), j: () => this.table.step(1), k: () => this.table.step(-1), n: () => this.stepFinding(1), p: () => this.stepFinding(-1),
			Enter: () => this.open(this.selected), "/": () => $("search").focus(), t: () => this.nextTheme(), "?": () => $("help").showModal(),
			Escape: () => this.escape(), 1: () => this.showTab(tabs[0]), 2: () => this.showTab(tabs[1]), 3: () => this.showTab(tabs[2]), 4: () => this.showTab(tabs[3]),
			5: () => this.range && this.showTab("range"),
		}[key];
	}

	key(e) {
		const typing = e.target.matches("input, textarea, select"), control = e.target.matches("button, a, summary, [role=separator]");
		const action = this.keyAction(e.key);
		if (!action || e.ctrlKey || e.metaKey || e.altKey || $("help").open)
			return;
		if (typing && e.key !== "Escape" || (control && (e.key === "Enter" || e.key === " ")))
			return;
		e.preventDefault();
		action();
	}

	/* Something was chosen, or, with a false value, given up. */
	came(what, value) {
		this.latest = this.latest.filter((w) => w !== what);
		if (value)
			this.latest.push(what);
	}

	/* One press, one thing: what came last. In the search line that line, whatever it says. */
	escape() {
		const inSearch = document.activeElement === $("search"), written = $("search").value.trim();
		clearTimeout(this.typing);
		if (document.activeElement !== document.body)
			document.activeElement.blur();
		if (this.timeline.letGo())
			return;
		if (inSearch && written || written !== this.line)
			this.setLine("");
		else if (!$("hint").hidden && !this.line)
			this.say([]);
		else
			this.giveUp(this.latest[this.latest.length - 1]);
	}

	giveUp(what) {
		if (what === "filter")
			this.setLine("");
		else if (what === "range")
			this.setRange(null, true);
		else if (what === "request")
			this.select(-1);
	}

	rangeOfView() {
		const { view } = this.timeline, { span } = this.data;
		this.setRange({ from: Math.max(view.from, span.from), to: Math.min(view.to, span.to) }, true);
	}

	/* The wall clock: another zone, or the one it is in. */
	zone(next) {
		localZone = next ? !localZone : localZone;
		$("zone").hidden = this.data.real === null;
		$("zone").textContent = localZone ? "Local" : "UTC";
		if (next)
			this.zoneChanged();
	}

	zoneChanged() {
		this.timeline.redraw();
		this.table.draw();
		if (this.range && this.tab === "range")
			this.fillRange();
		if (this.selected >= 0)
			fillDetail($("detail"), this.data, this.selected, this.events);
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

async function start() {
	try {
		const data = await loadData(), { hash } = location;
		$("app").hidden = false;
		window.netfsnoop = new Page(data); /* for the console, and for tests */
		$("wait").remove();
		window.netfsnoop.goHash(hash);
	} catch (e) {
		$("wait").textContent = `The recording cannot be shown: ${e.message}`;
		throw e;
	}
}

start();
