"""Tables: operators that move, join, cut and make tensors."""
import numpy as np
from onnx import TensorProto, helper, numpy_helper

from opcase import DTYPES, f32, i64, op, rand, row, types_of


def every_type(name, v, *rest, shape=(3, 4), **kw):
    """The same case for each type; older versions are tried on a few."""
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], *shape), *rest, newest=t not in ("int64", "string", "bool"), **kw)


@op("Reshape")
def reshape(v, name):
    x = f32(2, 3, 4)
    for tag, shape in (
        ("same", (2, 3, 4)), ("flat", (24,)), ("infer", (2, -1)), ("infer_first", (-1, 4)), ("keep", (0, 12)),
        ("keep_infer", (0, 0, -1)), ("ones", (1, 24, 1)), ("rank5", (2, 3, 2, 1, 2)), ("infer_one", (24, -1)),
    ):
        yield row(tag, x, i64(*shape))
    yield row("to_scalar", f32(1), i64())
    yield row("from_scalar", f32(), i64(1, 1))
    yield row("empty", f32(0, 3), i64(0, 3, 1))
    if v >= 14:
        yield row("allow_zero", f32(0, 3), i64(3, 0), allowzero=1)
        yield row("allow_zero_infer", f32(0, 3), i64(-1, 3), allowzero=1)
        yield row("allow_zero_plain", x, i64(4, 6), allowzero=1)
    yield from every_type(name, v, i64(2, -1))


@op("Flatten")
def flatten(v, name):
    x = f32(2, 3, 4, 5)
    yield row("default", x)
    for axis in (0, 1, 2, 3, 4):
        yield row(f"axis_{axis}", x, axis=axis)
    if v >= 11:
        for axis in (1, 4):
            yield row(f"axis_m{axis}", x, axis=-axis)
    yield row("rank1", f32(3))
    yield row("rank1_axis_0", f32(3), axis=0)
    yield row("empty", f32(2, 0, 3))
    yield from every_type(name, v)


@op("Squeeze")
def squeeze(v, name):
    def case(tag, x, axes=None):
        if v >= 13:
            return row(tag, x, *([] if axes is None else [i64(*axes)]))
        return row(tag, x, axes=axes)

    x = f32(1, 3, 1, 2, 1)
    yield case("all", x)
    yield case("first", x, [0])
    yield case("two", x, [0, 2])
    yield case("unsorted", x, [4, 0])
    if v >= 11:
        yield case("negative", x, [-1, -3])
    yield case("nothing", f32(2, 3))
    yield case("to_scalar", f32(1, 1))
    yield case("empty", f32(1, 0, 1), [0])
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 1, 3), newest=True)


@op("Unsqueeze")
def unsqueeze(v, name):
    def case(tag, x, axes):
        return row(tag, x, i64(*axes)) if v >= 13 else row(tag, x, axes=list(axes))

    x = f32(2, 3)
    for tag, axes in (("first", [0]), ("middle", [1]), ("last", [2]), ("two", [0, 3]), ("adjacent", [1, 2]), ("three", [0, 2, 4])):
        yield case(tag, x, axes)
    if v >= 11:
        yield case("negative", x, [-1])
        yield case("negative_two", x, [-1, -4])
    if v >= 13:
        yield case("unsorted", x, [3, 0])
    yield case("scalar", f32(), [0])
    yield case("empty", f32(0, 3), [1])
    for t in types_of(name, v):
        x = rand(DTYPES[t], 2, 3)
        yield row(t, x, i64(1), newest=True) if v >= 13 else row(t, x, axes=[1], newest=True)


@op("Transpose")
def transpose(v, name):
    x = f32(2, 3, 4)
    yield row("default", x)
    for perm in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
        yield row("perm_" + "".join(map(str, perm)), x, perm=perm)
    yield row("rank1", f32(4))
    yield row("scalar", f32())
    yield row("nchw_nhwc", f32(2, 3, 4, 5), perm=[0, 2, 3, 1])
    yield row("rank5", f32(2, 3, 2, 3, 2), perm=[4, 2, 0, 3, 1])
    yield row("ones", f32(1, 3, 1, 2), perm=[2, 3, 0, 1])
    yield row("empty", f32(2, 0, 3), perm=[1, 0, 2])
    yield row("tiles", f32(37, 21), perm=[1, 0], newest=True)
    yield from every_type(name, v)


