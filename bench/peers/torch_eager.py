"""PyTorch as it is written every day: eager, with the fused Adam."""

import tempfile

import numpy as np
import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter

from common import EVERY, Order, arguments, measure, training_set

widths, batch, seconds = arguments()
images, labels = training_set()
images, labels = torch.from_numpy(images.copy()), torch.from_numpy(labels).long()
order = Order(len(labels), batch)

layers = []
for n, m in zip(widths, widths[1:]):
    layer = nn.Linear(n, m)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    layers += [layer, nn.Sigmoid()]
model = nn.Sequential(*layers[:-1])
linear = [layer for layer in model if isinstance(layer, nn.Linear)]
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
writer, made = SummaryWriter(tempfile.mkdtemp()), 0


def chunk():
    global made
    for number, indices in enumerate(torch.from_numpy(order.take(EVERY))):
        x, y = images[indices].float() / 255, labels[indices]
        optimizer.zero_grad(set_to_none=True)
        logits = model(x)
        loss = nn.functional.cross_entropy(logits, y)
        right = (logits.argmax(1) == y).float().mean()
        loss.backward()
        if number == 0:
            writer.add_scalar("loss", loss.item(), made)
            writer.add_scalar("accuracy", right.item(), made)
            for index, layer in enumerate(linear, 1):
                writer.add_scalar(f"gradient/mean_abs/layer{index}", layer.weight.grad.abs().mean().item(), made)
                writer.add_histogram(f"gradient/layer{index}", layer.weight.grad, made)
                writer.add_histogram(f"weight/layer{index}", layer.weight, made)
        optimizer.step()
    made += EVERY


measure(chunk, seconds)
