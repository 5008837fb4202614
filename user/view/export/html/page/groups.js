/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The timeline's groups of tracks. A connection has its credits, the requests and subrequests that
 * went over it, and its commands. Connections to one server that follow each other, as when a share is
 * mounted again and again, share a group: each stands there in its own time.
 */

const PLOT = 30; /* px */

function sameMounts(a, b) {
	return !a.size || !b.size || (a.size === b.size && [...a].every((m) => b.has(m)));
}

/* Slots: {server, sign, mounts, to, conns: numbers of connections, in order of time}. */
function connectionSlots(data) {
	const { connections } = data.head, slots = [];
	const order = connections.map((_, i) => i).filter((i) => data.lives[i].from !== Infinity)
		.sort((a, b) => data.lives[a].from - data.lives[b].from);
	for (const i of order) {
		const c = connections[i], life = data.lives[i];
		let slot = slots.find((s) => s.server === c.server && s.sign === c.sign && s.to <= life.from && sameMounts(s.mounts, life.mounts));
		if (!slot) {
			slot = { server: c.server, sign: c.sign, mounts: new Set(), conns: [] };
			slots.push(slot);
		}
		slot.conns.push(i);
		slot.to = life.to;
		for (const m of life.mounts)
			slot.mounts.add(m);
	}
	return slots;
}

/* Its credits and commands in flight over time; null: none were seen. */
function creditsOf(data) {
	const s = data.credits, rows = data.head.connections.map(() => []);
	for (let i = 0; i < s.rows; i++)
		rows[s.conn[i]].push(i);
	return rows.map((list) => {
		const times = list.map((i) => s.time[i]);
		return list.length ? { credits: new Steps(times, list.map((i) => s.credits[i])), inFlight: new Steps(times, list.map((i) => s.in_flight[i])) } : null;
	});
}

function isBad(data, kind, row) {
	const { requests: r, subrequests: s, commands: c } = data;
	if (kind === "request")
		return r.outcome[row] < 0 || r.findings[row] > 0;
	return kind === "sub" ? s.error[row] < 0 : (c.flags[row] & FAILED) !== 0;
}

function laneTrack(data, kind, name, packed) {
	const n = packed.lanes.length, lane = n <= 12 ? 17 : n <= 24 ? 11 : n <= 64 ? 7 : 4;
	const bad = packed.lanes.map((l) => l.rows.filter((row) => isBad(data, kind, row)));
	return { kind, name: n > 1 ? `${name} ×${n}` : name, ...packed, lane, bad };
}

class Groups {
	constructor(data) {
		this.data = data;
		this.plots = creditsOf(data);
		this.slots = connectionSlots(data);
		/* places by row of mounts plus 1: a share that is mounted again is in its place again */
		const names = ["", ...data.head.mounts.map((_, m) => mountName(data, m + 1))];
		this.place = names.map((name) => names.indexOf(name));
		this.slotOf = new Int32Array(data.head.connections.length + 1).fill(-1);
		this.slots.forEach((slot, k) => slot.conns.forEach((i) => (this.slotOf[i + 1] = k)));
	}

	/* mask: by request, which ones to show; null: all. tests: whose commands to show that are of no request */
	make(mask, tests) {
		const { requests: r, subrequests: s, commands: c, head } = this.data;
		const shown = (i) => !mask || mask[i];
		const requests = this.sort(r.rows, (i) => r.conn[i], (i) => this.place[r.mount[i]], shown);
		const subs = this.sort(s.rows, (i) => s.conn[i] || r.conn[s.request[i]], (i) => this.place[r.mount[s.request[i]]], (i) => shown(s.request[i]));
		const commands = this.sort(c.rows, (i) => c.conn[i], () => 0, (i) => (c.request[i] ? shown(c.request[i] - 1) : !mask || (tests && tests.has(c.test[i]))));
		const groups = head.tests.length ? [{ id: "tests", name: "Tests", tracks: [{ kind: "tests", name: "xfstests" }] }] : [];
		this.slots.forEach((slot, k) => groups.push(this.slotGroup(slot, k, requests[k], subs[k], commands[k])));
		const rest = this.slots.length;
		groups.push(...this.restGroups(requests[rest], subs[rest], commands[rest]));
		return groups.filter((g) => g.tracks.length);
	}

