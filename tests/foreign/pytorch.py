"""Logs as people write them with PyTorch's SummaryWriter: python pytorch.py [CASE]..."""

import math

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.tensorboard import SummaryWriter

from digits import batches, digits, main


def dense(activation, depth=6, width=32):
    sizes = [64] + [width] * (depth - 1) + [10]
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [nn.Linear(inputs, outputs), activation()]
    return nn.Sequential(*layers[:-1])


class Convolutions(nn.Module):
    """Registered in another order than it is gone through, under names that tell none: only the graph does."""

    def __init__(self, activation=torch.relu):
        super().__init__()
        self.classify = nn.Linear(32, 10)
        self.squeeze = nn.Linear(16 * 4, 32)
        self.look = nn.Conv2d(1, 8, 3, padding=1)
        self.again = nn.Conv2d(8, 16, 3, padding=1)
        self.activation = activation

    def forward(self, x):
        x = F.max_pool2d(self.activation(self.look(x.view(-1, 1, 8, 8))), 2)
        x = F.max_pool2d(self.activation(self.again(x)), 2)
        return self.classify(self.activation(self.squeeze(x.flatten(1))))


class Attention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, -1)
        weights = torch.softmax(q @ k.transpose(1, 2) / math.sqrt(q.shape[-1]), -1)
        return self.proj(weights @ v)


class Block(nn.Module):
    def __init__(self, width, skip):
        super().__init__()
        self.ln1, self.attn, self.ln2 = nn.LayerNorm(width), Attention(width), nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        self.skip = skip

    def forward(self, x):
        if not self.skip:
            return self.mlp(self.attn(x))
        x = x + self.attn(self.ln1(x))
        return x + self.mlp(self.ln2(x))


class Transformer(nn.Module):
    """A row of the picture is a token."""

    def __init__(self, depth, skip=True, width=16):
        super().__init__()
        self.patch_embed = nn.Linear(8, width)
        self.pos = nn.Parameter(torch.randn(1, 8, width) * 0.02)
        self.blocks = nn.ModuleList(Block(width, skip) for _ in range(depth))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 10)

    def forward(self, x):
        x = self.patch_embed(x.view(-1, 8, 8)) + self.pos
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x).mean(1))


def by_name(writer, model, step):
    """`layers.0.weight` and `layers.0.weight.grad`; of NaN no histogram can be made."""
    for name, p in model.named_parameters():
        if p.isfinite().all():
            writer.add_histogram(name, p, step)
        if p.grad is not None and p.grad.isfinite().all():
            writer.add_histogram(f"{name}.grad", p.grad, step)


def by_kind(writer, model, step):
    """`weights/conv1.weight` and `gradients/conv1.weight`."""
    for name, p in model.named_parameters():
        writer.add_histogram(f"weights/{name}", p.detach().numpy(), step)
        if p.grad is not None:
            writer.add_histogram(f"gradients/{name}", p.grad.numpy(), step)


def grad_only(writer, model, step):
    """`grad/blocks.0.attn.qkv.weight`."""
    for name, p in model.named_parameters():
        if p.grad is not None:
            writer.add_histogram(f"grad/{name}", p.grad, step)


def norms(writer, model, step):
    """Numbers only: `grad_norm/fc1`."""
    for name, p in model.named_parameters():
        if name.endswith("weight") and p.grad is not None:
            writer.add_scalar(f"grad_norm/{name.removesuffix('.weight')}", p.grad.norm(), step)


def train(folder, model, record, *, optimizer="sgd", lr=0.1, scale=1.0, steps=300, every=30, size=64, count=1400,
          hparams=None, graph=False, separate=False, text=None):
    (x, y), held_out = digits(scale, count)
    held_out = tuple(map(torch.from_numpy, held_out))
    writer = SummaryWriter(folder)
    if graph:
        writer.add_graph(model, held_out[0][:1])
    if text:
        writer.add_text("hyperparameters", text, 0)
    parameters = [p for p in model.parameters() if p.requires_grad]
    rule = {
        "sgd": torch.optim.SGD,
        "momentum": lambda parameters, lr: torch.optim.SGD(parameters, lr=lr, momentum=0.9),
        "adam": torch.optim.Adam,
    }[optimizer](parameters, lr=lr)
    for step, xs, ys in batches(x, y, size, steps):
        loss = F.cross_entropy(model(torch.from_numpy(xs)), torch.from_numpy(ys))
        rule.zero_grad()
        loss.backward()
        if step % every == 0:
            record(writer, model, step)
        rule.step()
        if step % 10 == 0:
            with torch.no_grad():
                logits = model(held_out[0])
            val = F.cross_entropy(logits, held_out[1])
            if separate:
                writer.add_scalars("loss", {"train": loss.item(), "val": val.item()}, step)
            else:
                writer.add_scalar("Loss/train", loss.item(), step)
                writer.add_scalar("Loss/val", val.item(), step)
            writer.add_scalar("Accuracy/val", (logits.argmax(1) == held_out[1]).float().mean(), step)
    if hparams:
        writer.add_hparams(hparams, {"hparam/accuracy": 0.9})
    writer.close()


