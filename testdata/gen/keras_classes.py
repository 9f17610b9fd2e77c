"""The classes of keras.layers, of Keras 3 and of Keras 2 (tf_keras), for convert/keras's TestClasses: keras_classes.py OUT.txt"""
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
