"""Attention along several axes with masks and scores, masks of time_major layers, equalized tiles: keras_files_axes.py OUT.zip"""
import sys

import numpy as np

from kerasfile import Writer, rng

import keras
import tf_keras

w = Writer(sys.argv[1])
tokens = np.array([[3, 1, 2, 0, 0], [1, 0, 0, 0, 0], [0, 2, 0, 5, 0], [4, 4, 4, 4, 4], [0, 0, 0, 0, 0], [0, 0, 1, 2, 3], [5, 0, 5, 0, 5]], "int32")
for k, p, form in ((keras, "", "keras"), (tf_keras, "k2_", "h5")):
    L = k.layers

    def case(name, shapes, make, masks=(), **kw):
        ins = [L.Input(s) for s in shapes]
        on = [L.Input(s, dtype="bool") for s in masks]
        r = rng(name)
        arrays = [r.standard_normal((7,) + s).astype("float32") for s in shapes] + [r.uniform(size=(7,) + s) < .7 for s in masks]
        w.add(p + name, k.Model(ins + on, make(*ins, *on)), arrays, forms=(form,), **kw)

    both = dict(return_attention_scores=True)
    case("attention_axis_mask", [(3, 4, 5), (3, 2, 5)], lambda q, v, m, n: [L.MultiHeadAttention(2, 3, attention_axes=(2,))(q, v, attention_mask=m),
                                                                              *L.MultiHeadAttention(2, 3, attention_axes=(2,))(q, v, attention_mask=n, **both)], [(4, 2), (3, 4, 2)])
    case("attention_axes_mask", [(3, 4, 5), (2, 3, 5)], lambda q, v, m: [*L.MultiHeadAttention(2, 3, attention_axes=(1, 2))(q, v, attention_mask=m, **both),
                                                                           *L.MultiHeadAttention(2, 3)(q, v, **both)], [(3, 4, 2, 3)])
    case("attention_axis_first", [(3, 4, 5), (2, 4, 5)], lambda q, v: [*L.MultiHeadAttention(2, 3, attention_axes=(1,))(q, v, use_causal_mask=True, **both),
                                                                         L.MultiHeadAttention(2, 3, attention_axes=(1,), output_shape=(2, 3))(q, v)])
    case("attention_output", [(3, 5)], lambda q: [L.MultiHeadAttention(2, 3, output_shape=(2, 4))(q, q), L.MultiHeadAttention(2, 3, output_shape=(6,), use_bias=False)(q, q)])
    case("additive_attention_axes", [(3, 4, 5), (3, 2, 5)], lambda q, v: [L.AdditiveAttention()([q, v]), L.AdditiveAttention()([q, v], use_causal_mask=True)])

L = keras.layers
i = L.Input((2, 5), dtype="int32")
x = L.Embedding(6, 4, mask_zero=True)(i)
w.add("attention_axis_masked", keras.Model(i, L.MultiHeadAttention(2, 3, attention_axes=(2,))(x, x)), [np.stack([tokens, tokens[::-1]], 1)])
L = tf_keras.layers
i = L.Input((7,), batch_size=5, dtype="int32")  # (time, batch)
x = L.Embedding(6, 3, mask_zero=True)(i)
y = L.LSTM(3, time_major=True, return_sequences=True)(x)
for name, layers in (("k2_time_major_mask", [y, L.GRU(2, time_major=True)(y), L.SimpleRNN(2, time_major=True, go_backwards=True)(x)]),
                     ("k2_time_major_mask_both", [L.Bidirectional(L.GRU(2, time_major=True, return_sequences=True))(x), L.Bidirectional(L.LSTM(2, time_major=True))(x)])):
    w.add(name, tf_keras.Model(i, layers), [np.ascontiguousarray(tokens.T)], forms=("h5",), batches=(5,))

L = keras.layers
pixels = np.random.RandomState(0).randint(0, 256, (7, 9, 10, 2)).astype("float32")
pixels[1] = 7
pixels[2] //= 16
E = L.ContrastLimitedAdaptiveHistogramEqualization
i = L.Input((9, 10, 2))
w.add("equalized_tiles", keras.Model(i, [E(tile_grid_size=(2, 3))(i), E(clip_limit=0., tile_grid_size=(3, 2))(i)]), [pixels], fill=False)
w.add("equalized_tiles_range", keras.Model(i, E(value_range=(-1, 1), clip_limit=1.5, tile_grid_size=(3, 5))(i)), [pixels / 127.5 - 1], fill=False)
i = L.Input((2, 9, 10), dtype="uint8")
w.add("equalized_tiles_uint8", keras.Model(i, E(tile_grid_size=(2, 2), data_format="channels_first")(i)), [pixels.transpose(0, 3, 1, 2).astype("uint8")], fill=False)
w.close()
