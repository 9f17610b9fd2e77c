"""Operations on tensors in functional models: keras_files_ops.py OUT.zip"""
import sys

import numpy as np

from kerasfile import Writer

import keras
import tensorflow as tf
import tf_keras
from keras import ops

w = Writer(sys.argv[1])


def outputs(y, more):
    return [*y, more] if isinstance(y, (list, tuple)) else [y, more]


for name, f in {
    "add": lambda a, b: a + b, "scalars": lambda a, b: (2 * a - 1) / 3.0, "clip": lambda a, b: ops.clip(a, -0.5, 1),
    "power": lambda a, b: a ** 2, "divide": lambda a, b: a / (b * b + 1), "floor_divide": lambda a, b: a // 0.7,
    "mod": lambda a, b: a % 0.6, "mod_negative": lambda a, b: a % -0.6, "mean": lambda a, b: ops.mean(a, axis=-1, keepdims=True),
    "sum_axes": lambda a, b: ops.sum(a, axis=(1, 2)), "max": lambda a, b: ops.max(a, axis=1), "min": lambda a, b: ops.min(a, axis=-2, keepdims=True),
    "prod": lambda a, b: ops.prod(a, axis=-1), "var": lambda a, b: ops.var(a, axis=1), "std": lambda a, b: ops.std(a, axis=-1, keepdims=True),
    "any": lambda a, b: ops.any(a > 1, axis=-1), "all": lambda a, b: ops.all(a > -1, axis=-1), "logsumexp": lambda a, b: ops.logsumexp(a, axis=-1),
    "argmax": lambda a, b: ops.argmax(a, axis=-1), "argmin": lambda a, b: ops.argmin(a, axis=1), "cumsum": lambda a, b: ops.cumsum(a, axis=1),
    "concatenate": lambda a, b: ops.concatenate([a, b, a], axis=-1), "stack": lambda a, b: ops.stack([a, b], axis=1),
    "split": lambda a, b: ops.split(a, 2, axis=1), "split_at": lambda a, b: ops.split(a, [1, 3], axis=2), "unstack": lambda a, b: ops.unstack(a, axis=1),
    "slices": lambda a, b: a[:, 1:3, ::2], "index": lambda a, b: a[..., 0], "index_negative": lambda a, b: a[:, -1, 1:-1],
    "reverse_slice": lambda a, b: a[:, ::-1, 3:0:-2], "new_axis": lambda a, b: a[:, None, ..., 2:], "einsum": lambda a, b: ops.einsum("bij,bkj->bik", a, b),
    "matmul": lambda a, b: a @ ops.transpose(b, (0, 2, 1)), "matmul_const": lambda a, b: ops.matmul(a, np.arange(10, dtype="float32").reshape(5, 2)),
    "where": lambda a, b: ops.where(a > 0, b, 0.0), "logical": lambda a, b: ops.logical_or(ops.logical_and(a > 0, b > 0), ops.logical_not(a < 1)),
    "compare": lambda a, b: ops.not_equal(ops.round(a), ops.round(b)), "reshape": lambda a, b: ops.reshape(a, (-1, 20)),
    "cast": lambda a, b: ops.cast(a * 3, "int32") * 2, "softmax": lambda a, b: ops.softmax(a, axis=1), "log_softmax": lambda a, b: ops.log_softmax(a),
    "negative": lambda a, b: -abs(a), "maximum": lambda a, b: ops.maximum(ops.minimum(a, b), 0.5), "expand_squeeze": lambda a, b: ops.squeeze(ops.expand_dims(a, 1), 1),
    "one_hot": lambda a, b: ops.one_hot(ops.cast(ops.abs(a) * 2, "int32"), 3), "constant": lambda a, b: a + np.arange(5, dtype="float32"),
    "tile": lambda a, b: ops.tile(a, (1, 2, 3)), "repeat": lambda a, b: ops.repeat(a, 3, axis=1), "repeat_last": lambda a, b: ops.repeat(a, 2, axis=-1),
    "flip": lambda a, b: ops.flip(a, axis=2), "roll": lambda a, b: ops.roll(a, 2, axis=1), "swapaxes": lambda a, b: ops.swapaxes(a, 1, 2),
    "moveaxis": lambda a, b: ops.moveaxis(a, 1, -1), "take": lambda a, b: ops.take(a, [0, 2, 2], axis=1),
    "take_along": lambda a, b: ops.take_along_axis(a, ops.argmax(b, axis=-1, keepdims=True), axis=-1),
    "pad": lambda a, b: ops.pad(a, [[0, 0], [1, 2], [0, 1]], constant_values=2), "pad_reflect": lambda a, b: ops.pad(a, [[0, 0], [1, 2], [0, 1]], mode="reflect"),
    "like": lambda a, b: ops.ones_like(a) + ops.zeros_like(b), "top_k": lambda a, b: ops.top_k(a, 2), "sort": lambda a, b: ops.sort(a, axis=1),
    "triu": lambda a, b: ops.triu(a, 1), "tril": lambda a, b: ops.tril(a), "gelu": lambda a, b: ops.gelu(a), "gelu_exact": lambda a, b: ops.gelu(a, approximate=False),
    "leaky": lambda a, b: ops.leaky_relu(a) + ops.elu(b, 0.5), "hard": lambda a, b: ops.hard_sigmoid(a) + ops.hard_silu(b), "mish": lambda a, b: ops.log_sigmoid(a) + ops.silu(b) + ops.relu6(a * 5),
    "square": lambda a, b: ops.square(a) + ops.rsqrt(ops.square(b) + 1), "logs": lambda a, b: ops.log1p(abs(a)) + ops.log2(abs(b) + 1) + ops.log10(abs(b) + 1) + ops.expm1(a),
    "trig": lambda a, b: ops.sin(a) + ops.cos(b) + ops.tanh(a) + ops.arctan(b) + ops.erf(a), "sign": lambda a, b: ops.sign(a) * ops.floor(b) + ops.ceil(a) + ops.round(b),
    "broadcast": lambda a, b: ops.mean(a, axis=1, keepdims=True) * b,
    "int_divide": lambda a, b: ops.cast(a * 9, "int32") // 4 + ops.cast(b * 9, "int32") % 5, "int_mean": lambda a, b: ops.mean(ops.cast(a * 9, "int32"), axis=-1),
    "int_true_divide": lambda a, b: ops.cast(a * 9, "int32") / 4,
}.items():
    a, b = keras.Input((4, 5), name="a"), keras.Input((4, 5), name="b")
    w.add("k3_" + name, keras.Model([a, b], outputs(f(a, b), a * b)))

