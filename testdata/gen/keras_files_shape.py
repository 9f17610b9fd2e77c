"""Normalisation, reshaping, merging, activation layers: keras_files_shape.py OUT.zip"""
import sys

from kerasfile import Writer

import keras
import tf_keras

w = Writer(sys.argv[1])
L = keras.layers


def seq(k, shape, *layers):
    return k.Sequential([k.Input(shape), *layers]) if k is keras else k.Sequential([k.layers.InputLayer(shape), *layers])


def one(name, shape, make, both=True):
    """One layer in Keras 3 (.keras) and, where both, in Keras 2 (.h5)."""
    w.add(name, seq(keras, shape, make(keras.layers)))
    if both:
        w.add(name + "_k2", seq(tf_keras, shape, make(tf_keras.layers)), forms=("h5",))


def many(name, shapes, make, both=True):
    """A layer of several inputs."""
    for k in (keras, tf_keras) if both else (keras,):
        ins = [k.Input(s) for s in shapes]
        form = "keras" if k is keras else "h5"
        w.add(name if k is keras else name + "_k2", k.Model(ins, make(k.layers)(ins)), forms=(form,))


one("batch_norm_2d", (5,), lambda l: l.BatchNormalization())
one("batch_norm_seq", (4, 5), lambda l: l.BatchNormalization(epsilon=1e-2))
one("batch_norm_axis1", (4, 5, 3), lambda l: l.BatchNormalization(axis=1))
one("batch_norm_axis2", (4, 5, 3), lambda l: l.BatchNormalization(axis=2, scale=False))
one("batch_norm_plain", (4, 4, 3), lambda l: l.BatchNormalization(scale=False, center=False))
one("layer_norm", (6,), lambda l: l.LayerNormalization())
one("layer_norm_seq", (4, 6), lambda l: l.LayerNormalization(epsilon=1e-6, center=False))
one("layer_norm_axis1", (4, 6), lambda l: l.LayerNormalization(axis=1))
one("layer_norm_axes", (4, 5, 6), lambda l: l.LayerNormalization(axis=(1, 2)))
one("layer_norm_axes_last", (4, 5, 6), lambda l: l.LayerNormalization(axis=(-2, -1), scale=False))
one("layer_norm_rms", (4, 6), lambda l: l.LayerNormalization(rms_scaling=True), both=False)
one("rms_norm", (4, 6), lambda l: l.RMSNormalization(), both=False)
one("rms_norm_axis", (4, 6), lambda l: l.RMSNormalization(axis=(1, 2), epsilon=1e-2), both=False)
one("unit_norm", (4, 6), lambda l: l.UnitNormalization())
one("unit_norm_axes", (4, 6, 3), lambda l: l.UnitNormalization(axis=[1, 2]))
one("group_norm", (4, 4, 6), lambda l: l.GroupNormalization(groups=3))
one("group_norm_instance", (4, 4, 6), lambda l: l.GroupNormalization(groups=-1, center=False))
one("group_norm_axis1", (6, 4, 4), lambda l: l.GroupNormalization(groups=2, axis=1, scale=False))
one("group_norm_seq", (7, 6), lambda l: l.GroupNormalization(groups=1))

one("reshape", (4, 6), lambda l: l.Reshape((3, 8)))
one("reshape_infer", (4, 6), lambda l: l.Reshape((2, -1, 3)))
one("permute", (4, 5, 6), lambda l: l.Permute((3, 1, 2)))
one("repeat_vector", (5,), lambda l: l.RepeatVector(3))
one("flatten_first", (3, 4, 5), lambda l: l.Flatten(data_format="channels_first"))
for n, s in ((1, (9,)), (2, (9, 8)), (3, (7, 6, 5))):
    arg = {1: (1, 2), 2: ((1, 2), (0, 3)), 3: ((1, 2), (0, 1), (2, 0))}[n]
    one(f"zero_padding{n}d", s + (2,), lambda l: getattr(l, f"ZeroPadding{n}D")(arg))
    one(f"cropping{n}d", s + (2,), lambda l: getattr(l, f"Cropping{n}D")(arg))
one("zero_padding2d_first", (2, 5, 4), lambda l: l.ZeroPadding2D((2, 1), data_format="channels_first"))
one("cropping2d_first", (2, 5, 4), lambda l: l.Cropping2D(1, data_format="channels_first"))

for kind in ("Add", "Multiply", "Average", "Maximum", "Minimum"):
    many(f"merge_{kind.lower()}", [(4, 3), (4, 3)], lambda l: getattr(l, kind)())
    many(f"merge_{kind.lower()}_three", [(4, 3), (1, 3), (4, 1)], lambda l: getattr(l, kind)(), both=False)
many("merge_subtract", [(4, 3), (4, 3)], lambda l: l.Subtract())
many("merge_add_ranks", [(4, 3), (3,)], lambda l: l.Add(), both=False)
many("concatenate_axis1", [(4, 3), (2, 3)], lambda l: l.Concatenate(axis=1))
many("dot_vectors", [(5,), (5,)], lambda l: l.Dot(axes=1))
many("dot_cosine", [(5,), (5,)], lambda l: l.Dot(axes=-1, normalize=True))
many("dot_matrices", [(4, 5), (3, 5)], lambda l: l.Dot(axes=(2, 2)))
many("dot_matrices_1", [(4, 5), (4, 3)], lambda l: l.Dot(axes=(1, 1)))
many("dot_mixed", [(5,), (3, 5)], lambda l: l.Dot(axes=(1, 2)))
many("dot_rank4", [(2, 3, 4), (4, 5)], lambda l: l.Dot(axes=(3, 1)))
one("einsum_dense", (4, 6), lambda l: l.EinsumDense("abc,cd->abd", output_shape=(None, 5), bias_axes="d", activation="relu"))
one("einsum_dense_heads", (4, 6), lambda l: l.EinsumDense("abc,cde->abde", output_shape=(None, 2, 3), bias_axes="de"))
one("einsum_dense_dots", (4, 6), lambda l: l.EinsumDense("...x,xy->...y", output_shape=5), both=False)

one("relu", (4, 5), lambda l: l.ReLU())
one("relu6", (4, 5), lambda l: l.ReLU(max_value=1.5))
one("relu_slope", (4, 5), lambda l: l.ReLU(negative_slope=.2))
one("relu_all", (4, 5), lambda l: l.ReLU(max_value=1., negative_slope=.2, threshold=.3))
one("relu_threshold", (4, 5), lambda l: l.ReLU(threshold=.3))
one("leaky_relu_default", (4, 5), lambda l: l.LeakyReLU())
one("leaky_relu", (4, 5), lambda l: l.LeakyReLU(.1))
one("prelu", (4, 5), lambda l: l.PReLU())
one("prelu_shared", (4, 5, 3), lambda l: l.PReLU(shared_axes=[1, 2]))
one("elu", (4, 5), lambda l: l.ELU(alpha=.7))
one("softmax", (4, 5), lambda l: l.Softmax())
one("softmax_axis1", (4, 5), lambda l: l.Softmax(axis=1))
one("softmax_axes", (4, 5, 3), lambda l: l.Softmax(axis=[1, 3]))
w.add("thresholded_relu_k2", seq(tf_keras, (4, 5), tf_keras.layers.ThresholdedReLU(.4)), forms=("h5",))
w.close()
