"""Arguments of functions of keras.ops that the other families leave at their defaults: keras_files_arguments.py OUT.zip"""
import sys

import numpy as np

from kerasfile import Writer, rng

import keras

w = Writer(sys.argv[1])
L, ops = keras.layers, keras.ops


def add(name, fn, *shapes, dtypes=None, inputs=None):
    i = [L.Input(s, dtype=d) for s, d in zip(shapes, dtypes or ["float32"] * len(shapes))]
    w.add(name, keras.Model(i if len(i) > 1 else i[0], fn(*i)), inputs, forms=("keras",))


def ints(name, shape, high, dtype="int32", low=0):
    return rng(name).randint(low, high, (7, *shape)).astype(dtype)


add("determinants", lambda x: [ops.det(x), *ops.slogdet(x), ops.logdet(ops.matmul(x, ops.transpose(x, (0, 2, 1))) + 2 * np.eye(4, dtype="float32"))], (4, 4))
scores = rng("scores").standard_normal((7, 9, 4)).astype("float32")
lengths = np.array([9, 4, 1, 0, 7, 8, 2], "int32")
for name, kw in (("", {}), ("_last_blank", dict(mask_index=-1)), ("_repeats", dict(merge_repeated=False, mask_index=2))):
    add("ctc_greedy" + name, lambda x, n: [ops.ctc_decode(x, n, **kw)[0][0], ops.ctc_decode(x, n, **kw)[1]], (None, 4), (), dtypes=("float32", "int32"), inputs=[scores, lengths])
for method in ("linear", "cubic", "lanczos3"):
    add("translate_" + method, lambda x: [ops.image.scale_and_translate(x, (1, 9, 4, 2), np.array(s, "float32"), np.array([.5, -.3], "float32"), (1, -2), method, antialias=a)
                                          for s, a in (([1.3, .6], True), ([.7, 1.2], False))], (6, 5, 2))
add("crosses", lambda x, y: [ops.cross(x, y, axisa=1, axisb=2, axisc=1), ops.cross(x[:, :2], y[:, :, :2], axisa=1, axisb=2), ops.cross(x[:, :2], y, axisa=1, axisb=2)], (3, 4), (4, 3))
add("rolls", lambda x: [ops.roll(x, -2, axis=1), ops.roll(x, 5, axis=2), ops.roll(x, (1, -1), axis=(2, 1))], (None, 4), inputs=[rng("rolls").standard_normal((7, 3, 4)).astype("float32")])
add("repeats", lambda x: [ops.repeat(x, [1, 0, 2], axis=1), ops.repeat(x, [2], axis=-1), ops.round(x * 37, 1), ops.round(x * 37, -1)], (3, 4))
add("norms", lambda x: [ops.normalize(x, axis=(1, 2), order=1), ops.norm(x, 1, (1, 2)), ops.norm(x, -1, (2, 1), True), ops.norm(x, np.inf, (1, 2)), ops.norm(x, -np.inf, (1, 2), True)], (3, 4))
add("small_integers", lambda x: [ops.cast(ops.sum(x, 1), "int32"), ops.cast(ops.prod(x, 1), "int32"), ops.power(x, x), ops.tril(ops.cast(x, "int32"))], (3, 4), dtypes=("uint8",), inputs=[ints("u8", (3, 4), 4, "uint8")])
add("truths", lambda x: [ops.abs(x), ops.square(x), ops.sort(x, 1), ops.argsort(x, 1)], (6,), dtypes=("bool",), inputs=[ints("b", (6,), 2, "bool")])
add("many_hot", lambda x: [ops.multi_hot(x, 6), ops.multi_hot(x, 6, axis=1), ops.multi_hot(x[:, :, 0], 6, axis=1)], (3, 2), dtypes=("int32",), inputs=[ints("h", (3, 2), 6)])
w.close()
