"""The rest of keras.ops that ONNX can say: keras_files_functions_more.py OUT.zip"""
import sys

import numpy as np

from kerasfile import Writer, rng

import keras

w = Writer(sys.argv[1])
O, G = keras.ops, keras.ops.image
ALL = (1, 2, 7)


def model(name, shapes, make, dtype="float32", values=None, batches=ALL, **kw):
    fixed = len(batches) == 1  # Keras wants to know the batch in some of them
    ins = [keras.layers.Input(batch_shape=(7 if fixed else None,) + s, dtype=dtype, name=f"x{i}") for i, s in enumerate(shapes)]
    outs = []
    for y in make(*ins):
        outs += list(y) if isinstance(y, (tuple, list)) else [y]
    r = rng(name)
    if values is None:
        values = [(r.standard_normal((7,) + s) if dtype == "float32" else r.randint(0, 10, (7,) + s)).astype(dtype) for s in shapes]
    w.add(name, keras.Model(ins, outs), values, batches=batches, fill=False, **kw)


A, I = (3, 4), (6, 7, 3)
r = np.random.RandomState(0)
unit = r.uniform(-.999, .999, (7, 3, 4)).astype("float32")
unit[0, 0] = 1, -1, 0, .9999
holes = r.standard_normal((7, 3, 4)).astype("float32")
holes[r.uniform(size=holes.shape) < .3] = np.nan
holes[2, 1] = np.nan
whole = r.randint(-200, 200, (7, 3, 4)).astype("int32")
model("special", [A], lambda x: [O.erfinv(x), O.i0(x * 6), O.isreal(x), O.imag(x), O.empty_like(x) * 0], values=[unit])
model("shifts", [A, A], lambda x, y: [O.left_shift(x, y), O.right_shift(x, y), O.bitwise_left_shift(x, 3), O.bitwise_right_shift(x, 2), O.gcd(x, y * 6), O.lcm(x, y)],
      dtype="int32", values=[whole, r.randint(0, 12, (7, 3, 4)).astype("int32")], loops=True)
model("without_nan", [A], lambda x: [O.nanargmax(x, axis=2), O.nanargmin(x, axis=1, keepdims=True), O.nancumsum(x, axis=1), O.nancumprod(x, axis=2), O.nanmedian(x, axis=2),
                                     O.nanquantile(x, .3, axis=(1, 2), keepdims=True), O.nanpercentile(x, 80., axis=1)], values=[holes], loops=True)
model("products", [A, A], lambda x, y: [O.cumprod(x, axis=1), O.cumprod(x, axis=-1), O.kron(x, np.array([[1., 2], [3, 4]], "float32")), O.trapezoid(x, axis=1),
                                        O.trapezoid(x, dx=.5), O.linspace(x, y, 5, axis=1), O.linspace(x, y, 4, endpoint=False, axis=-1), O.logspace(x, y, 3, base=2, axis=2)], loops=True)
model("one_axis", [()], lambda x: [O.diag(x), O.diag(x, k=2), O.diagflat(x, k=-1), O.vander(x, 4), O.vander(x, 3, increasing=True), O.correlate(x, np.array([1., 2, -1, .5], "float32"), "full"),
                                   O.correlate(x, np.array([1., 2, -1], "float32"), "same"), O.geomspace(O.abs(x) + .1, 9., 7), O.nonzero(O.relu(x))], batches=(7,))
model("close", [(5,)], lambda x: [O.allclose(x, x + 1e-9), O.allclose(x, x + 1)], batches=(7,))
model("two_axes", [(5,)], lambda x: [O.diag(x), O.diag(x, k=1), O.diag(x, k=-2), O.corrcoef(x), O.extract_sequences(x, 3, 1)], batches=(7,))
model("counts", [(4,)], lambda x: [O.bincount(x, minlength=12), O.unravel_index(x[:, 0], (2, 5)), O.unique(x, size=20), O.segment_max(x, x[:, 0], 10), O.segment_min(O.cast(x, "float32"), x[:, 1], 10)],
      dtype="int32", batches=(7,))
model("updates", [A, (2, 2)], lambda x, y: [O.slice_update(x, [0, 1, 2], y), O.scatter(np.array([[0], [2], [0]]), O.reshape(y[0, :1, :1] * np.ones((3, 4), "float32"), (3, 4)), (4, 4))], batches=(7,))
i, values = keras.layers.Input(batch_shape=(7, 5)), r.standard_normal((7, 5)).astype("float32")  # NumPy answers: TensorFlow's backend fails
w.add("histogram", keras.Model(i, [*O.histogram(i, 5), *O.histogram(i, 4, range=(-1., .5))]), [values], batches=(7,), fill=False,
      want=[v.astype("float32") for v in (*np.histogram(values, 5), *np.histogram(values, 4, range=(-1., .5)))])
