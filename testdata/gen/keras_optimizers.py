#!/usr/bin/env python3
"""Whole runs of Keras, as in keras_runs.py, with the optimizers that look at a parameter's shape or first value.

    python keras_optimizers.py ../finetune/optimizers.zip
"""
import io
import json
import os
import sys
import tempfile
import zipfile

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
from keras import Input, Model, layers as L, losses, optimizers as O

EPOCH = (1980, 1, 1, 0, 0, 0)
ROWS = 96
RUNS = {  # name -> seed, optimizer
    "adafactor": (18, lambda: O.Adafactor(.05)),
    "adafactor_options": (19, lambda: O.Adafactor(.05, relative_step=False, clip_threshold=.5, weight_decay=.01)),
    "muon": (20, lambda: O.Muon(.02)),
    "muon_options": (21, lambda: O.Muon(.02, exclude_layers=["dense_1"], nesterov=False, rms_rate=None, ns_steps=3)),
    "schedule_free": (22, lambda: O.ScheduleFreeAdamW(.02, warmup_steps=5)),
}
ARGS = "--target target --epochs 14 --batch 16 --validation-split 0.2"


def save(z, name, data):
    info = zipfile.ZipInfo(name, EPOCH)
    info.external_attr, info.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
    z.writestr(info, data)


def net():
    x = i = Input((8,), name="x")
    for units in (11, 6):
        x = L.Dense(units, activation="elu")(x)
    return Model(i, L.Dense(3, activation="softmax")(L.LayerNormalization()(x)))


def write(z, name, seed, make):
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed + 7000)
    rng = np.random.default_rng(seed + 500)
    m = net()
    x = rng.normal(size=(ROWS, 8)).astype("float32")
    y = np.eye(3, dtype="float32")[rng.integers(0, 3, ROWS)]
    m.compile(loss=losses.CategoricalCrossentropy(label_smoothing=.1), optimizer=make(), metrics=["accuracy"], jit_compile=True)
    with tempfile.TemporaryDirectory() as d:
        m.save(d + "/model.keras")
        with open(d + "/model.keras", "rb") as f:
            save(z, name + "/model.keras", f.read())
    history = m.fit(x, y, shuffle=False, verbose=0, epochs=14, batch_size=16, validation_split=.2).history
    arrays = io.BytesIO()
    np.savez(arrays, x=x, target=y)
    save(z, name + "/data.npz", arrays.getvalue())
    pred = m.predict(x, verbose=0, batch_size=64)
    save(z, name + "/run.json", json.dumps(dict(args=ARGS.split(), history=history, predictions=np.round(pred.ravel()[:64].astype(float), 7).tolist())))


with zipfile.ZipFile(sys.argv[1], "w") as archive:
    for run, (number, make) in RUNS.items():
        write(archive, run, number, make)
    save(archive, "index.json", json.dumps(dict(versions=dict(keras=keras.__version__), cases=list(RUNS))))
