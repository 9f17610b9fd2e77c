"""TextVectorization that splits at each character: keras_files_characters.py OUT.zip"""
import sys

import numpy as np

from kerasfile import Writer

import keras
import tf_keras

w = Writer(sys.argv[1])
text = np.array([["The cat, sat!"], [""], ["ab  c\n\tdé"], ["ñandú 日本語 🙂 ok"], ["a"], ["ZZZ zzz [x-y]^\\"], ["a long text that goes on and on"]])
for k, p, form in ((keras, "", "keras"), (tf_keras, "k2_", "keras")):
    L = k.layers
    i = L.Input((1,), dtype="string")
    adapted = L.TextVectorization(split="character", output_sequence_length=9)
    adapted.adapt(["the quick brown fox", "日本 é ñ"])
    plain = L.TextVectorization(split="character", output_sequence_length=20, standardize=None, max_tokens=12, vocabulary=list("a ]^-\\é\n") + ["ab"])
    few = L.TextVectorization(split="character", output_sequence_length=3, standardize="lower", vocabulary=["z"])
    x = L.LSTM(3)(L.Embedding(40, 4, mask_zero=True)(adapted(i)))
    w.add(p + "characters", k.Model(i, [adapted(i), plain(i), few(i), x]), [text], forms=(form,), loops=True)
w.close()
