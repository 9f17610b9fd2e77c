"""Tables: elementwise operators, activations, comparisons."""
import numpy as np

from opcase import DTYPES, SPECIAL, arr, f32, op, rand, row, types_of

FLOATS = ("float", "double", "float16", "bfloat16")


def unary(name, v, lo=-3.0, hi=3.0, special=True, **attrs):
    """Rows that fit any unary operator: shapes, tails of vector loops, special values, every type."""
    yield row("basic", f32(2, 3, 4, lo=lo, hi=hi), **attrs)
    if special:
        yield row("special", SPECIAL, **attrs)
    yield row("scalar", f32(lo=lo, hi=hi), newest=True, **attrs)
    yield row("empty", f32(2, 0, 3), newest=True, **attrs)
    yield row("tail", f32(133, lo=lo, hi=hi), newest=True, **attrs)
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 3, 7, lo=lo, hi=hi), newest=True, **attrs)


@op("Abs", "Neg", "Sign", "Relu", "Exp", "Sigmoid", "Tanh", "Softplus", "Softsign", "Erf", "Floor", "Ceil",
    "Sin", "Cos", "Atan", "Asinh", "HardSwish", "Mish")
def plain(v, name):
    yield from unary(name, v)


@op("Sqrt", "Log")
def positive(v, name):
    yield from unary(name, v, lo=0.01, hi=9.0)


@op("Reciprocal")
def reciprocal(v, name):
    yield from unary(name, v, lo=0.2, hi=4.0)


@op("Asin", "Acos", "Atanh")
def unit(v, name):
    yield from unary(name, v, lo=-0.95, hi=0.95)


@op("Acosh")
def above_one(v, name):
    yield from unary(name, v, lo=1.0, hi=9.0)


@op("Tan", "Sinh", "Cosh")
def narrow(v, name):
    yield from unary(name, v, lo=-1.4, hi=1.4)


@op("Round")
def round_(v, name):
    yield from unary(name, v)
    halves = np.arange(-4.5, 5.0, 0.5, dtype=np.float32)
    yield row("half_to_even", halves)
    yield row("large", np.array([8388607.5, 8388609, 1e9, -1e9, 0.49999997, -0.49999997], np.float32))


@op("LeakyRelu", "Elu", "Celu", "ThresholdedRelu")
def alpha(v, name):
    yield from unary(name, v)
    yield row("alpha", f32(3, 5), alpha=0.25)
    if name != "Celu":
        yield row("alpha_zero", f32(3, 5), alpha=0.0)
    yield row("alpha_large", f32(3, 5), alpha=2.5)


@op("Selu")
def selu(v, name):
    yield from unary(name, v)
    yield row("attrs", f32(3, 5), alpha=2.0, gamma=3.0)
    yield row("gamma_only", f32(3, 5), gamma=0.5)


@op("HardSigmoid")
def hard_sigmoid(v, name):
    yield from unary(name, v)
    yield row("attrs", f32(3, 5), alpha=0.5, beta=0.6)
    yield row("keras3", f32(3, 5, lo=-6, hi=6), alpha=1 / 6, beta=0.5)


@op("Gelu")
def gelu(v, name):
    yield from unary(name, v)
    yield row("none", f32(3, 5), approximate="none")
    yield row("tanh", f32(3, 5), approximate="tanh")
    yield row("tanh_tail", f32(133, lo=-8, hi=8), approximate="tanh")
    yield row("tanh_special", SPECIAL, approximate="tanh")


@op("PRelu")
def prelu(v, name):
    x = f32(2, 3, 4)
    for tag, shape in (("same", (2, 3, 4)), ("last", (4,)), ("channel", (3, 1)), ("scalar", ()), ("one", (1,))):
        yield row(tag, x, f32(*shape))
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 3, 7), rand(DTYPES[t], 7), newest=True)


@op("IsNaN")
def is_nan(v, name):
    yield row("basic", np.array([[1, np.nan, -np.inf], [np.inf, -np.nan, 0]], np.float32))
    yield row("scalar", np.float32(np.nan))
    yield row("empty", f32(0, 2))
    for t in types_of(name, v):
        yield row(t, np.array([0, np.nan, np.inf, 1]).astype(DTYPES[t]), newest=True)


@op("IsInf")
def is_inf(v, name):
    x = np.array([[1, np.nan, -np.inf], [np.inf, 3e38, 0]], np.float32)
    yield row("basic", x)
    yield row("positive", x, detect_negative=0)
    yield row("negative", x, detect_positive=0)
    yield row("neither", x, detect_negative=0, detect_positive=0)
    for t in types_of(name, v):
        yield row(t, np.array([0, np.nan, np.inf, -np.inf, 1]).astype(DTYPES[t]), newest=True)


