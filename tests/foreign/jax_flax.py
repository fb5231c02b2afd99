"""Logs as people write them with JAX, Flax and tensorboardX: python jax_flax.py [CASE]..."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn
from flax import traverse_util
from tensorboardX import SummaryWriter

from digits import batches, digits, main


class Network(nn.Module):
    activation: object
    depth: int = 12
    weights: object = nn.initializers.lecun_normal()

    @nn.compact
    def __call__(self, x):
        for _ in range(self.depth - 1):
            x = self.activation(nn.Dense(32, kernel_init=self.weights)(x))
        return nn.Dense(10, kernel_init=self.weights)(x)


def case(network, lr, optimizer=optax.sgd, steps=300, every=30, styles=("params", "grads")):
    def log(folder):
        (x, y), (vx, vy) = digits()
        state = network.init(jax.random.PRNGKey(0), x[:1])["params"]
        rule = optimizer(lr)
        memory = rule.init(state)

        def cost(state, x, y):
            logits = network.apply({"params": state}, x)
            return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()

        step_of = jax.jit(jax.value_and_grad(cost))
        writer = SummaryWriter(folder)
        # tensorboardX has its own form of hyperparameters, and clu writes a table of them as text.
        writer.add_text("hparams", f"|name|value|\n|---|---|\n|lr|{lr}|\n|activation|{network.activation.__name__}|", 0)
        for step, xs, ys in batches(x, y, 64, steps):
            loss, grads = step_of(state, xs, ys)
            if step % every == 0:
                for kind, tree in zip(styles, (state, grads)):
                    for name, value in traverse_util.flatten_dict(tree, sep="/").items():
                        if np.isfinite(value).all():
                            writer.add_histogram(f"{kind}/{name}", np.asarray(value), step)
                        writer.add_scalar(f"{kind}_norm/{name}", float(jnp.linalg.norm(value)), step)
            updates, memory = rule.update(grads, memory)
            state = optax.apply_updates(state, updates)
            if step % 10 == 0:
                writer.add_scalar("train_loss", float(loss), step)
                writer.add_scalar("eval_loss", float(cost(state, vx, vy)), step)
        writer.close()

    return log


if __name__ == "__main__":
    wide = nn.initializers.normal(0.5)
    main({
        "flax_healthy": case(Network(nn.relu, 4), 0.1),
        "flax_healthy_adam": case(Network(nn.tanh, 6), 3e-3, optax.adam, styles=("parameters", "gradients")),
        "flax_vanishing": case(Network(nn.sigmoid), 0.1),
        "flax_exploding": case(Network(nn.tanh, 20, wide), 0.1, every=60),
        "flax_rate_nan": case(Network(nn.relu, 4), 300.0),
    })
