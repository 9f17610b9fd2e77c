"""Functions of TensorFlow with a kernel, a size or a place that the model gives, and an experimental layer: keras_files_windows.py OUT.zip"""
import sys

import numpy as np

from kerasfile import Writer

import tensorflow as tf
import tf_keras

w = Writer(sys.argv[1])
L = tf_keras.layers


def add(name, inputs, function, arrays=None, **facts):
    w.add("k2_" + name, tf_keras.Model(inputs, function(*inputs)), arrays, forms=("h5",), **facts)


def kernel(*shape):
    return np.random.RandomState(9).standard_normal(shape).astype("float32") * .4


add("convolutions", [L.Input((6, 2)), L.Input((6, 5, 2)), L.Input((4, 4, 3, 2))], lambda s, x, v: [
    tf.nn.conv1d(s, kernel(3, 2, 3), 2, "SAME"), tf.nn.conv2d(x, kernel(3, 2, 2, 3), [1, 2, 1, 1], "VALID"), tf.nn.conv2d(x, kernel(3, 3, 2, 3), 1, "SAME", dilations=2),
    tf.nn.conv2d(x, kernel(3, 3, 2, 3), [1, 2], [[0, 0], [1, 2], [0, 1], [0, 0]]), tf.nn.conv3d(v, kernel(2, 2, 2, 2, 3), (1, 1, 2, 1, 1), "SAME"),
    tf.nn.depthwise_conv2d(x, kernel(3, 3, 2, 2), (1, 1, 1, 1), "SAME"), tf.nn.separable_conv2d(x, kernel(3, 3, 2, 2), kernel(1, 1, 4, 3), (1, 2, 2, 1), "VALID"),
    tf.nn.atrous_conv2d(x, kernel(3, 3, 2, 3), 2, "SAME"), tf_keras.backend.conv1d(s, tf.constant(kernel(2, 2, 3)), padding="same", dilation_rate=2),
    tf.nn.pool(x, [2, 2], "AVG", strides=[2, 1], padding="SAME")])
add("transposed", [L.Input((4, 3, 2))], lambda x: [
    tf.nn.conv2d_transpose(x, kernel(3, 3, 3, 2), tf.stack([tf.shape(x)[0], *size, 3]), s, p)
    for size, s, p in [((8, 6), 2, "SAME"), ((7, 5), 2, "SAME"), ((9, 7), 2, "VALID"), ((10, 8), [1, 2, 2, 1], "VALID"), ((4, 3), 1, "SAME"), ((11, 8), 3, "SAME")]])
methods = ["nearest", "bilinear", "bicubic", "area", "lanczos3", "gaussian", "mitchellcubic"]
add("resized_like", [L.Input((6, 5, 2)), L.Input((None, None, 1))], lambda x, y: [tf.image.resize(x, tf.shape(y)[1:3], m) for m in methods] + [
    tf.image.resize(x, tf.shape(y)[1:3], antialias=True), tf.image.resize(y, [2 * tf.shape(y)[1], 7])],
    [np.random.RandomState(1).standard_normal(s).astype("float32") for s in ((7, 6, 5, 2), (7, 9, 4, 1))])
add("resized_within", [L.Input((6, 5, 2))], lambda x: [tf.image.resize(x, s, preserve_aspect_ratio=True) for s in ((12, 12), (9, 7), (4, 20), (3, 5))] + [
    tf.compat.v1.image.resize_bilinear(x, (9, 8), align_corners=True), tf.compat.v1.image.resize_nearest_neighbor(x, (9, 8)),
    tf.compat.v1.image.resize_bilinear(x, (9, 8)), tf.compat.v1.image.resize_bilinear(x, (9, 8), half_pixel_centers=True)])
add("sizes", [L.Input((4, 6))], lambda x: [
    tf.reshape(x, tf.concat([tf.shape(x)[:1], [2], tf.shape(x)[2:], [2]], 0)), tf.tile(x, tf.stack([1, tf.shape(x)[1] // 2, 1])), x * tf.cast(tf.rank(x), tf.float32),
    tf.slice(x, [0, 1, 0], [-1, tf.shape(x)[1] - 2, 3]), *tf.split(x, [1, -1, 2], 2), tf.boolean_mask(x, [True, False, True, True], axis=1)])
add("all_elements", [L.Input((3,))], lambda x: x / tf.cast(tf.size(x), tf.float32), batches=(7,))
add("plain", [L.Input((5,)), L.Input((5,), dtype="int32")], lambda x, i: [
    tf.reduce_mean(i - 6, axis=1), tf.saturate_cast(x * 200, tf.uint8), tf.nn.silu(x, beta=1.5), tf.linalg.normalize(x, axis=-1)[0], tf.linalg.normalize(x, 1, axis=1)[1],
    tf.math.polyval([x, 2. * x, x + 1.], x), tf.math.in_top_k(i[:, 0] % 5, x, 2), tf.debugging.check_numerics(x, "x"), tf.math.accumulate_n([x, x]),
    tf.nn.embedding_lookup(kernel(10, 2), i), tf.searchsorted(tf.sort(x, axis=1), x * .7), tf.searchsorted(tf.sort(i, axis=1), i, side="right"),
    tf.nn.dropout(x, 0.), tf.image.psnr(tf.reshape(tf.sigmoid(x), [-1, 1, 5, 1]), tf.reshape(tf.sigmoid(-x), [-1, 1, 5, 1]), 1.)])
add("products_more", [L.Input((5,))], lambda x: [tf.math.cumprod(x, axis=1, exclusive=e, reverse=r) for e, r in ((True, False), (False, True), (True, True))], loops=True)
add("turned", [L.Input((4, 3)), L.Input((), dtype="int32")], lambda x, n: tf.reverse_sequence(x, n, seq_axis=1),
    [np.random.RandomState(4).standard_normal((7, 4, 3)).astype("float32"), np.array([0, 1, 2, 3, 4, 2, 0], "int32")])
add("class_token", [L.Input((4, 5))], lambda x: [
    tf.concat([tf.repeat(tf.constant(kernel(1, 1, 5)), tf.shape(x)[0], axis=0), x], 1), tf.repeat(x, tf.reduce_sum(tf.ones_like(x[0, :2, 0], "int32")), axis=1),
    tf.gather_nd(x, tf.stack([tf.range(tf.shape(x)[0]), tf.zeros(tf.shape(x)[0], tf.int32)], 1))])
fourier = tf_keras.layers.experimental.RandomFourierFeatures
add("random_fourier_features", [L.Input((5,))], lambda x: [fourier(8, kernel_initializer="gaussian")(x), fourier(6, scale=2., trainable=True)(x)])
w.close()
