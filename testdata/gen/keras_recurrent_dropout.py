"""Recurrent layers of Keras 3 whose masks are given: keras_recurrent_dropout.py OUT.zip

    <case>/model.keras, data.npz (x, y, mask_0 ...), run.json: losses of the steps of SGD, all on the same batch

The masks are 0 or 1/(1-rate), in the order of the directions; of each those of the input, then those of the state,
by gate in ONNX's order.
"""
import io
import json
import os
import sys
import tempfile
import zipfile

os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import numpy as np
from keras import Input, Sequential, layers as L
from keras.src.layers.rnn.dropout_rnn_cell import DropoutRNNCell

EPOCH, BATCH, STEPS, SIZE = (1980, 1, 1, 0, 0, 0), 6, 5, 3
ORDER = {"LSTMCell": [0, 3, 1, 2], "GRUCell": [0, 1, 2]}  # ONNX's gates among Keras's
CASES = dict(
    lstm=lambda: [L.LSTM(4, dropout=.3, recurrent_dropout=.4)],
    gru_before=lambda: [L.GRU(4, dropout=.3, recurrent_dropout=.4, reset_after=False, go_backwards=True)],
    simple=lambda: [L.SimpleRNN(4, dropout=.3, recurrent_dropout=.4)],
    bidirectional=lambda: [L.Bidirectional(L.GRU(3, dropout=.2, recurrent_dropout=.5, return_sequences=True)), L.Dense(4)],
    cells=lambda: [L.RNN([L.LSTMCell(4, dropout=.3), L.GRUCell(3, recurrent_dropout=.4)], return_sequences=True)],
)


def save(z, name, data):
    info = zipfile.ZipInfo(name, EPOCH)
    info.external_attr, info.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
    z.writestr(info, data)


rng = np.random.default_rng(0)


def given(cell, step_input, rate):
    """Masks in the place of random ones, kept with the cell that asks."""
    shape = tuple(step_input.shape[1:]) if step_input.shape[0] is None else tuple(step_input.shape)[1:]
    count = getattr(cell, "dropout_mask_count", None)
    masks = [(rng.random((BATCH, *shape[-1:])) >= rate).astype("float32") / (1 - rate) for _ in range(count or 1)]
    cell.given = getattr(cell, "given", []) + [[masks[k] for k in ORDER.get(type(cell).__name__, [0])] if count else masks]
    return [keras.ops.convert_to_tensor(m) for m in masks] if count else keras.ops.convert_to_tensor(masks[0])


DropoutRNNCell._create_dropout_mask = given


def cells(m):
    for layer in m.layers:
        for one in [layer.forward_layer, layer.backward_layer] if isinstance(layer, L.Bidirectional) else [layer]:
            cell = getattr(one, "cell", None)
            yield from getattr(cell, "cells", [cell] if cell is not None else [])


with zipfile.ZipFile(sys.argv[1], "w") as z:
    for i, (name, make) in enumerate(CASES.items()):
        keras.utils.set_random_seed(i)
        m = Sequential([Input((STEPS, SIZE), batch_size=BATCH, name="x"), *make()])
        x = rng.normal(size=(BATCH, STEPS, SIZE)).astype("float32")
        y = rng.normal(size=m.output_shape).astype("float32")
        m.compile(loss="mse", optimizer=keras.optimizers.SGD(.5))
        with tempfile.TemporaryDirectory() as d:
            m.save(d + "/model.keras")
            model = open(d + "/model.keras", "rb").read()
        kept = DropoutRNNCell.reset_dropout_mask, DropoutRNNCell.reset_recurrent_dropout_mask
        DropoutRNNCell.reset_dropout_mask = DropoutRNNCell.reset_recurrent_dropout_mask = lambda self: None
        m(x, training=True)  # makes the masks, which stay
        losses = []
        for _ in range(12):
            m.reset_metrics()
            losses.append(float(m.train_on_batch(x, y)))
        masks = [mask for cell in cells(m) for group in getattr(cell, "given", []) for mask in group]
        DropoutRNNCell.reset_dropout_mask, DropoutRNNCell.reset_recurrent_dropout_mask = kept
        data = io.BytesIO()
        np.savez(data, x=x, y=y, **{f"mask_{k}": v for k, v in enumerate(masks)})
        save(z, name + "/model.keras", model)
        save(z, name + "/data.npz", data.getvalue())
        save(z, name + "/run.json", json.dumps(dict(losses=losses, masks=len(masks))))
        print(name, len(masks), [v.shape for v in masks], losses[0], losses[-1], flush=True)
    save(z, "index.json", json.dumps(dict(versions=dict(keras=keras.__version__), cases=list(CASES))))
