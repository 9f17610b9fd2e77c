"""Recurrent layers, wrappers and masks: keras_files_recurrent.py OUT.zip"""
import sys
import tempfile

from kerasfile import Writer, randomize, rng

import keras
import numpy as np
import tf_keras
from tf_keras.src.layers.rnn.cudnn_gru import CuDNNGRU
from tf_keras.src.layers.rnn.cudnn_lstm import CuDNNLSTM

w = Writer(sys.argv[1])
BOTH = ((keras, "", "keras"), (tf_keras, "_k2", "h5"))
T, D, U = 5, 3, 4


def seq(k, shape, *layers, dtype=None):
    first = k.Input(shape, dtype=dtype) if k is keras else k.layers.InputLayer(shape, dtype=dtype)
    return k.Sequential([first, *layers])


def one(name, make, shape=(T, D), **kw):
    for k, suffix, form in BOTH:
        w.add(name + suffix, seq(k, shape, make(k.layers)), forms=(form,), **kw)


def graph(name, make, **kw):
    """make(k, layers) returns the inputs and outputs of a functional model."""
    for k, suffix, form in BOTH:
        a, b = make(k, k.layers)
        w.add(name + suffix, k.Model(a, b), forms=(form,), **kw)


def padded(name, values):
    """Rows padded on the right, on the left, with holes, wholly, not at all."""
    x = values.copy()
    n = x.shape[1]
    for i, cut in enumerate([slice(3, n), slice(0, 2), slice(1, 3), slice(0, n), slice(0, 0), slice(0, n, 2), slice(n - 1, n)]):
        x[i % len(x), cut] = 0
    return x


tokens = lambda name, n=T: padded(name, rng(name).randint(1, 9, (7, n)).astype("float32"))
floats = lambda name, n=T: padded(name, rng(name).standard_normal((7, n, D)).astype("float32"))

for cls in ("SimpleRNN", "LSTM", "GRU"):
    c = cls.lower()
    L = lambda l, cls=cls, **k: getattr(l, cls)(U, **k)
    one(f"{c}", lambda l: L(l))
    one(f"{c}_sequences", lambda l: L(l, return_sequences=True))
    one(f"{c}_backwards", lambda l: L(l, go_backwards=True))
    one(f"{c}_backwards_sequences", lambda l: L(l, go_backwards=True, return_sequences=True, use_bias=False))
    one(f"{c}_unknown_time", lambda l: L(l, return_sequences=True, unroll=False, dropout=.2, recurrent_dropout=.1), shape=(None, D))
    one(f"{c}_relu", lambda l: L(l, activation="relu", **({} if cls == "SimpleRNN" else dict(recurrent_activation="hard_sigmoid"))))
    one(f"{c}_none", lambda l: L(l, activation=None, unroll=True))
    one(f"{c}_softsign", lambda l: L(l, activation="softsign", **({} if cls == "SimpleRNN" else dict(recurrent_activation="elu"))))

    def states(k, l):
        a = k.Input((T, D))
        first = L(l, return_state=True, return_sequences=True)(a)
        again = L(l, return_sequences=True, return_state=True)(first[0], initial_state=list(first[1:]))
        return a, list(first) + list(again)
    graph(f"{c}_states", states)

    for mode in ("concat", "sum", "ave", "mul", None):
        if mode:
            one(f"{c}_bi_{mode}", lambda l: l.Bidirectional(L(l), merge_mode=mode))
            one(f"{c}_bi_{mode}_sequences", lambda l: l.Bidirectional(L(l, return_sequences=True), merge_mode=mode), shape=(None, D))
        else:
            def bi(k, l):
                a = k.Input((T, D))
                return a, list(l.Bidirectional(L(l, return_sequences=True), merge_mode=None)(a))
            graph(f"{c}_bi_none", bi)

    def bistates(k, l):
        a = k.Input((T, D))
        y = l.Bidirectional(L(l, return_sequences=True, return_state=True))(a)
        z = l.Bidirectional(L(l, return_state=True))(y[0], initial_state=list(y[1:]))
        return a, list(y) + list(z)
    graph(f"{c}_bi_states", bistates)
    one(f"{c}_bi_first_backwards", lambda l: l.Bidirectional(L(l, go_backwards=True, return_sequences=True), backward_layer=L(l, return_sequences=True)))
    one(f"{c}_bi_other", lambda l: l.Bidirectional(L(l), backward_layer=l.GRU(U + 1, go_backwards=True)))

    for k, suffix, form in BOTH:
        l = k.layers
        n = f"{c}_mask_zero{suffix}"
        w.add(n, seq(k, (T,), l.Embedding(9, D, mask_zero=True), L(l)), inputs=[tokens(n)], forms=(form,))
        n = f"{c}_mask_zero_stack{suffix}"
        w.add(n, seq(k, (None,), l.Embedding(9, D, mask_zero=True), L(l, return_sequences=True), l.Dropout(.5), l.Dense(3),
                     L(l, return_sequences=True, go_backwards=True), L(l)), inputs=[tokens(n)], forms=(form,))
        n = f"{c}_masking_bi{suffix}"
        w.add(n, seq(k, (T, D), l.Masking(), l.Bidirectional(L(l, return_sequences=True)), l.Bidirectional(L(l))), inputs=[floats(n)], forms=(form,))
        n = f"{c}_masking_sequences{suffix}"
        w.add(n, seq(k, (T, D), l.Masking(), L(l, return_sequences=True)), inputs=[floats(n)], forms=(form,))

        a, h = k.Input((T, D)), k.Input((U,))
        m = l.Masking()(a)
        y = L(l, return_state=True, return_sequences=True)(m, initial_state=[h, h] if cls == "LSTM" else [h])
        n = f"{c}_masking_states{suffix}"
        w.add(n, k.Model([a, h], list(y)), inputs=[floats(n), rng(n + "h").standard_normal((7, U)).astype("float32")], forms=(form,))
    n = f"{c}_masking_zeros"
    w.add(n, seq(keras, (T, D), keras.layers.Masking(), L(keras.layers, return_sequences=True, zero_output_for_mask=True),
                 L(keras.layers, zero_output_for_mask=True)), inputs=[floats(n)])

