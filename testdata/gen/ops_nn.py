"""Tables: convolutions, poolings, normalisations, resizing, losses, attention."""
import numpy as np

from opcase import DTYPES, f32, i64, op, rand, row, types_of

TOL = (1e-4, 1e-5)


def floats(name, v):
    """The floating types besides float32 that an operator takes."""
    return [t for t in types_of(name, v) if t in ("double", "float16", "bfloat16")]


def conv_rows(shapes):
    """tag, input, weights, attributes: what convolutions of every kind share."""
    for tag, x, w, kw in shapes:
        yield tag, f32(*x), f32(*w, lo=-1, hi=1), kw


CONV = (
    ("1d", (2, 3, 8), (4, 3, 3), {}),
    ("2d", (2, 3, 6, 5), (4, 3, 3, 2), {}),
    ("3d", (1, 2, 4, 5, 4), (3, 2, 2, 3, 2), {}),
    ("kernel_shape", (1, 2, 5, 5), (3, 2, 3, 3), dict(kernel_shape=[3, 3])),
    ("pads", (1, 2, 5, 5), (3, 2, 3, 3), dict(pads=[1, 1, 1, 1])),
    ("uneven_pads", (1, 2, 5, 5), (3, 2, 3, 3), dict(pads=[0, 2, 1, 0])),
    ("strides", (1, 2, 7, 8), (3, 2, 3, 3), dict(strides=[2, 3])),
    ("dilations", (1, 2, 8, 8), (2, 2, 3, 3), dict(dilations=[2, 2])),
    ("groups", (2, 4, 5, 5), (6, 2, 3, 3), dict(group=2)),
    ("depthwise", (1, 3, 6, 6), (3, 1, 3, 3), dict(group=3, pads=[1, 1, 1, 1])),
    ("depthwise_multiplier", (1, 3, 5, 5), (6, 1, 3, 3), dict(group=3)),
    ("one_by_one", (2, 5, 4, 4), (7, 5, 1, 1), {}),
    ("one_by_one_strides", (1, 3, 5, 5), (2, 3, 1, 1), dict(strides=[2, 2])),
    ("same_upper", (1, 2, 5, 6), (3, 2, 2, 3), dict(auto_pad="SAME_UPPER")),
    ("same_lower", (1, 2, 5, 6), (3, 2, 2, 3), dict(auto_pad="SAME_LOWER")),
    ("same_upper_strides", (1, 2, 5, 6), (3, 2, 3, 3), dict(auto_pad="SAME_UPPER", strides=[2, 2])),
    ("same_lower_strides", (1, 2, 7, 6), (3, 2, 4, 3), dict(auto_pad="SAME_LOWER", strides=[2, 2])),
    ("valid", (1, 2, 5, 6), (3, 2, 2, 3), dict(auto_pad="VALID")),
    ("everything", (2, 4, 9, 8), (4, 2, 3, 2), dict(strides=[2, 1], pads=[2, 1, 0, 2], dilations=[2, 3], group=2)),
    ("no_batch", (0, 2, 5, 5), (3, 2, 3, 3), {}),
    ("wide", (1, 17, 9, 9), (19, 17, 3, 3), dict(pads=[1, 1, 1, 1])),
    ("large_kernel", (1, 1, 12, 12), (2, 1, 11, 11), dict(pads=[5, 5, 5, 5])),
)


@op("Conv")
def conv(v, name):
    for tag, x, w, kw in conv_rows(CONV):
        newest = tag in ("no_batch", "wide", "large_kernel", "kernel_shape")
        yield row(tag, x, w, newest=newest, tol=TOL, **kw)
    yield row("bias", f32(1, 2, 5, 5), f32(3, 2, 3, 3), f32(3), tol=TOL)
    yield row("bias_1d", f32(2, 3, 7), f32(2, 3, 2), f32(2), tol=TOL)
    for t in floats(name, v):
        yield row(t, rand(DTYPES[t], 1, 2, 5, 5), rand(DTYPES[t], 3, 2, 3, 3), newest=True)