@op("Not")
def not_(v, name):
    yield row("basic", rand(bool, 3, 4))
    yield row("scalar", np.array(True))
    yield row("empty", rand(bool, 0, 4))
    yield row("tail", rand(bool, 133))


# ---- two inputs ---------------------------------------------------------------------------------------------------

SHAPES = (
    ("same", (2, 3, 4), (2, 3, 4)),
    ("row", (2, 3, 4), (4,)),
    ("row_left", (4,), (2, 3, 4)),
    ("column", (3, 1), (1, 4)),
    ("middle", (2, 1, 4), (3, 1)),
    ("interleaved", (2, 1, 4, 1), (3, 1, 5)),
    ("scalar_right", (2, 3), ()),
    ("scalar_left", (), (2, 3)),
    ("scalars", (), ()),
    ("one", (1, 1, 1), (2, 2)),
    ("empty", (0, 3), (1, 3)),
    ("empty_wins", (2, 0), (1, 1)),
    ("tail", (133,), (133,)),
    ("tail_scalar", (133,), (1,)),
    ("long_rows", (5, 37), (37,)),
)
CORE_SHAPES = ("same", "row", "column", "scalar_left", "empty")


def shapes(make_a, make_b, **attrs):
    for tag, sa, sb in SHAPES:
        yield row(tag, make_a(*sa), make_b(*sb), newest=tag not in CORE_SHAPES, **attrs)


def grid(values):
    """Every pair of the values, by broadcasting."""
    values = np.asarray(values)
    return values[:, None], values[None, :]


def nonzero(t, *shape):
    x = rand(DTYPES[t], *shape)
    return np.where(x == 0, np.ones_like(x), x)


@op("Add", "Sub", "Mul")
def arithmetic(v, name):
    yield from shapes(f32, f32)
    yield row("special", *grid(SPECIAL))
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 3, 7), rand(DTYPES[t], 7), newest=True)
    for t in ("uint8", "int32"):
        if t in types_of(name, v):
            top = np.iinfo(DTYPES[t]).max
            yield row("wraps_" + t, np.array([top, top, 3], DTYPES[t]), np.array([1, 2, 5], DTYPES[t]), newest=True)


@op("Div")
def div(v, name):
    yield from shapes(f32, lambda *s: f32(*s, lo=0.5, hi=3.0))
    yield row("special", *grid(SPECIAL))
    yield row("integer_truncates", *grid(np.array([-7, -3, -2, 2, 3, 7], np.int32)))
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 3, 7), nonzero(t, 7), newest=True)


@op("Pow")
def pow_(v, name):
    yield from shapes(lambda *s: f32(*s, lo=0.1, hi=3.0), f32)
    yield row("special", *grid(SPECIAL))
    yield row("negative_base", np.array([-2, -2, -2, -8, 0], np.float32), np.array([2, 3, -1, 1 / 3, -1], np.float32))
    for exponent in (0, 0.5, 1, 2, 3, -1, -0.5):
        yield row(f"exponent_{exponent}", f32(9, lo=0.1, hi=4.0), np.float32(exponent), newest=True)
    if v >= 12:
        yield row("float_int", f32(2, 3), np.array([2, 3, 0], np.int64))
        yield row("int_float", np.array([1, 2, 3], np.int32), np.array([2.0, 0.5, 3.0], np.float32))
        yield row("int_int", np.array([1, -2, 3], np.int64), np.array([2, 3, 4], np.int64))
        yield row("float_double", f32(3, lo=0.1), np.array([2.5, 0.5, -1.0]))
        yield row("double_float", rand(np.float64, 3, lo=0.1), np.array([2.5, 0.5, -1.0], np.float32))
        yield row("int32_int64", np.array([5, 2, 3], np.int32), np.array([2, 10, 4], np.int64))
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 3, 4, lo=0.1), rand(DTYPES[t], 4, lo=0.1, hi=2) % 4 if t[0] in "iu" else
                  rand(DTYPES[t], 4, lo=0.1, hi=2), newest=True)


