#!/usr/bin/env python3
"""Training curves of dense nets: activations, Dropout, Embedding, Flatten, Concatenate, losses, optimizers, regularisers.

    python keras_train.py ../keras/train.zip [part of a case's name]
"""
import numpy as np

from keras_case import Case, RecordedDropout, main  # first: it chooses the backend
import keras
from keras import layers as L
from keras_nets import EVERY, FEW, OPTIONS, SCHEDULES, classes, one_hot, rng, uniform

N = 32  # rows of every data set: four batches of eight
ACTIVATIONS = (
    "linear relu relu6 leaky_relu elu selu celu gelu sigmoid hard_sigmoid tanh softmax log_softmax softplus softsign "
    "silu hard_silu mish exponential log_sigmoid hard_tanh tanh_shrink soft_shrink hard_shrink squareplus "
    "sparse_plus sparse_sigmoid sparsemax"
).split()


def mlp(activation="relu", units=6, out=3, last="softmax", features=4, **dense):
    def build():
        x = i = keras.Input((features,), name="x")
        x = L.Dense(units, activation=activation, name="hidden", **dense)(x)
        return keras.Model(i, L.Dense(out, activation=last, name="out")(x))

    return build


def activations():
    y = one_hot(classes("activation", N, 3), 3)
    for a in ACTIVATIONS:
        yield Case("activation_" + a, mlp(a), uniform("activation", N, 4, lo=-2, hi=2), y,
                   keras.losses.CategoricalCrossentropy(), FEW, tags=["activation"])

    for name, layer in (
        ("LeakyReLU", lambda: L.LeakyReLU(0.2, name="act")), ("ELU", lambda: L.ELU(0.7, name="act")),
        ("ReLU", lambda: L.ReLU(max_value=1.0, negative_slope=0.1, threshold=0.1, name="act")),
        ("PReLU", lambda: L.PReLU(name="act")), ("Softmax", lambda: L.Softmax(name="act")),
        ("Activation", lambda: L.Activation("tanh", name="act")),
    ):
        def build(layer=layer):
            i = keras.Input((4,), name="x")
            return keras.Model(i, L.Dense(3, activation="softmax", name="out")(layer()(L.Dense(6, name="hidden")(i))))

        yield Case("layer_" + name, build, uniform("activation", N, 4, lo=-2, hi=2), y,
                   keras.losses.CategoricalCrossentropy(), FEW, tags=["activation"])


def dense_layers():
    x, y = uniform("dense", N, 4), one_hot(classes("dense", N, 3), 3)
    cce = keras.losses.CategoricalCrossentropy
    yield Case("dense_no_bias", mlp("tanh", use_bias=False), x, y, cce(), FEW, tags=["dense"])
    yield Case("dense_all_optimizers", mlp("relu"), x, y, cce(), EVERY, tags=["dense"])

    def rank3():
        i = keras.Input((5, 4), name="x")
        h = L.Dense(3, activation="tanh", name="hidden")(i)
        return keras.Model(i, L.Dense(3, activation="softmax", name="out")(L.Flatten(name="flatten")(h)))

    yield Case("dense_rank3", rank3, uniform("rank3", N, 5, 4), y, cce(), FEW, tags=["dense", "flatten"])
    for name, reg in (
        ("l1", keras.regularizers.L1(0.01)), ("l2", keras.regularizers.L2(0.02)), ("l1l2", keras.regularizers.L1L2(0.005, 0.01)),
        ("orthogonal", keras.regularizers.OrthogonalRegularizer(0.01)),
    ):
        yield Case("kernel_" + name, mlp("tanh", kernel_regularizer=reg), x, y, cce(), FEW, tags=["regularizer"])
    yield Case("bias_l2", mlp("tanh", bias_regularizer=keras.regularizers.L2(0.05)), x, y, cce(), FEW, tags=["regularizer"])
    yield Case("activity_l1", mlp("tanh", activity_regularizer=keras.regularizers.L1(0.01)), x, y, cce(), FEW, tags=["regularizer"])
    yield Case("adamw_l1l2", mlp("relu", kernel_regularizer=keras.regularizers.L1L2(0.001, 0.01)), x, y, cce(),
               {"adamw": EVERY["adamw"]}, tags=["regularizer"])
    yield Case("sample_weight", mlp("tanh"), x, y, cce(), FEW, tags=["sample_weight"],
               sample_weight=uniform("weights", N, lo=0, hi=3))


def dropout():
    def build():
        i, m1, m2 = keras.Input((4,), name="x"), keras.Input((16,), name="drop_1_mask"), keras.Input((8,), name="drop_2_mask")
        h = L.Dense(16, activation="relu", name="first")(i)
        h = RecordedDropout(0.5, name="drop_1")([h, m1])
        h = L.Dense(8, activation="tanh", name="second")(h)
        h = RecordedDropout(0.2, name="drop_2")([h, m2])
        return keras.Model([i, m1, m2], L.Dense(1, activation="sigmoid", name="out")(h))

    masks = {f"drop_{i}_mask": rng("dropout").random((100, 8, n)) < keep for i, n, keep in ((1, 16, 0.5), (2, 8, 0.8))}
    yield Case("dropout", build, uniform("dropout", N, 4), classes("dropout", N, 2)[:, None].astype(np.float32),
               keras.losses.BinaryCrossentropy(), EVERY, masks=masks, tags=["dropout"])


