#!/usr/bin/env python3
"""What model.fit reports: Keras's History, evaluate and predict, with validation split, class weights and metrics.

    python keras_fit.py ../keras/fit.zip [part of a case's name]

Real fit() calls on the JAX backend with shuffle=False; layout in ../README.md.
"""
import sys
import zlib

import numpy as np

from keras_case import Archive, describe, float_data, serialized, set_first_weights, variables, weight_list
import keras
from keras import layers as L
from keras_nets import K, classes, one_hot, rng, uniform

M = keras.metrics
CB = keras.callbacks


def mlp(features, out, last, **hidden):
    def build():
        i = keras.Input((features,), name="x")
        return keras.Model(i, L.Dense(out, activation=last, name="out")(L.Dense(8, activation="relu", name="hidden", **hidden)(i)))

    return build


def separable(name, n, features):
    """Data that a small net can learn: labels from a noisy direction."""
    x = uniform(name, n, features)
    w = rng(name + "w").normal(size=features)
    return x, (x @ w + rng(name + "e").normal(size=n) * 0.3 > 0).astype(np.float32)[:, None]


def binary_metrics():
    return [
        M.BinaryAccuracy(name="accuracy"), M.AUC(name="auc"), M.AUC(name="auc_pr", curve="PR"), M.Precision(name="precision"),
        M.Recall(name="recall"), M.TruePositives(name="tp"), M.TrueNegatives(name="tn"), M.FalsePositives(name="fp"),
        M.FalseNegatives(name="fn"), M.MeanAbsoluteError(name="mae"), M.BinaryCrossentropy(name="bce"),
    ]


def class_metrics():
    return [M.CategoricalAccuracy(name="accuracy"), M.TopKCategoricalAccuracy(k=2, name="top_2"), M.F1Score(average="macro", name="f1"),
            M.CategoricalCrossentropy(name="cce")]


def real_metrics():
    return [M.MeanAbsoluteError(name="mae"), M.MeanSquaredError(name="mse"), M.RootMeanSquaredError(name="rmse"), M.R2Score(name="r2"),
            M.MeanAbsolutePercentageError(name="mape")]


class Fit:
    """One fit() call. make: the optimizer; callbacks: names and arguments of Keras callbacks, recorded in the case."""

    def __init__(self, name, build, x, y, loss, make, metrics=list, weighted_metrics=None, callbacks=(), batch=16, epochs=8, **fit):
        self.name, self.build, self.loss, self.make = name, build, loss, make
        self.x = [float_data(a) for a in (x if isinstance(x, list) else [x])]
        self.y, self.metrics, self.weighted_metrics, self.callbacks = float_data(y), metrics, weighted_metrics, callbacks
        self.batch, self.epochs, self.fit = batch, epochs, fit


def one(a):
    return a[0] if len(a) == 1 else a


class Rates(CB.Callback):
    """The learning rate that each epoch was trained with."""

    def __init__(self):
        super().__init__()
        self.rates = []

    def on_epoch_begin(self, epoch, logs=None):
        self.rates.append(float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)))


