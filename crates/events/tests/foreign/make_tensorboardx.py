"""Writes logs/tensorboardx/: what tensorboardX's SummaryWriter makes."""

import pathlib
import shutil

import numpy as np
from tensorboardX import SummaryWriter

folder = pathlib.Path(__file__).parent / "logs/tensorboardx"
shutil.rmtree(folder, ignore_errors=True)
random = np.random.default_rng(7)

with SummaryWriter(str(folder)) as writer:
    for step in range(3):
        writer.add_scalar("loss/train", 1 / (step + 1), step)
        writer.add_histogram("weights", random.normal(size=100), step, bins=8)
        writer.add_text("text", f"step {step}", step)
    writer.add_image("image", random.integers(0, 255, (3, 4, 5), dtype=np.uint8), 1)
    writer.add_pr_curve("curve", np.array([0, 1, 1, 0]), np.array([0.1, 0.9, 0.4, 0.3]), 1, num_thresholds=5)
    writer.add_hparams({"lr": 0.1, "activation": "relu"}, {"accuracy": 0.9}, name="trial")
