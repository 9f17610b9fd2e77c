#!/usr/bin/env python3
"""Embeddings as TensorFlow trains them: gradients of the rows that a batch used, not of the whole table.

    python keras_sparse.py ../keras/sparse.zip

The embedding cases of keras_train.py on Keras's TensorFlow backend, where the gradient of an embedding is an
IndexedSlices. Optimizers treat it differently from a dense one: that is an option of ours with these as its oracle.
"""
import os

os.environ["FIXTURE_BACKEND"] = "tensorflow"

import zlib

import numpy as np

import keras_case
import keras
import tensorflow as tf
from keras_train import embeddings

keras_case.VERSIONS["tensorflow"] = tf.__version__


def run(case, model, losses, optimizer):
    keras_case.set_first_weights(model, zlib.crc32(case.name.encode()))
    optimizer.build(model.trainable_variables)
    curve = []
    for step in range(case.steps):
        x, (y,), _ = keras_case.batch_of(case, step)
        with tf.GradientTape() as tape:
            loss = losses[0](y, model(x if len(x) > 1 else x[0], training=True))
        grads = tape.gradient(loss, model.trainable_variables)
        assert any(isinstance(g, tf.IndexedSlices) for g in grads)
        optimizer.apply(grads, model.trainable_variables)
        curve.append(float(loss))
    return np.array(curve), [np.array(v) for v in keras_case.variables(model)], {}


def engine(case, snapshots=()):
    keras.utils.clear_session()
    model = case.build()
    return model, [case.loss], {n: run(case, model, [case.loss], make()) for n, make in case.runs.items()}


if __name__ == "__main__":
    keras_case.main(__file__, embeddings, engine=engine)
