"""Logs as Keras's TensorBoard callback writes them: python keras_callback.py [CASE]..."""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf

from digits import digits, main


def dense(activation, depth=5, init="glorot_uniform", width=32):
    hidden = [keras.layers.Dense(width, activation, kernel_initializer=init) for _ in range(depth - 1)]
    return keras.Sequential([keras.Input((64,)), *hidden, keras.layers.Dense(10, kernel_initializer=init)])


def convolutions():
    layers = keras.layers
    return keras.Sequential([
        keras.Input((64,)), layers.Reshape((8, 8, 1)), layers.Conv2D(8, 3, activation="relu"),
        layers.Conv2D(16, 3, activation="relu"), layers.Flatten(), layers.Dense(32, "relu"), layers.Dense(10)])


def case(build, lr=0.1, optimizer=keras.optimizers.SGD, epochs=10, scale=1.0, count=1400, wrong=0.0):
    def log(folder):
        keras.backend.clear_session()
        keras.utils.set_random_seed(0)
        train, held_out = digits(scale, count)
        random = np.random.default_rng(0)
        train = train[0], np.where(random.random(count) < wrong, random.integers(0, 10, count), train[1])
        model = build()
        model.compile(optimizer(lr), keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
        callback = keras.callbacks.TensorBoard(folder, histogram_freq=1)
        model.fit(*train, 32, epochs, validation_data=held_out, callbacks=[callback], verbose=0)

    return log


def frozen():
    model = dense("relu")
    model.layers[1].trainable = False
    return model


def gradients(folder):
    """A loop of one's own with tf.summary: `gradients/dense/kernel`, and batches as steps."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    (x, y), _ = digits()
    model = dense("sigmoid", 9)
    cost = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    rule = keras.optimizers.SGD(0.1)
    writer = tf.summary.create_file_writer(folder)
    for step, (xs, ys) in enumerate(tf.data.Dataset.from_tensor_slices((x, y)).shuffle(1400, 0).repeat().batch(32).take(300)):
        with tf.GradientTape() as tape:
            loss = cost(ys, model(xs))
        grads = tape.gradient(loss, model.trainable_variables)
        rule.apply_gradients(zip(grads, model.trainable_variables))
        with writer.as_default(step):
            tf.summary.scalar("batch_loss", loss)
            if step % 20 == 0:
                for variable, grad in zip(model.trainable_variables, grads):
                    tf.summary.histogram(f"gradients/{variable.path}", grad)
    writer.close()


if __name__ == "__main__":
    tf.config.threading.set_intra_op_parallelism_threads(1)
    main({
        "keras_healthy": case(lambda: dense("relu")),
        "keras_cnn_healthy": case(convolutions, 1e-3, keras.optimizers.Adam),
        "keras_vanishing": case(lambda: dense("sigmoid", 9)),
        "keras_rate_nan": case(lambda: dense("relu"), lr=300.0, epochs=6),
        "keras_rate_large": case(lambda: dense("relu", 3), lr=0.5, optimizer=keras.optimizers.Adam),
        "keras_rate_small": case(lambda: dense("relu"), lr=1e-6),
        "keras_frozen": case(frozen),
        "keras_overfitting": case(lambda: dense("relu", 3, width=128), 3e-3, keras.optimizers.Adam, 40, count=200, wrong=0.3),
        "keras_gradients_vanishing": gradients,
    })
