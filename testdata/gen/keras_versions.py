"""One family of Keras's versions: keras_versions.py OUT.zip FORM...   (FORM: keras, h5)

Runs under whatever Keras is installed; testdata/README.md lists which. The models are the same for all: what names and
order of groups and weights depend on.
"""
import sys

import numpy as np

from kerasfile import Writer, listed

import keras

L = keras.layers
w = Writer(sys.argv[1])
forms = sys.argv[2:]
keras2 = not hasattr(keras, "ops")
if keras.__version__.startswith("2.12"):  # where .keras is HDF5 unless one asks
    save = keras.Model.save
    keras.Model.save = lambda self, p: save(self, p, save_format="keras_v3" if p.endswith(".keras") else "h5")


def add(name, model, inputs=None, only=None, **facts):
    """Adds a case in each form that this version manages to save."""
    for f in forms:
        if only in (None, f):
            try:
                w.add(f"{name}_{f}", model, inputs, forms=[f], **facts)
            except (ValueError, NotImplementedError, TypeError) as e:
                print("this Keras cannot:", name, f, repr(e)[:200], file=sys.stderr)
    keras.backend.clear_session()


# Two of a class, names of the user's own, a layer without weights between, moving statistics.
x = keras.Input((6,), name="given")
y = L.Dense(5, activation="relu", name="zebra")(x)
y = L.BatchNormalization(name="norm")(y)
y = L.Dense(4, name="apple")(L.Dropout(.3)(y))
add("functional", keras.Model(x, L.Softmax()(L.Add()([y, L.Dense(4, use_bias=False, name="mango")(x)]))))

add("sequential", keras.Sequential([
    keras.Input((8, 8, 2)), L.Conv2D(3, 3, padding="same", strides=2, activation="relu"), L.BatchNormalization(scale=False),
    L.DepthwiseConv2D(3, depth_multiplier=2), L.SeparableConv2D(4, 2), L.BatchNormalization(center=False), L.MaxPooling2D(1), L.Flatten(),
    L.Dense(3)]))

# Nested models, the same class in both; a model called twice; a layer called twice.
def block(units, name):
    a = keras.Input((4,))
    h = L.BatchNormalization()(L.Dense(units)(a))
    return keras.Model(a, L.Dense(4, activation="tanh")(h), name=name)


x = keras.Input((4,))
one, two, shared = block(3, "one"), block(5, "two"), L.Dense(4)
inner = keras.Sequential([keras.Input((4,)), one, L.Dense(4), L.LayerNormalization()], name="inner")
add("nested", keras.Model(x, L.Concatenate()([shared(two(inner(x))), shared(one(x)), L.Dense(2)(x)])))

x = keras.Input((5,), dtype="int32")
y = L.Embedding(12, 4, mask_zero=True)(x)
y = L.Bidirectional(L.LSTM(3, return_sequences=True))(y)
y = L.GRU(4, return_sequences=True)(y)
y = L.TimeDistributed(L.Dense(3))(y)
y = L.RNN([L.LSTMCell(2), L.GRUCell(3)], return_sequences=True)(y)
add("recurrent", keras.Model(x, L.Bidirectional(L.GRU(2), merge_mode="sum")(L.SimpleRNN(3, return_sequences=True)(y))))

x = keras.Input((4, 6))
y = L.MultiHeadAttention(2, 3)(x, x)
y = L.LayerNormalization()(L.Add()([x, y]))
add("attention", keras.Model(x, L.GlobalAveragePooling1D()(y)))

x, z = keras.Input((3,), name="left"), keras.Input((3,), name="right")
if keras2:
    import tensorflow as tf
    y = [(2. * x - z) / 3., tf.reduce_mean(tf.nn.relu(x) + z[:, ::-1], axis=-1, keepdims=True)]
else:
    y = [(2. * x - z) / 3., keras.ops.mean(keras.ops.relu(x) + z[:, ::-1], axis=-1, keepdims=True)]
add("operations", keras.Model([x, z], [L.Dense(2, name="out")(y[0]), y[1]]))

# Statistics and a vocabulary from data.
n = L.Normalization()
n.adapt(np.random.RandomState(0).normal(3, 2, (50, 3)).astype("float32"))
x = keras.Input((3,))
add("normalization", keras.Model(x, L.Dense(2)(n(x))), fill=False)
words = ["red", "green", "blue", "violet"]
s = L.StringLookup(output_mode="one_hot")
s.adapt(np.array(words + ["red"]))
x = keras.Input((1,), dtype="string")
rows = np.array([["red"], ["blue"], ["pink"], ["green"], ["violet"], ["red"], [""]])
import tensorflow as tf
m = keras.Model(x, L.Dense(3)(s(x)))
add("vocabulary", m, [rows], only="keras", fill=False, want=listed(m(tf.constant(rows))))

# TensorFlow 2.13 counts layers with tables twice, 2.14 once.
if keras.__version__.startswith(("2.13", "2.14")):
    inputs, outputs = [], []
    for n in range(3):
        table = L.StringLookup()
        table.adapt([[f"a{n}"], [f"b{n}"], [f"b{n}"]])
        inputs.append(keras.Input((1,), dtype="string"))
        outputs.append(table(inputs[-1]))
    words = np.array([["a0"], ["b0"], ["a1"], ["b1"], ["a2"], ["b2"], ["z"]])
    m = keras.Model(inputs, outputs)
    add("tables", m, [words] * 3, only="keras", fill=False, want=listed(m([tf.constant(words)] * 3)))
    # A Sequential without weights comes before two with: 2.13 counts it once.
    x = keras.Input((3,))
    y = keras.Sequential([L.Input((3,)), L.Dropout(.1)])(x)
    one, two = (keras.Sequential([L.Input((3,)), L.Dense(3, activation=a)]) for a in ("tanh", "relu"))
    add("counted", keras.Model(x, two(one(y))), only="keras")

# Before Keras 3.4 merging layers have no mask.
if keras.__version__.startswith("3.0"):
    x, y = keras.Input((4,), dtype="int32"), keras.Input((4,), dtype="int32")
    e, f = L.Embedding(9, 3, mask_zero=True)(x), L.Embedding(9, 3, mask_zero=True)(y)
    steps = np.array([[1, 2, 0, 0], [3, 0, 0, 0], [4, 5, 6, 7], [0, 0, 0, 0], [8, 0, 1, 0], [0, 2, 2, 0], [5, 5, 5, 0]], "int32")
    add("merged_masks", keras.Model([x, y], [L.LSTM(2)(L.Add()([e, f])), L.LSTM(2)(L.Concatenate()([e, f]))]), [steps, steps[::-1].copy()], only="keras")

w.close()