one("gru_reset_before", lambda l: l.GRU(U, reset_after=False, return_sequences=True))
one("gru_reset_before_bi", lambda l: l.Bidirectional(l.GRU(U, reset_after=False, use_bias=False)))
one("gru_linear", lambda l: l.GRU(U, activation="leaky_relu", recurrent_activation="softsign"))
one("rnn_lstm_cell", lambda l: l.RNN(l.LSTMCell(U), return_sequences=True))
one("rnn_gru_cell", lambda l: l.RNN(l.GRUCell(U), go_backwards=True))
one("rnn_stacked", lambda l: l.RNN([l.LSTMCell(U), l.GRUCell(3), l.LSTMCell(2), l.SimpleRNNCell(5)], return_sequences=True))
one("rnn_stacked_bi", lambda l: l.Bidirectional(l.RNN([l.GRUCell(U), l.GRUCell(3)], return_sequences=True)))
one("time_distributed_dense", lambda l: l.TimeDistributed(l.Dense(4, activation="relu")), shape=(None, D))
one("time_distributed_conv", lambda l: l.TimeDistributed(l.Conv1D(4, 3, activation="relu")), shape=(T, 6, D))
one("time_distributed_unknown", lambda l: l.TimeDistributed(l.Conv1D(4, 3, activation="relu")), shape=(None, 6, D))
one("time_distributed_flatten", lambda l: l.TimeDistributed(l.Flatten()), shape=(None, 6, D))
one("time_distributed_lstm", lambda l: l.TimeDistributed(l.LSTM(4)), shape=(None, 6, D))
for k, suffix, form in BOTH:
    l = k.layers
    inner = seq(k, (6, D), l.Conv1D(4, 3, activation="relu"), l.MaxPooling1D(2), l.Flatten())
    w.add("time_distributed_model" + suffix, seq(k, (None, 6, D), l.TimeDistributed(inner), l.LSTM(U)), forms=(form,))
    n = "masks_merged" + suffix
    a, b = k.Input((T,)), k.Input((T,))
    x, y = l.Embedding(9, D, mask_zero=True)(a), l.Embedding(9, D, mask_zero=True)(b)
    outs = [l.LSTM(U)(l.Add()([x, y])), l.GRU(U)(l.Concatenate()([x, y])), l.GRU(U)(l.Concatenate(axis=1)([x, y])),
            l.LSTM(2)(l.Add()([x, l.Reshape((T, D))(y)]))]
    w.add(n, k.Model([a, b], outs), inputs=[tokens(n), tokens(n + "b")[::-1].copy()], forms=(form,))
    n = "mask_named" + suffix
    a, m = k.Input((T, D)), k.Input((T,), dtype="bool")
    w.add(n, k.Model([a, m], l.LSTM(U)(a, mask=m)), inputs=[floats(n), rng(n).randint(0, 2, (7, T)).astype("bool")], forms=(form,))
    n = "mask_average" + suffix
    w.add(n, seq(k, (T,), l.Embedding(9, D, mask_zero=True), l.GlobalAveragePooling1D()),
          inputs=[np.maximum(tokens(n), [[1] + [0] * (T - 1)]).astype("float32")], forms=(form,))

# The layers for cuDNN run on a GPU alone; LSTM and GRU read their weights.
for name, cls, ref in (("cudnn_lstm", CuDNNLSTM, tf_keras.layers.LSTM), ("cudnn_gru", CuDNNGRU, tf_keras.layers.GRU)):
    m = seq(tf_keras, (T, D), cls(U, return_sequences=True))
    r = seq(tf_keras, (T, D), ref(U, return_sequences=True))
    randomize(name, m)
    with tempfile.TemporaryDirectory() as d:
        m.save(d + "/m.h5")
        r.load_weights(d + "/m.h5")
    x = rng(name).standard_normal((7, T, D)).astype("float32")
    w.add(name, m, [x], forms=("h5",), fill=False, want=[np.asarray(r(x))])
w.close()