TRANSPOSED = (
    ("1d", (2, 3, 5), (3, 4, 3), {}),
    ("2d", (2, 3, 4, 3), (3, 2, 3, 2), {}),
    ("3d", (1, 2, 3, 2, 3), (2, 2, 2, 2, 2), {}),
    ("strides", (1, 2, 4, 4), (2, 3, 3, 3), dict(strides=[2, 3])),
    ("pads", (1, 2, 4, 4), (2, 3, 3, 3), dict(strides=[2, 2], pads=[1, 0, 1, 2])),
    ("output_padding", (1, 2, 4, 4), (2, 3, 3, 3), dict(strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])),
    ("output_shape", (1, 2, 4, 4), (2, 3, 3, 3), dict(strides=[2, 2], output_shape=[8, 8])),
    ("output_shape_upper", (1, 2, 4, 4), (2, 3, 3, 3), dict(strides=[2, 2], output_shape=[8, 8], auto_pad="SAME_UPPER")),
    ("same_upper", (1, 2, 4, 4), (2, 3, 3, 3), dict(strides=[2, 2], auto_pad="SAME_UPPER")),
    ("same_lower", (1, 2, 4, 4), (2, 3, 4, 4), dict(strides=[2, 2], auto_pad="SAME_LOWER")),
    ("dilations", (1, 2, 4, 4), (2, 2, 3, 3), dict(dilations=[2, 1])),
    ("groups", (1, 4, 3, 3), (4, 2, 3, 3), dict(group=2)),
    ("depthwise", (1, 3, 3, 3), (3, 1, 2, 2), dict(group=3, strides=[2, 2])),
    ("stride_above_kernel", (1, 2, 3, 3), (2, 2, 2, 2), dict(strides=[3, 3])),
)


@op("ConvTranspose")
def conv_transpose(v, name):
    for tag, x, w, kw in conv_rows(TRANSPOSED):
        yield row(tag, x, w, tol=TOL, **kw)
    yield row("bias", f32(1, 2, 4, 4), f32(2, 3, 3, 3), f32(3), tol=TOL)
    for t in floats(name, v):
        yield row(t, rand(DTYPES[t], 1, 2, 4, 4), rand(DTYPES[t], 2, 3, 3, 3), newest=True)


def pool_rows(v):
    """(tag, shape, attributes) for every pooling."""
    yield "1d", (2, 3, 8), dict(kernel_shape=[2], strides=[2])
    yield "2d", (1, 2, 6, 6), dict(kernel_shape=[2, 2], strides=[2, 2])
    yield "3d", (1, 2, 4, 4, 4), dict(kernel_shape=[2, 2, 2], strides=[2, 1, 2])
    yield "default_strides", (1, 2, 5, 6), dict(kernel_shape=[3, 2])
    yield "pads", (1, 2, 6, 6), dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    yield "uneven_pads", (1, 2, 6, 6), dict(kernel_shape=[3, 3], strides=[2, 2], pads=[0, 1, 2, 1])
    for mode in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        yield mode.lower(), (1, 2, 5, 6), dict(kernel_shape=[2, 3], strides=[2, 2], auto_pad=mode)
    yield "no_batch", (0, 2, 4, 4), dict(kernel_shape=[2, 2])


def ceil_rows():
    yield "ceil", (1, 2, 6, 6), dict(kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    yield "ceil_pads", (1, 2, 6, 5), dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1)
    yield "ceil_window_outside", (1, 1, 2, 2), dict(kernel_shape=[1, 1], strides=[2, 2], ceil_mode=1)


@op("MaxPool")
def max_pool(v, name):
    for tag, s, kw in pool_rows(v):
        yield row(tag, f32(*s), **kw)
        if v >= 8 and tag in ("1d", "2d", "3d", "pads"):
            yield row("indices_" + tag, f32(*s), outs=2, **kw)
    if v >= 8:
        yield row("column_major", f32(2, 2, 4, 4), outs=2, kernel_shape=[2, 2], strides=[2, 2], storage_order=1)
    if v >= 10:
        for tag, s, kw in ceil_rows():
            yield row(tag, f32(*s), **kw)
        yield row("dilations", f32(1, 2, 7, 7), kernel_shape=[2, 2], dilations=[2, 3])
    yield row("negative", -1 - np.abs(f32(1, 1, 4, 4)), kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 1, 2, 4, 4), newest=True, kernel_shape=[2, 2], strides=[2, 2])


