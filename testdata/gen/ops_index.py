"""Tables: gathering and scattering, OneHot, Compress, NonZero."""
import numpy as np

from opcase import DTYPES, arr, f32, i64, op, rand, row, types_of


@op("Gather")
def gather(v, name):
    x = f32(3, 4, 5)
    index = np.array([[0, 2], [1, 1]])
    for axis in (0, 1, 2):
        yield row(f"axis_{axis}", x, index, axis=axis)
    yield row("default", x, i64(2, 0))
    yield row("scalar_index", x, np.array(1), axis=1)
    yield row("int32_index", x, index.astype(np.int32), axis=1)
    yield row("vector", f32(6), i64(5, 0, 3, 3))
    yield row("empty_index", x, i64(), axis=1)
    yield row("embedding", f32(20, 8), rand(np.int64, 2, 7) % 20)
    yield row("no_rows_of_nothing", f32(3, 0), i64(1, 2))
    if v >= 11:
        yield row("negative", x, i64(-1, -3), axis=0)
        yield row("axis_m1", x, index, axis=-1)
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 3, 4), i64(2, 0), axis=1, newest=t not in ("int64", "string"))


@op("GatherElements")
def gather_elements(v, name):
    x = f32(3, 4, 2)
    for axis in (0, 1, 2, -1):
        n = x.shape[axis]
        yield row(f"axis_{axis}".replace("-", "m"), x, np.abs(rand(np.int64, 3, 4, 2)) % n, axis=axis)
    yield row("default", f32(3, 3), np.array([[1, 2, 0], [2, 0, 0]]))
    yield row("longer", f32(2, 3), np.abs(rand(np.int64, 5, 3)) % 2)
    yield row("negative", f32(3, 3), np.array([[-1, -2, 0], [-2, 0, -3]]))
    yield row("int32_index", f32(3, 3), np.array([[1, 2, 0]], np.int32), axis=1)
    yield row("vector", f32(5), i64(4, 0, 0))
    yield row("empty", f32(3, 2), np.zeros((0, 2), np.int64))
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 3, 4), np.abs(rand(np.int64, 3, 2)) % 4, axis=1, newest=t != "string")


@op("GatherND")
def gather_nd(v, name):
    x = f32(2, 3, 4)
    yield row("elements", x, np.array([[0, 1, 2], [1, 2, 3]]))
    yield row("slices", x, np.array([[0, 1], [1, 2]]))
    yield row("blocks", x, np.array([[1], [0], [1]]))
    yield row("rank3_index", x, np.array([[[0, 1]], [[1, 0]]]))
    yield row("one_tuple", x, i64(1, 2))
    yield row("negative", x, np.array([[-1, -3, -1]]))
    yield row("empty", x, np.zeros((0, 2), np.int64))
    if v >= 12:
        yield row("batch_1", x, np.array([[1], [0]]), batch_dims=1)
        yield row("batch_1_pairs", x, np.array([[[1, 0], [2, 3]], [[0, 0], [1, 1]]]), batch_dims=1)
        yield row("batch_2", x, np.array([[[1], [0], [3]], [[2], [2], [0]]]), batch_dims=2)
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 3, 4), np.array([[2], [0]]), newest=t not in ("int64", "string"))


@op("Scatter", "ScatterElements")
def scatter_elements(v, name):
    x = f32(3, 3)
    index = np.array([[1, 0, 2], [0, 2, 1]])
    yield row("default", x, index, f32(2, 3))
    yield row("axis_1", x, np.array([[1, 2], [0, 2], [2, 1]]), f32(3, 2), axis=1)
    yield row("vector", f32(5), i64(1, 3), f32(2))
    yield row("rank3", f32(2, 3, 2), np.array([[[0, 1]], [[2, 0]]]), f32(2, 1, 2), axis=1)
    yield row("int32_index", x, index.astype(np.int32), f32(2, 3))
    yield row("empty", x, np.zeros((0, 3), np.int64), f32(0, 3))
    if name == "ScatterElements":
        yield row("negative", x, index - 3, f32(2, 3))
        yield row("axis_m1", x, np.array([[1], [0], [2]]), f32(3, 1), axis=-1)
    yield from reductions(name, v, x, np.array([[1, 1, 1], [1, 0, 1]]), f32(2, 3))
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 3, 4), np.array([[0, 2]]), rand(DTYPES[t], 1, 2), axis=1, newest=t not in ("int64", "string"))


@op("ScatterND")
def scatter_nd(v, name):
    x = f32(4, 3, 2)
    yield row("elements", x, np.array([[0, 1, 1], [3, 2, 0]]), f32(2))
    yield row("slices", x, np.array([[0, 1], [3, 2]]), f32(2, 2))
    yield row("blocks", x, np.array([[3], [1]]), f32(2, 3, 2))
    yield row("rank3_index", x, np.array([[[0], [2]], [[1], [3]]]), f32(2, 2, 3, 2))
    yield row("negative", x, np.array([[-1], [-4]]), f32(2, 3, 2))
    yield row("vector", f32(8), np.array([[4], [3], [1], [7]]), f32(4))
    yield row("empty", x, np.zeros((0, 1), np.int64), f32(0, 3, 2))
    yield from reductions(name, v, x, np.array([[1], [1], [0], [1]]), f32(4, 3, 2))
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 3, 4), np.array([[2], [0]]), rand(DTYPES[t], 2, 4), newest=t not in ("int64", "string"))