model("fourier", [(4, 6), (4, 6)], lambda x, y: [O.fft((x, y)), O.fft2((x, y)), O.ifft2((x, y)), O.rfft(x), O.rfft(x, 5), O.rfft(x, 8), O.irfft((x, y)), O.irfft((x, y), 9)])
model("short_fourier", [(40,)], lambda x: [O.stft(x, 12, 5, 16), O.stft(x, 8, 4, 8, window="hamming", center=False), O.stft(x, 8, 4, 8, window=None),
                                           O.istft(O.stft(x, 12, 4, 16), 12, 4, 16), O.istft(O.stft(x, 8, 3, 8, center=False), 8, 3, 8, center=False, length=20),
                                           O.istft(O.stft(x, 8, 3, 9), 8, 3, 9, window=None)])
model("short_fourier_channels", [(2, 40)], lambda x: [O.stft(x, 12, 5, 16), O.istft(O.stft(x, 8, 4, 8), 8, 4, 8)])
positive = [r.uniform(0, 1, (7,) + I).astype("float32") for _ in range(2)]
model("colours", [I], lambda x: [G.rgb_to_hsv(x), G.hsv_to_rgb(x), G.rgb_to_hsv(O.round(x)), G.rgb_to_hsv(O.transpose(x, (0, 3, 1, 2)), data_format="channels_first")], values=positive[:1])
model("filters", [I, I], lambda x, y: [G.gaussian_blur(x), G.gaussian_blur(x, (5, 3), (.7, 2.)), G.sobel_edges(x), G.sobel_edges(O.transpose(x, (0, 3, 1, 2)), data_format="channels_first"),
                                       G.ssim(x, y, filter_size=3), G.ssim(x, y, filter_size=5, filter_sigma=1., max_val=2.)], values=positive)
model("blocks", [(2, 6, 7)], lambda x: [O.unfold(x, 2), O.unfold(x, (2, 3), dilation=2, padding=(1, 2), stride=(2, 1)), O.fold(O.unfold(x, 3), (6, 7), 3),
                                        O.fold(O.unfold(x, (2, 3), padding=1, stride=(2, 3)), (6, 7), (2, 3), padding=1, stride=(2, 3))])
turn = np.array([.9, .3, .5, -.3, 1.1, 1.2, .01, -.02], "float32")
each = np.array([turn * (1 + .1 * i) for i in range(7)], "float32")
model("affine", [I, (8,)], lambda x, t: [G.affine_transform(x, turn, fill_mode=m, fill_value=.5) for m in ("constant", "nearest", "reflect", "wrap")]
      + [G.affine_transform(x, t), G.affine_transform(x, turn, interpolation="nearest", fill_mode="reflect"),
         G.affine_transform(O.transpose(x, (0, 3, 1, 2)), t, data_format="channels_first")], values=[positive[0], each])
quad = np.array([[[0., 0], [0, 5], [6, 0], [6, 5]], [[.5, 1], [1, 4.5], [5, 0], [6.5, 5.5]]], "float32")
model("perspective", [I], lambda x: [G.perspective_transform(x, quad[0], quad[1]), G.perspective_transform(x, quad[1], quad[0], interpolation="nearest", fill_value=.3)], values=positive[:1])
i = keras.layers.Input(batch_shape=(7, 5, 6))
at = r.uniform(-4, 11, (3, 9)).astype("float32")
near = r.uniform(0, 4, (3, 9)).astype("float32")  # Keras reads beyond the end where it mirrors
w.add("map_coordinates", keras.Model(i, [G.map_coordinates(i, at, order=o, fill_mode=m, fill_value=.7) for o in (0, 1) for m in ("constant", "nearest", "reflect", "wrap")]
      + [G.map_coordinates(i, near, order=1, fill_mode="mirror")]),
      [r.standard_normal((7, 5, 6)).astype("float32")], batches=(7,), fill=False)
model("losses", [A, A], lambda x, y: [O.categorical_crossentropy(O.softmax(y), O.softmax(x)), O.categorical_crossentropy(O.softmax(y), x, from_logits=True),
                                      O.categorical_crossentropy(O.softmax(y), O.sigmoid(x) + 0., axis=1), O.sparse_categorical_crossentropy(O.argmax(y, -1), O.softmax(x)),
                                      O.sparse_categorical_crossentropy(O.argmax(y, -1), O.sigmoid(x) + 0.), O.sparse_categorical_crossentropy(O.argmax(y, -1), x, from_logits=True)])
model("patches", [(4, 6, 5, 2)], lambda x: [G.extract_patches_3d(x, (2, 3, 2)), G.extract_patches_3d(x, 2, strides=(1, 2, 2), padding="same")])
w.close()
