"""Resizing, scaling, the convolutions left and layouts: keras_files_image.py OUT.zip"""
import sys

from kerasfile import Writer

import keras
import tf_keras

w = Writer(sys.argv[1])


def seq(k, shape, *layers):
    return k.Sequential([k.Input(shape), *layers]) if k is keras else k.Sequential([k.layers.InputLayer(shape), *layers])


def one(name, shape, make, both=True):
    """One layer in Keras 3 (.keras) and, where both, in Keras 2 (.h5)."""
    w.add(name, seq(keras, shape, make(keras.layers)))
    if both:
        w.add(name + "_k2", seq(tf_keras, shape, make(tf_keras.layers)), forms=("h5",))


def first(name, shape, make, forms=("keras",)):
    """A channels_first layer, which TensorFlow does not run on a CPU: the answer is that of the channels_last one."""
    import numpy as np
    a = seq(keras, shape, make(keras.layers, "channels_last"))
    b = seq(keras, (shape[-1],) + shape[:-1], make(keras.layers, "channels_first"))
    from kerasfile import inputs_of, randomize
    randomize(name, a)
    b.set_weights(a.get_weights())
    x = inputs_of(name, a)[0]
    y = np.asarray(a(x))
    w.add(name, b, inputs=[np.ascontiguousarray(np.moveaxis(x, -1, 1))], want=[np.ascontiguousarray(np.moveaxis(y, -1, 1))], fill=False, forms=forms)


one("up_sampling1d", (5, 3), lambda l: l.UpSampling1D(3))
one("up_sampling2d", (4, 5, 2), lambda l: l.UpSampling2D((2, 3)))
one("up_sampling3d", (3, 2, 4, 2), lambda l: l.UpSampling3D((2, 1, 3)))
for mode in ("bilinear", "bicubic", "lanczos3", "lanczos5"):
    one(f"up_sampling2d_{mode}", (4, 5, 2), lambda l: l.UpSampling2D((2, 3), interpolation=mode))
for mode in ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5", "area"):
    one(f"resizing_{mode}", (9, 8, 2), lambda l: l.Resizing(6, 11, interpolation=mode))
for mode in ("area", "gaussian", "mitchellcubic"):
    w.add(f"up_sampling2d_{mode}_k2", seq(tf_keras, (4, 5, 2), tf_keras.layers.UpSampling2D((2, 3), interpolation=mode)), forms=("h5",))
for mode in ("bilinear", "bicubic", "lanczos3"):
    one(f"resizing_antialias_{mode}", (13, 12, 2), lambda l: l.Resizing(5, 7, interpolation=mode, antialias=True), both=False)
one("resizing_crop", (9, 14, 2), lambda l: l.Resizing(6, 5, crop_to_aspect_ratio=True))
one("resizing_pad", (9, 14, 2), lambda l: l.Resizing(6, 5, pad_to_aspect_ratio=True, fill_value=.5), both=False)
one("resizing_unknown", (None, None, 2), lambda l: l.Resizing(6, 5))
one("center_crop", (9, 8, 2), lambda l: l.CenterCrop(4, 5))
one("center_crop_small", (9, 8, 2), lambda l: l.CenterCrop(12, 5))
one("rescaling", (4, 4, 3), lambda l: l.Rescaling(1 / 255., offset=-1.))
one("rescaling_list", (4, 4, 3), lambda l: l.Rescaling([.5, 2., 3.], offset=[1., 2., 3.]))

for n, s in ((1, (9,)), (2, (7, 6)), (3, (4, 5, 3))):
    t = lambda l, *a, n=n, **k: getattr(l, f"Conv{n}DTranspose")(*a, **k)
    one(f"conv{n}d_transpose", s + (3,), lambda l: t(l, 2, 3, activation="relu"))
    one(f"conv{n}d_transpose_strides", s + (3,), lambda l: t(l, 2, 3, strides=2))
    one(f"conv{n}d_transpose_same", s + (3,), lambda l: t(l, 2, 3, strides=2, padding="same", use_bias=False))
    one(f"conv{n}d_transpose_same_even", s + (2,), lambda l: t(l, 3, 4, strides=3, padding="same"))
    one(f"conv{n}d_transpose_wide", s + (2,), lambda l: t(l, 3, 2, strides=3, padding="same"))
