"""Functions of keras.ops and of TensorFlow as layers, many in a model: keras_files_functions.py OUT.zip"""
import sys

import numpy as np

from kerasfile import Writer, rng

import keras
import tensorflow as tf
import tf_keras

w = Writer(sys.argv[1])
O, M, N = keras.ops, tf.math, tf.nn


def model(name, shapes, make, dtype="float32", high=10, forms=("keras", "h5"), batches=(1, 2, 7), k=keras):
    ins = [k.layers.Input(s, dtype=dtype, name=f"x{i}") for i, s in enumerate(shapes)]
    outs = []
    for y in make(*ins):
        outs += list(y) if isinstance(y, (tuple, list)) else [y]
    r = rng(name)
    arrays = [(r.standard_normal((7,) + s) if dtype == "float32" else r.randint(0, high, (7,) + s)).astype(dtype) for s in shapes]
    w.add(name, k.Model(ins, outs), arrays, forms=forms, batches=batches, fill=False)


A, I = (3, 4), (6, 7, 3)
model("elementwise", [A], lambda x: [getattr(O, n)(x) for n in (
    "cbrt deg2rad rad2deg exp2 erfc fabs isneginf isposinf real sinc trunc signbit angle nan_to_num arctan hard_shrink soft_shrink sparse_plus "
    "sparse_sigmoid sparsemax squareplus glu celu log_sigmoid hard_tanh tanh_shrink mish").split() if hasattr(O, n)]
    + [O.threshold(x, .5, -1.), O.cast(O.saturate_cast(x * 300, "uint8"), "int32"), O.convert_to_tensor(x)])
model("pairs", [A, A], lambda x, y: [getattr(O, n)(x, y) for n in (
    "arctan2 hypot logaddexp logaddexp2 fmax fmin heaviside divide_no_nan isclose fmod cdist").split()]
    + [O.dot(x, O.ones((4, 2))), O.einsum("bij,bkj->bik", x, y), O.append(x, y, axis=1)])
model("integers", [A, A], lambda x, y: [getattr(O, n)(x, y + 1) for n in "bitwise_and bitwise_or bitwise_xor floor_divide mod".split()]
      + [O.bitwise_not(x), O.isin(x, [1, 3]), O.count_nonzero(x, axis=1)], dtype="int32")
model("reductions", [A], lambda x: [O.ptp(x, axis=1), O.moments(x, axes=[1]), O.norm(x, axis=-1), O.norm(x, ord=1, axis=-1), O.norm(x, ord=3, axis=-1),
                                    O.normalize(x, axis=-1), O.normalize(x, axis=-1, order=3), O.nansum(x, axis=1), O.nanmean(x, axis=1), O.nanvar(x, axis=1),
                                    O.argsort(x), O.median(x, axis=1), O.quantile(x, .3, axis=2), O.average(x, axis=1, weights=np.array([1., 2, 3], "float32")),
                                    O.in_top_k(O.argmax(x[:, 0], axis=-1), x[:, 0], 2), O.median(x, axis=(1, 2), keepdims=True)])
model("arrays", [A], lambda x: [O.hstack([x, x]), O.vsplit(O.transpose(x, (1, 0, 2)), 3)[0], O.hsplit(x, 3), O.array_split(x, 3, axis=-1), O.fliplr(x),
                                O.rot90(x, axes=(1, 2)), O.rot90(x, k=3, axes=(1, 2)), O.diff(x, axis=1), O.diagonal(x, axis1=1, axis2=2), O.trace(x, axis1=1, axis2=2),
                                O.select([x > 0, x < -1], [x, -x], 0.), O.searchsorted(O.array([-.5, 0., .5]), x[0, 0]), O.digitize(x, np.array([-.5, 0., .5])),
                                O.pad(x, ((0, 0), (1, 2), (0, 1)), mode="symmetric")], batches=(7,))
r = np.random.RandomState(0)
K = r.randn(3, 3, 3, 4).astype("float32")
model("layers", [I], lambda x: [O.max_pool(x, 2), O.average_pool(x, 3, strides=2, padding="same"), O.adaptive_average_pool(x, (3, 2)),
                                O.conv(x, K, strides=2, padding="same"), O.conv(x, K, dilation_rate=2), O.depthwise_conv(x, K[:, :, :, :2]),
                                O.separable_conv(x, K[:, :, :, :1], K[:1, :1], padding="same"),
                                O.batch_normalization(x, K[0, 0, :, 0], K[0, 0, :, 1] ** 2, -1, offset=K[0, 0, :, 2], scale=K[0, 0, :, 3]),
                                O.layer_normalization(x, gamma=K[0, 0, :, 0], beta=K[0, 0, :, 1]), O.rms_normalization(x, scale=K[0, 0, :, 0]),
                                O.space_to_depth(x[:, :, :6], 2), O.depth_to_space(O.concatenate([x, x[..., :1]], -1), 2)])
