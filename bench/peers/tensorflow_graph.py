"""TensorFlow as the article's readers know it: version 1's graph, fed batch by batch, with merged summaries."""

import os
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow.compat.v1 as tf

from common import EVERY, Order, arguments, measure, training_set

tf.disable_v2_behavior()
widths, batch, seconds = arguments()
images, labels = training_set()
order = Order(len(labels), batch)

x = tf.placeholder(tf.float32, [None, 784])
y = tf.placeholder(tf.int32, [None])
a, weights = x, []
for index, (n, m) in enumerate(zip(widths, widths[1:])):
    limit = np.sqrt(6 / (n + m))
    w = tf.Variable(tf.random_uniform([n, m], -limit, limit))
    b = tf.Variable(tf.zeros([m]))
    weights.append(w)
    z = a @ w + b
    a = tf.nn.sigmoid(z) if index + 2 < len(widths) else z
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=a))
right = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(a, 1, output_type=tf.int32), y), tf.float32))
gradients = tf.gradients(loss, weights)
step = tf.train.AdamOptimizer(1e-3).minimize(loss)
tf.summary.scalar("loss", loss)
tf.summary.scalar("accuracy", right)
for index, (g, w) in enumerate(zip(gradients, weights), 1):
    tf.summary.scalar(f"gradient/mean_abs/layer{index}", tf.reduce_mean(tf.abs(g)))
    tf.summary.histogram(f"gradient/layer{index}", g)
    tf.summary.histogram(f"weight/layer{index}", w)
summaries = tf.summary.merge_all()
writer, made = tf.summary.FileWriter(tempfile.mkdtemp()), 0
session = tf.Session()
session.run(tf.global_variables_initializer())


def chunk():
    global made
    for number, indices in enumerate(order.take(EVERY)):
        feed = {x: images[indices].astype(np.float32) / 255, y: labels[indices]}
        if number == 0:
            writer.add_summary(session.run(summaries, feed), made)
        session.run([step, right], feed)
    made += EVERY


measure(chunk, seconds)
