#!/usr/bin/env python3
"""rename.py secret|hostile <RAW >RAW: the stream of a trace (dump --raw) in which hosts, shares, paths, users and commands have
other names: such that can be looked for, or such that may do harm where they are shown."""
import struct
import sys

HARM = b"\x07\x1b]0;x\x07\x1b[31m</script><img src=x onerror=alert(1)>\xff\xfe\xc3\x28\x00'\"; DROP TABLE run; --\r\n\xe2\x80\xae"
NAMES = {
    "secret": {
        "host": b"sekret-host.example", "cmdline": b"record -- /opt/sekret/run --password sekret",
        "comm": b"sekretcmd", "server": b"sekret.example",
        "mount": (b"cifs", b"//sekret.example/SekretShare/dir", b"/mnt/SekretPoint",
                  b"rw,vers=3.1.1,username=sekretuser,domain=SEKRETDOM,prefixpath=a,sekretflag,addr=10.9.8.7"),
        "file": (b"SekretFile.doc", b"SekretDir"),
        "snapshot": b"1) ConnectionId: 0x1 Hostname: sekret.example\n\\\\sekret.example\\SekretShare\n",
    },
    "hostile": {
        "host": HARM, "cmdline": HARM * 60, "comm": HARM[7:22], "server": HARM[:63],
        "mount": (b"cifs", b"//" + HARM.replace(b"\0", b"") + b"x" * 4096, b"/mnt/" + HARM.replace(b"\0", b"") * 40 + b"y" * 4096,
                  b"rw," + HARM.replace(b"\0", b"")),
        "file": (HARM.replace(b"\0", b""), HARM.replace(b"\0", b"")),
        "snapshot": HARM * 100,
    },
}[sys.argv[1]]
TASK, CONN, PATH, RREQ, META, MOUNT, SNAPSHOT = 1, 2, 5, 10, 128, 136, 137


def texts(record, fixed, *strings):
    body = record[:fixed] + b"\0".join(s.replace(b"\0", b"") for s in strings) + b"\0"
    body += b"\0" * (-len(body) % 8)
    return struct.pack("<H", len(body)) + body[2:]


def field(record, at, size, text):
    return record[:at] + text[:size - 1].ljust(size, b"\0") + record[at + size:]


def renamed(kind, record):
    if kind == TASK and struct.unpack_from("<I", record, 40)[0] != 2:
        return field(record, 48, 16, NAMES["comm"])
    if kind == CONN:
        return field(record, 48, 64, NAMES["server"])
    if kind == META:
        key = record[24:].split(b"=")[0]
        name = NAMES.get(key.decode(errors="replace"))
        return texts(record, 24, key + b"=" + name) if name else record
    if kind == MOUNT:
        return texts(record, 32, *NAMES["mount"])
    if kind == SNAPSHOT and record[32:].startswith(b"/proc/fs/cifs/"):
        return texts(record, 32, record[32:].split(b"\0")[0], NAMES["snapshot"])
    return record


def path(record):
    """What --paths would have told before this event of a request."""
    head = struct.pack("<HBBHH", 0, PATH, 0, 0, 0) + record[8:24]
    inode = record[64:72] + record[96:100]
    return texts(head + inode + struct.pack("<BBH", len(NAMES["file"]), 1, 0), 40, *NAMES["file"])


def main():
    data = sys.stdin.buffer.read()
    at = struct.unpack_from("<I", data, 12)[0]
    out = [data[:at]]
    while at < len(data):
        size, kind = struct.unpack_from("<HB", data, at)
        if kind == RREQ:
            out.append(path(data[at:at + size]))
        out.append(renamed(kind, data[at:at + size]))
        at += size
    sys.stdout.buffer.write(b"".join(out))


main()
