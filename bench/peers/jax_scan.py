"""JAX as a user who wants speed would write it: jit, and scan over the steps from one record to the next.

With the word "bare" after the other arguments nothing is recorded: what JAX could do if recording cost nothing."""

import sys
import tempfile

import jax
import jax.numpy as jnp
import numpy as np
from tensorboardX import SummaryWriter

from common import EVERY, Order, arguments, measure, training_set

widths, batch, seconds = arguments()
bare = "bare" in sys.argv[4:]
images, labels = map(jnp.asarray, training_set())
order = Order(len(labels), batch)


def initial():
    keys = jax.random.split(jax.random.PRNGKey(0), len(widths) - 1)
    limits = [np.sqrt(6 / (n + m)) for n, m in zip(widths, widths[1:])]
    uniform = lambda key, shape, limit: jax.random.uniform(key, shape, minval=-limit, maxval=limit)
    return [(uniform(key, (n, m), a), jnp.zeros(m)) for key, n, m, a in zip(keys, widths, widths[1:], limits)]


def cost(parameters, x, y):
    for w, b in parameters[:-1]:
        x = jax.nn.sigmoid(x @ w + b)
    w, b = parameters[-1]
    logits = x @ w + b
    picked = jnp.take_along_axis(logits, y[:, None], 1)[:, 0]
    return jnp.mean(jax.nn.logsumexp(logits, axis=1) - picked), jnp.mean(jnp.argmax(logits, 1) == y)


def step(state, indices):
    parameters, m, s, t = state
    x, y = images[indices].astype(jnp.float32) / 255, labels[indices]
    (loss, right), g = jax.value_and_grad(cost, has_aux=True)(parameters, x, y)
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
    s = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, s, g)
    c1, c2 = 1 - 0.9**t, 1 - 0.999**t
    update = lambda p, m, s: p - 1e-3 * (m / c1) / (jnp.sqrt(s / c2) + 1e-8)
    return (jax.tree.map(update, parameters, m, s), m, s, t + 1), (loss, right, g)


@jax.jit
def steps(state, batches):
    after, (loss, right, g) = step(state, batches[0])
    after, (losses, rights) = jax.lax.scan(lambda state, now: (lambda s, o: (s, o[:2]))(*step(state, now)), after, batches[1:])
    return after, (loss, right, [w for w, _ in g], jnp.mean(rights))


parameters = initial()
zeros = jax.tree.map(jnp.zeros_like, parameters)
state, made = (parameters, zeros, zeros, jnp.float32(1)), 0
writer = SummaryWriter(tempfile.mkdtemp())


def chunk():
    global state, made
    before = state[0]
    state, (loss, right, gradients, _) = steps(state, jnp.asarray(order.take(EVERY)))
    if bare:
        return loss.block_until_ready()
    writer.add_scalar("loss", float(loss), made)
    writer.add_scalar("accuracy", float(right), made)
    for layer, (g, (w, _)) in enumerate(zip(gradients, before), 1):
        g, w = np.asarray(g), np.asarray(w)
        writer.add_scalar(f"gradient/mean_abs/layer{layer}", np.abs(g).mean(), made)
        writer.add_histogram(f"gradient/layer{layer}", g, made)
        writer.add_histogram(f"weight/layer{layer}", w, made)
    made += EVERY


measure(chunk, seconds)
