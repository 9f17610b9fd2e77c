#!/usr/bin/env python3
"""Training curves of nets with convolutions, poolings, normalisations, recurrences, attention, merging and reshaping.

    python keras_layers.py ../keras/layers.zip [part of a case's name]

The main nets run with every optimizer, variants of a layer with two.
"""
import numpy as np

from keras_case import Case, RecordedDropout, main  # first: it chooses the backend
import keras
from keras import layers as L
from keras_nets import EVERY, FEW, GENTLE, classes, one_hot, rng, uniform

N = 16


def cce():
    return keras.losses.CategoricalCrossentropy()


def head(x, flatten=True, k=3):
    if flatten:
        x = L.Flatten(name="flatten")(x)
    return L.Dense(k, activation="softmax", name="out")(x)


def net(shape, *stack, flatten=True):
    """A chain of freshly made layers, then the softmax head. stack: callables that make the layers."""

    def build():
        x = i = keras.Input(shape, name="x")
        for make in stack:
            x = make()(x)
        return keras.Model(i, head(x, flatten))

    return build


def simple(name, shape, *stack, flatten=True, runs=FEW, tags=(), steps=60, lo=-1.0, hi=1.0):
    y = one_hot(classes(name, N, 3), 3)
    return Case(name, net(shape, *stack, flatten=flatten), uniform(name, N, *shape, lo=lo, hi=hi), y, cce(), runs,
                steps=steps, tags=tags or [name.split("_")[0]])


def convolutions():
    conv = lambda *a, **k: lambda: L.Conv2D(*a, name="conv", activation="tanh", **k)
    yield simple("conv2d", (6, 6, 2), conv(3, 3), runs=EVERY)
    for tag, args in (
        ("same", dict(padding="same")), ("strides", dict(strides=2)), ("strides_same", dict(strides=(2, 3), padding="same")),
        ("dilation", dict(dilation_rate=2)), ("groups", dict(groups=2, filters=4)), ("no_bias", dict(use_bias=False)),
    ):
        args = dict(dict(filters=3, kernel_size=(3, 2)), **args)
        yield simple("conv2d_" + tag, (6, 7, 2), conv(**args))
    yield simple("conv2d_even_same", (5, 5, 2), conv(3, 4, padding="same"))
    yield simple("conv1d", (9, 3), lambda: L.Conv1D(4, 3, activation="tanh", name="conv"))
    yield simple("conv1d_causal", (9, 3), lambda: L.Conv1D(4, 3, padding="causal", dilation_rate=2, name="conv"))
    yield simple("conv1d_same_strides", (9, 3), lambda: L.Conv1D(4, 3, padding="same", strides=2, name="conv"))
    yield simple("conv3d", (4, 4, 4, 2), lambda: L.Conv3D(2, 2, activation="tanh", name="conv"))
    yield simple("depthwise", (6, 6, 2), lambda: L.DepthwiseConv2D(3, depth_multiplier=2, name="conv"))
    yield simple("depthwise_same_strides", (6, 6, 2), lambda: L.DepthwiseConv2D(3, strides=2, padding="same", name="conv"))
    yield simple("depthwise1d", (8, 2), lambda: L.DepthwiseConv1D(3, depth_multiplier=2, name="conv"))
    yield simple("separable", (6, 6, 2), lambda: L.SeparableConv2D(3, 3, depth_multiplier=2, name="conv"))
    yield simple("separable1d", (8, 2), lambda: L.SeparableConv1D(3, 3, name="conv"))
    up = lambda *a, **k: lambda: L.Conv2DTranspose(*a, name="up", activation="tanh", **k)
    yield simple("transposed", (3, 3, 2), up(3, 3, strides=2, padding="same"), runs=EVERY)
    yield simple("transposed_valid", (3, 3, 2), up(3, 3, strides=2))
    yield simple("transposed_even", (3, 4, 2), up(2, (4, 2), strides=(2, 2), padding="same"))
    yield simple("transposed_one", (3, 4, 2), up(2, 3, padding="same"))
    yield simple("transposed_output_padding", (3, 3, 2), up(2, 3, strides=2, padding="same", output_padding=1))
    yield simple("transposed_wide_stride", (3, 3, 2), up(2, 2, strides=3))
    yield simple("transposed1d", (4, 2), lambda: L.Conv1DTranspose(3, 3, strides=2, padding="same", name="up"))


