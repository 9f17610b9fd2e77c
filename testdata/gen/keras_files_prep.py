"""Preprocessing layers: keras_files_prep.py OUT.zip"""
import sys

import numpy as np

from kerasfile import Writer

import keras
import tensorflow as tf
import tf_keras

w = Writer(sys.argv[1])
floats = np.random.RandomState(0).standard_normal((7, 4)).astype("float32") * 3
words = np.array([["a", "b", "zz"], ["c", "", "a"], ["b", "b", "b"], ["d", "a", ""], ["x", "y", "c"], ["a", "a", "d"], ["c", "d", "q"]])
ints = np.array([[1, 5, 9], [7, 0, 5], [5, 5, 5], [9, 1, 0], [2, 3, 7], [1, 1, 9], [7, 9, 4]], "int64")


class Strings:
    """Makes a model take NumPy's strings, which Writer feeds."""

    def __init__(self, m):
        self.m, self.inputs, self.weights, self.save = m, m.inputs, [], m.save

    def __call__(self, x, training=False):
        y = self.m(tf.constant(x), training=training)
        y = y.numpy()
        return y.astype(str) if y.dtype == object else y


def case(name, k, x, make, adapt=None, forms=("keras",)):
    layer = make(k.layers)
    if adapt is not None:
        layer.adapt(adapt)
    i = k.Input(x.shape[1:], dtype="string" if x.dtype.kind == "U" else str(x.dtype), name="x")
    m = k.Model(i, layer(i))
    w.add(name, Strings(m) if layer.__class__.__name__ in ("StringLookup", "IntegerLookup") else m, [x], forms=forms, fill=False)


for p, k, forms in (("", keras, ("keras", "h5")), ("k2_", tf_keras, ("h5",))):
    case(p + "norm_adapt", k, floats, lambda l: l.Normalization(), floats * 2 + 1, forms=forms)
    case(p + "norm_args", k, floats, lambda l: l.Normalization(mean=[1., 2, 3, 4], variance=[1., 4, 9, 16]), forms=forms)
    case(p + "norm_scalar", k, floats, lambda l: l.Normalization(axis=None, mean=3., variance=2.), forms=forms)
    case(p + "norm_axis_none", k, floats, lambda l: l.Normalization(axis=None), floats + 1, forms=forms)
    case(p + "norm_invert", k, floats, lambda l: l.Normalization(invert=True), floats + 1, forms=forms)
    image = np.random.RandomState(1).standard_normal((7, 4, 5, 3)).astype("float32")
    case(p + "norm_image", k, image, lambda l: l.Normalization(axis=-1), image * 2, forms=forms)
    case(p + "norm_two", k, image, lambda l: l.Normalization(axis=(1, 3)), image * 2, forms=forms)
    case(p + "disc", k, floats, lambda l: l.Discretization(bin_boundaries=[-1., 0., 2.5]), forms=forms)
    if k is keras:  # Keras 2 does not save what adapt found
        case(p + "disc_adapt", k, floats, lambda l: l.Discretization(num_bins=5), floats, forms=forms)
    case(p + "disc_onehot", k, floats[:, :1], lambda l: l.Discretization(bin_boundaries=[-1., 0., 2.5], output_mode="one_hot"), forms=forms)
    case(p + "disc_multi", k, floats, lambda l: l.Discretization(bin_boundaries=[-1., 0., 2.5], output_mode="multi_hot"), forms=forms)
    for mode in ("multi_hot", "count"):
        case(p + "category_" + mode, k, ints, lambda l: l.CategoryEncoding(num_tokens=10, output_mode=mode), forms=forms)
    case(p + "category_one_hot", k, ints[:, :1], lambda l: l.CategoryEncoding(num_tokens=10, output_mode="one_hot"), forms=forms)
    vocab = ["a", "b", "c", "d"]
    for mode in ("int", "one_hot", "multi_hot", "count"):
        x = words[:, :1] if mode == "one_hot" else words
        xi = ints[:, :1] if mode == "one_hot" else ints
        case(f"{p}string_{mode}", k, x, lambda l: l.StringLookup(vocabulary=vocab, output_mode=mode), forms=forms)
        case(f"{p}string_{mode}_mask", k, x, lambda l: l.StringLookup(vocabulary=vocab, output_mode=mode, mask_token=""), forms=forms)
        case(f"{p}integer_{mode}", k, xi, lambda l: l.IntegerLookup(vocabulary=[5, 7, 9], output_mode=mode), forms=forms)
        case(f"{p}integer_{mode}_mask", k, xi, lambda l: l.IntegerLookup(vocabulary=[5, 7, 9], output_mode=mode, mask_token=0), forms=forms)
    case(p + "string_padded", k, words, lambda l: l.StringLookup(vocabulary=vocab, output_mode="count", max_tokens=9, pad_to_max_tokens=True), forms=forms)
    case(p + "string_tfidf", k, words, lambda l: l.StringLookup(vocabulary=vocab, output_mode="tf_idf", idf_weights=[.1, .2, .3, .4]), forms=forms)
    case(p + "string_special", k, words, lambda l: l.StringLookup(vocabulary=["", "[UNK]", "a", "b"], mask_token=""), forms=forms)
    case(p + "integer_oov", k, ints, lambda l: l.IntegerLookup(vocabulary=[5, 7, 9], num_oov_indices=3), forms=forms)
    case(p + "string_invert", k, ints, lambda l: l.StringLookup(vocabulary=vocab, invert=True), forms=forms)
    case(p + "string_invert_mask", k, ints, lambda l: l.StringLookup(vocabulary=vocab, invert=True, mask_token="-"), forms=forms)
    case(p + "integer_invert", k, ints, lambda l: l.IntegerLookup(vocabulary=[50, 70], invert=True), forms=forms)
    i = k.Input((6, 6, 3), name="x")
    y = i
    for layer in (k.layers.RandomFlip(), k.layers.RandomRotation(.2), k.layers.RandomZoom(.2), k.layers.RandomContrast(.2),
                  k.layers.RandomTranslation(.1, .1), k.layers.RandomBrightness(.3), k.layers.RandomCrop(6, 6)):
        y = layer(y)
    w.add(p + "augment", k.Model(i, k.layers.Conv2D(2, 3)(y)), forms=forms[:1])
case("string_adapt", keras, words, lambda l: l.StringLookup(), words)
case("integer_adapt", keras, ints, lambda l: l.IntegerLookup(), ints)
i = keras.Input((3,), dtype="string", name="x")
first, second = keras.layers.StringLookup(), keras.layers.StringLookup(output_mode="multi_hot")
first.adapt(words)
second.adapt(words[:3])
m = keras.Model(i, keras.layers.Dense(2)(second(i)) + keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(20, 2)(first(i))))
w.add("string_model", Strings(m), [words], fill=False)
w.close()
