"""Writes expected.json: every value of every run, as TensorBoard's own loader reads it."""

import json
import pathlib

import numpy as np
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.util import tensor_util

root = pathlib.Path(__file__).parent / "logs"


def number(value):
    """Text, since JSON has no infinities and its readers round."""
    return repr(float(value))


def contents(tensor):
    array = tensor_util.make_ndarray(tensor)
    shape = list(array.shape)
    if array.dtype == object:
        return {"shape": shape, "strings": [text.hex() for text in array.flatten()]}
    return {"shape": shape, "numbers": [number(value) for value in array.astype(np.float64).flatten()]}


runs = {}
for path in sorted(root.rglob("*tfevents*")):
    series = runs.setdefault(path.parent.relative_to(root).as_posix(), {})
    for event in EventFileLoader(str(path)).Load():
        for value in event.summary.value:
            found = series.setdefault(value.tag, {"values": []})
            if "plugin" not in found:
                plugin = value.metadata.plugin_data
                found["plugin"] = plugin.plugin_name
                found["content"] = plugin.content.hex()
            found["values"].append({"step": event.step, "wall_time": number(event.wall_time), **contents(value.tensor)})
(root.parent / "expected.json").write_text(json.dumps(runs, indent=1, sort_keys=True) + "\n")
