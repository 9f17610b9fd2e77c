"""Operators between layers as TensorFlow 1.15 saves them (TensorFlowOpLayer): nodes_tf115.py OUT.zip

Runs under Python 3.7 (python -I, which keeps this folder out of the imports) with tensorflow 1.15.5, h5py 2.10 and protobuf 3.20. The archive is that of kerasfile.py.
"""
import io
import json
import os
import sys
import tempfile
import zipfile

import numpy as np
import tensorflow as tf

L = tf.keras.layers
r = np.random.RandomState(0)
cases, files = [], {}


def add(name, shape, function, **facts):
    tf.keras.backend.clear_session()
    x = L.Input(shape)
    model = tf.keras.Model(x, function(x))
    a = r.standard_normal((7,) + shape).astype("float32")
    want = model.predict(a, batch_size=7)
    want = want if isinstance(want, list) else [want]
    with tempfile.TemporaryDirectory() as d:
        model.save(os.path.join(d, "model.h5"), save_format="h5")
        files[name + "/model.h5"] = open(os.path.join(d, "model.h5"), "rb").read()
    npz = io.BytesIO()
    np.savez_compressed(npz, in_0=a, **{"out_%d" % i: y for i, y in enumerate(want)})
    files[name + "/io.npz"] = npz.getvalue()
    cases.append(dict(name=name, file=name + "/model.h5", batches=[1, 2, 7], **facts))


add("arithmetic", (4,), lambda x: [x + 1., 1. - x, x * 2., 2. / (x * x + 1.), -x, abs(x), x ** 2, x % .7, tf.cast(x > 0., tf.int32), tf.maximum(x, 0.), tf.nn.leaky_relu(x, .1)])
add("slices", (6, 5, 4), lambda x: [x[:, ::2], x[:, 1:-1, ..., 0], x[..., tf.newaxis], x[:, -1], x[:, :, ::-1], x[:, None, 2, 1:]])
add("reductions", (4, 5), lambda x: [tf.reduce_sum(x, 1), tf.reduce_mean(x, axis=[1, 2], keepdims=True), tf.argmax(x, -1), tf.reduce_max(x, 2), tf.math.reduce_std(x, 1)])
add("forms", (4, 6), lambda x: [
    tf.concat([x, x], 2), tf.stack([x, x], 1), tf.transpose(x, [0, 2, 1]), tf.reshape(x, [-1, 8, 3]), tf.expand_dims(x, 1), tf.squeeze(x[:, :1], 1),
    tf.tile(x, [1, 2, 1]), tf.pad(x, [[0, 0], [1, 2], [0, 1]]), tf.pad(x, [[0, 0], [1, 1], [2, 2]], "REFLECT"), tf.split(x, 3, 2)[1], tf.unstack(x, axis=1)[2],
    tf.gather(x, [2, 0], axis=1), tf.matmul(x, x, transpose_b=True), tf.where(x > 0., x, -x)])
add("attended", (6, 3), lambda x: tf.reduce_sum(tf.nn.softmax(L.Dense(1, bias_initializer="ones")(x), axis=1) * L.Dense(4)(x), 1))
kernel = lambda *shape: np.random.RandomState(1).standard_normal(shape).astype("float32") * .4
add("functions", (4, 5), lambda x: [
    tf.nn.swish(x), tf.math.divide_no_nan(x, tf.nn.relu(x)), tf.math.multiply_no_nan(x, tf.nn.relu(x)), tf.bitwise.bitwise_and(tf.cast(x * 9., tf.int32), 3), tf.math.cumprod(x, 1, exclusive=True),
    tf.slice(x, [0, 1, 0], [-1, 2, 3]), tf.linalg.band_part(x, 1, 0), tf.nn.bias_add(x, kernel(5)), tf.math.top_k(x, 2)[0],
    tf.reverse_sequence(x, tf.cast(tf.abs(x[:, 0, 0]), tf.int32) + 1, 1), tf.one_hot(tf.argmax(x, 1), 4), tf.reduce_logsumexp(x, -1)], loops=True)
add("images", (6, 5, 3), lambda x: [
    tf.nn.conv2d(x, kernel(3, 3, 3, 2), 2, "SAME"), tf.nn.depthwise_conv2d(x, kernel(3, 3, 3, 2), [1, 1, 1, 1], "VALID"), tf.nn.max_pool2d(x, 2, 2, "SAME"), tf.nn.avg_pool2d(x, 3, 2, "VALID"),
    tf.nn.conv2d_transpose(x, kernel(3, 3, 4, 3), [7, 12, 10, 4], 2, "SAME"), tf.nn.lrn(x, 1), tf.image.rgb_to_hsv(tf.sigmoid(x)), tf.image.resize(x, (9, 4)),
    tf.image.resize(x, (9, 8), "nearest"), tf.compat.v1.image.resize_bilinear(x, (9, 8)), tf.compat.v1.image.resize_nearest_neighbor(x, (9, 8)), tf.image.resize(x, (12, 12), "area"), tf.image.flip_left_right(x),
    tf.image.extract_patches(x, [1, 2, 2, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID")])

with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as z:
    index = dict(source="testdata/gen/nodes_tf115.py", versions=dict(tensorflow=tf.__version__, numpy=np.__version__), cases=cases)
    for name, data in [("index.json", json.dumps(index, indent=1).encode())] + list(files.items()):
        z.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