@op("AveragePool")
def average_pool(v, name):
    for tag, s, kw in pool_rows(v):
        yield row(tag, f32(*s), **kw)
        if tag in ("pads", "uneven_pads", "same_upper"):
            yield row("count_" + tag, f32(*s), count_include_pad=1, **kw)
    if v >= 10:
        for tag, s, kw in ceil_rows():
            yield row(tag, f32(*s), **kw)
            yield row("count_" + tag, f32(*s), count_include_pad=1, **kw)
    if v >= 19:
        yield row("dilations", f32(1, 2, 7, 7), kernel_shape=[2, 2], dilations=[2, 3])
        yield row("dilations_pads", f32(1, 2, 6, 6), kernel_shape=[2, 2], dilations=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1)
    for t in floats(name, v):
        yield row(t, rand(DTYPES[t], 1, 2, 4, 4), newest=True, kernel_shape=[2, 2], strides=[2, 2])


@op("LpPool")
def lp_pool(v, name):
    for tag, s, kw in pool_rows(v):
        if tag not in ("no_batch", "3d"):
            yield row(tag, f32(*s), **kw)
    yield row("p1", f32(1, 2, 4, 4), kernel_shape=[2, 2], p=1)
    yield row("p3", f32(1, 2, 4, 4), kernel_shape=[2, 2], p=3)


@op("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")
def global_pool(v, name):
    for tag, s in (("1d", (2, 3, 5)), ("2d", (2, 3, 4, 5)), ("3d", (1, 2, 3, 2, 4)), ("one", (2, 3, 1, 1))):
        yield row(tag, f32(*s))
    if name == "GlobalLpPool":
        yield row("p3", f32(2, 3, 4, 5), p=3)
    for t in floats(name, v):
        yield row(t, rand(DTYPES[t], 1, 2, 4, 4), newest=True)


@op("MaxUnpool")
def max_unpool(v, name):
    x, i = f32(1, 1, 2, 2), np.array([[[[5, 7], [13, 15]]]])
    yield row("plain", x, i, kernel_shape=[2, 2], strides=[2, 2])


# ---- normalisations -----------------------------------------------------------------------------------------------


@op("BatchNormalization")
def batch_normalization(v, name):
    per_channel = lambda: (f32(3), f32(3), f32(3), f32(3, lo=0.3, hi=2))
    for tag, s in (("2d", (2, 3, 4, 5)), ("1d", (2, 3, 4)), ("rank2", (4, 3)), ("3d", (1, 3, 2, 2, 2))):
        yield row(tag, f32(*s), *per_channel(), tol=TOL)
    yield row("epsilon", f32(2, 3, 4), *per_channel(), epsilon=0.01, tol=TOL)
    if v >= 14:
        yield row("training", f32(4, 3, 5), *per_channel(), outs=3, training_mode=1, tol=TOL)
        yield row("training_momentum", f32(4, 3, 5), *per_channel(), outs=3, training_mode=1, momentum=0.3, epsilon=0.01, tol=TOL)
    for t in floats(name, v):
        yield row(t, *(np.abs(rand(DTYPES[t], *s)) for s in ((2, 3, 4), (3,), (3,), (3,), (3,))), newest=True)


@op("InstanceNormalization")
def instance_normalization(v, name):
    for tag, s in (("2d", (2, 3, 4, 5)), ("1d", (2, 3, 6)), ("3d", (1, 3, 2, 3, 2))):
        yield row(tag, f32(*s), f32(3), f32(3), tol=TOL)
    yield row("epsilon", f32(2, 3, 4), f32(3), f32(3), epsilon=0.1, tol=TOL)


@op("GroupNormalization")
def group_normalization(v, name):
    n = 3 if v < 21 else 6  # scale and bias per group until 21, then per channel
    for groups, tag in ((3, "groups"), (1, "one"), (6, "each")):
        k = groups if v < 21 else n
        yield row(tag, f32(2, 6, 4, 3), f32(k), f32(k), num_groups=groups, tol=TOL)
    yield row("1d", f32(2, 6, 5), f32(n), f32(n), num_groups=3, epsilon=0.01, tol=TOL)


