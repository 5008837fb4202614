/* Tables of an xfstests run: a click on a head sorts, words and numbers of the matrix choose rows. */
(function () {
"use strict";

const valueOf = (cell) => (cell.dataset.v !== undefined ? Number(cell.dataset.v) : cell.textContent.trim());

function compare(a, b) {
	return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
}

function sortBy(table, at, down) {
	const body = table.tBodies[0], rows = [...body.rows].map((row, i) => ({ row, i, v: valueOf(row.cells[at]) }));
	rows.sort((a, b) => (down ? -1 : 1) * compare(a.v, b.v) || a.i - b.i);
	body.append(...rows.map((r) => r.row));
	[...table.tHead.rows[0].cells].forEach((th, i) => th.hasAttribute("aria-sort") &&
		th.setAttribute("aria-sort", i !== at ? "none" : down ? "descending" : "ascending"));
}

function makeSortable(table) {
	[...table.tHead.rows[0].cells].forEach((th, at) => {
		if (!th.textContent)
			return;
		th.setAttribute("aria-sort", "none");
		th.tabIndex = 0;
		const numbers = () => typeof valueOf(table.tBodies[0].rows[0].cells[at]) === "number";
		const sort = () => table.tBodies[0].rows.length && sortBy(table, at, th.getAttribute("aria-sort") === "none" ? numbers() && at > 0 : th.getAttribute("aria-sort") === "ascending");
		th.addEventListener("click", sort);
		th.addEventListener("keydown", (e) => {
			if (e.key !== "Enter" && e.key !== " ")
				return;
			sort();
			e.preventDefault();
		});
	});
}

/* "#check=fail&verdict=findings": what a number of the matrix chooses */
function chosen() {
	const pairs = new URLSearchParams(location.hash.slice(1));
	return [pairs.get("check"), pairs.get("verdict")];
}

function makeFilter(table) {
	const input = document.getElementById("q"), count = document.getElementById("shown"), all = document.getElementById("all"), rows = [...table.tBodies[0].rows];
	const apply = () => {
		const words = input.value.toLowerCase().split(/\s+/).filter(Boolean), [check, verdict] = chosen();
		let n = 0;
		for (const row of rows) {
			const text = row.textContent.toLowerCase();
			row.hidden = !(words.every((w) => (w.length > 1 && w[0] === "-" ? !text.includes(w.slice(1)) : text.includes(w))) &&
				(!check || row.dataset.check === check) && (!verdict || row.dataset.verdict === verdict));
			n += row.hidden ? 0 : 1;
		}
		count.textContent = `${n === rows.length ? "" : `${n} of `}${rows.length} test${rows.length === 1 ? "" : "s"}`;
		all.hidden = n === rows.length;
		for (const a of document.querySelectorAll(".matrix a"))
			a.classList.toggle("chosen", location.hash.length > 1 && a.hash === location.hash);
	};
	const clear = () => {
		input.value = "";
		history.replaceState(null, "", location.pathname + location.search);
		apply();
	};
	input.closest(".bar").hidden = false;
	input.addEventListener("input", apply);
	all.addEventListener("click", clear);
	addEventListener("hashchange", apply);
	addEventListener("keydown", (e) => {
		if (e.key === "/" && document.activeElement !== input) {
			input.focus();
			e.preventDefault();
		} else if (e.key === "Escape") {
			input.blur();
			clear();
		}
	});
	apply();
}

for (const table of document.querySelectorAll("table.sortable"))
	makeSortable(table);
if (document.getElementById("q"))
	makeFilter(document.querySelector("table.tests"));
})();