def store(archive, case):
    keras.utils.clear_session()
    model = case.build()
    set_first_weights(model, zlib.crc32(case.name.encode()))
    optimizer = case.make()
    model.compile(optimizer=optimizer, loss=case.loss, metrics=case.metrics(), weighted_metrics=case.weighted_metrics and case.weighted_metrics())
    first = [np.asarray(v) for v in variables(model)]
    config = serialized(optimizer)
    rates, history = Rates(), CB.History()
    callbacks = [getattr(CB, n)(**a) for n, a in case.callbacks]
    model.fit(one(case.x), case.y, batch_size=case.batch, epochs=case.epochs, shuffle=False, verbose=0,
              callbacks=[*callbacks, rates, history], **case.fit)
    evaluated = model.evaluate(one(case.x), case.y, batch_size=case.batch, verbose=0, return_dict=True)
    p = case.name + "/"
    for i, a in enumerate(case.x):
        archive.array(f"{p}x_{i}.npy", a)
    archive.array(p + "y_0.npy", case.y)
    fit = dict(case.fit)
    for key in ("sample_weight",):
        if key in fit:
            archive.array(f"{p}{key}.npy", fit.pop(key))
    if "validation_data" in fit:
        vx, vy = fit.pop("validation_data")
        archive.array(p + "val_x_0.npy", vx)
        archive.array(p + "val_y_0.npy", vy)
    for k, (a, v) in enumerate(zip(first, variables(model))):
        archive.array(f"{p}init/{k}.npy", a)
        archive.array(f"{p}final/{k}.npy", np.asarray(v))
    archive.array(p + "predict.npy", model.predict(one(case.x), batch_size=case.batch, verbose=0))
    doc = dict(
        name=case.name, model=describe(model), weights=weight_list(model), loss=serialized(case.loss), optimizer=config,
        metrics=[serialized(m) for m in case.metrics()],
        weighted_metrics=[serialized(m) for m in (case.weighted_metrics or list)()],
        batch_size=case.batch, epochs=case.epochs, fit={k: ({str(c): w for c, w in v.items()} if isinstance(v, dict) else v) for k, v in fit.items()},
        sample_weight="sample_weight" in case.fit, validation_data="validation_data" in case.fit,
        callbacks=[dict(class_name=n, config=a) for n, a in case.callbacks],
        history={k: [float(x) for x in v] for k, v in history.history.items()}, learning_rates=rates.rates,
        evaluate={k: float(v) for k, v in evaluated.items()},
    )
    archive.json(p + "case.json", doc)
    archive.index["cases"].append(dict(name=case.name))


def table():
    bce, cce, mse = keras.losses.BinaryCrossentropy(), keras.losses.CategoricalCrossentropy(), keras.losses.MeanSquaredError()
    x, y = separable("fit", 90, 5)
    net = mlp(5, 1, "sigmoid")
    adam = lambda: K.Adam(0.01)
    yield Fit("binary", net, x, y, bce, adam, binary_metrics, validation_split=0.2)
    yield Fit("binary_last_batch_short", net, x, y, bce, adam, binary_metrics, batch=32, validation_split=0.3)
    yield Fit("binary_class_weight", net, x, y, bce, adam, binary_metrics, class_weight={0: 1.0, 1: 3.0}, validation_split=0.2)
    weights = uniform("fit weights", 90, lo=0.1, hi=2)
    yield Fit("binary_sample_weight", net, x, y, bce, adam, binary_metrics, weighted_metrics=lambda: [M.BinaryAccuracy(name="weighted_accuracy")],
              sample_weight=weights, validation_split=0.2)
    yield Fit("binary_validation_data", net, x, y, bce, adam, binary_metrics, validation_data=separable("fit validation", 40, 5))
    yield Fit("binary_l2", mlp(5, 1, "sigmoid", kernel_regularizer=keras.regularizers.L2(0.02)), x, y, bce, adam, binary_metrics, validation_split=0.2)
    xt, yt = separable("thresholds", 60, 5)
    yield Fit("binary_thresholds", net, xt, yt, bce, adam, lambda: [
        M.Precision(thresholds=0.3, name="precision_30"), M.Recall(thresholds=0.7, name="recall_70"), M.BinaryAccuracy(threshold=0.4, name="accuracy_40"),
        M.AUC(num_thresholds=20, name="auc_20"), M.AUC(curve="PR", summation_method="minoring", name="auc_minoring"),
        M.PrecisionAtRecall(0.6, name="precision_at_recall"), M.RecallAtPrecision(0.6, name="recall_at_precision"),
        M.SensitivityAtSpecificity(0.6, name="sensitivity"), M.SpecificityAtSensitivity(0.6, name="specificity"),
    ], validation_split=0.25)
    labels = classes("fit3", 80, 3)
    x3 = uniform("fit3", 80, 4) + one_hot(labels, 3) @ rng("centres").normal(size=(3, 4)).astype(np.float32)
    yield Fit("classes", mlp(4, 3, "softmax"), x3, one_hot(labels, 3), cce, adam, class_metrics, validation_split=0.2)
    yield Fit("classes_sparse", mlp(4, 3, "softmax"), x3, labels, keras.losses.SparseCategoricalCrossentropy(), adam,
              lambda: [M.SparseCategoricalAccuracy(name="accuracy"), M.SparseTopKCategoricalAccuracy(k=2, name="top_2")], validation_split=0.2)
    yield Fit("classes_class_weight", mlp(4, 3, "softmax"), x3, labels, keras.losses.SparseCategoricalCrossentropy(), adam,
              lambda: [M.SparseCategoricalAccuracy(name="accuracy")], class_weight={0: 1.0, 1: 2.0, 2: 0.5}, validation_split=0.2)
    xr = uniform("fit real", 80, 5)
    yr = (xr @ rng("slopes").normal(size=(5, 1)) + 4).astype(np.float32)
    yield Fit("regression", mlp(5, 1, None), xr, yr, mse, lambda: K.RMSprop(0.01), real_metrics, validation_split=0.2)
    yield from callbacks(net, x, y, bce)
    yield from optimizer_state(net, x, y, bce)


