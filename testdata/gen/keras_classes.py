"""The classes of keras.layers, of Keras 3 and of Keras 2 (tf_keras), and the functions of keras.ops, for convert/keras's
TestClasses and TestFunctions: keras_classes.py CLASSES.txt FUNCTIONS.txt"""
import inspect
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tf_keras

with open(sys.argv[1], "w") as f:
    for k in (keras, tf_keras):
        print("#", k.__name__, k.__version__, file=f)
        for name in sorted(n for n in dir(k.layers) if inspect.isclass(getattr(k.layers, n))):
            print(name, file=f)

names = set()
for m in (keras.ops, keras.ops.image, keras.ops.linalg, keras.ops.nn, keras.ops.numpy):
    names |= {n for n in dir(m) if n[0] != "_" and callable(getattr(m, n)) and not inspect.isclass(getattr(m, n))}
with open(sys.argv[2], "w") as f:
    print("#", keras.__name__, keras.__version__, file=f)
    print(*sorted(names), sep="\n", file=f)
