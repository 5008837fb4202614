#!/usr/bin/env python3
"""views.py DIR: do all views of one recording count the same? DIR has what tests/export/views puts there:
report, check (texts), json, sqlite, html, perfetto (decoded by protoc)."""
import base64
import collections
import json
import re
import sqlite3
import struct
import sys
import zlib

UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
COUNTS = ("requests", "bytes", "errors", "subrequests", "retries", "commands", "violations", "inconclusive", "tests",
          "open", "reconnects", "slow", "processes", "process_requests", "process_commands")
PATIENT = ("CHANGE_NOTIFY", "CANCEL", "OPLOCK_BREAK")
VERDICTS = {"violation": "violations", "inconclusive": "inconclusive", "note": "notes", "known": "known"}


def of_json(path):
    n = collections.Counter()
    with open(path, encoding="utf-8") as file:
        for text in file:
            line = json.loads(text)
            if line["type"] == "request":
                n["requests"] += 1
                n["bytes"] += line["transferred"] or 0  # null: not known
                n["errors"] += line["outcome"] not in (None, 0)
                n["open"] += not line["freed"]
                n["slow"] += line["latency_ns"] is not None
            elif line["type"] == "subrequest":
                n["subrequests"] += 1
                n["retries"] += max((line["attempts"] or 0) - 1, 0)
            elif line["type"] == "test":
                n["tests"] += 1
            elif line["type"] == "command":
                n["commands"] += 1
                n["slow"] += line["latency_ns"] is not None and not line["rreq"] and line["cmd"] not in PATIENT and \
                    not (line["cmd"] == "LOCK" and line["interim"])
            elif line["type"] == "moment":
                n["reconnects"] += line["what"] == "smb3_reconnect"
            elif line["type"] == "process":
                n["processes"] += 1
                n["process_requests"] += line["requests"]
                n["process_commands"] += line["commands"]
            elif line["type"] == "finding":
                n[VERDICTS[line["verdict"]]] += 1
    return n


def of_sqlite(path):
    db = sqlite3.connect(path)
    ask = lambda sql: db.execute("SELECT " + sql).fetchone()[0] or 0
    return {
        "requests": ask("count(*) FROM request"), "bytes": ask("sum(transferred) FROM request"),
        "errors": ask("count(*) FROM request WHERE outcome <> 0"),
        "subrequests": ask("count(*) FROM subrequest"), "retries": ask("sum(retries) FROM subrequest"),
        "commands": ask("count(*) FROM command"), "tests": ask("count(*) FROM test"),
        "violations": ask("count(*) FROM finding WHERE verdict = 'violation'"),
        "inconclusive": ask("count(*) FROM finding WHERE verdict = 'inconclusive'"),
        "open": ask("count(*) FROM open_at_end WHERE kind = 'request'"), "reconnects": ask("count(*) FROM reconnects"),
        "slow": ask("count(*) FROM slow"), "processes": ask("count(*) FROM by_process"),
        "process_requests": ask("sum(requests) FROM by_process"),
        "process_commands": ask("sum(commands) FROM by_process"),
    }


def processes_differ(lines, path):
    """By process: JSON and SQL count the same; what JSON takes from buckets of 1/16 is where SQL's exact value is."""
    exact = ("requests", "read_bytes", "written_bytes", "errors", "retries", "max_ns", "commands", "command_errors")
    db, bad = sqlite3.connect(path), 0
    db.row_factory = sqlite3.Row
    rows = {(row["tgid"], row["comm"]): row for row in db.execute("SELECT * FROM by_process")}
    with open(lines, encoding="utf-8") as file:
        for line in map(json.loads, file):
            if line["type"] != "process":
                continue
            row = rows[line["tgid"], line["comm"]]
            wrong = [key for key in exact if line[key] != row[key]]
            for key in ("p50_ns", "p95_ns"):
                low = row[key]
                near = low is line[key] is None or low <= line[key] <= low * 17 / 16 + 1
                wrong += [] if near else [key]
            for key in wrong:
                print(f"process {line['tgid']} {line['comm']}: {key} is {line[key]} in JSON, {row[key]} in SQL")
                bad = 1
    return bad