def poolings():
    for cls, shape, args in (
        ("MaxPooling2D", (6, 6, 2), {}), ("MaxPooling2D", (7, 7, 2), dict(pool_size=3, strides=2, padding="same")),
        ("AveragePooling2D", (6, 6, 2), dict(pool_size=2)), ("AveragePooling2D", (7, 7, 2), dict(pool_size=3, strides=2, padding="same")),
        ("MaxPooling1D", (8, 3), {}), ("AveragePooling1D", (8, 3), dict(pool_size=3, strides=2, padding="same")),
        ("MaxPooling3D", (4, 4, 4, 2), {}), ("AveragePooling3D", (4, 4, 4, 2), dict(pool_size=2)),
        ("GlobalMaxPooling2D", (5, 5, 3), {}), ("GlobalAveragePooling2D", (5, 5, 3), {}),
        ("GlobalMaxPooling1D", (5, 3), {}), ("GlobalAveragePooling1D", (5, 3), {}),
        ("GlobalAveragePooling2D", (5, 5, 3), dict(keepdims=True)),
    ):
        rank = {"1": 1, "2": 2, "3": 3}[cls[-2]]
        conv = {1: L.Conv1D, 2: L.Conv2D, 3: L.Conv3D}[rank]
        tag = "_".join([cls.lower(), *(str(v) for v in args.values())])
        yield simple(tag, shape, lambda conv=conv: conv(3, 2, padding="same", activation="tanh", name="conv"),
                     lambda cls=cls, args=args: getattr(L, cls)(name="pool", **args), tags=["pooling"])


def cnn():
    """The usual small classifier: convolution, batch normalisation, pooling, dense."""
    yield simple(
        "cnn", (8, 8, 1),
        lambda: L.Conv2D(4, 3, padding="same", use_bias=False, name="conv_1"), lambda: L.BatchNormalization(name="bn_1"),
        lambda: L.ReLU(name="relu_1"), lambda: L.MaxPooling2D(name="pool_1"),
        lambda: L.Conv2D(4, 3, strides=2, activation="relu", name="conv_2"), lambda: L.BatchNormalization(name="bn_2"),
        runs=GENTLE, tags=["conv", "batch_normalization"],
    )


def normalisations():
    dense = lambda: L.Dense(6, name="hidden")
    bn = lambda **k: lambda: L.BatchNormalization(name="norm", **k)
    yield simple("batch_norm", (4,), dense, bn(), lambda: L.Activation("tanh", name="tanh"), flatten=False, runs=EVERY, tags=["batch_normalization"])
    for tag, args in (
        ("options", dict(momentum=0.8, epsilon=0.01)), ("no_scale", dict(scale=False)), ("no_center", dict(center=False)),
        ("bare", dict(scale=False, center=False)),
    ):
        yield simple("batch_norm_" + tag, (4,), dense, bn(**args), flatten=False, tags=["batch_normalization"])
    yield simple("batch_norm_images", (5, 5, 2), bn(), lambda: L.Conv2D(3, 3, name="conv"), tags=["batch_normalization"])
    yield simple("batch_norm_axis_1", (3, 4, 2), bn(axis=1), lambda: L.Conv2D(3, 2, name="conv"), tags=["batch_normalization"])
    ln = lambda **k: lambda: L.LayerNormalization(name="norm", **k)
    yield simple("layer_norm", (4,), dense, ln(), lambda: L.Activation("tanh", name="tanh"), flatten=False, runs=EVERY, tags=["layer_normalization"])
    for tag, args in (
        ("options", dict(epsilon=0.01)), ("no_scale", dict(scale=False)), ("no_center", dict(center=False)), ("axes", dict(axis=[1, 2])),
    ):
        yield simple("layer_norm_" + tag, (3, 4), lambda: L.Dense(5, name="hidden"), ln(**args), tags=["layer_normalization"])
    yield simple("layer_norm_nadam", (3, 4), lambda: L.Dense(5, activation="relu", name="hidden"), ln(), runs={"nadam": EVERY["nadam"]}, tags=["layer_normalization"])
    yield simple("rms_norm", (4,), dense, lambda: L.RMSNormalization(name="norm"), flatten=False, tags=["rms_normalization"])
    yield simple("group_norm", (4, 4, 2), lambda: L.Conv2D(6, 2, name="conv"), lambda: L.GroupNormalization(3, name="norm"), tags=["group_normalization"])
    yield simple("instance_norm", (4, 4, 2), lambda: L.Conv2D(3, 2, name="conv"), lambda: L.GroupNormalization(-1, name="norm"), tags=["group_normalization"])
    yield simple("unit_norm", (4,), dense, lambda: L.UnitNormalization(name="norm"), flatten=False, tags=["unit_normalization"])


