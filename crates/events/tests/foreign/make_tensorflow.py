"""Writes logs/tensorflow/: what TensorFlow 2's tf.summary, and the old TensorFlow 1 writer that it still carries, make."""

import pathlib
import shutil

import numpy as np
import tensorflow as tf
from tensorboard.plugins.hparams import api as hp

folder = pathlib.Path(__file__).parent / "logs/tensorflow"
shutil.rmtree(folder, ignore_errors=True)
random = np.random.default_rng(7)

with tf.summary.create_file_writer(str(folder / "two")).as_default():
    for step in range(3):
        tf.summary.scalar("loss", 1 / (step + 1), step)
        tf.summary.scalar("double", tf.constant(0.1 * step, tf.float64), step)
        tf.summary.scalar("bfloat", tf.constant(0.1 * step, tf.bfloat16), step)
        tf.summary.histogram("weights", random.normal(size=100), step, buckets=8)
        tf.summary.histogram("same", np.full(10, 0.5), step, buckets=4)
        tf.summary.text("text", f"step {step}", step)
    tf.summary.text("list", ["one", "two"], 1)
    tf.summary.image("images", random.random((3, 4, 5, 3)), 1)
    tf.summary.audio("audio", (random.random((2, 100, 1)) - 0.5).astype(np.float32), 8000, 1)
    hp.hparams({"units": 10, "activation": "relu", "bias": True})

    @tf.function
    def small(x):
        return tf.nn.relu(x) + 1

    tf.summary.graph(small.get_concrete_function(tf.TensorSpec([2], tf.float32)).graph)

writer = tf.compat.v1.summary.FileWriter
with tf.Graph().as_default(), tf.compat.v1.Session() as session:
    x = tf.compat.v1.placeholder(tf.float32, [None])
    tf.compat.v1.summary.scalar("mean", tf.reduce_mean(x))
    tf.compat.v1.summary.histogram("x", x)
    tf.compat.v1.summary.image("image", tf.reshape(x, [1, 2, 5, 1]))
    tf.compat.v1.summary.audio("sound", tf.reshape(x, [1, 10]), 8000.0)
    merged = tf.compat.v1.summary.merge_all()
    old = writer(str(folder / "one"), session.graph)
    for step in range(3):
        old.add_summary(session.run(merged, {x: random.random(10)}), step)
    old.close()
