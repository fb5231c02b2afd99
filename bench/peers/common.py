"""What the programs of this folder have in common: the data, the network's widths, the order of the samples, the clock."""

import json
import sys
import time
from pathlib import Path

import numpy as np
import zstandard

DATA = Path(__file__).resolve().parents[2] / "crates/mnist/data"
HELD_OUT = 5000
# Steps from one record to the next.
EVERY = 200


def idx(name, offset):
    with open(DATA / f"{name}.zst", "rb") as file:
        return np.frombuffer(zstandard.ZstdDecompressor().stream_reader(file).read(), np.uint8, offset=offset)


def training_set():
    images = idx("train-images-idx3-ubyte", 16).reshape(-1, 784)[HELD_OUT:]
    labels = idx("train-labels-idx1-ubyte", 8)[HELD_OUT:]
    return images, labels.astype(np.int32)


def arguments():
    """Hidden widths as 10x5 or 512-512, samples in a batch, and how many seconds to measure for."""
    hidden, batch, seconds = sys.argv[1:4]
    widths = [784]
    for part in hidden.split("-"):
        width, _, count = part.partition("x")
        widths += [int(width)] * int(count or 1)
    return widths + [10], int(batch), float(seconds)


class Order:
    """Shuffled epochs, one after the other, cut into batches."""

    def __init__(self, samples, batch):
        self.rng, self.samples, self.batch = np.random.default_rng(0), samples, batch
        self.left = np.empty(0, np.int64)

    def take(self, batches):
        count = batches * self.batch
        while len(self.left) < count:
            self.left = np.concatenate([self.left, self.rng.permutation(self.samples)])
        taken, self.left = self.left[:count], self.left[count:]
        return taken.reshape(batches, self.batch)


def measure(chunk, seconds):
    """Calls chunk(), which makes EVERY steps and records one, for so long, after it was called once to warm up."""
    chunk()
    begin, steps = time.perf_counter(), 0
    while time.perf_counter() - begin < seconds:
        chunk()
        steps += EVERY
    print(json.dumps({"steps_per_second": steps / (time.perf_counter() - begin)}))
