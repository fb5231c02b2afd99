#!/usr/bin/env python3
"""Asks TensorBoard what it finds in a log directory, and whether that is what is in the files.

    check.py LOGDIR [--expected expected.json] [--seconds 60]

TensorBoard is started twice, with its fast loader (the data server) and its slow one (Python). Both must answer with
what an independent reading of the files gives, with the same, and with expected.json if that is given (its form is
that of `read` below; crates/events/examples/everything.rs writes one). The steps of a tag must rise within a run:
the two loaders differ in what they do with a step that comes again.

Prints a line for every check and one with the totals; exits with 1 if a check failed.
"""

import argparse
import io
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import wave

import PIL.Image
from google.protobuf import json_format, text_format
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.compat.proto import graph_pb2
from tensorboard.plugins.hparams import api_pb2
from tensorboard.plugins.hparams import metadata as hparams_metadata
from tensorboard.util import tensor_util

# TensorBoard keeps a sample of a series if not told otherwise (1000 scalars, 500 histograms, 10 images). The number is
# beyond any series: with 0 the two loaders do not agree on what is meant.
KEPT = 100_000_000
SERIES = ["scalars", "histograms", "text", "images", "audio"]
STATUSES = ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"]


def plain(value):
    """Numbers as TensorBoard's JSON has them, in which NaN and the infinities are words."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def png(data):
    image = PIL.Image.open(io.BytesIO(data))
    width, height = image.size
    return {"width": width, "height": height, "mode": image.mode, "pixels": list(image.tobytes())}


def wav(data):
    with wave.open(io.BytesIO(data)) as file:
        return {"sample_rate": file.getframerate(), "samples": file.getnframes()}


def nodes(graph):
    return {node.name: list(node.input) for node in graph.node}


# ---- what is in the files ------------------------------------------------------------------------------------------


def read(logdir):
    """{run: {kind: {tag: points}}}, and of a run with hyperparameters `hparams`, `group`, `status`; `graph` if any."""
    runs = {}
    for folder, _, names in os.walk(logdir, followlinks=True):
        files = sorted(name for name in names if "tfevents" in name)
        if files:
            run = runs[os.path.relpath(folder, logdir)] = {kind: {} for kind in SERIES}
            plugins = {}
            for name in files:
                for event in EventFileLoader(os.path.join(folder, name)).Load():
                    read_event(run, plugins, event)
            # A run without a group is one of its own, and TensorBoard names it.
            if run.get("group") == "":
                run["group"] = os.path.relpath(folder, logdir)
    return runs


def read_event(run, plugins, event):
    if event.HasField("graph_def"):
        run["graph"] = nodes(graph_pb2.GraphDef.FromString(event.graph_def))
    for value in event.summary.value:
        # Only the first value of a tag need say what it is.
        plugin = plugins.setdefault(value.tag, value.metadata.plugin_data.plugin_name)
        if plugin == "hparams":
            read_hparams(run, value.tag, value.metadata.plugin_data.content)
        elif plugin in SERIES:
            point = read_point(plugin, tensor_util.make_ndarray(value.tensor))
            run[plugin].setdefault(value.tag, []).append([event.wall_time, event.step, point])


def read_point(plugin, array):
    if plugin == "scalars":
        return plain(array.item())
    if plugin == "histograms":
        return plain(array.tolist())
    if plugin == "images":
        return png(array[2])
    if plugin == "audio":
        return wav(array[0])
    return None  # A text comes back as HTML; that there is one is all that can be compared.


def read_hparams(run, tag, content):
    if tag == hparams_metadata.SESSION_START_INFO_TAG:
        info = hparams_metadata.parse_session_start_info_plugin_data(content)
        run["hparams"] = {name: json_format.MessageToDict(value) for name, value in info.hparams.items()}
        run["group"] = info.group_name
        run.setdefault("status", "STATUS_UNKNOWN")
    elif tag == hparams_metadata.SESSION_END_INFO_TAG:
        info = hparams_metadata.parse_session_end_info_plugin_data(content)
        run["status"] = api_pb2.Status.Name(info.status)


# ---- what TensorBoard says -----------------------------------------------------------------------------------------


class TensorBoard:
    """A TensorBoard on a port of its own, ended with the `with` block."""

    def __init__(self, logdir, fast, seconds):
        samples = ",".join(f"{kind}={KEPT}" for kind in SERIES)
        command = [sys.executable, "-m", "tensorboard.main", "--logdir", logdir, "--port", "0", "--reload_interval", "1"]
        command += ["--load_fast", "true" if fast else "false", "--samples_per_plugin", samples]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self.messages = []
        self.url = None
        self.started = threading.Event()
        threading.Thread(target=self.listen, daemon=True).start()
        if not self.started.wait(seconds) or self.url is None:
            self.__exit__()
            raise SystemExit("TensorBoard did not start:\n" + "".join(self.messages))

    def listen(self):
        for line in self.process.stderr:
            self.messages.append(line)
            found = re.search(r"TensorBoard \S+ at (http://\S+)", line)
            if found:
                self.url = found[1].rstrip("/")
                self.started.set()
        self.started.set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def bytes(self, path, **query):
        query = "?" + urllib.parse.urlencode(query) if query else ""
        with urllib.request.urlopen(f"{self.url}/data/{path}{query}", timeout=60) as answer:
            return answer.read()

    def json(self, path, **query):
        return json.loads(self.bytes(path, **query))

    def everything(self):
        """What it has loaded so far, in the form of `read`."""
        runs = {run: {kind: {} for kind in SERIES} for run in self.json("runs")}
        for kind in SERIES:
            for run, tags in self.json(f"plugin/{kind}/tags").items():
                for tag in tags:
                    runs.setdefault(run, {kind: {} for kind in SERIES})[kind][tag] = self.points(kind, run, tag)
        for run, info in self.json("plugin/graphs/info").items():
            if info["run_graph"]:
                text = self.bytes("plugin/graphs/graph", run=run).decode()
                runs[run]["graph"] = nodes(text_format.Parse(text, graph_pb2.GraphDef()))
        self.add_hparams(runs)
        return runs

    def points(self, kind, run, tag):
        if kind == "histograms":
            # The Histograms page itself is always given 51 of them; the Time Series page all that are kept.
            request = json.dumps([{"plugin": kind, "run": run, "tag": tag}])
            [answer] = self.json("plugin/timeseries/timeSeries", requests=request)
            return [
                [point["wallTime"], point["step"], [[bin["min"], bin["max"], bin["count"]] for bin in point["bins"]]]
                for point in answer["runToSeries"][run]
            ]
        answer = self.json(f"plugin/{kind}/{kind}", run=run, tag=tag)
        if kind == "scalars":
            return answer
        if kind == "text":
            return [[point["wall_time"], point["step"], point["text"]] for point in answer]
        decode, one = (png, "individualImage") if kind == "images" else (wav, "individualAudio")
        path = f"plugin/{kind}/{one}"
        return [
            [point["wall_time"], point["step"], decode(self.bytes(path, **dict(urllib.parse.parse_qsl(point["query"]))))]
            for point in answer
        ]

    def histogram_pages(self, runs):
        """What is wrong with the Histograms and Distributions pages, which show a sample of each series; or None."""
        for run, parts in runs.items():
            for tag, points in parts["histograms"].items():
                steps = {step: [time, step, bins] for time, step, bins in points}
                shown = self.json("plugin/histograms/histograms", run=run, tag=tag)
                if not shown or any(point != steps.get(point[1]) for point in shown):
                    return f"Histograms: {run}: {tag}: not a sample of the series"
                shown = self.json("plugin/distributions/distributions", run=run, tag=tag)
                if not shown or any(point[:2] != steps.get(point[1], [])[:2] for point in shown):
                    return f"Distributions: {run}: {tag}: not a sample of the series"
        return None

    def add_hparams(self, runs):
        request = json.dumps({"allowedStatuses": STATUSES, "startIndex": 0, "sliceSize": 1_000_000})
        try:
            groups = self.json("plugin/hparams/session_groups", request=request).get("sessionGroups", [])
        except urllib.error.HTTPError as error:
            if error.code == 400:  # no run has hyperparameters
                return
            raise
        for group in groups:
            for session in group["sessions"]:
                run = runs[session["name"]]
                run["hparams"] = group["hparams"]
                run["group"] = group["name"]
                run["status"] = session.get("status", "STATUS_UNKNOWN")


# ---- comparing -----------------------------------------------------------------------------------------------------


def difference(found, expected, at=""):
    """Where two structures first differ, in words; None if they are equal."""
    if isinstance(found, dict) and isinstance(expected, dict):
        for key in expected:
            if key not in found:
                return f"{at}/{key} is missing"
        for key in found:
            if key not in expected:
                return f"{at}/{key} is too much"
        pairs = [(f"{at}/{key}", found[key], expected[key]) for key in expected]
    elif isinstance(found, list) and isinstance(expected, list):
        if len(found) != len(expected):
            return f"{at}: {len(found)} items, not {len(expected)}"
        pairs = [(f"{at}[{i}]", *pair) for i, pair in enumerate(zip(found, expected))]
    else:
        return None if found == expected else f"{at}: {found!r}, not {expected!r}"
    return next((words for name, a, b in pairs if (words := difference(a, b, name))), None)


def without_text(runs):
    """HTML replaced by nothing, as `read` has it."""
    return {
        run: {**parts, "text": {tag: [[*point[:2], None] for point in points] for tag, points in parts["text"].items()}}
        for run, parts in runs.items()
    }


def without_times(runs):
    """Points as expected.json has them: without the wall time, and what has parts as an object with its step."""
    result = {}
    for run, parts in runs.items():
        new = result[run] = dict(parts)
        for kind in ("scalars", "histograms", "text"):
            new[kind] = {tag: [point[1:] for point in points] for tag, points in parts[kind].items()}
        for kind in ("images", "audio"):
            new[kind] = {tag: {"step": points[-1][1], **points[-1][2]} for tag, points in parts[kind].items()}
    return result


def compare(name, found, expected):
    """Checks (name, what is wrong or None): the runs, and every part of every run."""
    runs = difference(dict.fromkeys(found), dict.fromkeys(expected))
    checks = [(f"{name}: {len(expected)} runs", runs)]
    for run, parts in sorted(expected.items()):
        for part, content in parts.items():
            count = f"{len(content)} " if part in SERIES else ""
            checks.append((f"{name}: {run}: {count}{part}", difference(found.get(run, {}).get(part), content)))
    return checks


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("logdir")
    parser.add_argument("--expected", type=pathlib.Path, help="what must be there, as JSON")
    parser.add_argument("--seconds", type=float, default=60, help="how long TensorBoard may take to load (60)")
    arguments = parser.parse_args()

    files = read(arguments.logdir)
    if not files:
        raise SystemExit(f"{arguments.logdir}: no event files")
    expected = json.loads(arguments.expected.read_text()) if arguments.expected else None

    def check(name, found, board):
        checks = compare(f"{name} = files", without_text(found), files)
        checks.append((f"{name}: Histograms and Distributions pages", board.histogram_pages(found)))
        if expected is not None:
            checks += compare(f"{name} = expected", without_times(found), expected)
        return checks

    checks = []
    found = {}
    for name, fast in [("fast", True), ("slow", False)]:
        deadline = time.monotonic() + arguments.seconds
        with TensorBoard(arguments.logdir, fast, arguments.seconds) as board:
            # It answers before it has loaded everything, and does not say when it has.
            while True:
                found[name] = board.everything()
                latest = check(name, found[name], board)
                if time.monotonic() > deadline or not any(wrong for _, wrong in latest):
                    break
                time.sleep(0.5)
        checks += latest
    checks += compare("fast = slow", found["fast"], found["slow"])

    for name, wrong in checks:
        print(f"FAILED  {name}: {wrong}" if wrong else f"ok      {name}")
    failed = sum(wrong is not None for _, wrong in checks)
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