def callbacks(net, x, y, bce):
    overfit = dict(validation_split=0.3, epochs=25)
    fast = lambda: K.Adam(0.2)
    accuracy = lambda: [M.BinaryAccuracy(name="accuracy")]
    yield Fit("early_stopping", net, x, y, bce, fast, accuracy,
              callbacks=[("EarlyStopping", dict(monitor="val_loss", patience=3))], **overfit)
    yield Fit("early_stopping_restore", net, x, y, bce, fast, accuracy,
              callbacks=[("EarlyStopping", dict(monitor="val_loss", patience=3, min_delta=0.005, restore_best_weights=True, start_from_epoch=2))], **overfit)
    yield Fit("early_stopping_max", net, x, y, bce, fast, accuracy,
              callbacks=[("EarlyStopping", dict(monitor="val_accuracy", mode="max", patience=4))], **overfit)
    yield Fit("reduce_on_plateau", net, x, y, bce, fast, accuracy,
              callbacks=[("ReduceLROnPlateau", dict(monitor="val_loss", factor=0.5, patience=2, cooldown=1, min_delta=0.001, min_lr=0.02))], **overfit)


def optimizer_state(net, x, y, bce):
    yield Fit("ema", net, x, y, bce, lambda: K.SGD(0.1, use_ema=True, ema_momentum=0.9), epochs=5)
    yield Fit("ema_overwrite", net, x, y, bce, lambda: K.SGD(0.1, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=4), epochs=5)

    def normalised():
        i = keras.Input((5,), name="x")
        h = L.BatchNormalization(name="norm")(L.Dense(6, activation="relu", name="hidden")(i))
        return keras.Model(i, L.Dense(1, activation="sigmoid", name="out")(h))

    yield Fit("batch_norm", normalised, x, y, bce, lambda: K.Adam(0.01), lambda: [M.BinaryAccuracy(name="accuracy")], validation_split=0.2)

    def constrained():
        C = keras.constraints
        i = keras.Input((5,), name="x")
        h = L.Dense(6, activation="relu", kernel_constraint=C.MaxNorm(0.8), bias_constraint=C.NonNeg(), name="hidden")(i)
        h = L.Dense(4, activation="tanh", kernel_constraint=C.UnitNorm(), name="middle")(h)
        return keras.Model(i, L.Dense(1, activation="sigmoid", kernel_constraint=C.MinMaxNorm(0.2, 0.9, rate=0.7), name="out")(h))

    yield Fit("constraints", constrained, x, y, bce, lambda: K.SGD(0.3), validation_split=0.2)


if __name__ == "__main__":
    archive = Archive(sys.argv[1])
    for case in table():
        if len(sys.argv) < 3 or sys.argv[2] in case.name:
            store(archive, case)
    archive.close()