def percentiles_differ(path):
    """The views' percentiles, once more by sorting here."""
    db, bad = sqlite3.connect(path), 0
    for view, rows, keys in (("request_percentiles", "request WHERE latency_ns IS NOT NULL", ("origin", "fs")),
                             ("stage_percentiles", "stage", ("write", "stage")),
                             ("command_percentiles", "command WHERE latency_ns IS NOT NULL", ("cmd",))):
        column, values = "ns" if view == "stage_percentiles" else "latency_ns", collections.defaultdict(list)
        for *key, value in db.execute(f"SELECT {', '.join(keys)}, {column} FROM {rows}"):
            values[tuple(key)].append(value)
        for *key, p50, p95, p99, most in db.execute(f"SELECT {', '.join(keys)}, p50_ns, p95_ns, p99_ns, max_ns FROM {view}"):
            all_ = sorted(values.pop(tuple(key)))
            want = [all_[len(all_) * q // 100] for q in (50, 95, 99)] + [all_[-1]]
            if want != [p50, p95, p99, most]:
                print(f"{view} {key}: {[p50, p95, p99, most]}, not {want}")
                bad = 1
        if values:
            print(f"{view} lacks {sorted(values)}")
            bad = 1
    return bad


def column(data, at, rows):
    """Zigzag LEB128, each the difference to the one above."""
    cells, above = [], 0
    for _ in range(rows):
        z = shift = 0
        while True:
            byte = data[at]
            at += 1
            z |= (byte & 127) << shift
            shift += 7
            if not byte & 128:
                break
        above += (z >> 1) ^ -(z & 1)
        cells.append(above)
    return cells, at


def of_html(path):
    with open(path, encoding="utf-8") as file:
        data = re.search(r'<script id="data" type="text/plain">([^<]*)</script>', file.read()).group(1)
    data = zlib.decompress(base64.b64decode(data))
    size = struct.unpack_from("<I", data)[0]
    head, at, tables = json.loads(data[4:4 + size]), 4 + size, {}
    for table in head["tables"]:
        columns = {}
        for name in table["columns"]:
            columns[name], at = column(data, at, table["rows"])
        tables[table["name"]] = columns
    marks = [head["texts"][what] for what in tables["moments"]["what"]]
    requests, verdicts = tables["requests"], [f["verdict"] for f in head["findings"]]
    return {
        "requests": len(requests["rreq"]), "bytes": sum(requests["transferred"]),
        "errors": sum(e != 0 for e in requests["outcome"]), "subrequests": len(tables["subrequests"]["sreq"]),
        "retries": sum(max(a - 1, 0) for a in tables["subrequests"]["attempts"]),
        "commands": len(tables["commands"]["mid"]), "tests": len(head["tests"]),
        "violations": verdicts.count("violation"), "inconclusive": verdicts.count("inconclusive"),
        "open": sum(not flags & 4 for flags in requests["flags"]), "reconnects": marks.count("reconnect"),
    }


def of_perfetto(path):
    """protoc's text, read as lines: a packet ends with a brace in the first column."""
    n, event = collections.Counter(), {}
    note = None
    with open(path, encoding="utf-8") as file:
        for line in file:
            key, _, value = line.strip().partition(": ")
            if line == "}\n":
                kind, type_ = event.get("categories"), event.get("type")
                if type_ == "TYPE_SLICE_BEGIN" and kind == '"request"':
                    n["requests"] += 1
                    n["bytes"] += int(event.get("transferred") or 0)
                    n["errors"] += int(event.get("outcome") or 0) != 0
                elif type_ == "TYPE_SLICE_BEGIN" and kind == '"subrequest"':
                    n["subrequests"] += 1
                    n["retries"] += max(int(event.get("attempts") or 0) - 1, 0)
                elif type_ == "TYPE_SLICE_BEGIN" and kind == '"test"':
                    n["tests"] += 1
                elif type_ == "TYPE_SLICE_BEGIN" and kind == '"command"':
                    n["commands"] += 1
                elif kind == '"finding"':
                    n[VERDICTS[event["verdict"].strip('"')]] += 1
                event = {}
            elif line.startswith("      "):
                if key in ("int_value", "string_value"):
                    note = value
                elif key == "name":
                    event[value.strip('"')] = note
            elif value:
                event[key] = value
    return n


def of_text(report, check):
    n, part = collections.Counter(), None
    with open(report, encoding="utf-8") as file:
        for line in file:
            if line[0] not in " \n":
                part = line.split()[0]
            row = re.match(r"  (?:\S+ +\S+|reads|writes) +(\d+) +([\d.]+) (\S+) +(\d+) +(\d+)", line)
            if row and part == "Requests":
                n["requests"] += int(row[1])
                n["bytes"] += float(row[2]) * UNITS[row[3]]
                n["rounded"] += 0.0501 * UNITS[row[3]]
                n["errors"] += int(row[4])
            elif row and part == "Subrequests":
                n["subrequests"] += int(row[1])
                n["retries"] += int(row[5])
            row = re.match(r"  (?: *(?:\d+|\?) .{15}|others {17}) +(\d+) +[\d.]+ \S+ +[\d.]+ \S+ +(\d+) ", line)
            if row and part == "Processes":
                n["process_requests"] += int(row[1])
                n["process_commands"] += int(row[2])
            row = re.match(r"  Still open when the recording ended: (\d+)", line)
            if row and part == "Requests":
                n["open"] += int(row[1])
            row = re.search(r", (\d+) reconnects?\b", line)
            if row and part == "Connections":
                n["reconnects"] += int(row[1])
            row = re.match(r"  \S+ +[-a-z][a-z ]* +\d+ +[\d.]+ \w*B ", line) or re.match(r"  and (\d+) that passed", line)
            if row and part == "Tests":
                n["tests"] += int(row[1]) if row.lastindex else 1
            row = re.match(r"  +\S+ +(\d+) +[-\d]+ +[-\d]+ ", line)
            if row and part == "SMB":
                n["commands"] += int(row[1])
    with open(check, encoding="utf-8") as file:
        for line in file:
            verdict = re.match(r"  verdict +(\w+)", line)
            if verdict:
                n[VERDICTS[verdict[1]]] += 1
    return n


def main():
    d = sys.argv[1] + "/"
    views = {"json": of_json(d + "json"), "sqlite": of_sqlite(d + "sqlite"), "html": of_html(d + "html"),
             "perfetto": of_perfetto(d + "perfetto"), "text": of_text(d + "report", d + "check")}
    want, bad = views["json"], processes_differ(d + "json", d + "sqlite") | percentiles_differ(d + "sqlite")
    lacking = {"html": ("slow", "processes", "process_requests", "process_commands"),
               "perfetto": ("open", "reconnects", "slow", "processes", "process_requests", "process_commands"),
               "text": ("slow", "processes")}
    for name, view in views.items():
        for key in COUNTS:
            if key in lacking.get(name, ()):
                continue
            # the text rounds bytes, in a line for each origin
            near = name == "text" and key == "bytes" and abs(view[key] - want[key]) <= view["rounded"]
            if view[key] != want[key] and not near:
                print(f"{name}: {view[key]} {key}, JSON has {want[key]}")
                bad = 1
    print(", ".join(f"{want[key]} {key}" for key in COUNTS))
    return bad


sys.exit(main())
