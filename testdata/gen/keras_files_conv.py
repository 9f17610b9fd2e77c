"""Convolutions and poolings: keras_files_conv.py OUT.zip"""
import sys

from kerasfile import Writer

import keras
import tf_keras

w = Writer(sys.argv[1])


def seq(k, shape, *layers, name=None):
    return k.Sequential([k.Input(shape), *layers]) if k is keras else k.Sequential([k.layers.InputLayer(shape), *layers])


def one(name, shape, make, both=True, forms=("keras",)):
    """One layer in Keras 3 (.keras) and, where both, in Keras 2 (.h5)."""
    w.add(name, seq(keras, shape, make(keras.layers)), forms=forms)
    if both:
        w.add(name + "_k2", seq(tf_keras, shape, make(tf_keras.layers)), forms=("h5",))


SPACE = {1: (9,), 2: (9, 8), 3: (7, 6, 5)}

for n in (1, 2, 3):
    s = SPACE[n]
    conv = lambda l, *a, n=n, **k: getattr(l, f"Conv{n}D")(*a, **k)
    one(f"conv{n}d_valid", s + (3,), lambda l: conv(l, 4, 3, activation="relu"))
    one(f"conv{n}d_same_strides", s + (3,), lambda l: conv(l, 4, 3, strides=2, padding="same", use_bias=False))
    one(f"conv{n}d_same_even", s + (2,), lambda l: conv(l, 3, 2, padding="same", dilation_rate=2, activation="tanh"))
    pool = lambda l, kind, n=n, **k: getattr(l, f"{kind}Pooling{n}D")(**k)
    for kind in ("Max", "Average"):
        one(f"{kind.lower()}_pooling{n}d_valid", s + (3,), lambda l: pool(l, kind, pool_size=2))
        one(f"{kind.lower()}_pooling{n}d_same", s + (3,), lambda l: pool(l, kind, pool_size=3, strides=2, padding="same"))
        one(f"global_{kind.lower()}_pooling{n}d", s + (3,), lambda l: getattr(l, f"Global{kind}Pooling{n}D")())
        one(f"global_{kind.lower()}_pooling{n}d_keep", s + (3,), lambda l: getattr(l, f"Global{kind}Pooling{n}D")(keepdims=True))

one("conv1d_causal", (9, 3), lambda l: l.Conv1D(4, 3, padding="causal", dilation_rate=2))
one("conv1d_causal_strides", (9, 3), lambda l: l.Conv1D(4, 3, padding="causal", strides=2, groups=1))
one("conv2d_groups", (8, 8, 4), lambda l: l.Conv2D(6, 3, groups=2, padding="same"))
one("conv2d_rect", (9, 8, 3), lambda l: l.Conv2D(4, (3, 2), strides=(2, 1), padding="same", activation="softmax"))
one("conv2d_unknown", (None, None, 3), lambda l: l.Conv2D(4, 3, strides=2, padding="same", activation="swish"))
one("conv2d_softmax", (4, 4, 3), lambda l: l.Conv2D(4, 1, activation="softmax"))
w.add("cnn", seq(keras, (12, 12, 1), keras.layers.Conv2D(4, 3, activation="relu"), keras.layers.MaxPooling2D(),
                 keras.layers.BatchNormalization(), keras.layers.Conv2D(5, 3, padding="same"), keras.layers.Flatten(),
                 keras.layers.Dense(3, activation="softmax")), forms=("keras", "h5"))
w.close()
