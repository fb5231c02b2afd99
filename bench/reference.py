"""The experiment's distribution in JAX: what a right implementation must match, for settings of one's choice.

    python bench/reference.py --activation tanh --seeds 64            needs jax and numpy
    python bench/reference.py --activation relu --data FOLDER         four IDX files, gzipped (MNIST, Fashion-MNIST)

784-10-10-10-10-10-10, Glorot uniform, zero biases, softmax cross-entropy, Adam, batch 30, 2,500 steps over shuffled
epochs of the training images after the first 5,000. Prints the 5, 25, 50, 75 and 95 % quantiles over the seeds of the
mean accuracy of the last 200 training batches and of the ratio layer 6 : layer 1 of mean |dC/dW|, each a mean over
steps 0, 200, ..., 2400 and over those and 2499, which Headwater records too.
"""

import argparse
import gzip
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

WIDTHS = [784, 10, 10, 10, 10, 10, 10]
BATCH, STEPS, EVERY, HELD_OUT = 30, 2500, 200, 5000

ACTIVATIONS = {
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "elu": jax.nn.elu,
    "selu": jax.nn.selu,
    "softplus": jax.nn.softplus,
    "softsign": jax.nn.soft_sign,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
    "silu": jax.nn.silu,
}


def activation_of(name):
    if name.startswith("leaky_relu("):
        slope = float(name[len("leaky_relu("):-1])
        return lambda z: jnp.where(z > 0, z, slope * z)
    return ACTIVATIONS[name]


def idx(path, offset):
    return np.frombuffer(gzip.open(path).read(), np.uint8, offset=offset)


def training_set(folder):
    images = idx(folder / "train-images-idx3-ubyte.gz", 16).reshape(-1, 784)[HELD_OUT:]
    labels = idx(folder / "train-labels-idx1-ubyte.gz", 8)[HELD_OUT:]
    return jnp.asarray(images), jnp.asarray(labels, jnp.int32)


def order(seed, samples):
    """Shuffled epochs, one after the other, cut into batches."""
    rng = np.random.default_rng(seed)
    epochs = -(-STEPS * BATCH // samples)
    whole = np.concatenate([rng.permutation(samples) for _ in range(epochs)])
    return whole[: STEPS * BATCH].reshape(STEPS, BATCH)


def initial(seed):
    keys = jax.random.split(jax.random.PRNGKey(seed), len(WIDTHS) - 1)
    def layer(key, n, m):
        limit = np.sqrt(6 / (n + m))
        return jax.random.uniform(key, (n, m), minval=-limit, maxval=limit), jnp.zeros(m)
    return [layer(key, n, m) for key, n, m in zip(keys, WIDTHS, WIDTHS[1:])]


def run(f, images, labels, parameters, batches):
    def cost(parameters, x, y):
        for w, b in parameters[:-1]:
            x = f(x @ w + b)
        w, b = parameters[-1]
        logits = x @ w + b
        picked = jnp.take_along_axis(logits, y[:, None], 1)[:, 0]
        right = jnp.mean(jnp.argmax(logits, 1) == y)
        return jnp.mean(jax.nn.logsumexp(logits, axis=1) - picked), right

    def step(state, now):
        parameters, m, s = state
        t, indices = now
        x, y = images[indices].astype(jnp.float32) / 255, labels[indices]
        (_, right), g = jax.value_and_grad(cost, has_aux=True)(parameters, x, y)
        sizes = jnp.stack([jnp.mean(jnp.abs(w)) for w, _ in g])
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        s = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, s, g)
        c1, c2 = 1 - 0.9 ** t, 1 - 0.999 ** t
        update = lambda p, m, s: p - 1e-3 * (m / c1) / (jnp.sqrt(s / c2) + 1e-8)
        return (jax.tree.map(update, parameters, m, s), m, s), (right, sizes)

    zeros = jax.tree.map(jnp.zeros_like, parameters)
    steps = jnp.arange(1, STEPS + 1, dtype=jnp.float32)
    _, (right, sizes) = jax.lax.scan(step, (parameters, zeros, zeros), (steps, batches))
    ratio = lambda sizes: jnp.mean(sizes[:, -1]) / jnp.mean(sizes[:, 0])
    recorded = sizes[::EVERY]
    return jnp.mean(right[-200:]), ratio(recorded), ratio(jnp.concatenate([recorded, sizes[-1:]]))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--activation", default="sigmoid")
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--seeds", type=int, default=64)
    arguments = arguments.parse_args()
    images, labels = training_set(arguments.data)
    f = activation_of(arguments.activation)
    program = jax.jit(lambda seed_parameters, batches: run(f, images, labels, seed_parameters, batches))
    results = np.array([
        program(initial(seed), jnp.asarray(order(seed, len(labels)))) for seed in range(arguments.seeds)
    ])
    quantiles = np.quantile(results, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0).T
    for name, row in zip(["accuracy", "ratio, steps 0 to 2400", "ratio, with step 2499"], quantiles):
        print(f"{arguments.activation:16} {name:24}", " / ".join(f"{v:.3f}" for v in row), flush=True)


main()