one("conv2d_transpose_wide_valid", (5, 4, 2), lambda l: l.Conv2DTranspose(3, 2, strides=3))
one("conv2d_transpose_more", (5, 4, 2), lambda l: l.Conv2DTranspose(3, 3, strides=2, padding="same", output_padding=1))
one("conv2d_transpose_more_valid", (5, 4, 2), lambda l: l.Conv2DTranspose(3, 3, strides=2, output_padding=(1, 0)))
one("conv2d_transpose_dilated", (5, 4, 2), lambda l: l.Conv2DTranspose(3, 3, dilation_rate=2))
one("conv2d_transpose_dilated_same", (5, 4, 2), lambda l: l.Conv2DTranspose(3, 3, dilation_rate=2, padding="same"))
one("depthwise1d", (8, 3), lambda l: l.DepthwiseConv1D(3, depth_multiplier=2, padding="same", activation="relu"))
one("depthwise2d", (8, 7, 3), lambda l: l.DepthwiseConv2D(3, depth_multiplier=2, strides=2, padding="same"))
one("depthwise2d_dilated", (8, 7, 3), lambda l: l.DepthwiseConv2D(3, dilation_rate=2, use_bias=False))
one("separable1d", (8, 3), lambda l: l.SeparableConv1D(4, 3, depth_multiplier=2, padding="same"))
w.add("separable1d_causal_k2", seq(tf_keras, (8, 3), tf_keras.layers.SeparableConv1D(4, 3, padding="causal")), forms=("h5",))
one("separable2d", (8, 7, 3), lambda l: l.SeparableConv2D(4, 3, strides=2, padding="same", activation="relu"))
for kind in ("Average", "Max"):
    for n, s in ((1, (9,)), (2, (9, 8)), (3, (4, 5, 6))):
        one(f"adaptive_{kind.lower()}{n}d", s + (2,), lambda l: getattr(l, f"Adaptive{kind}Pooling{n}D")(3), both=False)
        one(f"adaptive_{kind.lower()}{n}d_even", s + (2,), lambda l: getattr(l, f"Adaptive{kind}Pooling{n}D")(s), both=False)

first("first_conv2d", (8, 7, 3), lambda l, f: l.Conv2D(4, 3, strides=2, padding="same", activation="relu", data_format=f))
first("first_conv2d_transpose", (5, 4, 3), lambda l, f: l.Conv2DTranspose(4, 3, strides=2, padding="same", data_format=f))
first("first_depthwise2d", (8, 7, 3), lambda l, f: l.DepthwiseConv2D(3, padding="same", data_format=f))
first("first_separable2d", (8, 7, 3), lambda l, f: l.SeparableConv2D(4, 3, data_format=f))
first("first_conv1d", (8, 3), lambda l, f: l.Conv1D(4, 3, data_format=f))
first("first_max2d", (8, 7, 3), lambda l, f: l.MaxPooling2D(3, strides=2, padding="same", data_format=f))
first("first_average3d", (6, 5, 4, 2), lambda l, f: l.AveragePooling3D(2, padding="same", data_format=f))
first("first_up2d", (4, 5, 2), lambda l, f: l.UpSampling2D(2, data_format=f, interpolation="bilinear"))
first("first_resizing", (4, 5, 2), lambda l, f: l.Resizing(6, 3, data_format=f))

# Whole nets: Transposes at the edges alone.
L = keras.layers
x = i = keras.Input((16, 16, 3))
x = L.Rescaling(1 / 127.5, offset=-1)(x)
x = L.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(x)
x = L.BatchNormalization()(x)
x = L.ReLU(6.)(x)
for k in range(2):
    y = L.Conv2D(12, 1, use_bias=False)(x)
    y = L.BatchNormalization()(y)
    y = L.ReLU(6.)(y)
    if k:
        y = L.ZeroPadding2D(((0, 1), (0, 1)))(y)
    y = L.DepthwiseConv2D(3, strides=1 + k, padding="valid" if k else "same", use_bias=False)(y)
    y = L.BatchNormalization()(y)
    y = L.PReLU(shared_axes=[1, 2])(y)
    s = L.GlobalAveragePooling2D(keepdims=True)(y)
    s = L.Conv2D(12, 1, activation="sigmoid")(s)
    y = L.Multiply()([y, s])
    y = L.Conv2D(8, 1)(y)
    x = y if k else L.Add()([x, y])
x = L.Dropout(.2)(L.GlobalAveragePooling2D()(x))
w.add("net_mobile", keras.Model(i, L.Dense(5, activation="softmax")(x)), transposes=1)

x = i = keras.Input((16, 16, 2))
skips = []
for f in (4, 6):
    x = L.Conv2D(f, 3, padding="same", activation="relu")(x)
    skips.append(x)
    x = L.MaxPooling2D()(x)
x = L.LeakyReLU()(L.Conv2D(8, 3, padding="same")(x))
for f, s in ((6, skips[1]), (4, skips[0])):
    x = L.UpSampling2D()(x) if f == 6 else L.Conv2DTranspose(f, 2, strides=2)(x)
    x = L.Concatenate()([x, s])
    x = L.Conv2D(f, 3, padding="same", activation="swish")(x)
    x = L.GroupNormalization(2)(x)
x = L.Cropping2D(1)(x)
w.add("net_unet", keras.Model(i, L.Conv2D(3, 1, activation="softmax")(x)), transposes=2)
w.add("net_series", seq(keras, (20, 3), L.Conv1D(4, 3, padding="causal", activation="relu"), L.BatchNormalization(), L.Conv1D(4, 3, dilation_rate=2),
                        L.AveragePooling1D(2), L.SpatialDropout1D(.1), L.GlobalMaxPooling1D(), L.Dense(2)), transposes=1)
w.close()