@op("Concat")
def concat(v, name):
    for axis in (0, 1, 2):
        shapes = [[2, 3, 2], [2, 3, 2]]
        shapes[1][axis] = 5
        yield row(f"axis_{axis}", *[f32(*s) for s in shapes], axis=axis)
    if v >= 11:
        yield row("axis_m1", f32(2, 3), f32(2, 1), axis=-1)
        yield row("axis_m2", f32(2, 3), f32(1, 3), axis=-2)
    yield row("one", f32(2, 3), axis=1)
    yield row("five", *[f32(2, i) for i in range(1, 6)], axis=1)
    yield row("vectors", f32(3), f32(4), axis=0)
    yield row("empty_part", f32(2, 0), f32(2, 3), axis=1)
    yield row("all_empty", f32(0, 2), f32(0, 2), axis=0)
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 2, 3), rand(DTYPES[t], 2, 2), axis=1, newest=t not in ("int64", "string"))


@op("Split")
def split(v, name):
    def case(tag, x, parts, outs, **kw):
        if parts is None and v >= 18:
            kw["num_outputs"] = outs
        if parts is not None and v < 13:
            kw["split"] = parts
        extra = [i64(*parts)] if parts is not None and v >= 13 else []
        return row(tag, x, *extra, outs=outs, **kw)

    x = f32(4, 6)
    yield case("equal", x, None, 2)
    yield case("equal_axis_1", x, None, 3, axis=1)
    yield case("sizes", x, (1, 3), 2)
    yield case("sizes_axis_1", x, (1, 2, 3), 3, axis=1)
    yield case("zero_size", x, (0, 6), 2, axis=1)
    yield case("one", x, None, 1)
    if v >= 11:
        yield case("axis_m1", x, (2, 4), 2, axis=-1)
    if v >= 18:
        yield case("uneven", f32(7, 2), None, 3)
        yield case("uneven_axis", f32(2, 5), None, 2, axis=1)
    yield case("middle", f32(2, 4, 3), (1, 3), 2, axis=1)
    yield case("rank1", f32(6), (2, 4), 2)
    yield case("empty", f32(0, 4), (0, 0), 2)
    for t in types_of(name, v):
        yield case(t, rand(DTYPES[t], 2, 4), (1, 3), 2, axis=1, newest=t not in ("int64", "string"))


@op("Slice")
def slice_(v, name):
    big = np.iinfo(np.int64).max
    x = f32(5, 6, 4)

    def case(tag, x, starts, ends, axes=None, steps=None, index=np.int64, **kw):
        if v < 10:
            return row(tag, x, starts=starts, ends=ends, axes=axes, **kw) if steps is None else None
        ins = [None if a is None else np.array(a, index) for a in (starts, ends, axes, steps)]
        while ins[-1] is None:
            ins.pop()
        return row(tag, x, *ins, **kw)

    rows = [
        case("prefix_axes", x, [1, 2], [3, 5]),
        case("axes", x, [1, 0], [4, 2], [0, 2]),
        case("to_end", x, [2], [big], [1]),
        case("beyond", x, [0], [1000], [1]),
        case("negative_end", x, [0], [-1], [0]),
        case("negative_both", x, [-3], [-1], [1]),
        case("empty_result", x, [3], [3], [0]),
        case("start_beyond", x, [1000], [2000], [0]),
        case("backwards_is_empty", x, [4], [1], [1]),
        case("steps", x, [0, 1], [5, 6], [0, 1], [2, 3]),
        case("reverse", x, [-1], [-big], [0], [-1]),
        case("reverse_min", x, [-1], [-big - 1], [1], [-1]),
        case("negative_step", x, [4], [0], [1], [-2]),
        case("negative_step_from_beyond", x, [1000], [1], [1], [-2]),
        case("step_too_large", x, [1], [5], [1], [100]),
        case("steps_no_axes", x, [0, 0, 0], [5, 6, 4], None, [1, 2, 3]),
        case("mixed_steps", x, [4, 0, 3], [0, 6, -big], [0, 1, 2], [-1, 2, -3]),
        case("vector", f32(9), [2], [7]),
        case("empty_input", f32(0, 3), [0], [2], [1]),
    ]
    if v >= 10:
        rows.append(case("axes_m1", x, [1], [3], [-1]))
        rows.append(case("int32_index", x, [1], [4], [1], [2], index=np.int32))
        rows.append(case("unsorted_axes", x, [1, 2], [3, 5], [2, 0]))
    yield from (r for r in rows if r is not None)
    for t in types_of(name, v):
        yield case(t, rand(DTYPES[t], 3, 4), [1], [3], [1], newest=t not in ("int64", "string"))


