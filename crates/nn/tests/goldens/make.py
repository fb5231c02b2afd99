"""Writes the goldens that tests/goldens.rs compares with: PyTorch's values, gradients and training steps.

    python make.py            needs torch (2.x, CPU) and numpy

The numbers that both sides must share (weights, inputs, labels) come from one linear congruential generator, written
again in tests/goldens.rs, so that the files hold results only.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

HERE = Path(__file__).parent
MASK = (1 << 64) - 1

ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu(0.2)": lambda z: F.leaky_relu(z, 0.2),
    "leaky_relu(0.01)": lambda z: F.leaky_relu(z, 0.01),
    "elu": F.elu,
    "selu": F.selu,
    "gelu": F.gelu,
    "silu": F.silu,
    "softplus": F.softplus,
    "softsign": F.softsign,
    "hard_tanh": F.hardtanh,
}

OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05),
    "momentum(0.9)": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
    "nesterov(0.9)": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "rmsprop(0.99, 1e-8)": lambda p: torch.optim.RMSprop(p, lr=0.001, alpha=0.99, eps=1e-8),
    "adam(0.9, 0.999, 1e-8)": lambda p: torch.optim.Adam(p, lr=0.001),
    "adamw(0.9, 0.999, 1e-8, 0.01)": lambda p: torch.optim.AdamW(p, lr=0.001, weight_decay=0.01),
}


class Lcg:
    """Knuth's MMIX generator; the upper 24 bits become a number in [0, 1) that f32 holds exactly."""

    def __init__(self, seed):
        self.state = seed

    def unit(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & MASK
        return (self.state >> 40) / (1 << 24)


def tensor(rng, rows, columns, dtype, scale):
    values = [(2 * rng.unit() - 1) * scale for _ in range(rows * columns)]
    return torch.tensor(values, dtype=dtype).reshape(rows, columns)


def network(widths, dtype):
    """Weights [inputs, outputs] in [-1/2, 1/2) for narrow layers, smaller for the pixels; biases in [-1/8, 1/8)."""
    rng = Lcg(1)
    parameters = []
    for inputs, outputs in zip(widths, widths[1:]):
        scale = 0.0625 if inputs > 100 else 0.5
        weights = tensor(rng, inputs, outputs, dtype, scale)
        bias = tensor(rng, 1, outputs, dtype, 0.125)[0]
        parameters += [weights.requires_grad_(), bias.requires_grad_()]
    return parameters


def batch(rng, size, inputs, classes, dtype):
    """Like MNIST: four fifths of the pixels are zero."""
    x, labels = [], []
    for _ in range(size):
        for _ in range(inputs):
            u = rng.unit()
            x.append(0.0 if u < 0.8 else (u - 0.8) * 5)
        labels.append(int(rng.unit() * classes))
    return torch.tensor(x, dtype=torch.float64).to(dtype).reshape(size, inputs), torch.tensor(labels)


def forward(parameters, x, activation):
    zs = []
    for i in range(0, len(parameters), 2):
        z = x @ parameters[i] + parameters[i + 1]
        zs.append(z)
        x = activation(z) if i + 2 < len(parameters) else z
    return zs


def loss(function, y, labels):
    if function == "softmax_cross_entropy":
        return F.cross_entropy(y, labels)
    return F.mse_loss(y, F.one_hot(labels, y.shape[1]).to(y.dtype))


def thin(tensor):
    """Every 37th value of a large tensor, all of a small one."""
    flat = tensor.detach().flatten()
    return [float(v) for v in (flat[::37] if flat.numel() > 500 else flat)]


def activation_goldens():
    z = [-1e4, -100.0, -30.0] + [i * 0.125 for i in range(-64, 65)] + [30.0, 100.0, 1e4]
    out = {"z": z, "activations": {}}
    for name, f in ACTIVATIONS.items():
        t = torch.tensor(z, dtype=torch.float64, requires_grad=True)
        a = f(t)
        a.sum().backward()
        out["activations"][name] = {"f": a.tolist(), "df": t.grad.tolist()}
    return out


def gradient_goldens():
    """One pass per activation and loss function: the loss, every gradient, every delta. Tanh also with layers wider than 32 units."""
    out = []
    cases = [(name, [12, 7, 6, 5]) for name in ACTIVATIONS] + [("tanh", [12, 40, 36, 5])]
    for name, widths in cases:
        f = ACTIVATIONS[name]
        for loss_function in ["softmax_cross_entropy", "mean_squared_error"]:
            parameters = network(widths, torch.float32)
            x, labels = batch(Lcg(2), 8, 12, 5, torch.float32)
            zs = forward(parameters, x, f)
            for z in zs:
                z.retain_grad()
            c = loss(loss_function, zs[-1], labels)
            c.backward()
            out.append({
                "widths": widths,
                "activation": name,
                "loss_function": loss_function,
                "loss": float(c.detach()),
                "gradients": [thin(p.grad) for p in parameters],
                "deltas": [thin(z.grad) for z in zs],
            })
    return out


def training_goldens():
    """Ten steps of the experiment's network, 784-10-10-10-10-10-10, batch 30, with each optimizer."""
    out = []
    for optimizer_name, make in OPTIMIZERS.items():
        parameters = network([784, 10, 10, 10, 10, 10, 10], torch.float32)
        optimizer = make(parameters)
        rng = Lcg(3)
        losses, first = [], None
        for _ in range(10):
            x, labels = batch(rng, 30, 784, 10, torch.float32)
            optimizer.zero_grad()
            c = loss("softmax_cross_entropy", forward(parameters, x, torch.sigmoid)[-1], labels)
            c.backward()
            first = first or [thin(p.grad) for p in parameters]
            optimizer.step()
            losses.append(float(c.detach()))
        out.append({
            "optimizer": optimizer_name,
            "learning_rate": optimizer.param_groups[0]["lr"],
            "losses": losses,
            "first_gradients": first,
            "parameters": [thin(p) for p in parameters],
        })
    return out


def block_goldens():
    """Five steps of SGD through normalisation and residual blocks: losses, every parameter, and then the outputs in evaluation.

    In f64: layer normalisation of nearly equal units magnifies rounding, and only one side shall round.

    Five hidden layers of 6 units with tanh. `residual` is (place, scale, block); blocks begin after the first layer."""
    out = []
    residuals = {
        None: None, "post(2)": ("post", 1.0, 2), "pre(2)": ("pre", 1.0, 2), "pre_scaled(1)": ("pre", 0.5, 1),
        "post_rezero(2)": ("post", None, 2),
    }
    for norm in [None, "batch", "layer"]:
        for name, residual in residuals.items():
            if norm is None and residual is None:
                continue
            widths = [12, 6, 6, 6, 6, 6, 5]
            parameters = network(widths, torch.float64)
            kind = {"batch": torch.nn.BatchNorm1d, "layer": torch.nn.LayerNorm}.get(norm)
            norms = [kind(6).double() for _ in range(5)] if kind else []
            place, scale, block = residual or (None, None, 0)
            ends = list(range(block, 5, block)) if residual else []
            alphas = [torch.nn.Parameter(torch.zeros((), dtype=torch.float64)) for _ in ends] if residual and scale is None else []
            everything = parameters + [p for n in norms for p in n.parameters()] + alphas

            def passed(x):
                stream, outs = [], []
                for i in range(5):
                    y = x @ parameters[2 * i] + parameters[2 * i + 1]
                    alpha = scale
                    if i in ends and alphas:
                        alpha = alphas[ends.index(i)]
                    if place == "pre" and i in ends:
                        y = stream[i - block] + alpha * y
                    stream.append(y)
                    z = norms[i](y) if norms else y
                    if place == "post" and i in ends:
                        z = outs[i - block] + alpha * z
                    x = torch.tanh(z)
                    outs.append(x)
                return x @ parameters[10] + parameters[11]

            optimizer = torch.optim.SGD(everything, lr=0.02)
            rng = Lcg(3)
            losses = []
            for _ in range(5):
                x, labels = batch(rng, 8, 12, 5, torch.float64)
                optimizer.zero_grad()
                c = loss("softmax_cross_entropy", passed(x), labels)
                c.backward()
                optimizer.step()
                losses.append(float(c.detach()))
            for n in norms:
                n.eval()
            x, labels = batch(rng, 8, 12, 5, torch.float64)
            out.append({
                "norm": norm,
                "residual": name,
                "losses": losses,
                "parameters": [thin(p) for p in parameters],
                "norms": [thin(torch.cat([n.weight, n.bias])) for n in norms],
                "alphas": [float(a.detach()) for a in alphas],
                "outputs": thin(passed(x)),
            })
    return out


def clipping_goldens():
    rng = Lcg(4)
    gradient = [(2 * rng.unit() - 1) * 3 for _ in range(50)]
    p = torch.nn.Parameter(torch.zeros(50))
    out = {}
    for name, clip in {
        "norm": lambda: torch.nn.utils.clip_grad_norm_([p], 1.5),
        "value": lambda: torch.nn.utils.clip_grad_value_([p], 0.75),
    }.items():
        p.grad = torch.tensor(gradient)
        clip()
        out[name] = p.grad.tolist()
    return out


def write(name, value):
    (HERE / name).write_text(json.dumps(value, separators=(",", ":")).replace("},{", "},\n{") + "\n")


torch.use_deterministic_algorithms(True)
write("activations.json", activation_goldens())
write("gradients.json", gradient_goldens())
write("training.json", training_goldens())
write("clipping.json", clipping_goldens())
write("blocks.json", block_goldens())
print("written with torch", torch.__version__)