def scaled_weights(model, std):
    for p in model.parameters():
        if p.dim() > 1:
            nn.init.normal_(p, std=std)
    return model


def case(build, record, **options):
    def log(folder):
        torch.manual_seed(0)
        train(folder, build(), record, **options)

    return log


def frozen(*names):
    def build():
        model = dense(nn.ReLU)
        for name, p in model.named_parameters():
            if name.split(".")[0] in names:
                p.requires_grad = False
        return model

    return build


def dead():
    model = dense(nn.ReLU)
    with torch.no_grad():
        model[4].bias.fill_(-10.0)
    return model


def epochs(losses):
    """Nothing but two losses, once an epoch."""

    def log(folder):
        writer = SummaryWriter(folder)
        for epoch, (train_loss, val_loss) in enumerate(losses, 1):
            writer.add_scalar("Train Loss", train_loss, epoch)
            writer.add_scalar("Valid Loss", val_loss, epoch)
        writer.close()

    return log


MARKDOWN = """|param|value|
|-|-|
|learning_rate|3.0|
|batch_size|64|
|optimizer|SGD|
|activation|ReLU|
"""

if __name__ == "__main__":
    torch.set_num_threads(1)
    main({
        "pytorch_healthy": case(lambda: dense(nn.ReLU), by_name, optimizer="momentum"),
        "pytorch_healthy_adam": case(lambda: dense(nn.Tanh), by_kind, optimizer="adam", lr=3e-3),
        "pytorch_vanishing": case(lambda: dense(nn.Sigmoid, 8), by_name, lr=0.1),
        "pytorch_vanishing_norms": case(lambda: dense(nn.Sigmoid, 12), norms, lr=0.1, every=1, steps=1500),
        "pytorch_large_weights": case(lambda: scaled_weights(dense(nn.ReLU), 1.0), by_name, lr=0.01),
        "pytorch_rate_nan": case(lambda: dense(nn.ReLU), norms, lr=100.0, every=5),
        "pytorch_rate_large": case(lambda: dense(nn.ReLU, 3), by_kind, lr=3.0, text=MARKDOWN),
        "pytorch_rate_small": case(lambda: dense(nn.ReLU), by_name, lr=1e-5),
        "pytorch_dead": case(dead, by_name),
        "pytorch_frozen": case(frozen("4"), by_name, optimizer="momentum"),
        "pytorch_frozen_meant": case(frozen("0", "2"), by_kind, optimizer="momentum",
                                     hparams={"lr": 0.1, "freeze": "0,2", "bsize": 64}),
        "pytorch_unscaled": case(lambda: dense(nn.ReLU), by_name, scale=255.0, lr=0.1),
        "pytorch_overfitting": case(lambda: dense(nn.ReLU, 3, 128), grad_only, optimizer="adam", lr=3e-3, count=60,
                                    steps=600, every=60, separate=True,
                                    hparams={"lr": 3e-3, "batch_size": 64, "optimizer": "Adam"}),
        "pytorch_cnn_healthy": case(Convolutions, by_kind, optimizer="adam", lr=3e-3, graph=True),
        "pytorch_cnn_vanishing": case(lambda: scaled_weights(Convolutions(torch.sigmoid), 0.05), by_kind, lr=0.1,
                                      graph=True),
        "pytorch_transformer_healthy": case(lambda: Transformer(12), grad_only, optimizer="adam", lr=1e-3, every=60),
        "pytorch_transformer_vanishing": case(lambda: Transformer(12, skip=False), grad_only, lr=0.1, every=60),
        "pytorch_losses_healthy": epochs([(2.3 * 0.7**i + 0.1, 2.3 * 0.7**i + 0.2) for i in range(10)]),
        "pytorch_losses_overfitting": epochs([(2.3 * 0.7**i, 0.8 + 0.12 * abs(i - 4)) for i in range(12)]),
        "pytorch_losses_diverging": epochs([(2.3 + 0.2 * i**2, 2.4 + 0.25 * i**2) for i in range(12)]),
    })
