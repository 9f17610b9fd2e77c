"""What models of tutorials and forums have that the other families do not: keras_files_unseen.py OUT.zip"""
import sys

import numpy as np

from kerasfile import Writer

import keras
import tensorflow as tf
import tf_keras

w = Writer(sys.argv[1])
steps = np.array([[3, 1, 0, 0, 5], [2, 0, 0, 0, 0], [1, 2, 3, 4, 5], [0, 0, 0, 0, 0], [0, 7, 0, 1, 0], [9, 9, 9, 9, 0], [4, 0, 0, 0, 1]], "int32")
for k, p, forms in ((keras, "", ("keras",)), (tf_keras, "k2_", ("h5",))):
    L = k.layers
    # A nested model called twice, with outputs that nothing else reads; one that is called on what its own output becomes.
    a, b = L.Input((3,)), L.Input((3,))
    base = k.Sequential([L.Input((3,)), L.Dense(4, activation="relu"), L.Dense(2)])
    w.add(p + "twice_out", k.Model([a, b], [base(a), base(b)]), forms=forms)
    i = L.Input((4,))
    encode, decode = L.Dense(3, activation="tanh"), k.Sequential([L.Input((3,)), L.Dense(4)])
    w.add(p + "in_turns", k.Model(i, [decode(encode(i)), decode(encode(decode(encode(i))))]), forms=forms)

# Words of characters, both with padding: the mask inside TimeDistributed has three axes.
L = tf_keras.layers
i = L.Input((4, 5))
x = L.TimeDistributed(L.Embedding(10, 3, mask_zero=True))(i)
x = L.TimeDistributed(L.LSTM(3))(x)
w.add("k2_words_of_chars", tf_keras.Model(i, L.LSTM(2, return_sequences=True)(x)), [np.stack([steps * (n % 3 > 0) for n in range(4)], 1)], forms=("h5",))

i, j = L.Input((3, 4)), L.Input((5, 6, 1))
w.add("k2_forms", tf_keras.Model([i, j], [tf.linalg.matrix_transpose(i), tf_keras.backend.batch_flatten(i), tf.image.grayscale_to_rgb(j)]), forms=("h5",))

L, ops = keras.layers, keras.ops
# One-hot integers beside floats, as the structured data of the guides.
i, j = L.Input((1,), dtype="int64"), L.Input((2,))
x = L.Concatenate()([L.IntegerLookup(vocabulary=[3, 5], output_mode="multi_hot")(i), L.Normalization(mean=[1., 2.], variance=[4., 1.])(j)])
w.add("types_joined", keras.Model([i, j], [L.Dense(2)(x), L.Add()([i, j])]))
# Masks as arguments, of the graph and constant.
i = L.Input((5,), dtype="int32")
m, e = ops.not_equal(i, 0), L.Embedding(10, 4)(i)
before = ops.arange(5)[:, None] >= ops.arange(5)[None, :]
y = [L.Softmax()(e[:, :, 0], mask=m), L.LSTM(3)(e, mask=m), L.GlobalAveragePooling1D()(ops.maximum(e, 0.), mask=ops.logical_or(m, ops.equal(i, 0))),
     L.MultiHeadAttention(2, 3)(e, e, attention_mask=before[None])]
w.add("mask_arguments", keras.Model(i, y), [steps])
i, j = L.Input((5, 3)), L.Input((2,), dtype="int32")
w.add("take_broadcast", keras.Model([i, j], ops.take_along_axis(i, j[:, :, None], axis=1)), [np.random.RandomState(1).standard_normal((7, 5, 3)).astype("float32"), steps[:, :2] % 5])
w.close()