def recurrences():
    shape = (5, 3)
    for cls in ("SimpleRNN", "LSTM", "GRU"):
        tag = cls.lower()
        make = lambda cls=cls, **k: lambda: getattr(L, cls)(4, name="rnn", **k)
        yield simple(tag, shape, make(), flatten=False, runs=EVERY)
        for name, args in (
            ("sequences", dict(return_sequences=True)), ("backwards", dict(go_backwards=True)), ("no_bias", dict(use_bias=False)),
            ("relu", dict(activation="relu")),
        ):
            yield simple(f"{tag}_{name}", shape, make(**args), flatten=name == "sequences")
        if cls != "SimpleRNN":
            yield simple(tag + "_hard_sigmoid", shape, make(recurrent_activation="hard_sigmoid"), flatten=False)
        bidirectional = lambda cls=cls, **k: lambda: L.Bidirectional(getattr(L, cls)(3, return_sequences=True), name="both", **k)
        yield simple(tag + "_bidirectional", shape, bidirectional())
        yield simple(tag + "_stacked", shape, lambda cls=cls: getattr(L, cls)(4, return_sequences=True, name="rnn_1"),
                     lambda cls=cls: getattr(L, cls)(3, name="rnn_2"), flatten=False)
    yield simple("lstm_no_forget_bias", shape, lambda: L.LSTM(4, unit_forget_bias=False, name="rnn"), flatten=False)
    yield simple("gru_reset_before", shape, lambda: L.GRU(4, reset_after=False, name="rnn"), flatten=False)
    for mode in ("sum", "mul", "ave"):
        yield simple("bidirectional_" + mode, shape, lambda mode=mode: L.Bidirectional(L.GRU(3), merge_mode=mode, name="both"), flatten=False)
    yield simple("gru_amsgrad", shape, lambda: L.GRU(6, name="rnn"), flatten=False, runs={"amsgrad": EVERY["amsgrad"]})
    yield simple("time_distributed", shape, lambda: L.TimeDistributed(L.Dense(4, activation="tanh"), name="per_step"),
                 lambda: L.LSTM(3, name="rnn"), flatten=False)
    yield simple("time_distributed_norm", shape, lambda: L.TimeDistributed(L.Dense(4, use_bias=False), name="per_step"),
                 lambda: L.TimeDistributed(L.BatchNormalization(), name="norm"), lambda: L.LSTM(3, name="rnn"), flatten=False, tags=["time_distributed"])
    yield simple("conv_lstm_text", (8, 3), lambda: L.Conv1D(4, 3, activation="relu", name="conv"), lambda: L.MaxPooling1D(name="pool"),
                 lambda: L.LSTM(4, name="rnn"), flatten=False)
    yield from masked_recurrences()


def masked_recurrences():
    ids = rng("text").integers(1, 9, (N, 6))
    for row, length in enumerate(rng("lengths").integers(1, 7, N)):
        ids[row, length:] = 0
    y = one_hot(classes("text", N, 3), 3)
    for cls in ("SimpleRNN", "LSTM", "GRU"):
        for masked in (False, True):
            def build(cls=cls, masked=masked):
                i = keras.Input((6,), dtype="int32", name="ids")
                h = L.Embedding(9, 4, mask_zero=masked, name="embedding")(i)
                return keras.Model(i, head(getattr(L, cls)(4, name="rnn")(h), flatten=False))

            yield Case(f"text_{cls.lower()}" + ("_masked" if masked else ""), build, ids, y, cce(), FEW, steps=60,
                       tags=["embedding", cls.lower()] + ["mask"] * masked)

    def masking():
        i = keras.Input((6, 3), name="x")
        return keras.Model(i, head(L.LSTM(4, name="rnn")(L.Masking(name="masking")(i)), flatten=False))

    x = uniform("masking", N, 6, 3) * (ids != 0)[:, :, None]
    yield Case("masking_lstm", masking, x, y, cce(), FEW, steps=60, tags=["mask", "lstm"])

    def average():
        i = keras.Input((6,), dtype="int32", name="ids")
        h = L.Embedding(9, 4, mask_zero=True, name="embedding")(i)
        return keras.Model(i, head(L.GlobalAveragePooling1D(name="pool")(h), flatten=False))

    yield Case("masked_average", average, ids, y, cce(), FEW, steps=60, tags=["mask", "pooling"])