@op("LayerNormalization")
def layer_normalization(v, name):
    x = f32(2, 3, 4, 5)
    for axis in (-1, 1, 2, -3):
        s = x.shape[axis:]
        yield row(f"axis_{axis}".replace("-", "m"), x, f32(*s), f32(*s), axis=axis, tol=TOL)
    yield row("no_bias", x, f32(5), tol=TOL)
    yield row("epsilon", x, f32(5), f32(5), epsilon=0.1, tol=TOL)
    yield row("statistics", x, f32(5), f32(5), outs=3, tol=TOL)
    yield row("constant_rows", np.full((2, 4), 3.0, np.float32), f32(4), f32(4), tol=TOL)
    for t in floats(name, v):
        yield row(t, rand(DTYPES[t], 2, 8), rand(DTYPES[t], 8), rand(DTYPES[t], 8), newest=True)


@op("RMSNormalization")
def rms_normalization(v, name):
    x = f32(2, 3, 4)
    for axis in (-1, 1, 0):
        yield row(f"axis_{axis}".replace("-", "m"), x, f32(*x.shape[axis:]), axis=axis, tol=TOL)
    yield row("epsilon", x, f32(4), epsilon=0.1, tol=TOL)


@op("LRN")
def lrn(v, name):
    yield row("default", f32(2, 6, 3, 3), size=3, tol=TOL)
    yield row("attrs", f32(1, 7, 3, 3), size=5, alpha=0.01, beta=0.5, bias=2.0, tol=TOL)
    yield row("even", f32(1, 7, 2, 2), size=4, alpha=0.1, tol=TOL)


@op("LpNormalization")
def lp_normalization(v, name):
    for p in (1, 2):
        for axis in (0, 1, -1):
            yield row(f"p{p}_axis_{axis}".replace("-", "m"), f32(3, 4, 2), p=p, axis=axis)
    yield row("zero", np.zeros((2, 3), np.float32))


@op("MeanVarianceNormalization")
def mvn(v, name):
    yield row("default", f32(2, 3, 4, 5), tol=TOL)
    yield row("axes", f32(2, 3, 4), axes=[0, 2], tol=TOL)
    yield row("all", f32(2, 3), axes=[0, 1], tol=TOL)


# ---- resizing -----------------------------------------------------------------------------------------------------


@op("Resize")
def resize(v, name):
    x = f32(1, 2, 4, 5)

    def case(tag, scales=None, sizes=None, data=None, **kw):
        data = x if data is None else data
        s = None if scales is None else np.array(scales, np.float32)
        if v == 10:
            return row(tag, data, s, tol=TOL, **kw) if s is not None else None
        roi = np.zeros(0, np.float32) if v < 13 else None
        ins = [data, roi, s if s is not None else (np.zeros(0, np.float32) if v < 13 else None)]
        if sizes is not None:
            ins.append(i64(*sizes))
        return row(tag, *ins, tol=TOL, **kw)

    scales = dict(up=(1, 1, 2, 2), down=(1, 1, 0.5, 0.6), odd=(1, 1, 1.7, 0.8))
    rows = []
    modes = ("nearest", "linear") + (("cubic",) if v >= 11 else ())
    for mode in modes:
        for tag, s in scales.items():
            rows.append(case(f"{mode}_{tag}", s, mode=mode))
    if v >= 11:
        for mode in modes:
            for how in ("half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel") + (("half_pixel_symmetric",) if v >= 19 else ()):
                kw = dict(nearest_mode="floor") if mode == "nearest" else {}
                rows.append(case(f"{mode}_{how}", None, (1, 2, 7, 4), mode=mode, coordinate_transformation_mode=how, **kw))
        for how in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
            rows.append(case("nearest_" + how, None, (1, 2, 7, 8), mode="nearest", nearest_mode=how))
        rows.append(case("cubic_coefficient", (1, 1, 1.5, 1.5), mode="cubic", cubic_coeff_a=-0.5))
        rows.append(case("cubic_exclude", (1, 1, 1.5, 0.7), mode="cubic", exclude_outside=1))
        rows.append(case("sizes_one", None, (1, 2, 1, 1), mode="linear"))
        rows.append(case("linear_1d", (1, 1, 2), data=f32(1, 2, 5), mode="linear"))
    if v >= 18:
        for mode in ("linear", "cubic"):
            rows.append(case(mode + "_antialias", (1, 1, 0.5, 0.6), mode=mode, antialias=1))
        rows.append(case("axes", (2, 1.5), mode="linear", axes=[2, 3]))
        rows.append(case("axes_sizes", None, (6, 7), mode="nearest", axes=[3, 2]))
        for policy in ("not_larger", "not_smaller"):
            rows.append(case(policy, None, (7, 8), mode="nearest", axes=[2, 3], keep_aspect_ratio_policy=policy))
    yield from (r for r in rows if r is not None)
    if v >= 13:
        crop = np.array([0, 0, 0.3, 0.2, 1, 1, 0.8, 0.9], np.float32)
        yield row("crop", x, crop, None, i64(1, 2, 3, 4), mode="linear", coordinate_transformation_mode="tf_crop_and_resize", tol=TOL)
        wide = np.array([0, 0, -0.3, 0.2, 1, 1, 1.2, 0.9], np.float32)
        yield row("crop_extrapolate", x, wide, None, i64(1, 2, 3, 4), mode="linear", coordinate_transformation_mode="tf_crop_and_resize",
                  extrapolation_value=9.0, tol=TOL)


