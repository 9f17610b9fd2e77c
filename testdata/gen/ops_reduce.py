"""Tables: reductions, arg-reductions, cumulative sums, TopK."""
import numpy as np

from opcase import DTYPES, f32, i64, op, rand, row, types_of

# since when axes is an input instead of an attribute
AXES_INPUT = {"ReduceSum": 13}


@op("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare",
    "ReduceLogSum", "ReduceLogSumExp")
def reduce(v, name):
    as_input = v >= AXES_INPUT.get(name, 18)
    lo = 0.1 if name == "ReduceLogSum" else -3.0

    def case(tag, x, axes=None, **kw):
        if as_input:
            return row(tag, x, *([] if axes is None else [i64(*axes)]), **kw)
        return row(tag, x, axes=axes, **kw)

    x = f32(2, 3, 4, lo=lo)
    yield case("all", x)
    yield case("all_flat", x, keepdims=0)
    for axes in ((0,), (1,), (2,), (0, 2), (0, 1, 2), (2, 0)):
        tag = "_".join(map(str, axes))
        yield case("axes_" + tag, x, axes, newest=axes == (2, 0))
        yield case("flat_" + tag, x, axes, keepdims=0)
    if v >= 11:
        yield case("axes_m1", x, (-1,))
        yield case("axes_m3_m1_flat", x, (-3, -1), keepdims=0)
    if as_input:
        yield case("noop", x, noop_with_empty_axes=1)
        yield case("noop_empty_axes", x, (), noop_with_empty_axes=1)
        yield case("empty_axes", x, ())
        yield case("noop_with_axes", x, (1,), noop_with_empty_axes=1)
    yield case("rank1", f32(5, lo=lo), (0,))
    yield case("scalar", f32(lo=lo))
    yield case("one", f32(1, 3, 1, lo=lo), (0,))
    yield case("tail", f32(3, 133, lo=lo), (1,))
    yield case("tail_first", f32(133, 3, lo=lo), (0,))
    yield case("middle", f32(2, 5, 19, lo=lo), (1,), keepdims=0)
    yield case("rank5", f32(2, 3, 2, 3, 2, lo=lo), (1, 3))
    if v >= 18:
        if name != "ReduceMean":
            yield case("empty_rows", f32(2, 0, 4), (1,))
        yield case("empty_result", f32(2, 0, 4), (0,))
    if name not in ("ReduceMax", "ReduceMin"):  # the standard does not say; the oracles differ
        yield case("nan", np.array([[1, np.nan, 2], [3, 4, 5]], np.float32), (1,))
    if name not in ("ReduceLogSum",):
        yield case("infinity", np.array([[1, np.inf, 2], [-np.inf, 4, 5]], np.float32), (1,))
    for t in types_of(name, v):
        data = np.abs(rand(DTYPES[t], 3, 7)) + DTYPES[t](1) if lo > 0 and t != "bool" else rand(DTYPES[t], 3, 7)
        yield case(t, data.astype(DTYPES[t]), (1,), newest=t not in ("double", "int32", "int64"))


@op("ArgMax", "ArgMin")
def arg(v, name):
    x = rand(np.float32, 2, 3, 4).round()
    yield row("default", x)
    for axis in (0, 1, 2):
        yield row(f"axis_{axis}", x, axis=axis)
        yield row(f"flat_{axis}", x, axis=axis, keepdims=0)
    if v >= 11:
        yield row("axis_m1", x, axis=-1)
        yield row("axis_m3_flat", x, axis=-3, keepdims=0)
    ties = np.array([[2, 1, 2, 1], [0, 0, 0, 0]], np.float32)
    yield row("ties", ties, axis=1)
    if v >= 12:
        yield row("ties_last", ties, axis=1, select_last_index=1)
        yield row("last_0_flat", x, axis=0, keepdims=0, select_last_index=1)
    yield row("rank1", f32(7), axis=0)
    yield row("infinity", np.array([[1, np.inf, 2], [-np.inf, 4, 5]], np.float32), axis=1)
    yield row("tail", f32(2, 133), axis=1)
    yield row("tail_first", f32(133, 2), axis=0)
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 3, 7), axis=1, newest=t != "int32")


@op("CumSum")
def cumsum(v, name):
    x = f32(2, 3, 4)
    for axis in (0, 1, 2, -1):
        yield row(f"axis_{axis}".replace("-", "m"), x, np.array(axis, np.int64))
    yield row("int32_axis", x, np.array(1, np.int32))
    for exclusive, reverse in ((1, 0), (0, 1), (1, 1)):
        yield row(f"exclusive{exclusive}_reverse{reverse}", x, np.array(1, np.int64), exclusive=exclusive, reverse=reverse)
    yield row("empty", f32(2, 0), np.array(1, np.int64))
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 3, 7), np.array(1, np.int64), newest=True)


@op("TopK")
def topk(v, name):
    x = rand(np.float32, 3, 5, 4)

    def case(tag, x, k, **kw):
        return row(tag, x, k=k, outs=2, **kw) if v < 10 else row(tag, x, i64(k), outs=2, **kw)

    yield case("default", x, 2)
    for axis in (0, 1):
        yield case(f"axis_{axis}", x, 2, axis=axis)
    yield case("all", x, 4)
    if v >= 11:
        yield case("smallest", x, 3, axis=1, largest=0)
        yield case("axis_m2", x, 2, axis=-2)
        yield case("ties", np.array([[1, 3, 3, 2, 3]], np.float32), 3)
        yield case("k_zero", x, 0)
    for t in types_of(name, v):
        yield case(t, np.stack([np.random.default_rng(i).permutation(7) for i in range(3)]).astype(DTYPES[t]), 3, newest=True)