def attention():
    def encoder(causal):
        def build():
            i = keras.Input((5, 6), name="x")
            a = L.MultiHeadAttention(2, 3, name="attention")(i, i, use_causal_mask=causal)
            h = L.LayerNormalization(name="norm_1")(L.Add(name="add_1")([i, a]))
            f = L.Dense(6, name="down")(L.Dense(8, activation="gelu", name="up")(h))
            h = L.LayerNormalization(name="norm_2")(L.Add(name="add_2")([h, f]))
            return keras.Model(i, head(L.GlobalAveragePooling1D(name="pool")(h), flatten=False))

        return build

    y = one_hot(classes("attention", N, 3), 3)
    x = uniform("attention", N, 5, 6)
    yield Case("encoder", encoder(False), x, y, cce(), EVERY, steps=60, tags=["attention"])
    yield Case("encoder_causal", encoder(True), x, y, cce(), FEW, steps=60, tags=["attention"])

    def cross():
        q, v = keras.Input((3, 4), name="query"), keras.Input((5, 6), name="value")
        a = L.MultiHeadAttention(2, 3, output_shape=5, name="attention")(q, v)
        return keras.Model([q, v], head(a))

    yield Case("cross_attention", cross, [uniform("query", N, 3, 4), uniform("value", N, 5, 6)], y, cce(), FEW, steps=60, tags=["attention"])

    def dot(cls, **args):
        def build():
            i = keras.Input((5, 4), name="x")
            q, v = L.Dense(3, name="query")(i), L.Dense(3, name="value")(i)
            return keras.Model(i, head(getattr(L, cls)(name="attention", **args)([q, v])))

        return build

    x = uniform("dot", N, 5, 4)
    yield Case("dot_attention", dot("Attention"), x, y, cce(), FEW, steps=60, tags=["attention"])
    yield Case("dot_attention_scale", dot("Attention", use_scale=True), x, y, cce(), FEW, steps=60, tags=["attention"])
    yield Case("additive_attention", dot("AdditiveAttention"), x, y, cce(), FEW, steps=60, tags=["attention"])

    def gqa():
        i = keras.Input((5, 8), name="x")
        return keras.Model(i, head(L.GroupQueryAttention(4, 4, 2, name="attention")(i, i)))

    yield Case("grouped_attention", gqa, uniform("gqa", N, 5, 8), y, cce(), FEW, steps=60, tags=["attention"])
    yield from attention_axes(y)


def attention_axes(y):
    """Attention where several axes are between batch and features."""
    x = uniform("attention_axes", N, 3, 4, 5)
    for tag, args, call in (
        ("last", dict(attention_axes=(2,), use_gate=True), {}), ("first", dict(attention_axes=(1,), value_dim=2), dict(use_causal_mask=True)),
        ("all", dict(output_shape=(2, 3)), {}), ("turned", dict(attention_axes=(2, 1), kernel_regularizer="l2"), {}),
    ):
        def build(args=args, call=call):
            i = keras.Input((3, 4, 5), name="x")
            return keras.Model(i, head(L.MultiHeadAttention(2, 3, name="attention", **args)(i, i, **call)))

        yield Case("attention_axes_" + tag, build, x, y, cce(), FEW, steps=60, tags=["attention"])

    def masked():
        i = keras.Input((3, 5), dtype="int32", name="ids")
        h = L.Embedding(9, 4, mask_zero=True, name="embedding")(i)
        return keras.Model(i, head(L.MultiHeadAttention(2, 3, attention_axes=(-2,), name="attention")(h, h)))

    ids = rng("attention_axes").integers(1, 9, (N, 3, 5)) * (np.arange(5) < rng("attention_lengths").integers(1, 6, (N, 3, 1)))
    yield Case("attention_axes_masked", masked, ids, y, cce(), FEW, steps=60, tags=["attention", "mask"])


def merging():
    y = one_hot(classes("merge", N, 3), 3)
    for cls, args in (("Add", {}), ("Subtract", {}), ("Multiply", {}), ("Average", {}), ("Maximum", {}), ("Minimum", {}),
                      ("Concatenate", dict(axis=1)), ("Dot", dict(axes=1)), ("Dot", dict(axes=1, normalize=True))):
        def build(cls=cls, args=args):
            i, j = keras.Input((4,), name="a"), keras.Input((3,), name="b")
            both = [L.Dense(5, activation="tanh", name="left")(i), L.Dense(5, activation="tanh", name="right")(j)]
            return keras.Model([i, j], head(getattr(L, cls)(name="merge", **args)(both), flatten=False))

        tag = cls.lower() + ("_normalized" if args.get("normalize") else "")
        yield Case("merge_" + tag, build, [uniform("merge_a", N, 4), uniform("merge_b", N, 3)], y, cce(), FEW, steps=60, tags=["merge"])