@op("Upsample")
def upsample(v, name):
    for mode in ("nearest", "linear"):
        for tag, s in (("double", [1.0, 1.0, 2.0, 2.0]), ("uneven", [1.0, 1.0, 3.0, 2.0])):
            scale = dict(scales=s) if v < 9 else {}
            extra = [] if v < 9 else [np.array(s, np.float32)]
            yield row(f"{mode}_{tag}", f32(1, 2, 3, 2), *extra, mode=mode, **scale)


@op("GridSample")
def grid_sample(v, name):
    x, grid = f32(1, 2, 4, 5), f32(1, 3, 4, 2, lo=-1.3, hi=1.3)
    modes = ("bilinear", "nearest", "bicubic") if v < 20 else ("linear", "nearest", "cubic")
    for mode in modes:
        for padding in ("zeros", "border", "reflection"):
            for corners in (0, 1):
                yield row(f"{mode}_{padding}_{corners}", x, grid, mode=mode, padding_mode=padding, align_corners=corners, tol=TOL)
    if v >= 20:
        yield row("3d", f32(1, 2, 3, 4, 3), f32(1, 2, 3, 2, 3, lo=-1.2, hi=1.2), tol=TOL)


@op("AffineGrid")
def affine_grid(v, name):
    for corners in (0, 1):
        yield row(f"2d_{corners}", f32(2, 2, 3), i64(2, 3, 4, 5), align_corners=corners, tol=TOL)
        yield row(f"3d_{corners}", f32(1, 3, 4), i64(1, 2, 3, 2, 4), align_corners=corners, tol=TOL)


@op("CenterCropPad")
def center_crop_pad(v, name):
    x = f32(4, 5, 3)
    yield row("crop", x, i64(2, 3, 3))
    yield row("pad", x, i64(7, 8, 3))
    yield row("both", x, i64(3, 8, 4))
    yield row("axes", x, i64(7, 2), axes=[0, 2])
    yield row("negative_axes", x, i64(7, 2), axes=[-3, -1])


@op("Col2Im")
def col2im(v, name):
    yield row("plain", f32(1, 8, 9), i64(4, 4), i64(2, 2))
    yield row("strides", f32(1, 8, 4), i64(4, 4), i64(2, 2), strides=[2, 2])
    yield row("pads", f32(1, 4, 25), i64(4, 4), i64(2, 2), pads=[1, 1, 1, 1])


@op("NonMaxSuppression")
def non_max_suppression(v, name):
    boxes = np.sort(f32(1, 6, 2, 2, lo=0, hi=1), axis=2).reshape(1, 6, 4)
    scores = f32(1, 2, 6, lo=0, hi=1)
    f = lambda x: np.array([x], np.float32)
    yield row("default", boxes, scores)
    yield row("three", boxes, scores, i64(3))
    yield row("iou", boxes, scores, i64(6), f(0.3))
    yield row("score", boxes, scores, i64(6), f(0.5), f(0.4))
    yield row("center", boxes, scores, i64(6), f(0.3), f(0.2), center_point_box=1)


