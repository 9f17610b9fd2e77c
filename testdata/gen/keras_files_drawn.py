"""What models drawn at random have that the other families do not: keras_files_drawn.py OUT.zip"""
import sys

import numpy as np

from kerasfile import Writer

import keras
import tensorflow as tf
import tf_keras

w = Writer(sys.argv[1])
# Forecasts that a cell makes one by one from what it has answered: the cell is the argument of an RNN, and a layer.
for k, p, forms in ((keras, "", ("keras",)), (tf_keras, "k2_", ("h5",))):
    L = k.layers
    i = L.Input((4, 2))
    cell, out = L.LSTMCell(3), L.Dense(2)
    x, *state = L.RNN(cell, return_state=True)(i)
    ys = [out(x)]
    for _ in range(2):
        x, state = cell(ys[-1], states=state)
        ys.append(out(x))
    w.add(p + "cell_loop", k.Model(i, ys), forms=forms)
    i, h = L.Input((3,)), L.Input((4,))
    x, s = L.GRUCell(4, activation="softplus" if p else "gelu")(i, [h])
    y, _ = L.SimpleRNNCell(2)(x, [L.Dense(2)(h)])
    w.add(p + "cells", k.Model([i, h], [x, y]), forms=forms)
    # A functional model called twice: the output is what the first call gives, a layer reads the second.
    i = L.Input((3,))
    inner = k.Model(i, L.Dense(3, activation="tanh")(i))
    j = L.Input((3,))
    first, second = inner(j), inner(L.Dense(3)(j))
    w.add(p + "first_call", k.Model(j, [first, L.Dense(2)(second)]), forms=forms)

L = keras.layers
i = L.Input((3,))
w.add("spectral_column", keras.Model(i, L.SpectralNormalization(L.Dense(4))(L.Reshape((3, 1))(i))), forms=("h5", "keras"))
i = L.Input((3,), dtype="int32")
table, dense = L.Embedding(10, 4), L.Dense(5)
m = keras.Model(i, dense(table(i)))
table.enable_lora(2)
dense.enable_lora(3, lora_alpha=1.5)
w.add("lora", m, forms=("h5", "keras"))
# Factors that are masked count as 1 where the other one is not, and steps that both leave out are 0.
i, j = L.Input((3,), dtype="int32"), L.Input((3,), dtype="int32")
a, b = L.Embedding(10, 2, mask_zero=True)(i), L.Embedding(10, 2, mask_zero=True)(j)
ids = np.array([[1, 2, 0], [0, 3, 0], [0, 0, 0], [4, 5, 6], [0, 0, 9], [7, 0, 8], [1, 1, 1]], "int32")
y = [L.LSTM(2)(L.Multiply()([a, b])), L.LSTM(2)(L.Multiply()([a, L.Dense(2)(a)])), L.Multiply()([a, L.Reshape((3, 2))(b)])]
w.add("masked_factors", keras.Model([i, j], y), [ids, ids[::-1].copy()])
space = keras.utils.FeatureSpace({"age": "float_normalized", "sex": "integer_categorical", "town": "string_categorical"}, output_mode="concat")
space.adapt(tf.data.Dataset.from_tensor_slices({"age": np.arange(6.), "sex": np.arange(6) % 3, "town": np.array(["a", "b", "c"] * 2)}).batch(2))
m = keras.Model(list(space.get_inputs().values()), L.Dense(2)(space.get_encoded_features()))
given = {"age": np.arange(7, dtype="float32")[:, None], "sex": np.arange(7, dtype="int32")[:, None] % 4, "town": np.array(list("abcdcba"))[:, None]}
want = [m([tf.constant(given[x.name]) for x in m.inputs]).numpy()]
w.add("feature_space", m, [given[x.name] for x in m.inputs], fill=False, want=want)

L = tf_keras.layers
for name, shape in (("large", (6, 5)), ("narrow", (6, 3)), ("small", (2, 3))):
    i = L.Input((None, None, 2))
    x = np.random.RandomState(2).standard_normal((7,) + shape + (2,)).astype("float32")
    w.add("k2_center_crop_" + name, tf_keras.Model(i, L.CenterCrop(3, 4)(i)), [x], forms=("h5",))
i = L.Input((4, 2))
w.add("k2_bidirectional_backwards", tf_keras.Model(i, L.Bidirectional(L.LSTM(3, go_backwards=True, return_sequences=True))(i)), forms=("h5",))
i = L.Input((2,), dtype="string")
words = np.array([["Ab", "\u00c9a"], ["", "B"], ["c", "a b"], ["A", "A"], ["x", "Y"], ["z", "Zz"], ["q", "\u00dfS"]])
m = tf_keras.Model(i, [tf.strings.lower(i), tf.strings.upper(i), L.StringLookup(vocabulary=["a", "b"])(tf.strings.lower(i))])
want = [np.vectorize(lambda b: b.decode())(y.numpy()) for y in m(tf.constant(words))[:2]] + [m(tf.constant(words))[2].numpy()]
w.add("k2_case", m, [words], forms=("h5",), fill=False, want=want)
w.close()
