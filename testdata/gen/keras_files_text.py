"""TextVectorization: keras_files_text.py OUT.zip"""
import sys

import numpy as np

from kerasfile import Writer

import keras
import tensorflow as tf
import tf_keras

w = Writer(sys.argv[1])
text = np.array([
    "The cat sat on the mat, and THE dog ran!", "", "a  b\tc\nd  don't well-known (e.g. this)", "É à la carte: naïve café ñ x\u00a0y",
    "!!! ... ???", "dog dog dog cat\r\ncat\x0b\x0c ran", "[red] {green} <br /> blue_1 ~2% #3 $4 &5 *6 +7 =8 @9 ^0 `a` |b| \\c\\ \"d\"",
])
few = np.array(["a", "b c", "", "c d e f g", "a a", "zz", "b"])
words = ["the", "cat", "dog", "sat", "ran", "dont", "don't", "wellknown", "well-known", "a", "b", "c", "d", "mat", "mat,", "The", "café", "red", "[red]", "x\u00a0y"]
pairs = ["the cat", "cat sat", "dog ran", "a b", "b c", "cat sat on", "dog dog dog"]


class Strings:
    """Makes a model take NumPy's strings, which Writer feeds."""

    def __init__(self, m):
        self.m, self.inputs, self.weights, self.save = m, m.inputs, [], m.save

    def __call__(self, x, training=False):
        return self.m(tf.constant(x), training=training)


def case(name, k, x=text, shape=(1,), adapt=False, forms=("keras",), batches=(1, 2, 7), tail=None, standardize="lower", **kw):
    layer = k.layers.TextVectorization(standardize=standardize, **kw)
    if adapt:
        layer.adapt(x)
    i = k.Input(shape, dtype="string", name="x")
    y = layer(i)
    m = k.Model(i, tail(k, y) if tail else y)
    w.add(name, Strings(m), [x.reshape((7,) + shape)], forms=forms, batches=batches, fill=False, loops=True)


for p, k, forms in (("", keras, ("keras", "h5")), ("k2_", tf_keras, ("keras",))):
    case(p + "int_longest", k, vocabulary=words, batches=(7,), forms=forms)
    case(p + "adapted", k, adapt=True, max_tokens=20, output_sequence_length=12)
    case(p + "scalars", k, shape=(), vocabulary=words, output_sequence_length=4)
    for s in ("lower", "strip_punctuation", "lower_and_strip_punctuation", None):
        case(f"{p}standardize_{s}", k, vocabulary=words, standardize=s, output_sequence_length=8)
    for mode in ("multi_hot", "count"):
        case(p + mode, k, vocabulary=words, output_mode=mode, forms=forms)
        case(p + mode + "_padded", k, adapt=True, output_mode=mode, max_tokens=90, pad_to_max_tokens=True)
    case(p + "tf_idf", k, vocabulary=words[:5], idf_weights=[.5, .25, 1., 2., .75], output_mode="tf_idf", forms=forms)
    case(p + "tf_idf_adapted", k, adapt=True, output_mode="tf_idf")
    case(p + "ngrams", k, vocabulary=words + pairs, ngrams=3, output_sequence_length=16, forms=forms)
    case(p + "ngrams_longest", k, vocabulary=words + pairs, ngrams=2, batches=(7,))
    case(p + "ngrams_some", k, vocabulary=words + pairs, ngrams=(2, 3), output_mode="count")
    case(p + "split_none", k, few, vocabulary=["a", "b c"], split=None, forms=forms)
    case(p + "split_none_length", k, few, vocabulary=["a", "b c"], split=None, output_sequence_length=3)
    case(p + "split_none_multi_hot", k, few, vocabulary=["a", "b c"], split=None, output_mode="multi_hot")
    case(p + "classifier", k, adapt=True, standardize="lower_and_strip_punctuation", max_tokens=30, output_sequence_length=7,
         tail=lambda k, y: k.layers.Dense(1, activation="sigmoid")(k.layers.Bidirectional(k.layers.LSTM(3, unit_forget_bias=False))(k.layers.Embedding(30, 4, mask_zero=True)(y))))
w.close()