@op("Expand")
def expand(v, name):
    for tag, a, shape in (
        ("column", (3, 1), (3, 4)), ("row", (4,), (3, 4)), ("rank", (3, 1), (2, 1, 6)), ("one_in_shape", (3, 4), (1, 1)),
        ("shorter_shape", (2, 3, 4), (1, 4)), ("scalar", (), (2, 3)), ("to_scalar", (), ()), ("same", (2, 3), (2, 3)),
        ("both", (3, 1, 5), (1, 4, 1)), ("empty", (1, 3), (0, 3)), ("empty_input", (0, 1), (1, 4)),
    ):
        yield row(tag, f32(*a), i64(*shape))
    yield from every_type(name, v, i64(2, 3, 4))


@op("Tile")
def tile(v, name):
    x = f32(2, 3)
    for tag, n in (("rows", (2, 1)), ("columns", (1, 3)), ("both", (2, 2)), ("none", (1, 1)), ("zero", (0, 2))):
        yield row(tag, x, i64(*n))
    yield row("rank1", f32(4), i64(3))
    yield row("rank4", f32(2, 1, 3, 2), i64(1, 3, 2, 2))
    yield row("empty", f32(0, 2), i64(2, 2))
    yield from every_type(name, v, i64(2, 1))


@op("Pad")
def pad(v, name):
    def case(tag, x, pads, value=None, axes=None, **kw):
        if v < 11:
            return row(tag, x, pads=pads, value=value, **kw)
        ins = [i64(*pads)]
        if value is not None or axes is not None:
            ins.append(None if value is None else np.array(value, x.dtype))
        if axes is not None:
            ins.append(axes)
        return row(tag, x, *ins, **kw)

    x, pads = f32(3, 4), (1, 2, 0, 3)
    yield case("default", x, pads)
    yield case("value", x, pads, 7.5)
    yield case("none", x, (0, 0, 0, 0))
    yield case("reflect", x, (1, 2, 2, 3), mode="reflect")
    yield case("edge", x, (1, 2, 3, 5), mode="edge")
    yield case("crop", x, (-1, 1, 0, -2))
    yield case("crop_reflect", x, (-1, 1, 1, -1), mode="reflect")
    yield case("crop_edge", x, (-1, 1, 1, -1), mode="edge")
    yield case("rank1", f32(5), (2, 1), 1.0)
    yield case("rank4", f32(1, 2, 3, 3), (0, 0, 1, 1, 0, 0, 2, 0), 0.5)
    yield case("rank4_reflect", f32(1, 2, 3, 3), (0, 0, 1, 2, 0, 0, 2, 1), mode="reflect")
    yield case("empty_dim", f32(0, 2), (1, 0, 1, 1), 3.0)
    if v >= 18:
        yield case("axes", x, (2, 1), 1.5, axes=i64(1))
        yield case("axes_negative", x, (2, 1, 0, 1), None, axes=i64(-1, 0))
        yield case("axes_int32", x, (1, 1), None, axes=np.array([0], np.int32))
        yield case("axes_reflect", f32(2, 3, 4), (1, 2, 2, 1), None, axes=i64(2, 1), mode="reflect")
    if v >= 19:
        yield case("wrap", x, (1, 2, 2, 3), mode="wrap")
        yield case("wrap_twice", f32(3), (7, 5), mode="wrap")
        yield case("wrap_axes", f32(2, 3, 4), (2, 1), None, axes=i64(-1), mode="wrap")
    for t in types_of(name, v):
        yield case(t, rand(DTYPES[t], 2, 3), (1, 0, 0, 2), newest=t not in ("double", "int64"))
        if t not in ("string",):
            yield case("edge_" + t, rand(DTYPES[t], 2, 3), (1, 0, 0, 2), mode="edge", newest=True)


