"""Logs as torchinstruments writes them: histograms of outputs and of their gradients: python torch_observer.py [CASE]..."""

import pathlib
import shutil
import time
from datetime import timedelta

import torch
from torch import nn
from torch.nn import functional as F
from torchinstruments import inject_observer, remove_observer

from digits import batches, digits, main
from pytorch import dense


def case(build, lr=0.1, steps=200):
    def log(folder):
        torch.manual_seed(0)
        model = build()
        (x, y), _ = digits()
        inject_observer(model, interval=timedelta(milliseconds=300), output_dir=f"{folder}/stats")
        rule = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
        for _, xs, ys in batches(x, y, 64, steps):
            loss = F.cross_entropy(model(torch.from_numpy(xs)), torch.from_numpy(ys))
            rule.zero_grad()
            loss.backward()
            rule.step()
            # It samples by the clock: about ten times in all.
            time.sleep(0.01)
        remove_observer(model)
        for file in pathlib.Path(folder, "stats").iterdir():
            if file.name != "tensorboard":
                shutil.rmtree(file) if file.is_dir() else file.unlink()

    return log


if __name__ == "__main__":
    torch.set_num_threads(1)
    main({
        "observer_healthy": case(lambda: dense(nn.ReLU, 4)),
        "observer_vanishing": case(lambda: dense(nn.Sigmoid, 8), steps=100),
    })
