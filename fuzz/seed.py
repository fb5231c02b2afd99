#!/usr/bin/env python3
"""Makes corpora of the event files that the tests have: for `payload`, their records; for `records` and `store`,
instructions. For the board, texts and questions of every kind.

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

TEXTS = [
    "# Title\n\n**bold** *words* ~~gone~~ `code` [link](https://example.com \"t\") <http://a.example>\n\n---\n",
    "| a | b |\n|---|--:|\n| 1 | 2 |\n\n3. three\n   - four\n\n> quoted\n> - list\n",
    "```python\nx = 1\n```\n\n    indented\n\n![words](https://example.com/x.png)\n\n[a]: http://x\n[a] [b][a]\n",
    "<div onclick=alert(1)>\n<script>alert(1)</script> <b>bold <!-- --> <?x?> <![CDATA[x]]>\n</div>\n",
    "[x](javascript:alert(1)) [x](data:text/html,y) &#106; &amp; &lt;script&gt; \\* a  \nb\r\nc\rd \0 \u2028",
]
for text in TEXTS:
    put("markdown", text.encode())

SERIES = '{"series":[{"run":"pytorch","tag":"scalar","generation":0,"from":0}],"limit":10}'
QUESTIONS = [
    "GET / ",
    "GET /ui/app.js ",
    "GET /api/status ",
    "GET /api/catalogue ",
    "GET /api/problems ",
    "GET /api/findings ",
    "GET /api/findings?run=pytorch ",
    "GET /api/flow?run=pytorch&quantity=gradient/rms&columns=10 ",
    "GET /api/histograms?run=pytorch&tag=weights&bins=8&rows=2&scale=log&low=-1&high=1 ",
    "GET /api/histogram?run=pytorch&tag=weights&index=1 ",
    "GET /api/hparams ",
    "GET /api/config?run=pytorch ",
    "GET /api/text?run=pytorch&tag=text/text_summary&from=0&limit=2&raw=true ",
    "GET /api/pictures?run=pytorch&tag=image ",
    "GET /api/sounds?run=pytorch&tag=audio ",
    "GET /api/blob?run=pytorch&tag=image&generation=0&index=0&item=0 ",
    "GET /api/pr?run=pytorch&tag=curve ",
    "GET /api/graph?run=pytorch&tag=__run_graph__ ",
    "GET /api/activation?name=gelu&low=-1&high=1&points=5 ",
    "GET /api/idea?name=vanishing ",
    "GET /api/rule?name=vanishing ",
    "GET /api/events ",
    "GET /?token=x&a=b ",
    "HEAD /api/status\nAccept-Encoding: br, gzip\nIf-None-Match: W/\"0\"",
    f"POST /api/scalars\nContent-Type: application/json\n\n{SERIES}",
    f"POST /api/pixels\nContent-Type: application/json\n\n{SERIES[:-12]},\"low\":0,\"high\":9,\"columns\":5}}",
]
for question in QUESTIONS:
    put("http", question.encode())
