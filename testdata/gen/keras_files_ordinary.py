"""What ordinary models of Keras 3 have in a combination that the other families do not: keras_files_ordinary.py OUT.zip"""
import sys

import numpy as np

from kerasfile import Writer

import keras

w = Writer(sys.argv[1])
L = keras.layers
# onnxruntime 1.24 takes zeros before a MaxPool for padding of its own, which never is the maximum.
i = L.Input((7, 6, 2))
x = L.Conv2D(3, 3, bias_initializer="ones")(i)
w.add("pad_max_pool", keras.Model(i, L.MaxPooling2D(3, 2)(L.ZeroPadding2D(((1, 0), (0, 1)))(-keras.ops.abs(x)))))
# Images as they are read from files, bytes of any size: resizing rounds with TensorFlow's own arithmetic.
i = L.Input((None, None, 2), dtype="uint8")
r = np.random.RandomState(0)
w.add("bytes_any_size", keras.Model(i, [L.Resizing(7, 5)(i), L.CenterCrop(3, 4)(i)]), [r.randint(0, 256, (7, 5, 9, 2)).astype("uint8")])
i = L.Input((5, 6, 1), dtype="uint8")
w.add("bytes_cropped", keras.Model(i, [L.CenterCrop(3, 4)(i), L.CenterCrop(7, 8)(i)]), [r.randint(0, 256, (7, 5, 6, 1)).astype("uint8")])
# A mask by position, behind the first states or none.
i, j = L.Input((5,), dtype="int32"), L.Input((3,))
e, m = L.Embedding(9, 4)(i), keras.ops.not_equal(i, 0)
steps = np.array([[3, 1, 0, 0, 5], [2, 0, 0, 0, 0], [1, 2, 3, 4, 5], [0, 0, 0, 0, 0], [0, 7, 0, 1, 0], [8, 8, 8, 8, 0], [4, 0, 0, 0, 1]], "int32")
w.add("mask_by_position", keras.Model([i, j], [L.GRU(3)(e, None, m), L.GRU(3, return_sequences=True)(e, [j], m)]), [steps, r.standard_normal((7, 3)).astype("float32")])
# The states of masked layers, which are not their last outputs where masked steps give zeros.
for name, more in {"LSTM": 1, "GRU": 0, "SimpleRNN": 0}.items():
    layer = getattr(L, name)
    i, m = L.Input((5, 2)), L.Input((5,), dtype="bool")
    s = [L.Input((3,)) for _ in range(1 + more)]
    y = layer(3, return_state=True, zero_output_for_mask=True)(i, initial_state=s, mask=m)
    z = layer(3, return_state=True, go_backwards=True)(i, mask=m)
    f = lambda *shape: r.standard_normal(shape).astype("float32")
    w.add(f"{name.lower()}_masked_states", keras.Model([i, m, *s], [*y, *z]), [f(7, 5, 2), steps > 0, *(f(7, 3) for _ in s)])
w.close()