	/* Rows that pass, by slot (the last: of no connection), then by where it is mounted. */
	sort(rows, conn, mount, passes) {
		const slots = Array.from({ length: this.slots.length + 1 }, () => new Map());
		for (let i = 0; i < rows; i++) {
			if (!passes(i))
				continue;
			const k = this.slotOf[conn(i)], by = slots[k < 0 ? this.slots.length : k], m = mount(i);
			if (!by.has(m))
				by.set(m, []);
			by.get(m).push(i);
		}
		return slots;
	}

	slotGroup(slot, k, requests, subs, commands) {
		const { data } = this, ids = slot.conns.map((i) => data.head.connections[i].conn), last = ids[ids.length - 1];
		const who = ids.length > 1 ? `${slot.server || "?"}, ${ids.length} connections ${ids.length > 3 ? `${ids[0]} … ${last}` : ids.join(", ")}` : connName(data, slot.conns[0] + 1);
		const name = [who + (slot.sign ? ", signed" : ""), [...slot.mounts].join(", ")].filter(Boolean).join(" · ");
		const tracks = [...this.plotTracks(slot), ...this.mountTracks(requests, subs)];
		for (const rows of commands.values())
			tracks.push(this.commandTrack(rows));
		return { id: `slot${k}`, name, conns: slot.conns, tracks };
	}

	plotTracks(slot) {
		const { data } = this, conns = slot.conns.filter((i) => this.plots[i]);
		return [["credits", "credits", "credits"], ["in flight", "inFlight", "inflight"]].map(([name, key, color]) => {
			const parts = conns.map((conn) => ({ conn, steps: this.plots[conn][key], from: data.lives[conn].from, to: data.lives[conn].to }));
			const max = Math.max(1, ...parts.map((p) => p.steps.max));
			return { kind: "plot", name, note: `max ${formatCount(max)}`, color, max, parts };
		}).filter((t) => t.parts.length);
	}

	/* Requests and subrequests, by mount where there are several. */
	mountTracks(requests, subs) {
		const { requests: r, subrequests: s } = this.data, tracks = [];
		for (const [m, rows] of requests) {
			const below = requests.size > 1 ? mountName(this.data, m) : "";
			tracks.push({ ...laneTrack(this.data, "request", "requests", packLanes(rows, r.first, r.until)), below });
			if (subs.has(m))
				tracks.push(laneTrack(this.data, "sub", "subrequests", packLanes(subs.get(m), s.first, s.last)));
		}
		for (const [m, rows] of subs) /* over another connection than their request is shown with */
			if (!requests.has(m))
				tracks.push(laneTrack(this.data, "sub", "subrequests", packLanes(rows, s.first, s.last)));
		return tracks;
	}

	commandTrack(rows) {
		const c = this.data.commands;
		return laneTrack(this.data, "command", "SMB commands", packLanes(rows, c.first, c.until));
	}

	/* What went over no known connection: by mount, as on other file systems; then commands. */
	restGroups(requests, subs, commands) {
		const groups = [];
		for (const [m, rows] of requests) {
			const mount = this.data.head.mounts[m - 1], own = new Map(subs.has(m) ? [[m, subs.get(m)]] : []);
			groups.push({ id: `mount${m}`, name: mount ? `${mountName(this.data, m)}${mount.fs ? ` (${mount.fs})` : ""}` : "No mount known", tracks: this.mountTracks(new Map([[m, rows]]), own) });
		}
		for (const rows of commands.values())
			groups.push({ id: "commands", name: "Commands of no known connection", tracks: [this.commandTrack(rows)] });
		return groups;
	}
}