@op("Mod")
def mod(v, name):
    values = np.array([-7, -4, -3, 3, 4, 7])
    yield from shapes(lambda *s: rand(np.int32, *s), lambda *s: nonzero("int32", *s))
    for t in types_of(name, v):
        if t in FLOATS:
            yield row("fmod_" + t, *grid(np.array([-5.3, -2, 2.1, 3.5]).astype(DTYPES[t])), fmod=1)
        else:
            some = (values if t[0] == "i" else np.abs(values)).astype(DTYPES[t])
            yield row(t, *grid(some))
            yield row("fmod_" + t, *grid(some), fmod=1)
    yield row("fmod_special", *grid(SPECIAL[:11]), fmod=1)


@op("Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual")
def comparison(v, name):
    yield from shapes(f32, f32)
    yield row("special", *grid(SPECIAL))
    for t in types_of(name, v):
        a = rand(DTYPES[t], 3, 7)
        b = np.where(rand(bool, 3, 7), a, rand(DTYPES[t], 3, 7))
        yield row(t, a, b, newest=t not in ("int32", "int64", "bool", "string", "double"))
    if "uint64" in types_of(name, v):
        yield row("uint64_large", *grid(np.array([0, 1, 2**63, 2**64 - 1], np.uint64)), newest=True)
    if "string" in types_of(name, v):
        yield row("strings", arr(["", "a", "ñandú", "b"]), arr(["", "b", "ñandú", "B"]))


@op("And", "Or", "Xor")
def logical(v, name):
    yield from shapes(lambda *s: rand(bool, *s), lambda *s: rand(bool, *s))


@op("BitwiseAnd", "BitwiseOr", "BitwiseXor")
def bitwise(v, name):
    yield from shapes(lambda *s: rand(np.int32, *s), lambda *s: rand(np.int32, *s))
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 3, 7), rand(DTYPES[t], 7), newest=True)


@op("BitwiseNot")
def bitwise_not(v, name):
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 3, 7))


@op("BitShift")
def bit_shift(v, name):
    for t in types_of(name, v):
        for d in ("LEFT", "RIGHT"):
            yield row(f"{d.lower()}_{t}", rand(DTYPES[t], 3, 4), np.array([0, 1, 3, 7], DTYPES[t]), direction=d)


# ---- any number of inputs -----------------------------------------------------------------------------------------


@op("Min", "Max", "Sum", "Mean")
def variadic(v, name):
    yield row("one", f32(2, 3))
    yield row("two", f32(2, 3), f32(2, 3))
    yield row("three", f32(2, 3), f32(2, 3), f32(2, 3))
    yield row("five", *[f32(4) for _ in range(5)])
    yield row("scalar", f32(), f32(), newest=True)
    yield row("empty", f32(0, 3), f32(0, 3), newest=True)
    yield row("tail", f32(133), f32(133), newest=True)
    yield row("infinities", *(np.array(x, np.float32) for x in ([np.inf, -np.inf, 1], [0, 5, -np.inf])))
    if v >= 8:
        yield row("broadcast", f32(2, 1, 4), f32(3, 1), f32(4))
        yield row("broadcast_scalar", f32(2, 3), f32(), f32(1))
    if name in ("Min", "Max"):
        yield row("nan", np.array([np.nan, 1, np.nan, 0.0], np.float32), np.array([1, np.nan, np.nan, -0.0], np.float32))
    for t in types_of(name, v):
        newest = t not in ("int32", "int64", "double")
        yield row(t, rand(DTYPES[t], 3, 7), rand(DTYPES[t], 3, 7), newest=newest)


@op("Clip")
def clip(v, name):
    x = f32(3, 5)
    if v < 11:
        yield row("both", x, min=-1.0, max=1.5)
        yield row("min", x, min=0.5)
        yield row("max", x, max=0.5)
        yield row("none", x)
        yield row("special", SPECIAL, min=-2.0, max=2.0)
        return
    lo, hi = np.float32(-1.0), np.float32(1.5)
    yield row("both", x, lo, hi)
    yield row("min", x, lo)
    yield row("max", x, None, hi)
    yield row("none", x)
    yield row("special", SPECIAL, np.float32(-2), np.float32(2))
    yield row("crossed", x, hi, lo)
    yield row("scalar", np.float32(9), lo, hi)
    yield row("empty", f32(0, 2), lo, hi)
    yield row("tail", f32(133), lo, hi)
    for t in types_of(name, v):
        d = DTYPES[t]
        a, b = (2, 7) if t.startswith("u") else (-2, 2)
        yield row(t, rand(d, 3, 7), np.array(a, d), np.array(b, d), newest=t not in ("int32", "int64"))


