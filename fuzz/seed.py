#!/usr/bin/env python3
"""Makes corpora of the event files that the tests have: for `payload`, their records; for the others, instructions.

    fuzz/seed.py
"""

import hashlib
import pathlib
import struct

root = pathlib.Path(__file__).parent
tests = root.parent / "crates/events/tests"


def payloads(path):
    data = path.read_bytes()
    while data:
        length = struct.unpack_from("<Q", data)[0]
        yield data[12 : 12 + length]
        data = data[16 + length :]


def put(target, data):
    folder = root / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


for path in sorted(tests.rglob("*tfevents*")):
    instructions = b""
    for payload in payloads(path):
        put("payload", payload)
        if len(payload) < 256:
            instructions += bytes([0, len(payload)]) + payload
    put("store", instructions)
    put("store", instructions + bytes([5, 0]) + instructions)
    put("records", b"\x40" + instructions)
