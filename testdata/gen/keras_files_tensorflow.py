"""Functions of TensorFlow that functional models of Keras 2 call: keras_files_tensorflow.py OUT.zip"""
import sys

import numpy as np

from kerasfile import Writer

import tensorflow as tf
import tf_keras

w = Writer(sys.argv[1])
L = tf_keras.layers


def add(name, inputs, function, arrays=None, **facts):
    w.add("k2_" + name, tf_keras.Model(inputs, function(*inputs)), arrays, forms=("h5",), **facts)


colours = np.random.RandomState(0).uniform(0, 1, (7, 4, 6, 3)).astype("float32")
add("colours", [L.Input((4, 6, 3))], lambda x: [
    tf.image.adjust_brightness(x, .1), tf.image.adjust_contrast(x, 2.), tf.image.adjust_gamma(x, 2., .5), tf.image.adjust_saturation(x, 1.5),
    tf.image.adjust_hue(x, .3), tf.image.rgb_to_hsv(x), tf.image.hsv_to_rgb(x), tf.image.rgb_to_yuv(x), tf.image.yuv_to_rgb(x),
    tf.image.rgb_to_yiq(x), tf.image.yiq_to_rgb(x)], [colours])
add("image_type", [L.Input((2, 3, 3), dtype="uint8")], lambda x: tf.image.convert_image_dtype(x, tf.float32))
add("frames", [L.Input((5, 6, 2))], lambda x: [
    tf.image.resize_with_pad(x, 8, 5), tf.image.resize_with_pad(x, 3, 9, method="nearest"), tf.image.resize_with_crop_or_pad(x, 4, 9),
    tf.image.resize_with_crop_or_pad(x, 8, 3), tf.image.crop_to_bounding_box(x, 1, 2, 3, 3), tf.image.pad_to_bounding_box(x, 1, 2, 9, 8),
    tf.image.rot90(x), tf.image.rot90(x, 3), tf.image.transpose(x), tf.pad(x, [[0, 0], [1, 1], [2, 1], [0, 0]], "SYMMETRIC")])
add("matrices", [L.Input((4, 4)), L.Input((4,)), L.Input((2, 3))], lambda x, d, r: [
    tf.linalg.trace(x), tf.linalg.diag_part(x), tf.linalg.set_diag(x, d), tf.linalg.diag(d), tf.linalg.matvec(x, d), tf.linalg.adjoint(r),
    tf.linalg.cross(r, r[:, ::-1])])
kinds = np.random.RandomState(1).randint(0, 4, 7).astype("int32")
add("losses", [L.Input((4,)), L.Input((4,)), L.Input((), dtype="int32")], lambda z, y, k: [
    tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=z), tf.nn.softmax_cross_entropy_with_logits(labels=tf.nn.softmax(y), logits=z),
    tf.nn.sparse_softmax_cross_entropy_with_logits(labels=k, logits=z), tf.nn.weighted_cross_entropy_with_logits(labels=y, logits=z, pos_weight=3.),
    tf_keras.losses.binary_crossentropy(tf.sigmoid(y), tf.sigmoid(z)), tf_keras.losses.mean_squared_error(y, z), tf_keras.losses.huber(y, z),
    tf_keras.losses.categorical_crossentropy(tf.nn.softmax(y), z, from_logits=True), tf_keras.losses.kl_divergence(tf.nn.softmax(y), tf.nn.softmax(z)),
    tf_keras.losses.log_cosh(y, z), tf_keras.losses.poisson(tf.abs(y), tf.exp(z))],
    [*(np.random.RandomState(s).standard_normal((7, 4)).astype("float32") for s in (2, 3)), kinds])
add("numbers", [L.Input((5,))], lambda x: [
    tf.math.xlogy(x, tf.abs(x) + 1.), tf.math.xlog1py(x, tf.abs(x)), tf.math.xdivy(tf.nn.relu(x), x), tf.math.erfinv(tf.tanh(x)),
    tf.clip_by_norm(x, 1.5, axes=1), tf.scalar_mul(2., x), tf.truncatemod(x, .7)])
add("products", [L.Input((5,))], lambda x: tf.math.cumprod(x, axis=1), loops=True)
add("whole_numbers", [L.Input((5,), dtype="int32")], lambda x: [
    tf.bitwise.bitwise_and(x, 3), tf.bitwise.bitwise_or(x, 3), tf.bitwise.bitwise_xor(x, 5), tf.bitwise.left_shift(x, 2), tf.bitwise.invert(x)])
lengths = np.array([4, 1, 2, 3, 4, 2, 1], "int32")
add("places", [L.Input((4, 3)), L.Input((), dtype="int32")], lambda x, n: [
    tf.reverse_sequence(x, n, seq_axis=1), tf.signal.frame(x[:, :, 0], 2, 1), tf.tile(x, tf.stack([1, tf.shape(x)[2], 1]))],
    [np.random.RandomState(4).standard_normal((7, 4, 3)).astype("float32"), lengths])
add("pools", [L.Input((6, 2)), L.Input((4, 4, 4, 2))], lambda x, v: [
    tf.nn.max_pool1d(x, 2, 2, "SAME"), tf.nn.avg_pool1d(x, [1, 3, 1], [1, 1, 1], "VALID"), tf.nn.max_pool3d(v, 2, 2, "VALID"),
    tf.nn.avg_pool3d(v, [1, 2, 2, 2, 1], [1, 1, 2, 1, 1], "SAME")])
# K.switch writes an empty list among the values of a concat.
add("switch", [L.Input((4, 5))], lambda x: [tf_keras.backend.switch(x > 0, x, -x), tf_keras.backend.repeat_elements(x, 2, axis=1)])
add("norms", [L.Input((4, 5, 3))], lambda x: [
    L.BatchNormalization(axis=[1, 3])(x), L.BatchNormalization(axis=[3, 2], scale=False)(x), L.BatchNormalization(axis=(1, 2), center=False)(x),
    tf.compat.v1.keras.layers.BatchNormalization(renorm=True)(x)])
w.close()
