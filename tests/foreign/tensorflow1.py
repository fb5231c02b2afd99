"""Logs as TensorFlow 1 programs wrote them, with graphs and merged summaries: python tensorflow1.py [CASE]..."""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import tensorflow.compat.v1 as tf

from digits import batches, digits, main


def summaries(variable):
    """As in TensorFlow's own tutorial."""
    with tf.name_scope("summaries"):
        mean = tf.reduce_mean(variable)
        tf.summary.scalar("mean", mean)
        tf.summary.scalar("stddev", tf.sqrt(tf.reduce_mean(tf.square(variable - mean))))
        tf.summary.scalar("max", tf.reduce_max(variable))
        tf.summary.scalar("min", tf.reduce_min(variable))
        tf.summary.histogram("histogram", variable)


def layer(x, inputs, outputs, name, act):
    with tf.name_scope(name):
        with tf.name_scope("weights"):
            w = tf.Variable(tf.truncated_normal([inputs, outputs], stddev=(1.0 / inputs) ** 0.5, seed=1))
            summaries(w)
        with tf.name_scope("biases"):
            b = tf.Variable(tf.zeros([outputs]))
            summaries(b)
        with tf.name_scope("Wx_plus_b"):
            z = tf.matmul(x, w) + b
            tf.summary.histogram("pre_activations", z)
        a = act(z, name="activation")
        tf.summary.histogram("activations", a)
        return a, w


def case(act, depth, lr=0.1, steps=300):
    def log(folder):
        (x, y), held_out = digits()
        with tf.Graph().as_default(), tf.Session() as session:
            tf.set_random_seed(0)
            xs, ys = tf.placeholder(tf.float32, [None, 64], "x"), tf.placeholder(tf.int64, [None], "y")
            a, variables, sizes = xs, [], [64] + [32] * (depth - 1) + [10]
            for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:]), 1):
                a, w = layer(a, inputs, outputs, f"layer{i}", act if i < depth else tf.identity)
                variables.append((f"layer{i}", w))
            loss = tf.losses.sparse_softmax_cross_entropy(ys, a)
            tf.summary.scalar("cross_entropy", loss)
            right = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(a, 1), ys), tf.float32))
            tf.summary.scalar("accuracy", right)
            for (name, w), grad in zip(variables, tf.gradients(loss, [w for _, w in variables])):
                tf.summary.histogram(f"{name}/weights/gradients", grad)
            merged = tf.summary.merge_all()
            step_of = tf.train.GradientDescentOptimizer(lr).minimize(loss)
            train = tf.summary.FileWriter(f"{folder}/train", session.graph)
            test = tf.summary.FileWriter(f"{folder}/test")
            session.run(tf.global_variables_initializer())
            for step, bx, by in batches(x, y, 64, steps):
                if step % 30 == 0:
                    test.add_summary(session.run(merged, {xs: held_out[0], ys: held_out[1]}), step)
                    train.add_summary(session.run(merged, {xs: bx, ys: by}), step)
                session.run(step_of, {xs: bx, ys: by})
            train.close(), test.close()

    return log


if __name__ == "__main__":
    tf.disable_eager_execution()
    main({
        "tensorflow1_healthy": case(tf.nn.relu, 3),
        "tensorflow1_vanishing": case(tf.nn.sigmoid, 8),
    })
