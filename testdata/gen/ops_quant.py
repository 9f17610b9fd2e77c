"""Tables: quantised operators."""
import numpy as np
from onnx import TensorProto

from opcase import f32, op, rand, row


def f(x):
    return np.array(x, np.float32)


@op("QuantizeLinear")
def quantize(v, name):
    x = f32(3, 4, lo=-20, hi=20)
    yield row("uint8", x, f(0.1), np.uint8(128))
    yield row("int8", x, f(0.1), np.int8(3))
    yield row("default", np.abs(x), f(0.1))
    yield row("ties", f([0.5, 1.5, 2.5, -0.5, -1.5]), f(1.0), np.int8(0))
    if v >= 13:
        for axis in (0, 1, -1):
            n = x.shape[axis]
            yield row(f"axis_{axis}".replace("-", "m"), x, f32(n, lo=0.05, hi=0.3), rand(np.uint8, n), axis=axis)
    if v >= 21:
        yield row("int16", x, f(0.01), np.int16(7))
        yield row("uint16", x, f(0.01), np.uint16(700))
        yield row("blocked", x, f32(3, 2, lo=0.05, hi=0.3), rand(np.uint8, 3, 2), axis=1, block_size=2)
        yield row("output_dtype", x, f(0.1), output_dtype=TensorProto.INT8)


@op("DequantizeLinear")
def dequantize(v, name):
    q, i = rand(np.uint8, 3, 4), rand(np.int8, 3, 4)
    yield row("uint8", q, f(0.1), np.uint8(128))
    yield row("int8", i, f(0.1), np.int8(3))
    yield row("int32", rand(np.int32, 3, 4), f(0.1))
    yield row("default", q, f(0.1))
    if v >= 13:
        for axis in (0, 1, -1):
            n = q.shape[axis]
            yield row(f"axis_{axis}".replace("-", "m"), q, f32(n, lo=0.05, hi=0.3), rand(np.uint8, n), axis=axis)
    if v >= 21:
        yield row("int16", rand(np.int16, 3, 4), f(0.01), np.int16(7))
        yield row("blocked", q, f32(3, 2, lo=0.05, hi=0.3), rand(np.uint8, 3, 2), axis=1, block_size=2)


@op("DynamicQuantizeLinear")
def dynamic(v, name):
    yield row("mixed", f32(3, 4), outs=3)
    yield row("positive", f32(3, 4, lo=1, hi=4), outs=3)
    yield row("negative", f32(3, 4, lo=-4, hi=-1), outs=3)


@op("MatMulInteger")
def matmul_integer(v, name):
    a, b = rand(np.uint8, 3, 4), rand(np.uint8, 4, 5)
    yield row("plain", a, b)
    yield row("zero_points", a, b, np.uint8(3), np.uint8(7))
    yield row("signed", a, rand(np.int8, 4, 5), np.uint8(3), np.int8(-2))
    yield row("column_zero_points", a, rand(np.int8, 4, 5), np.uint8(3), rand(np.int8, 5))
    yield row("batch", rand(np.uint8, 2, 3, 4), rand(np.uint8, 2, 4, 5), np.uint8(1), np.uint8(2))


@op("QLinearMatMul")
def qlinear_matmul(v, name):
    for t in (np.uint8, np.int8):
        a, b = rand(t, 3, 4), rand(t, 4, 5)
        yield row(np.dtype(t).name, a, f(0.1), t(3), b, f(0.2), t(5), f(0.3), t(10))
    yield row("columns", rand(np.uint8, 3, 4), f(0.1), np.uint8(3), rand(np.int8, 4, 5), f32(5, lo=0.1, hi=0.4), rand(np.int8, 5), f(0.3), np.uint8(100))


@op("ConvInteger")
def conv_integer(v, name):
    x, w = rand(np.uint8, 1, 2, 5, 5), rand(np.uint8, 3, 2, 3, 3)
    yield row("plain", x, w)
    yield row("zero_point", x, w, np.uint8(3))
    yield row("pads", x, w, np.uint8(3), np.uint8(2), pads=[1, 1, 1, 1])
    yield row("strides", x, w, np.uint8(3), strides=[2, 2])


@op("QLinearConv")
def qlinear_conv(v, name):
    x, w = rand(np.uint8, 1, 2, 5, 5), rand(np.uint8, 3, 2, 3, 3)
    q = (x, f(0.1), np.uint8(3), w, f(0.2), np.uint8(5), f(0.5), np.uint8(10))
    yield row("plain", *q)
    yield row("bias", *q, np.array([10, -20, 30], np.int32))
    yield row("pads", *q, pads=[1, 1, 1, 1], strides=[2, 2])
    yield row("channels", x, f(0.1), np.uint8(3), rand(np.int8, 3, 2, 3, 3), f32(3, lo=0.1, hi=0.3), np.zeros(3, np.int8), f(0.5), np.uint8(100))
    yield row("int8", x.astype(np.int8), f(0.1), np.int8(3), w.astype(np.int8), f(0.2), np.int8(0), f(0.5), np.int8(10))