model("images", [I], lambda x: [O.image.resize(x, (4, 9)), O.image.resize(x, (4, 9), interpolation="bicubic", antialias=True), O.image.extract_patches(x, (2, 7)),
                                O.image.extract_patches(x, 3, strides=2, padding="same"), O.image.pad_images(x, top_padding=1, left_padding=2, target_height=9, target_width=10),
                                O.image.crop_images(x, top_cropping=1, left_cropping=2, target_height=4, target_width=3), O.image.rgb_to_grayscale(x)])
model("attention_function", [(4, 4, 3), (4, 2, 3)], lambda q, k: [O.dot_product_attention(q, k, k, is_causal=True), O.dot_product_attention(q, k, k, scale=.3)])
model("crossentropy", [A, A], lambda x, y: [O.binary_crossentropy(O.sigmoid(y), O.sigmoid(x)), O.binary_crossentropy(O.sigmoid(y), x, from_logits=True)])

two = dict(forms=("h5",), k=tf_keras)
model("k2_functions", [A, A], lambda x, y: [tf.matmul(x, y, transpose_b=True), tf.slice(x, [0, 1, 0], [-1, 2, 3]), tf.strided_slice(x, [0, 0], [7, 2], [1, 1]),
      tf.gather(x, tf.cast(tf.abs(y[:, :, 0]), tf.int32) % 3, batch_dims=1), tf.sort(x, direction="DESCENDING"), tf.argsort(x), tf.norm(x, axis=-1),
      tf.fill([tf.shape(x)[0], 2], 3.), tf.zeros([tf.shape(x)[0], 2]), tf.cumsum(x, axis=1, exclusive=True, reverse=True), tf.linalg.band_part(x, -1, 0),
      tf.linalg.diag_part(x[:, :3, :3]), tf.nn.moments(x, axes=[1]), tf.pad(x, [[0, 0], [1, 1], [0, 2]], mode="REFLECT"), tf.pad(x, [[0, 0], [1, 1], [0, 2]], constant_values=3.),
      M.multiply_no_nan(x, y), M.reciprocal_no_nan(x), M.divide_no_nan(x, y), M.add_n([x, y]), N.crelu(x), tf.ensure_shape(x, [None, 3, 4]), M.atan2(x, y), M.rint(x),
      M.argmax(x, axis=-1), M.count_nonzero(x, axis=1), M.reduce_euclidean_norm(x, axis=1), M.log_sigmoid(x)], **two)
model("k2_integers", [()], lambda x: [tf.sequence_mask(x, 6), tf.one_hot(x, 5, on_value=2., off_value=-1.), tf.gather_nd(tf.stack([x, x]), [[0, 0], [1, 0]])],
      dtype="int32", high=6, batches=(7,), **two)
model("k2_images", [I], lambda x: [N.max_pool2d(x, 2, 2, "SAME"), N.avg_pool2d(x, 3, 1, "VALID"), N.conv2d(x, K, 1, "SAME"), N.space_to_depth(x[:, :, :6], 2),
      N.bias_add(x, [1., 2, 3]), N.local_response_normalization(x), tf.image.resize(x, (4, 9)), tf.image.resize(x, (4, 9), method="nearest"), tf.image.rgb_to_grayscale(x),
      tf.image.per_image_standardization(x), tf.image.extract_patches(x, [1, 2, 2, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID"), tf.image.flip_left_right(x)], **two)


def floats(k, policy):
    """A model whose weights are of a type other than float32; what it answers is compared after rounding."""
    i = k.layers.Input((6,), dtype="float32")
    x = k.layers.Dense(4, activation="tanh", dtype=policy)(i)
    return k.Model(i, k.layers.Dense(3, dtype="float32")(x))


for k, p, form in ((keras, "", ("keras", "h5")), (tf_keras, "k2_", ("h5",))):
    w.add(p + "float64", floats(k, "float64"), forms=form)
    i, j = k.layers.Input((3,), name="b"), k.layers.Input((2,), name="a")
    d = k.layers.Dense(2, name="dense_z")
    m = k.Model({"b": i, "a": j}, {"z": d(i), "y": k.layers.Dense(1, name="dense_y")(j)})


    class Dict:
        """Makes a model of dictionaries take lists in the order of the keys."""

        def __init__(self, m):
            self.m, self.inputs, self.weights, self.save = m, m.inputs, m.weights, m.save

        def __call__(self, xs, training=False):
            y = self.m({"a": xs[0], "b": xs[1]}, training=training)
            return [y["y"], y["z"]]


    w.add(p + "dictionaries", Dict(m), [rng("a").standard_normal((7, 2)).astype("float32"), rng("b").standard_normal((7, 3)).astype("float32")], forms=form)
w.close()
