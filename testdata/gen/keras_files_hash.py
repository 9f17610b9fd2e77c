"""Hashing of numbers: every length of text, signs, ends of types, salts, modes. keras_files_hash.py OUT.zip"""
import sys

import numpy as np

from kerasfile import Writer

import keras
import tf_keras

w = Writer(sys.argv[1])
ends = [0, -1, 9, -9, 2**63 - 1, -2**63, 2**31]
long = np.array([[n, (-1) ** k * (10**k + n % 1000), (-1) ** (n % 2) * 1234567890123456789 // 10 ** (k % 19)] for k in range(19) for n in ends], "int64").reshape(7, 57)
for k, p, form in ((keras, "", "keras"), (tf_keras, "k2_", "h5")):
    L = k.layers

    def case(name, dtype, x, *layers):
        i = L.Input(x.shape[1:], dtype=dtype)
        w.add(p + name, k.Model(i, [layer(i) for layer in layers]), [x.astype(dtype)], forms=(form,), fill=False)

    some = np.array([[3, 141, -59, 0], [3, 3, 3, 3], [0, 0, 0, 1], [-1, 1, 65, 100], [7, 99, 9, 10], [12, 34, 56, 78], [-128, 127, 5, 2]])
    case("hashing_int64", "int64", long, L.Hashing(1000003), L.Hashing(7, mask_value=0), L.Hashing(1000003, salt=[133, 2**60 + 1]), L.Hashing(2**40, salt=-5))
    case("hashing_int32", "int32", long % 2**32 - 2**31, L.Hashing(1000003), L.Hashing(11, mask_value=3, salt=7, dtype="int32"), L.Hashing(1))
    case("hashing_int8", "int8", some, L.Hashing(1000003), L.Hashing(1000003, salt=9))
    case("hashing_uint64", "uint64", long.view("uint64"), L.Hashing(1000003), L.Hashing(2**50, salt=[1, 2]))
    case("hashing_modes", "int32", some, L.Hashing(6, output_mode="multi_hot"), L.Hashing(6, output_mode="count", mask_value=3))
    case("hashing_one", "int64", some[:, :1], L.Hashing(6, output_mode="one_hot"), L.Hashing(6))

i = keras.layers.Input((4,), dtype="int32")
w.add("hashing_hot", keras.Model(i, keras.layers.Hashing(6, output_mode="one_hot")(i)), [some.astype("int32")], fill=False)
i = keras.layers.Input((3,))
x = np.array([[1.9, -1.9, 0], [3, 3e6, -3e6], [.5, -.5, 2], [1, 2, 3], [4, 5, 6], [7.2, 8, 9], [2**40, -2**40, 10]], "float32")
w.add("hashing_float", keras.Model(i, [keras.layers.Hashing(1000003)(i), keras.layers.Hashing(9, mask_value=2)(i)]), [x], fill=False)
w.close()
