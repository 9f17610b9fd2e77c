"""What once was refused, or answered otherwise than Keras does: keras_files_gaps.py OUT.zip"""
import sys

import numpy as np

from kerasfile import Writer

import keras
import tensorflow as tf
import tf_keras

w = Writer(sys.argv[1])
L, ops, Model = keras.layers, keras.ops, keras.Model
draw = np.random.RandomState(6)
i, j, k = (L.Input((3, 2), dtype="int32") for _ in range(3))
whole = [draw.randint(-9, 9, (7, 3, 2)).astype("int32") for _ in range(3)]
merged = [L.Average()([i, j]), L.Average()([i, j, k]), L.Add()([i, j, k]), L.Maximum()([i, j, k])]
w.add("merge_integers", Model([i, j, k], merged), whole)
ids = draw.randint(0, 3, (7, 5)).astype("int32")
i, j = L.Input((5,), dtype="int32"), L.Input((5,), dtype="int32")
a, b, c = L.Embedding(3, 4, mask_zero=True)(i), L.Embedding(3, 4, mask_zero=True)(j), L.Embedding(3, 4)(i)
masked = [L.Maximum()([a, b]), L.Minimum()([b, a]), L.Maximum()([a, c]), L.Minimum()([c, a, b])]
masked += [L.GlobalAveragePooling1D()(x) for x in masked]
w.add("extremes_masked", Model([i, j], masked), [ids, ids[::-1].copy()])
i = L.Input((4, 3))
stack = L.StackedRNNCells([L.StackedRNNCells([L.LSTMCell(3), L.SimpleRNNCell(4)]), L.StackedRNNCells([L.GRUCell(2), L.GRUCell(3)]), L.LSTMCell(2)])
w.add("cells_nested", Model(i, L.RNN(stack, return_sequences=True)(i)), forms=("keras", "h5"))
i = L.Input((6, 5, 2), dtype="uint8")
crop = [L.CenterCrop(4, 2)(i), L.CenterCrop(8, 7)(i), L.Resizing(4, 4)(ops.cast(i, "int32"))]
w.add("crop_integers", Model(i, crop), [draw.randint(0, 256, (7, 6, 5, 2)).astype("uint8")])
i, j = L.Input((None, None, 2)), L.Input((None, 2))
pools = [L.AdaptiveAveragePooling2D((3, 2))(i), L.AdaptiveMaxPooling2D((2, 7))(i), L.AdaptiveAveragePooling1D(4)(j), L.AdaptiveMaxPooling1D(9)(j)]
w.add("adaptive_unknown", Model([i, j], pools))
i = L.Input((4,), dtype="bool")
truths = [ops.argmax(i, axis=1), ops.argmin(i, axis=-1, keepdims=True), ops.cumsum(i, axis=1), ops.cumprod(i, axis=1)]
w.add("truths", Model(i, truths + [ops.cumsum(ops.cast(i, "uint8") * 99, axis=1)]), [draw.rand(7, 4) < .6], loops=True)
w.add("where_true", Model(i, ops.where(i)), [draw.rand(7, 4) < .6], batches=(7,))
i = L.Input((3,))
wide = np.array([[3e4, -3e4, 1.5], [300, -1e9, -1.5], [2e9, -2e9, 0]], "float32")
saturated = [ops.cast(ops.saturate_cast(i, d), "float32") for d in ("int32", "int64", "int8", "bool")]
w.add("saturated", Model(i, saturated), [np.concatenate([wide, wide, wide[:1]])])
signs = np.array([(y, x) for y in (0., -0., 1., -2., np.inf, -np.inf) for x in (0., -0., 3., -1., np.inf, -np.inf)], "float32")
i, j = L.Input((1,)), L.Input((1,))
half = [ops.arctan2(i, j), ops.arctan2(i, np.float64(-1.5) * np.ones(1)), ops.signbit(j)]
w.add("arctan2_signs", Model([i, j], half), [signs[:, :1], signs[:, 1:]], batches=(1, 2, 36))
i = L.Input((5, 3))
missing = draw.standard_normal((7, 5, 3)).astype("float32")
missing[draw.rand(7, 5, 3) < .3] = np.nan
missing[0, :, 0] = np.nan
methods = ("linear", "lower", "higher", "midpoint", "nearest")
among = [ops.nanquantile(i, .3, axis=1, method=m) for m in methods] + [ops.nanpercentile(i, [10., 50.], axis=-1, method=m, keepdims=True) for m in methods]
w.add("quantiles_missing", Model(i, among + [ops.nanmedian(i, axis=(1, 2)), ops.median(i, axis=1)]), [missing], batches=(7,))
i = L.Input((None, 3))
unknown = [ops.median(i, axis=1), ops.quantile(i, [.2, .9], axis=(1, 2)), ops.median(i, keepdims=True), ops.quantile(i, .6, axis=0)]
unknown += [ops.percentile(i, 100 / 3, axis=1, method=m, keepdims=True) for m in methods]
w.add("quantiles_unknown", Model(i, unknown), [draw.standard_normal((7, 6, 3)).astype("float32")], batches=(7,))
i = L.Input((40,))
sound = [draw.standard_normal((7, 40)).astype("float32")]
w.add("mel_rounded", Model(i, L.MelSpectrogram(fft_length=16, sequence_stride=4, num_mel_bins=5, sampling_rate=100, max_freq=50., min_freq=1.)(i)), sound, batches=(1, 7))
i, j = L.Input((8, 6, 3)), L.Input((2,))
scaled = [ops.image.scale_and_translate(i, (7, 4, 9, 3), j[0], j[0] * .3, (1, 2), m, antialias=m != "cubic") for m in ("linear", "cubic", "lanczos3")]
scaled += [ops.image.scale_and_translate(i, (7, 4, 9, 3), np.array([.5, 2], "float32"), j[0], (1, 2), "linear")]
w.add("scale_computed", Model([i, j], scaled), [draw.rand(7, 8, 6, 3).astype("float32"), np.repeat([[.7, 1.6]], 7, 0).astype("float32")], batches=(7,))
i, j = L.Input((2, 4, 4)), L.Input((2, 4, 3))
equations = [draw.standard_normal((7, 2, 4, 4)).astype("float32"), draw.standard_normal((7, 2, 4, 3)).astype("float32")]
equations[0][0, 0] = np.eye(4)[[3, 1, 0, 2]]
square = ops.matmul(i, ops.transpose(i, (0, 1, 3, 2))) + np.eye(4, dtype="float32")
roots = [ops.cholesky(square), ops.cholesky(square, upper=True)] + [ops.cholesky_inverse(i + 3 * np.eye(4, dtype="float32"), upper=u) for u in (False, True)]
solved = [ops.inv(i), ops.solve(i, j), ops.solve(i, j[..., 0]), ops.solve_triangular(square, j), ops.solve_triangular(square, j[..., 0], lower=True)]
w.add("equations", Model([i, j], roots + solved), equations, loops=True)
i, j = tf_keras.Input((6,)), tf_keras.Input((6,))
wide = np.exp(draw.uniform(-6, 6, (7, 6))).astype("float32") * np.where(draw.rand(7, 6) < .5, -1, 1)
wide[0] = [1, 2, 3, .5, 1e30, np.inf]
gamma = [tf.math.lgamma(i), tf.math.digamma(tf.abs(i)), tf.math.digamma(tf.minimum(i, -.1))]
w.add("gamma", tf_keras.Model([i, j], gamma + [tf_keras.metrics.hinge(i, j), tf_keras.metrics.squared_hinge(tf.cast(j > 0, "float32"), j)]), [wide.astype("float32"), draw.standard_normal((7, 6)).astype("float32")], forms=("h5",))
i, j = tf_keras.Input((3, 3)), tf_keras.Input((3, 2))
square = tf.matmul(i, i, transpose_b=True) + tf.eye(3)
solved = [tf.linalg.inv(i), tf.linalg.solve(i, j), tf.linalg.cholesky(square), tf.linalg.triangular_solve(square, j), tf.linalg.triangular_solve(square, j, lower=False, adjoint=True)]
w.add("equations_tf", tf_keras.Model([i, j], solved), forms=("h5",), loops=True)
w.close()
