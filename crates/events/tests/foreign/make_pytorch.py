"""Writes logs/pytorch/: what PyTorch's SummaryWriter makes."""

import pathlib
import shutil

import numpy as np
import torch
from torch.utils.tensorboard import SummaryWriter

folder = pathlib.Path(__file__).parent / "logs/pytorch"
shutil.rmtree(folder, ignore_errors=True)
random = np.random.default_rng(7)

with SummaryWriter(str(folder)) as writer:
    for step in range(3):
        writer.add_scalar("loss/train", 1 / (step + 1), step)
        writer.add_scalar("new style", 0.1 * step, step, new_style=True)
        writer.add_scalar("double", 0.1 * step, step, new_style=True, double_precision=True)
        writer.add_scalars("both", {"a": step, "b": -step}, step)
        writer.add_histogram("weights", random.normal(size=100), step, bins=8)
        writer.add_text("text", f"step {step}", step)
    writer.add_scalar("nan", float("nan"), 0)
    writer.add_scalar("nan", float("-inf"), 1)
    writer.add_image("image", random.integers(0, 255, (3, 4, 5), dtype=np.uint8), 1)
    writer.add_audio("audio", torch.linspace(-1, 1, 100), 1, sample_rate=8000)
    writer.add_pr_curve("curve", np.array([0, 1, 1, 0]), np.array([0.1, 0.9, 0.4, 0.3]), 1, num_thresholds=5)
    writer.add_graph(torch.nn.Linear(2, 1), torch.zeros(1, 2))
    writer.add_hparams({"lr": 0.1, "activation": "relu"}, {"accuracy": 0.9}, run_name="trial")
