"""keras.ops.image.scale_and_translate, and images made smaller: keras_files_scale.py OUT.zip"""
import sys

import numpy as np

from kerasfile import Writer

import keras

w = Writer(sys.argv[1])
G, f = keras.ops.image, lambda *v: np.array(v, "float32")
i = keras.Input((6, 8, 2))
w.add("scale_and_translate", keras.Model(i, [
    G.scale_and_translate(i, (None, 5, 9, 2), f(.7, .9), f(.4, -1.), (1, 2), method, antialias=smooth)
    for method in ("linear", "bicubic", "lanczos3", "lanczos5") for smooth in (True, False)]))
i = keras.Input((5, 4, 6, 2))
w.add("scale_and_translate_volume", keras.Model(i, G.scale_and_translate(i, (None, 7, 4, 3, 2), f(.5, 1.6), f(1.5, -.2), (-2, 1), "trilinear")))
i = keras.Input((6, 8, 3))
w.add("resizing_bicubic_smaller", keras.Model(i, keras.layers.Resizing(3, 4, interpolation="bicubic")(i)))
w.close()