@op("RoiAlign")
def roi_align(v, name):
    x = f32(2, 2, 8, 8)
    rois, batch = np.array([[0, 0, 6, 6], [1, 2, 5, 7], [0.5, 0.5, 3.2, 7.1]], np.float32), i64(0, 1, 1)
    for mode in ("avg", "max"):
        ratio = 2 if mode == "avg" else 1  # onnxruntime says itself that its max of several samples is wrong
        yield row(mode, x, rois, batch, output_height=3, output_width=2, sampling_ratio=ratio, mode=mode, tol=TOL)
    yield row("scale", x, rois * 2, batch, output_height=2, output_width=2, spatial_scale=0.5, sampling_ratio=2, tol=TOL)
    yield row("adaptive", x, rois, batch, output_height=2, output_width=2, tol=TOL)
    if v >= 16:
        yield row("output_half_pixel", x, rois, batch, output_height=2, output_width=2, sampling_ratio=2,
                  coordinate_transformation_mode="output_half_pixel", tol=TOL)


# ---- losses, attention --------------------------------------------------------------------------------------------


@op("SoftmaxCrossEntropyLoss", "NegativeLogLikelihoodLoss")
def loss(v, name):
    x, t, w = f32(4, 3), i64(0, 2, 1, 2), f32(3, lo=0.5, hi=2)
    for r in ("mean", "sum", "none"):
        yield row(r, x, t, reduction=r, tol=TOL)
        yield row(r + "_weights", x, t, w, reduction=r, tol=TOL)
        yield row(r + "_ignore", x, t, w, reduction=r, ignore_index=2, tol=TOL)
    image = np.array([[[0, 1], [2, 0]], [[2, 2], [1, 0]]])
    yield row("image", f32(2, 3, 2, 2), image, tol=TOL)
    yield row("image_none", f32(2, 3, 2, 2), image, w, reduction="none", tol=TOL)
    yield row("ignore_outside", x, i64(0, -5, 1, 2), ignore_index=-5, tol=TOL)
    yield row("int32", x, t.astype(np.int32), tol=TOL)
    if name == "SoftmaxCrossEntropyLoss":
        yield row("log_prob", x, t, outs=2, tol=TOL)


@op("Attention")
def attention(v, name):
    q, k, val = f32(2, 2, 3, 4), f32(2, 2, 5, 4), f32(2, 2, 5, 4)
    yield row("4d", q, k, val, tol=TOL)
    yield row("scale", q, k, val, scale=0.1, tol=TOL)
    yield row("softcap", q, k, val, softcap=2.0, tol=TOL)
    yield row("causal", f32(2, 2, 5, 4), k, val, is_causal=1, tol=TOL)
    yield row("mask", q, k, val, f32(3, 5), tol=TOL)
    yield row("bool_mask", q, k, val, np.array([[1, 1, 0, 1, 0]] * 3, bool), tol=TOL)
    yield row("grouped", f32(2, 4, 3, 4), k, val, tol=TOL)
    yield row("other_value_size", q, k, f32(2, 2, 5, 6), tol=TOL)
    yield row("3d", f32(2, 3, 8), f32(2, 5, 8), f32(2, 5, 8), q_num_heads=2, kv_num_heads=2, tol=TOL)
    yield row("3d_grouped", f32(2, 3, 16), f32(2, 5, 8), f32(2, 5, 8), q_num_heads=4, kv_num_heads=2, tol=TOL)
    yield row("past", q, k, val, None, f32(2, 2, 2, 4), f32(2, 2, 2, 4), outs=3, tol=TOL)


@op("RotaryEmbedding")
def rotary(v, name):
    cos, sin = f32(6, 4, lo=-1, hi=1), f32(6, 4, lo=-1, hi=1)
    ids = np.array([[0, 1, 2], [3, 4, 5]])
    yield row("4d", f32(2, 3, 3, 8), cos, sin, ids, tol=TOL)
    yield row("interleaved", f32(2, 3, 3, 8), cos, sin, ids, interleaved=1, tol=TOL)
    yield row("partial", f32(2, 3, 3, 8), cos[:, :2], sin[:, :2], ids, rotary_embedding_dim=4, tol=TOL)
    yield row("3d", f32(2, 3, 24), cos, sin, ids, num_heads=3, tol=TOL)
    yield row("no_ids", f32(2, 3, 3, 8), f32(2, 3, 4), f32(2, 3, 4), tol=TOL)
