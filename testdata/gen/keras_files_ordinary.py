"""What ordinary models of Keras 3 have in a combination that the other families do not: keras_files_ordinary.py OUT.zip"""
import sys

from kerasfile import Writer

import keras

w = Writer(sys.argv[1])
L = keras.layers
# onnxruntime 1.24 takes zeros before a MaxPool for padding of its own, which never is the maximum.
i = L.Input((7, 6, 2))
x = L.Conv2D(3, 3, bias_initializer="ones")(i)
w.add("pad_max_pool", keras.Model(i, L.MaxPooling2D(3, 2)(L.ZeroPadding2D(((1, 0), (0, 1)))(-keras.ops.abs(x)))))
w.close()
