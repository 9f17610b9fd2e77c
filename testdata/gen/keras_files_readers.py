"""What readers of Keras 3.15's files must tell apart: keras_files_readers.py OUT.zip"""
import sys

import numpy as np

from kerasfile import Writer

import keras
from keras import ops

w = Writer(sys.argv[1])

# 2 and 2.0, 0.0 and 0: an integer tensor stays one, or becomes a float. Such numbers stand in calls and in configurations.
for name, f in {
    "times_point": lambda x: x * 2.0, "times": lambda x: x * 2, "minus_point": lambda x: 1.0 - x, "power": lambda x: x ** 2,
    "power_point": lambda x: x ** 2.0, "maximum_point": lambda x: ops.maximum(x, 3.0), "clip": lambda x: ops.clip(x, 2, 5), "floor_divide_point": lambda x: x // 2.0,
    "where_point": lambda x: ops.where(x > 4, x, 2.0),
    "full_like_point": lambda x: ops.full_like(x, 2.0) * 3, "nested": lambda x: keras.Model(y := keras.Input((3,), dtype="int32"), y * 2.0)(x),
}.items():
    x = keras.Input((3,), dtype="int32")
    w.add("number_" + name, keras.Model(x, f(x)))

# Numbers that JSON does not have.
x = keras.Input((3,))
w.add("number_infinite", keras.Model(x, ops.where(x > 0, x, -np.inf)))
w.add("number_infinite_config", keras.Model(x, ops.clip(x, -float("inf"), 0.5)))
x = keras.Input((2, 3))
w.add("number_nan", keras.Model(x, ops.where(ops.isnan(ops.where(x > 0, float("nan"), x)), 0.0, x)))
w.close()