@op("Where")
def where(v, name):
    yield row("same", rand(bool, 2, 3), f32(2, 3), f32(2, 3))
    yield row("scalar_condition", np.array(False), f32(2, 3), f32(2, 3))
    yield row("broadcast", rand(bool, 3, 1), f32(2, 1, 4), f32(4))
    yield row("broadcast_condition", rand(bool, 4), f32(2, 3, 1), f32())
    yield row("scalars", np.array(True), f32(), f32())
    yield row("empty", rand(bool, 0, 3), f32(1, 3), f32())
    yield row("nan", np.array([True, False]), np.array([1, np.nan], np.float32), np.array([np.nan, 2], np.float32))
    for t in types_of(name, v, index=1):
        yield row(t, rand(bool, 3, 7), rand(DTYPES[t], 3, 7), rand(DTYPES[t], 7), newest=t not in ("int64", "string"))


# ---- softmax family -----------------------------------------------------------------------------------------------


@op("Softmax", "LogSoftmax", "Hardmax")
def softmax(v, name):
    x = f32(2, 3, 4)
    yield row("default", x)
    for axis in (0, 1, 2):
        yield row(f"axis_{axis}", x, axis=axis)
    if v >= 11:
        for axis in (-1, -2, -3):
            yield row(f"axis_m{-axis}", x, axis=axis)
    yield row("rank2", f32(3, 5))
    yield row("rank1", f32(7), axis=0)
    yield row("rank4", f32(2, 3, 2, 3))
    yield row("large", np.array([[1e4, 1e4 - 1, -1e4], [300, 299, 301]], np.float32), axis=1)
    yield row("minus_infinity", np.array([[-np.inf, 0, 1], [1, 2, -np.inf]], np.float32), axis=1)
    if name != "Hardmax":
        yield row("nan", np.array([[np.nan, 0, 1], [1, 2, 3]], np.float32), axis=1, newest=True)
    yield row("empty", f32(0, 4), axis=1)
    yield row("one", f32(3, 1), axis=1)
    yield row("tail", f32(3, 133), axis=1)
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 3, 7), newest=t != "double")


# ---- dropout and random -------------------------------------------------------------------------------------------


@op("Dropout")
def dropout(v, name):
    x = f32(3, 5)
    if v < 12:
        yield row("default", x)
        yield row("ratio", x, ratio=0.1)
        if v >= 10:
            yield row("mask", x, outs=2, compare="type")  # before 12 the mask means nothing outside training
    else:
        ratio = np.float32(0.25)
        yield row("default", x)
        yield row("seed", x, seed=5)
        yield row("ratio", x, ratio)
        yield row("inference", x, ratio, np.array(False))
        yield row("mask", x, outs=2)
        yield row("inference_mask", x, ratio, np.array(False), outs=2)
        yield row("training_zero", x, np.float32(0), np.array(True), outs=2)
        yield row("training", x, ratio, np.array(True), outs=2, compare="type", seed=3)
        yield row("training_default_ratio", x, None, np.array(True), outs=2, compare="type")
        yield row("ratio_double", x, np.float64(0.5), newest=True)
    yield row("scalar", f32(), newest=True)
    yield row("empty", f32(0, 3), newest=True)
    for t in types_of(name, v):
        yield row(t, rand(DTYPES[t], 3, 4), newest=True)


@op("RandomNormal", "RandomUniform")
def random(v, name):
    yield row("default", shape=[3, 4], compare="type")
    yield row("seed", shape=[3, 4], seed=1.0, compare="type")
    yield row("double", shape=[2], dtype=11, compare="type")
    yield row("float16", shape=[2], dtype=10, compare="type")
    yield row("empty", shape=[0, 3], compare="type")
    if name == "RandomNormal":
        yield row("moments", shape=[2, 3], mean=5.0, scale=0.5, compare="type")
    else:
        yield row("range", shape=[2, 3], low=-5.0, high=0.5, compare="type")


@op("RandomNormalLike", "RandomUniformLike")
def random_like(v, name):
    yield row("default", f32(3, 4), compare="type")
    yield row("double", rand(np.float64, 3), compare="type")
    yield row("integers_dtype", rand(np.int64, 3), dtype=1, compare="type")
    yield row("empty", f32(0, 3), compare="type")
    yield row("scalar", f32(), compare="type")


@op("Bernoulli")
def bernoulli(v, name):
    yield row("default", f32(3, 4, lo=0, hi=1), compare="type")
    yield row("bool", f32(3, 4, lo=0, hi=1), dtype=9, compare="type")
    yield row("empty", f32(0, 4), compare="type")