def reductions(name, v, x, index, updates):
    """Repeated indices, which only a reduction defines."""
    if v < 16:
        return
    kinds = ["add", "mul"] + (["max", "min"] if v >= 18 else [])
    for r in kinds:
        yield row("reduction_" + r, x, index, updates, reduction=r)
        if r != "mul" and name == "ScatterElements":
            yield row("axis_1_" + r, x, index[:, ::-1] % 3, updates, axis=1, reduction=r)
        for t in ("double", "int32", "int64", "float16"):
            data = rand(DTYPES[t], *x.shape), index, rand(DTYPES[t], *updates.shape)
            yield row(f"reduction_{r}_{t}", *data, reduction=r, newest=True)
    yield row("reduction_none", x, index[:1], updates[:1], reduction="none")


@op("OneHot")
def one_hot(v, name):
    pair = np.array([0, 1], np.float32)
    index = np.array([[0, 3], [2, 1]])
    yield row("default", index, np.array(4), pair)
    yield row("depth_vector", index, i64(4), pair)
    for axis in (0, 1, 2, -1):
        yield row(f"axis_{axis}".replace("-", "m"), index, np.array(4), pair, axis=axis)
    if v >= 11:
        yield row("axis_m2", index, np.array(4), pair, axis=-2)
        yield row("negative_index", i64(-1, -4, 0), np.array(4), pair)
    yield row("out_of_range", i64(4, -5, 7, 1), np.array(4), pair)
    yield row("scalar_index", np.array(2), np.array(4), pair)
    yield row("off_on", i64(1, 0), np.array(3), np.array([-2, 5], np.float32))
    yield row("empty_index", i64(), np.array(3), pair)
    yield row("int32_values", i64(1, 0), np.array(3), np.array([0, 1], np.int32))
    yield row("int64_values", i64(1, 0), np.array(3), np.array([0, 1], np.int64))
    yield row("string_values", i64(1, 0), np.array(3), arr(["off", "on"]))
    yield row("float_index", np.array([1.0, 2.0, 0.0], np.float32), np.array(3.0, np.float32), pair)
    yield row("int32_index", np.array([1, 2, 0], np.int32), np.array(3, np.int32), pair)
    yield row("double_values", i64(1, 0), np.array(3), np.array([0.0, 1.0]))
    yield row("bool_values", i64(1, 0), np.array(3), np.array([False, True]))


@op("Compress")
def compress(v, name):
    x = f32(3, 4)
    yield row("flat", x, np.array([1, 0, 1, 0, 0, 1], bool))
    yield row("axis_0", x, np.array([0, 1, 1], bool), axis=0)
    yield row("axis_1", x, np.array([1, 0, 0, 1], bool), axis=1)
    yield row("short_condition", x, np.array([0, 1], bool), axis=0)
    yield row("none", x, np.zeros(3, bool), axis=0)
    if v >= 11:
        yield row("axis_m1", x, np.array([1, 0, 0, 1], bool), axis=-1)


@op("NonZero")
def non_zero(v, name):
    yield row("matrix", np.array([[1, 0, 2], [0, 0, 3]], np.float32))
    yield row("none", np.zeros((2, 3), np.float32))
    yield row("rank3", np.where(rand(bool, 2, 3, 2), f32(2, 3, 2), np.float32(0)))
    yield row("bool", rand(bool, 7))
    yield row("int64", np.array([0, -1, 5]))


@op("EyeLike")
def eye_like(v, name):
    yield row("default", f32(3, 4))
    for k in (1, -1, 5):
        yield row(f"k_{k}".replace("-", "m"), f32(3, 4), k=k)
    yield row("dtype", rand(np.int64, 3, 3), dtype=1)
    yield row("int32", rand(np.int32, 2, 3))


@op("ReverseSequence")
def reverse_sequence(v, name):
    x = f32(4, 3, 2)
    yield row("time_first", x, i64(4, 2, 1))
    yield row("batch_first", f32(3, 4), i64(4, 1, 3), batch_axis=0, time_axis=1)


@op("Unique")
def unique(v, name):
    x = np.array([2, 1, 1, 3, 4, 3], np.float32)
    yield row("sorted", x, outs=4)
    yield row("unsorted", x, sorted=0, outs=4)
    yield row("values_only", x)
    rows = np.array([[1, 0, 0], [1, 0, 0], [2, 3, 4]], np.float32)
    yield row("axis_0", rows, axis=0, outs=4)
    yield row("axis_m1", rows, axis=-1, outs=4)
    yield row("int64", np.array([[5, 5], [1, 2]]), outs=4)
    yield row("strings", arr(["b", "a", "b"]), outs=4)