for name, f in {
    "add": lambda a, b: a + b, "scalars": lambda a, b: (2 * a - 1) / 3.0, "clip": lambda a, b: tf.clip_by_value(a, -0.5, 1),
    "power": lambda a, b: a ** 2, "floor_divide": lambda a, b: a // 0.7, "mod": lambda a, b: a % 0.6,
    "mean": lambda a, b: tf.reduce_mean(a, axis=-1, keepdims=True), "max": lambda a, b: tf.reduce_max(a, axis=[1, 2]), "std": lambda a, b: tf.math.reduce_std(a, axis=1),
    "concat": lambda a, b: tf.concat([a, b], axis=-1), "stack": lambda a, b: tf.stack([a, b], axis=1), "split": lambda a, b: tf.split(a, 2, axis=1),
    "split_sizes": lambda a, b: tf.split(a, [1, 2, 2], axis=2), "unstack": lambda a, b: tf.unstack(a, axis=1), "slices": lambda a, b: a[:, 1:3, ::2],
    "index": lambda a, b: a[..., 0], "new_axis": lambda a, b: a[:, None, ..., 2:], "matmul": lambda a, b: a @ tf.transpose(b, (0, 2, 1)),
    "where": lambda a, b: tf.where(a > 0, b, 0.0), "reshape": lambda a, b: tf.reshape(a, (-1, 20)), "reshape_shape": lambda a, b: tf.reshape(a, (tf.shape(a)[0], 20)),
    "cast": lambda a, b: tf.cast(a * 3, "int32") * 2, "softmax": lambda a, b: tf.nn.softmax(a, axis=1), "softmax_last": lambda a, b: tf.nn.softmax(a),
    "expand_squeeze": lambda a, b: tf.squeeze(tf.expand_dims(a, 1), 1), "one_hot": lambda a, b: tf.one_hot(tf.cast(abs(a) * 2, "int32"), 3),
    "constant": lambda a, b: a + np.arange(5, dtype="float32"), "tile": lambda a, b: tf.tile(a, (1, 2, 3)), "reverse": lambda a, b: tf.reverse(a, [2]),
    "gather": lambda a, b: tf.gather(a, [0, 2, 2], axis=1), "argmax": lambda a, b: tf.argmax(a, axis=-1), "l2": lambda a, b: tf.math.l2_normalize(a, axis=-1),
    "backend": lambda a, b: tf_keras.backend.sum(tf_keras.backend.square(a), axis=1) + tf_keras.backend.mean(b, axis=1),
    "activations": lambda a, b: tf.nn.relu(a) + tf.nn.leaky_relu(b) + tf.nn.gelu(a) + tf.sigmoid(b) + tf.nn.elu(a), "maximum": lambda a, b: tf.maximum(tf.minimum(a, b), 0.5),
    "exp": lambda a, b: tf.exp(a) + tf.sqrt(abs(b)) - tf.math.log(abs(a) + 1), "compare": lambda a, b: tf.cast(a > b, "float32") + tf.cast(a <= 0, "float32"),
    "vae": lambda a, b: a + tf.exp(0.5 * b),
}.items():
    a, b = tf_keras.Input((4, 5), name="a"), tf_keras.Input((4, 5), name="b")
    m = tf_keras.Model([a, b], outputs(f(a, b), a * b))
    w.add("k2_" + name, m, forms=("h5",))
w.close()