def embeddings():
    def single():
        i = keras.Input((5,), dtype="int32", name="ids")
        h = L.Flatten(name="flatten")(L.Embedding(12, 3, name="embedding")(i))
        return keras.Model(i, L.Dense(1, activation="sigmoid", name="out")(h))

    y = classes("embedding", N, 2)[:, None].astype(np.float32)
    ids = rng("ids").integers(0, 12, (N, 5))
    ids[:, 1] = ids[:, 0]  # repeated in a row, so that gradients add up
    yield Case("embedding", single, ids, y, keras.losses.BinaryCrossentropy(), EVERY, tags=["embedding", "flatten"])

    def wine():
        i, v = keras.Input((6,), name="features"), keras.Input((1,), dtype="int32", name="vendor")
        e = L.Flatten(name="flatten")(L.Embedding(20, 4, name="embedding")(v))
        h = L.Dense(8, activation="relu", name="hidden")(L.Concatenate(name="concatenate")([i, e]))
        return keras.Model([i, v], L.Dense(1, activation="sigmoid", name="out")(h))

    yield Case("two_inputs", wine, [uniform("wine", N, 6), rng("vendor").integers(0, 20, (N, 1))], y,
               keras.losses.BinaryCrossentropy(), EVERY, tags=["embedding", "flatten", "concatenate"])


def loss_cases():
    x = uniform("losses", N, 4)
    k = keras.losses
    binary = classes("binary", N, 2)[:, None].astype(np.float32)
    labels = classes("labels", N, 3)
    hot = one_hot(labels, 3)
    real = uniform("real", N, 2, lo=-2, hi=2)
    positive = uniform("positive", N, 2, lo=0, hi=2)
    signs = np.sign(uniform("signs", N, 2)) + 0.0
    simplex = uniform("simplex", N, 3, lo=0.1, hi=1)
    simplex /= simplex.sum(1, keepdims=True)
    for name, loss, out, last, y in (
        ("bce", k.BinaryCrossentropy(), 1, "sigmoid", binary),
        ("bce_logits", k.BinaryCrossentropy(from_logits=True), 1, None, binary),
        ("bce_smooth", k.BinaryCrossentropy(label_smoothing=0.1), 1, "sigmoid", binary),
        ("bce_two_outputs", k.BinaryCrossentropy(), 2, "sigmoid", (signs + 1) / 2),
        ("focal", k.BinaryFocalCrossentropy(), 1, "sigmoid", binary),
        ("focal_balanced", k.BinaryFocalCrossentropy(apply_class_balancing=True, alpha=0.3, gamma=1.5), 1, "sigmoid", binary),
        ("cce", k.CategoricalCrossentropy(), 3, "softmax", hot),
        ("cce_logits", k.CategoricalCrossentropy(from_logits=True), 3, None, hot),
        ("cce_smooth", k.CategoricalCrossentropy(label_smoothing=0.1), 3, "softmax", hot),
        ("cce_sigmoid", k.CategoricalCrossentropy(), 3, "sigmoid", hot),
        ("categorical_focal", k.CategoricalFocalCrossentropy(), 3, "softmax", hot),
        ("sparse_cce", k.SparseCategoricalCrossentropy(), 3, "softmax", labels),
        ("sparse_cce_column", k.SparseCategoricalCrossentropy(), 3, "softmax", labels[:, None]),
        ("sparse_cce_logits", k.SparseCategoricalCrossentropy(from_logits=True), 3, None, labels),
        ("mse", k.MeanSquaredError(), 2, None, real),
        ("mse_sum", k.MeanSquaredError(reduction="sum"), 2, None, real),
        ("mae", k.MeanAbsoluteError(), 2, None, real),
        ("mape", k.MeanAbsolutePercentageError(), 2, None, real + 3),
        ("msle", k.MeanSquaredLogarithmicError(), 2, "softplus", positive),
        ("huber", k.Huber(), 2, None, real),
        ("huber_delta", k.Huber(delta=0.3), 2, None, real),
        ("log_cosh", k.LogCosh(), 2, None, real),
        ("hinge", k.Hinge(), 2, None, signs),
        ("squared_hinge", k.SquaredHinge(), 2, None, signs),
        ("categorical_hinge", k.CategoricalHinge(), 3, None, hot),
        ("poisson", k.Poisson(), 2, "softplus", positive),
        ("kl_divergence", k.KLDivergence(), 3, "softmax", simplex),
        ("cosine", k.CosineSimilarity(), 2, "softplus", real + 2.5),
    ):
        runs = {n: EVERY[n] for n in ("adam", "momentum" if name not in ("mape", "mse_sum") else "rmsprop")}
        yield Case("loss_" + name, mlp("tanh", out=out, last=last), x, y, loss, runs, tags=["loss"])
    yield Case("huber_adagrad_clipnorm", mlp("tanh", out=2, last=None), x, real, k.Huber(delta=0.5),
               {"adagrad_clipnorm": OPTIONS["adagrad_clipnorm"]}, tags=["loss"])


def optimizer_cases():
    x, y = uniform("optimizers", N, 4), one_hot(classes("optimizers", N, 3), 3)
    yield Case("optimizers", mlp("tanh"), x, y, keras.losses.CategoricalCrossentropy(), OPTIONS, tags=["optimizer"])
    target = uniform("regression", N, 1, lo=-2, hi=2)
    yield Case("optimizers_mse", mlp("tanh", out=1, last=None), x, target, keras.losses.MeanSquaredError(), EVERY, tags=["optimizer"])
    yield Case("schedules", mlp("tanh"), x, y, keras.losses.CategoricalCrossentropy(), SCHEDULES, tags=["schedule"])


def table():
    for part in (dense_layers, activations, dropout, embeddings, loss_cases, optimizer_cases):
        yield from part()


if __name__ == "__main__":
    main(__file__, table, lambda case: (1, 2, 50, 51) if case.name == "optimizers" else ())
