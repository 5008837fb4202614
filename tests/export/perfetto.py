#!/usr/bin/env python3
"""perfetto.py PROTOTEXT JSON DB: does a Perfetto trace, decoded by protoc, say what the JSON lines and the
SQLite database of the same recording say? Counts, nesting, times, flows, counters."""
import collections
import json
import sqlite3
import sys

Slice = collections.namedtuple("Slice", "category name begin end parent notes flows")


def parse(lines):
    """protoc's text: a dict of lists per message."""
    message = collections.defaultdict(list)
    for line in lines:
        line = line.strip()
        if line == "}":
            break
        if line.endswith(" {"):
            message[line[:-2]].append(parse(lines))
        else:
            key, value = line.split(": ", 1)
            message[key].append(value)
    return message


def packets(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            assert line == "packet {\n", line
            yield parse(file)


def text(message, key):
    return message[key][0][1:-1] if message[key] else None


def notes_of(event):
    notes = {}
    for note in event["debug_annotations"]:
        value = int(note["int_value"][0]) if note["int_value"] else text(note, "string_value")
        notes[text(note, "name")] = value
    return notes


class Trace:
    def __init__(self, path):
        self.tracks, self.slices, self.instants = {}, [], []
        self.counters = collections.defaultdict(list)
        events = collections.defaultdict(list)
        for packet in packets(path):
            for track in packet["track_descriptor"]:
                self.tracks[int(track["uuid"][0])] = (
                    text(track, "name"), int(track["parent_uuid"][0]) if track["parent_uuid"] else 0)
            for event in packet["track_event"]:
                assert packet["timestamp_clock_id"] == ["3"]
                events[int(event["track_uuid"][0])].append((int(packet["timestamp"][0]), event))
        for track, list_ in events.items():
            assert track in self.tracks, f"track {track} is not described"
            self.replay(track, list_)

    def replay(self, track, events):
        """Slices as a reader nests them: in order of time, equal times in order of the file."""
        stack = []
        for time, event in sorted(events, key=lambda e: e[0]):
            kind = event["type"][0]
            if kind == "TYPE_COUNTER":
                self.counters[track].append((time, int(event["counter_value"][0])))
            elif kind == "TYPE_SLICE_END":
                category, name, begin, notes, flows = stack.pop()
                parent = stack[-1] if stack else None
                self.slices.append(Slice(category, name, begin, time, parent and parent[:3], notes, flows))
            else:
                entry = (text(event, "categories"), text(event, "name"), time, notes_of(event),
                         [int(f) for f in event["flow_ids"]])
                if kind == "TYPE_SLICE_BEGIN":
                    stack.append(entry)
                else:
                    self.instants.append(Slice(*entry[:3], time, None, *entry[3:]))
        assert not stack, f"track {track} has slices without an end"

    def of(self, category):
        return [s for s in self.slices if s.category == category]


def name_of(line):
    rreq = line["rreq"] if line["rreq"].startswith("cifs-") else "R=" + line["rreq"]
    return rreq + (f"[{line['sreq']}]" if line.get("sreq") else "")


def known(notes, *names):
    """Their values; None where it is not known, as null in the JSON lines."""
    return tuple(None if notes.get(name, "") == "" else notes[name] for name in names)


def in_order(rows):
    return sorted(rows, key=repr)


def check_requests(trace, lines):
    want = in_order((name_of(r), r["epoch"], r["time_ns"], r["transferred"], r["error"])
                    for r in lines["request"])
    got = in_order((s.name.split(" ")[0], s.notes["epoch"], s.begin, *known(s.notes, "transferred", "error"))
                   for s in trace.of("request"))
    assert want == got, "requests differ"
    assert all(s.parent is None for s in trace.of("request"))


def check_subrequests(trace, lines, db):
    want = in_order((name_of(s), s["len"], s["transferred"], s["error"], s["attempts"])
                    for s in lines["subrequest"])
    got = in_order((s.name, *known(s.notes, "len", "transferred", "error", "attempts"))
                   for s in trace.of("subrequest"))
    assert want == got, "subrequests differ"
    begins = sorted(t for (t,) in db.execute("SELECT time_ns FROM subrequest"))
    assert begins == sorted(s.begin for s in trace.of("subrequest"))
    assert db.execute("SELECT count(*) FROM attempt").fetchone()[0] == len(trace.of("attempt"))
    assert all(s.parent[0] == "subrequest" for s in trace.of("attempt"))
    assert all(s.parent[0] == "attempt" for s in trace.of("stage"))
    for name, begin, end in (("prepare", "begin_ns", "submit_ns"), ("send", "submit_ns", "sent_ns"),
                             ("on the wire", "sent_ns", "response_ns"),
                             ("callback", "response_ns", "callback_end_ns"),
                             ("collection", "callback_end_ns", "end_ns")):
        rows = db.execute(f"SELECT {begin}, {end} FROM attempt WHERE {begin} IS NOT NULL AND {end} IS NOT NULL")
        want = collections.Counter(rows.fetchall())
        got = collections.Counter((s.begin, s.end) for s in trace.of("stage") if s.name == name)
        assert sum(want.values()) == sum(got.values()), f"stage {name}: not as many"
        # times of two CPUs that are swapped are put in order
        odd = sum(n for span, n in (want - got).items() if span[0] <= span[1])
        assert odd <= max(2, len(want) // 20), f"stage {name}: {odd} of {len(want)} have other times"


def check_commands(trace, lines):
    want = sorted((c["cmd"], int(c["mid"], 16), c["time_ns"], c["latency_ns"] or 0, c["status"] or "")
                  for c in lines["command"])
    got = sorted((s.name.split(" ")[0], s.notes["mid"], s.begin,
                  s.end - s.begin if s.notes.get("answered") else 0, s.notes.get("status", ""))
                 for s in trace.of("command"))
    unanswered = {c["mid"] for c in lines["command"] if c["latency_ns"] is None}
    if unanswered:  # their slice ends where they were given up
        want, got = [w[:3] + w[4:] for w in want], [g[:3] + g[4:] for g in got]
    assert want == got, "commands differ"


def check_flows(trace):
    owner = {}
    for s in trace.of("request"):
        for flow in s.flows:
            assert flow not in owner, "two subrequests have one flow"
            owner[flow] = s
    pieces = {}
    for s in trace.of("subrequest"):
        assert len(s.flows) == 1 and s.flows[0] not in pieces
        pieces[s.flows[0]] = s
        assert owner[s.flows[0]].name.split(" ")[0] == s.name.split("[")[0], f"{s.name} flows from another"
        assert owner[s.flows[0]].begin <= s.begin
    assert set(pieces) == set(owner)
    joined = 0
    for s in trace.of("command"):
        for flow in s.flows:
            if flow in pieces:
                assert pieces[flow].name == s.notes["request"]
                joined += 1
    return joined


def check_counters(trace, lines):
    for conn in lines["connection"]:
        for name, key in (("credits", "credits"), ("in flight", "in_flight")):
            points = [p[key] for p in lines["credit"] if (p["conn"], p["epoch"]) == (conn["conn"], conn["epoch"])]
            changes = [v for i, v in enumerate(points) if not i or points[i - 1] != v]
            got = []
            for track, values in trace.counters.items():
                title, parent = trace.tracks[track]
                if title == name and trace.tracks[parent][0].startswith(f"connection {conn['conn']} "):
                    got += values
            assert [v for _, v in got] == changes or sorted(v for _, v in got) == sorted(changes), f"{name} differ"


def check_rest(trace, lines):
    want = sorted((f["check_id"], f["time_ns"], f["verdict"], f["count"]) for f in lines["finding"])
    got = sorted((s.name, s.begin, s.notes["verdict"], s.notes["count"])
                 for s in trace.instants if s.category == "finding")
    assert want == got, "findings differ"
    want = sorted((l["from_ns"], l["to_ns"] or l["from_ns"], l["count"]) for l in lines["loss"])
    got = sorted((s.begin, s.end, s.notes["count"]) for s in trace.of("loss"))
    assert want == got, "losses differ"


def main():
    lines = collections.defaultdict(list)
    with open(sys.argv[2], encoding="utf-8") as file:
        for text_ in file:
            line = json.loads(text_)
            lines[line["type"]].append(line)
    trace, db = Trace(sys.argv[1]), sqlite3.connect(sys.argv[3])
    check_requests(trace, lines)
    check_subrequests(trace, lines, db)
    check_commands(trace, lines)
    joined = check_flows(trace)
    check_counters(trace, lines)
    check_rest(trace, lines)
    print(f"{len(trace.of('request'))} requests, {len(trace.of('subrequest'))} subrequests, "
          f"{len(trace.of('command'))} commands, {joined} of them joined by a flow, "
          f"{len(trace.of('stage'))} stages, {len(lines['finding'])} findings, {len(lines['lost'])} losses: the same")


main()