@op("Shape")
def shape(v, name):
    x = f32(2, 3, 4)
    yield row("default", x)
    yield row("scalar", f32())
    yield row("empty", f32(0, 3))
    if v >= 15:
        for tag, kw in (
            ("start", dict(start=1)), ("end", dict(end=2)), ("range", dict(start=1, end=2)), ("negative", dict(start=-2, end=-1)),
            ("nothing", dict(start=2, end=1)), ("beyond", dict(start=-10, end=10)), ("end_zero", dict(end=0)),
        ):
            yield row(tag, x, **kw)
    yield from every_type(name, v)


@op("Size")
def size(v, name):
    yield row("default", f32(2, 3, 4))
    yield row("scalar", f32())
    yield row("empty", f32(0, 3))
    yield from every_type(name, v)


@op("Identity")
def identity(v, name):
    yield row("default", f32(2, 3))
    yield row("scalar", f32())
    yield row("empty", f32(0, 3))
    yield from every_type(name, v)


@op("Constant")
def constant(v, name):
    for t in ("float", "double", "float16", "bfloat16", "int8", "int64", "uint8", "bool", "string"):
        if t != "bfloat16" or v >= 13:
            yield row("tensor_" + t, value=numpy_helper.from_array(rand(DTYPES[t], 2, 3)))
    yield row("scalar", value=numpy_helper.from_array(f32()))
    yield row("empty", value=numpy_helper.from_array(f32(0, 3)))
    yield row("typed_data", value=helper.make_tensor("", TensorProto.INT32, [3], [1, -2, 3]))
    if v >= 12:
        yield row("value_float", value_float=1.5)
        yield row("value_int", value_int=-7)
        yield row("value_string", value_string="ñandú")
        yield row("value_floats", value_floats=[1.5, 2.0])
        yield row("value_ints", value_ints=[1, 2, 3])
        yield row("value_strings", value_strings=["a", "", "b"])


@op("ConstantOfShape")
def constant_of_shape(v, name):
    yield row("default", i64(2, 3))
    yield row("scalar", i64())
    yield row("empty", i64(0, 3))
    yield row("one", i64(1))
    for t in ("float", "double", "float16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"):
        yield row(t, i64(2, 3), value=numpy_helper.from_array(np.ones(1, DTYPES[t]) * DTYPES[t](3 if t != "bool" else 1)))


@op("Range")
def range_(v, name):
    def case(tag, t, start, limit, delta):
        return row(tag, *(np.array(x, t) for x in (start, limit, delta)))

    yield case("up", np.int64, 1, 9, 3)
    yield case("down", np.int64, 10, 4, -2)
    yield case("exact", np.int64, 0, 6, 2)
    yield case("empty", np.int64, 5, 5, 1)
    yield case("wrong_way", np.int64, 0, 5, -1)
    yield case("float", np.float32, 0.5, 2.6, 0.5)
    yield case("float_tenths", np.float32, 0, 1, 0.1)
    yield case("float_down", np.float32, 1, -1, -0.3)
    yield case("double", np.float64, 0, 1, 0.1)
    yield case("int32", np.int32, -3, 3, 1)
    yield case("int16", np.int16, -3, 3, 2)


@op("Trilu")
def trilu(v, name):
    x = f32(4, 5)
    yield row("upper", x)
    yield row("lower", x, upper=0)
    for k in (-2, 1, 7, -7):
        for upper in (0, 1):
            yield row(f"k{k}_upper{upper}".replace("-", "m"), x, np.array(k, np.int64), upper=upper)
    yield row("batch", f32(2, 3, 3))
    yield row("empty", f32(0, 3))
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 3, 4), newest=True)


@op("DepthToSpace")
def depth_to_space(v, name):
    yield row("default", f32(1, 8, 2, 3), blocksize=2)
    if v >= 11:
        yield row("dcr", f32(1, 8, 2, 3), blocksize=2, mode="DCR")
        yield row("crd", f32(1, 8, 2, 3), blocksize=2, mode="CRD")


@op("SpaceToDepth")
def space_to_depth(v, name):
    yield row("default", f32(1, 2, 4, 6), blocksize=2)
    yield row("three", f32(2, 1, 3, 6), blocksize=3)
