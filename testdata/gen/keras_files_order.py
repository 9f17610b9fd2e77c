"""What depends on the order in which Keras runs layers, and sizes that only an image has: keras_files_order.py OUT.zip"""
import sys

import numpy as np

from kerasfile import Writer

import keras

w = Writer(sys.argv[1])
L, ops, Model = keras.layers, keras.ops, keras.Model
draw = np.random.RandomState(5)
ids = draw.randint(1, 9, (7, 6)).astype("int32")
for r, n in enumerate((6, 2, 5, 1, 4, 3, 6)):
    ids[r, n:] = 0
# MultiHeadAttention takes the masks off its arguments: of layers as far from the outputs the last one runs first.
i, j = L.Input((6,), dtype="int32"), L.Input((6,), dtype="int32")
a, b = L.Embedding(9, 4, mask_zero=True)(i), L.Embedding(9, 4, mask_zero=True)(j)
y = L.MultiHeadAttention(2, 3, value_dim=2)(a, b)
z, s = L.MultiHeadAttention(1, 3, dropout=.1)(b, a, return_attention_scores=True)
w.add("attention_last_first", Model([i, j], [y, z, s, L.MultiHeadAttention(1, 2)(a, a, use_causal_mask=True)]), [ids, ids[::-1].copy()])
i = L.Input((6,), dtype="int32")
x = L.Embedding(9, 4, mask_zero=True)(i)
y = L.MultiHeadAttention(2, 2)(x, x)
w.add("attention_beside", Model(i, [L.LSTM(2)(x), L.GlobalAveragePooling1D()(x), L.GRU(2)(L.Add()([x, y])), L.MultiHeadAttention(1, 2)(y, x)]), [ids])
# A mask that the call gives for the query is not looked at.
i, m = L.Input((3, 4)), L.Input((3,), dtype="bool")
given = [draw.standard_normal((7, 3, 4)).astype("float32"), draw.rand(7, 3) < .6]
w.add("attention_masks_given", Model([i, m], L.MultiHeadAttention(2, 2)(i, i, query_mask=m, value_mask=m)), given)

given = [draw.rand(7, 6, 5, 2).astype("float32")]
i = L.Input((None, None, 2))
sizes = [L.Resizing(4, 7, interpolation=k, antialias=a)(i) for k in ("bicubic", "lanczos3", "bilinear") for a in (False, True)]
w.add("resizing_unknown", Model(i, sizes + [L.UpSampling2D((2, 3), interpolation="bicubic")(i)]), given)
i = L.Input((None, 3))
w.add("roll_unknown", Model(i, [ops.roll(i, 1, axis=1), ops.roll(i, (-2, 1), axis=(1, 2)), ops.roll(i, 9, axis=1)]), [draw.rand(7, 4, 3).astype("float32")])
i = L.Input((5, 2))
several = [ops.quantile(i, [.1, .5, .9], axis=-1), ops.quantile(i, .3, axis=1, method="lower"), ops.nanquantile(i, [.2, .7], axis=1)]
places = [ops.percentile(i, 30., axis=1, method=k) for k in ("lower", "higher", "nearest", "midpoint")]
w.add("quantiles", Model(i, several + places + [ops.max(i, axis=1, initial=.3), ops.min(i, axis=2, initial=-.2)]), batches=(7,))
i = L.Input((3, 4))
x = i * ops.cast(i > 0, "float32")  # 0 and -0
w.add("argmax_zeros", Model(i, [ops.argmax(x, axis=-1), ops.argmin(x, axis=1), ops.argmax(x, keepdims=True)]), batches=(7,), fill=False)
i = L.Input((3,))
w.add("renorm", Model(i, L.BatchNormalization(renorm=True)(L.Dense(4)(i))), forms=("h5", "keras"))
# Keras up to 3.5 has such casts in front of layers of a half policy.
half = ops.cast(i, "float16")
w.add("cast_layers", Model(i, [L.Dense(2)(half), L.LayerNormalization()(ops.cast(i, "float64"))]), [draw.randint(-8, 8, (7, 3)).astype("float32") / 8])
w.close()
