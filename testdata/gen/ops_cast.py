"""Table: Cast and CastLike between every pair of types.

Only conversions that the standard defines: in-range floats to integers, wrapping integers, NaN and infinities between
floating types, numbers and text.
"""
import ml_dtypes
import numpy as np
from onnx import TensorProto

from opcase import DTYPES, arr, op, row, types_of

TO = {
    "float": TensorProto.FLOAT, "double": TensorProto.DOUBLE, "float16": TensorProto.FLOAT16,
    "bfloat16": TensorProto.BFLOAT16, "int8": TensorProto.INT8, "int16": TensorProto.INT16,
    "int32": TensorProto.INT32, "int64": TensorProto.INT64, "uint8": TensorProto.UINT8,
    "uint16": TensorProto.UINT16, "uint32": TensorProto.UINT32, "uint64": TensorProto.UINT64,
    "bool": TensorProto.BOOL, "string": TensorProto.STRING,
}
SMALL = {
    19: ("FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ"),
    21: ("INT4", "UINT4"),
    23: ("FLOAT4E2M1",),
    24: ("FLOAT8E8M0",),
    25: ("INT2", "UINT2"),
}
FLOATING = ("float", "double", "float16", "bfloat16")


def is_float(t):
    return t in FLOATING


def text():
    return arr(["0", "1", "-1.5", "3.25e2", "1e-3", "NaN", "INF", "-INF", "+7"])


def source(t, to):
    """Values of type t whose conversion to `to` is defined."""
    if t == "string":
        return text() if is_float(to) else arr(["0", "1", "12", "-7"] if to[0] == "i" else ["0", "1", "12", "7"])
    if t == "bool":
        return np.array([[True, False, True]])
    if is_float(t):
        values = [0, -0.0, 1, 2.5, 3.999, 100.25]
        values += [] if to.startswith("u") else [-1, -2.5, -0.9]
        values += [np.nan, np.inf, -np.inf, 1e-7, 65504, 1e5 / 3] if is_float(to) or to == "bool" else []
        return np.array(values).astype(DTYPES[t])
    info = np.iinfo(DTYPES[t])
    return np.array([0, 1, 2, 5, 100, info.max, info.max - 1, info.min, info.min + 1]).astype(DTYPES[t]) \
        if t != "uint64" else np.array([0, 1, 2, 5, 100, info.max, info.max - 1], np.uint64)


@op("Cast")
def cast(v, name):
    few = ("float", "double", "int32", "int64", "bool", "string")
    for t in types_of(name, v):
        for to in types_of(name, v):
            yield row(f"{t}_to_{to}", source(t, to), to=TO[to], newest=not (t in few and to in few))
    yield row("scalar", np.float32(2.7), to=TO["int64"])
    yield row("empty", np.zeros((0, 3), np.float32), to=TO["int64"])
    yield row("rank3", np.arange(12, dtype=np.float32).reshape(2, 3, 2) / 3, to=TO["int32"])
    overflow = np.array([1e39, -1e39, 3.5e38, 1e-50, 5e-324])
    yield row("double_overflow", overflow, to=TO["float"])
    yield row("half_overflow", np.array([65504, 65519.9, 65520, 1e6, -1e6, 6e-8, 2e-8], np.float32), to=TO["float16"])
    yield row("half_ties", np.array([2049, 2051, 4098, 1.00048828125], np.float32), to=TO["float16"])
    if v >= 13:
        yield row("bfloat_ties", np.array([1.00390625, 1.01171875, 257, 259, 3.4e38], np.float32), to=TO["bfloat16"])
    yield row("large_ints", np.array([2**24 + 1, 2**53 + 1, -(2**62) - 1]), to=TO["float"])
    yield row("large_ints_double", np.array([2**53 + 1, -(2**62) - 1]), to=TO["double"])
    yield from small_types(v)


def small_types(v):
    """8-, 4- and 2-bit types, with and without saturation."""
    x = np.array([0, -0.0, 1, -1, 0.3, 2.5, 5.75, 6, 100, 447, 449, 1e4, 1e6, -1e6, np.nan, np.inf, -np.inf], np.float32)
    for since, names in SMALL.items():
        if v < since:
            continue
        for n in names:
            to = getattr(TensorProto, n)
            if "FLOAT8" in n:
                yield row("float_to_" + n, x if n != "FLOAT8E8M0" else np.abs(x[2:13]), to=to)
                yield row("float_to_" + n + "_wrap", x if n != "FLOAT8E8M0" else np.abs(x[2:13]), to=to, saturate=0)
            elif "INT" in n:
                signed = not n.startswith("U")
                small = [0, 1, -1, -2] if signed else [0, 1, 2, 3]
                yield row("float_to_" + n, np.array(small, np.float32), to=to)
                yield row("int32_to_" + n, np.array(small, np.int32), to=to)
            else:
                yield row("float_to_" + n, x[:13], to=to)


@op("CastLike")
def cast_like(v, name):
    for t, to in (("float", "int32"), ("int64", "float"), ("float", "bool"), ("double", "float"), ("float", "float16")):
        yield row(f"{t}_to_{to}", source(t, to), np.zeros(2, DTYPES[to]))