def reshaping():
    conv = lambda: L.Conv2D(2, 2, activation="tanh", name="conv")
    for cls, args in (("ZeroPadding2D", dict(padding=((1, 0), (2, 1)))), ("Cropping2D", dict(cropping=((1, 0), (1, 1)))),
                      ("UpSampling2D", dict(size=(2, 3))), ("UpSampling2D", dict(size=2, interpolation="bilinear")),
                      ("Permute", dict(dims=(3, 1, 2)))):
        yield simple("_".join(["image", cls.lower(), args.get("interpolation", "")]).strip("_"), (5, 4, 2), conv,
                     lambda cls=cls, args=args: getattr(L, cls)(name="shape", **args), tags=["reshape"])
    step = lambda: L.Conv1D(2, 2, activation="tanh", name="conv")
    for cls, args in (("ZeroPadding1D", dict(padding=(2, 1))), ("Cropping1D", dict(cropping=(1, 2))), ("UpSampling1D", dict(size=3)),
                      ("Reshape", dict(target_shape=(2, -1)))):
        yield simple("series_" + cls.lower(), (7, 2), step, lambda cls=cls, args=args: getattr(L, cls)(name="shape", **args), tags=["reshape"])
    yield simple("repeat_vector", (4,), lambda: L.Dense(3, activation="tanh", name="hidden"), lambda: L.RepeatVector(4, name="repeat"),
                 lambda: L.GRU(3, name="rnn"), flatten=False, tags=["reshape"])
    yield simple("rescaling", (4,), lambda: L.Rescaling(0.5, offset=-0.25, name="rescaling"), lambda: L.Dense(3, name="hidden"), flatten=False, tags=["reshape"])


def noise():
    """Random layers other than Dropout, by recorded masks of their shape."""

    def spatial():
        i, m = keras.Input((5, 3), name="x"), keras.Input((1, 4), name="drop_mask")
        h = RecordedDropout(0.4, name="drop")([L.Dense(4, activation="tanh", name="hidden")(i), m])
        return keras.Model([i, m], head(h))

    masks = dict(drop_mask=rng("spatial").random((60, 8, 1, 4)) < 0.6)
    yield Case("spatial_dropout1d", spatial, uniform("spatial", N, 5, 3), one_hot(classes("spatial", N, 3), 3), cce(), FEW,
               steps=60, masks=masks, tags=["dropout"])


def several_outputs():
    def build():
        i = keras.Input((4,), name="x")
        h = L.Dense(6, activation="tanh", name="hidden")(i)
        return keras.Model(i, [L.Dense(3, activation="softmax", name="kind")(h), L.Dense(1, name="value")(h)])

    yield Case("two_outputs", build, uniform("outputs", N, 4), [one_hot(classes("outputs", N, 3), 3), uniform("value", N, 1)],
               [cce(), keras.losses.MeanSquaredError()], FEW, steps=60, tags=["outputs"])


def autoencoders():
    def dense():
        i = keras.Input((16,), name="x")
        return keras.Model(i, L.Dense(16, activation="sigmoid", name="decoder")(L.Dense(5, activation="relu", name="encoder")(i)))

    x = uniform("autoencoder", N, 16, lo=0)
    yield Case("autoencoder", dense, x, x, keras.losses.BinaryCrossentropy(), EVERY, steps=60, tags=["autoencoder"])

    def convolutional():
        i = keras.Input((8, 8, 1), name="x")
        h = L.Conv2D(4, 3, strides=2, padding="same", activation="relu", name="down_1")(i)
        h = L.Conv2D(3, 3, strides=2, padding="same", activation="relu", name="down_2")(h)
        h = L.Conv2DTranspose(3, 3, strides=2, padding="same", activation="relu", name="up_1")(h)
        h = L.Conv2DTranspose(4, 3, strides=2, padding="same", activation="relu", name="up_2")(h)
        return keras.Model(i, L.Conv2D(1, 3, padding="same", activation="sigmoid", name="out")(h))

    x = uniform("images", N, 8, 8, 1, lo=0)
    yield Case("autoencoder_conv", convolutional, x, x, keras.losses.BinaryCrossentropy(), FEW, steps=60, tags=["autoencoder", "conv"])


PARTS = (convolutions, poolings, cnn, normalisations, recurrences, attention, merging, reshaping, noise, several_outputs, autoencoders)


def table():
    for part in PARTS:
        yield from part()


if __name__ == "__main__":
    main(__file__, table)
