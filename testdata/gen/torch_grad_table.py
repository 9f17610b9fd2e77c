"""The rows of torch_ops.py: an ONNX node beside the PyTorch expression with the same meaning."""
import zlib

import numpy as np
import torch
import torch.nn.functional as F

from torch_rnn import gru, lstm, rnn


class Row:
    def __init__(self, name, op, inputs, fn, outs, constant, opset, attrs):
        self.name, self.op, self.inputs, self.torch = name, op, inputs, fn
        self.outs, self.constant, self.opset, self.attrs = outs, constant, opset, attrs


def g(op, tag, inputs, fn, outs=1, constant=(), opset=None, **attrs):
    """A row. inputs: arrays or None; constant: indices of float inputs without gradient."""
    name = f"{op}_{tag}" if tag else op
    return Row(name, op, [None if x is None else np.asarray(x) for x in inputs], fn, outs, constant, opset, attrs)


def u(*shape, lo=-2.0, hi=2.0, seed=0):
    rng = np.random.default_rng(zlib.crc32(repr((shape, lo, hi, seed)).encode()))
    return rng.uniform(lo, hi, shape).astype(np.float32)


def distinct(*shape, seed=0):
    """Values far from one another, so that maxima are unique."""
    n = int(np.prod(shape))
    return (np.random.default_rng(seed).permutation(n).reshape(shape) * 0.37 - n * 0.18).astype(np.float32)


def i64(*v):
    return np.array(v, np.int64)


def unary():
    x = u(3, 4)
    for op, fn in (
        ("Neg", torch.neg), ("Abs", torch.abs), ("Exp", torch.exp), ("Erf", torch.erf), ("Relu", F.relu), ("Sigmoid", torch.sigmoid),
        ("Tanh", torch.tanh), ("Softplus", F.softplus), ("Softsign", F.softsign), ("Sin", torch.sin), ("Cos", torch.cos),
        ("Atan", torch.atan), ("Sinh", torch.sinh), ("Cosh", torch.cosh), ("Asinh", torch.asinh), ("Mish", F.mish), ("HardSwish", F.hardswish),
        ("Identity", lambda t: t * 1), ("Sign", torch.sign), ("Floor", torch.floor), ("Ceil", torch.ceil), ("Round", torch.round),
    ):
        yield g(op, "", [x], fn)
    for op, fn, lo, hi in (
        ("Sqrt", torch.sqrt, 0.1, 4), ("Log", torch.log, 0.1, 4), ("Reciprocal", torch.reciprocal, 0.3, 3), ("Asin", torch.asin, -0.9, 0.9),
        ("Acos", torch.acos, -0.9, 0.9), ("Atanh", torch.atanh, -0.9, 0.9), ("Acosh", torch.acosh, 1.1, 4), ("Tan", torch.tan, -1.2, 1.2),
    ):
        yield g(op, "", [u(3, 4, lo=lo, hi=hi)], fn)
    yield g("LeakyRelu", "", [x], lambda t: F.leaky_relu(t, 0.2), alpha=0.2)
    yield g("Elu", "", [x], lambda t: F.elu(t, 0.7), alpha=0.7)
    yield g("Celu", "", [x], lambda t: F.celu(t, 1.5), alpha=1.5)
    yield g("Selu", "", [x], F.selu)
    yield g("ThresholdedRelu", "", [x], lambda t: torch.where(t > 0.5, t, 0.0), alpha=0.5)
    yield g("HardSigmoid", "", [u(3, 9, lo=-4, hi=4)], lambda t: torch.clamp(0.2 * t + 0.5, 0, 1))
    yield g("Gelu", "", [x], F.gelu)
    yield g("Gelu", "tanh", [x], lambda t: F.gelu(t, approximate="tanh"), approximate="tanh")
    yield g("PRelu", "channel", [u(2, 3, 4), u(3, 1)], lambda t, s: torch.where(t < 0, s * t, t))
    yield g("PRelu", "scalar", [u(2, 3), u(1, seed=3)], lambda t, s: torch.where(t < 0, s * t, t))
    yield g("Clip", "", [x, np.float32(-0.8), np.float32(1.1)], lambda t, a, b: torch.clamp(t, -0.8, 1.1), constant=(1, 2))
    yield g("Cast", "", [x], lambda t: t * 1, to=1)


def binary():
    for op, fn in (("Add", torch.add), ("Sub", torch.sub), ("Mul", torch.mul), ("Div", torch.div)):
        for tag, a, b in (("same", (3, 4), (3, 4)), ("row", (2, 3, 4), (4,)), ("both", (3, 1), (1, 4)), ("scalar", (2, 3), ()), ("left", (4,), (2, 3, 4))):
            yield g(op, tag, [u(*a), u(*b, lo=0.5, hi=2)], fn)
    yield g("Pow", "", [u(3, 4, lo=0.3, hi=2), u(4, seed=1)], torch.pow)
    yield g("Pow", "square", [u(3, 4), np.float32(2)], lambda t, e: t**2, constant=(1,))
    yield g("Mod", "fmod", [u(3, 4, lo=1, hi=9), u(4, lo=1.1, hi=2)], torch.fmod, fmod=1)
    a, b, c = distinct(3, 4), distinct(3, 4, seed=1) + 0.1, distinct(3, 4, seed=2) + 0.2
    yield g("Max", "", [a, b, c], lambda *t: torch.stack(t).amax(0))
    yield g("Min", "", [a, b, c], lambda *t: torch.stack(t).amin(0))
    yield g("Max", "broadcast", [a, b[0]], torch.maximum)
    yield g("Sum", "", [a, b[0], c[:, :1]], lambda x, y, z: x + y + z)
    yield g("Mean", "", [a, b[0], c[:, :1]], lambda x, y, z: (x + y + z) / 3)
    cond = distinct(3, 4) > 0
    yield g("Where", "", [cond, u(3, 4), u(4)], torch.where)
    yield g("Where", "broadcast", [cond[:, :1], u(3, 4), np.float32(0.5)], torch.where)


def matrices():
    for tag, a, b in (
        ("2d", (3, 4), (4, 5)), ("batch", (2, 3, 4), (2, 4, 5)), ("shared", (2, 3, 4), (4, 5)), ("broadcast", (2, 1, 3, 4), (5, 4, 2)),
        ("vector_right", (3, 4), (4,)), ("vector_left", (4,), (4, 5)), ("vectors", (4,), (4,)), ("vector_batch", (2, 3, 4), (4,)),
    ):
        yield g("MatMul", tag, [u(*a), u(*b)], torch.matmul)
    for ta in (0, 1):
        for tb in (0, 1):
            a, b = u(4, 3) if ta else u(3, 4), u(5, 4) if tb else u(4, 5)
            fn = lambda a, b, c, ta=ta, tb=tb: 0.5 * (a.T if ta else a) @ (b.T if tb else b) + 2 * c
            yield g("Gemm", f"{ta}{tb}", [a, b, u(5)], fn, alpha=0.5, beta=2.0, transA=ta, transB=tb)
    yield g("Gemm", "column", [u(3, 4), u(4, 5), u(3, 1)], lambda a, b, c: a @ b + c)
    yield g("Gemm", "no_c", [u(3, 4), u(4, 5)], lambda a, b: a @ b)
    for tag, eq, *shapes in (
        ("matmul", "ij,jk->ik", (3, 4), (4, 5)), ("attention", "bqhd,bkhd->bhqk", (2, 3, 2, 4), (2, 5, 2, 4)), ("diagonal", "ii->i", (4, 4)),
        ("sum", "ij->j", (3, 4)), ("three", "ij,jk,kl->il", (2, 3), (3, 4), (4, 2)), ("outer", "i,j->ij", (3,), (4,)), ("dot", "bi,bi->b", (3, 4), (3, 4)),
    ):
        yield g("Einsum", tag, [u(*s, seed=i) for i, s in enumerate(shapes)], lambda *t, eq=eq: torch.einsum(eq, *t), equation=eq)


def reductions():
    x, pos = u(2, 3, 4), u(2, 3, 4, lo=0.2, hi=2)
    for axes, keep in (((1,), 1), ((0, 2), 0), ((-1,), 0), ((0, 1, 2), 1)):
        tag = "_".join(str(a).replace("-", "m") for a in axes) + ("_keep" if keep else "")
        k, ax = bool(keep), i64(*axes)
        yield g("ReduceSum", tag, [x, ax], lambda t, _, a=axes, k=k: t.sum(a, k), keepdims=keep)
        yield g("ReduceMean", tag, [x, ax], lambda t, _, a=axes, k=k: t.mean(a, k), keepdims=keep)
        yield g("ReduceMax", tag, [distinct(2, 3, 4), ax], lambda t, _, a=axes, k=k: t.amax(a, k), keepdims=keep)
        yield g("ReduceMin", tag, [distinct(2, 3, 4), ax], lambda t, _, a=axes, k=k: t.amin(a, k), keepdims=keep)
        yield g("ReduceSumSquare", tag, [x, ax], lambda t, _, a=axes, k=k: (t * t).sum(a, k), keepdims=keep)
        yield g("ReduceL2", tag, [x, ax], lambda t, _, a=axes, k=k: (t * t).sum(a, k).sqrt(), keepdims=keep)
        yield g("ReduceL1", tag, [x, ax], lambda t, _, a=axes, k=k: t.abs().sum(a, k), keepdims=keep)
        yield g("ReduceLogSum", tag, [pos, ax], lambda t, _, a=axes, k=k: t.sum(a, k).log(), keepdims=keep)
        yield g("ReduceLogSumExp", tag, [x, ax], lambda t, _, a=axes, k=k: torch.logsumexp(t, a, k), keepdims=keep)
    yield g("ReduceProd", "", [pos, i64(1)], lambda t, _: t.prod(1), keepdims=0)
    yield g("ReduceMean", "all", [x], lambda t: t.mean(), keepdims=0)
    yield g("CumSum", "", [x, np.array(1, np.int64)], lambda t, _: t.cumsum(1))
    yield g("CumSum", "reverse_exclusive", [x, np.array(2, np.int64)],
            lambda t, _: torch.flip(torch.cumsum(torch.flip(t, [2]), 2), [2]) - t, reverse=1, exclusive=1)
    yield g("TopK", "", [distinct(3, 5), i64(2)], lambda t, _: t.topk(2).values, outs=2)
    yield g("TopK", "smallest", [distinct(4, 3), i64(2)], lambda t, _: t.topk(2, dim=0, largest=False).values, outs=2, axis=0, largest=0)
    for axis in (-1, 0, 1):
        tag = str(axis).replace("-", "m")
        yield g("Softmax", tag, [x], lambda t, a=axis: F.softmax(t, a), axis=axis)
        yield g("LogSoftmax", tag, [x], lambda t, a=axis: F.log_softmax(t, a), axis=axis)


def shapes():
    x = u(2, 3, 4)
    yield g("Reshape", "", [x, i64(4, -1)], lambda t, _: t.reshape(4, -1))
    yield g("Flatten", "", [x], lambda t: t.flatten(1))
    yield g("Squeeze", "", [u(1, 3, 1), i64(0, 2)], lambda t, _: t.reshape(3))
    yield g("Unsqueeze", "", [u(2, 3), i64(0, 2)], lambda t, _: t[None, :, None])
    yield g("Transpose", "", [x], lambda t: t.permute(2, 0, 1), perm=[2, 0, 1])
    yield g("Concat", "", [u(2, 3), u(2, 1), u(2, 2)], lambda *t: torch.cat(t, 1), axis=1)
    yield g("Split", "", [u(4, 5), i64(1, 3, 1)], lambda t, _: torch.split(t, [1, 3, 1], 1), outs=3, axis=1)
    yield g("Slice", "", [u(5, 6), i64(1, 0), i64(4, 6), i64(0, 1), i64(1, 2)], lambda t, *_: t[1:4, 0:6:2])
    yield g("Slice", "reverse", [u(5, 3), i64(-1), i64(-100), i64(0), i64(-2)], lambda t, *_: t.flip(0)[::2])
    yield g("Expand", "", [u(3, 1), i64(2, 3, 4)], lambda t, _: t.expand(2, 3, 4))
    yield g("Tile", "", [u(2, 3), i64(2, 3)], lambda t, _: t.repeat(2, 3))
    yield g("Pad", "constant", [u(3, 4), i64(1, 2, 0, 3)], lambda t, _: F.pad(t, (2, 3, 1, 0)))
    yield g("Pad", "crop", [u(3, 4), i64(-1, 2, 1, -1)], lambda t, _: F.pad(t, (2, -1, -1, 1)))
    for mode, name in (("reflect", "reflect"), ("edge", "replicate"), ("wrap", "circular")):
        yield g("Pad", mode, [u(1, 2, 5), i64(0, 0, 2, 0, 0, 3)], lambda t, _, m=name: F.pad(t, (2, 3), mode=m), mode=mode)
    yield g("Trilu", "", [u(4, 5), np.array(1, np.int64)], lambda t, _: torch.triu(t, 1))
    yield g("Trilu", "lower", [u(4, 5)], torch.tril, upper=0)
    yield g("DepthToSpace", "crd", [u(1, 8, 2, 3)], lambda t: F.pixel_shuffle(t, 2), blocksize=2, mode="CRD")
    yield g("SpaceToDepth", "", [u(1, 2, 4, 6)], lambda t: t.reshape(1, 2, 2, 2, 3, 2).permute(0, 3, 5, 1, 2, 4).reshape(1, 8, 2, 3), blocksize=2)


def indices():
    x = u(4, 3, 2)
    yield g("Gather", "", [x, np.array([[0, 2], [2, 2]])], lambda t, i: t[i], axis=0)
    yield g("Gather", "axis_1", [x, i64(2, 0, 2)], lambda t, i: t[:, i], axis=1)
    yield g("Gather", "negative", [x, i64(-1, 0)], lambda t, i: t[i])
    yield g("Gather", "scalar", [x, np.array(1)], lambda t, i: t[:, 1], axis=1)
    e = np.array([[0, 1, 2], [2, 2, 0]])
    yield g("GatherElements", "", [u(3, 3), e], lambda t, i: t.gather(0, i))
    yield g("GatherElements", "axis_1", [u(2, 4), e], lambda t, i: t.gather(1, i), axis=1)
    yield g("GatherND", "", [x, np.array([[0, 1], [3, 2], [0, 1]])], lambda t, i: t[i[:, 0], i[:, 1]])
    yield g("GatherND", "batch", [u(2, 3, 4), np.array([[1], [0]])], lambda t, i: t[torch.arange(2), i[:, 0]], batch_dims=1)
    p = np.array([[0, 1, 2], [2, 0, 1]])
    yield g("ScatterElements", "", [u(3, 3), p, u(2, 3)], lambda t, i, v: t.scatter(0, i, v))
    repeated = np.array([[1, 1, 1], [1, 0, 1]])
    yield g("ScatterElements", "add", [u(3, 3), repeated, u(2, 3)], lambda t, i, v: t.scatter_add(0, i, v), reduction="add")
    yield g("ScatterElements", "mul", [u(3, 3), repeated, u(2, 3)], lambda t, i, v: t.scatter_reduce(0, i, v, "prod"), reduction="mul")
    yield g("ScatterElements", "max", [distinct(3, 3), repeated, distinct(2, 3, seed=5) + 0.1], lambda t, i, v: t.scatter_reduce(0, i, v, "amax"), reduction="max")
    yield g("ScatterElements", "min", [distinct(3, 3), repeated, distinct(2, 3, seed=5) + 0.1], lambda t, i, v: t.scatter_reduce(0, i, v, "amin"), reduction="min")
    yield g("ScatterND", "", [x, np.array([[3], [0]]), u(2, 3, 2)], lambda t, i, v: t.index_put((i[:, 0],), v))
    yield g("ScatterND", "add", [x, np.array([[3], [0], [3]]), u(3, 3, 2)], lambda t, i, v: t.index_put((i[:, 0],), v, accumulate=True), reduction="add")


def convolutions():
    conv = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
    for tag, xs, ws, kw in (
        ("1d", (2, 3, 8), (4, 3, 3), {}), ("2d", (2, 3, 6, 5), (4, 3, 3, 2), {}), ("3d", (1, 2, 4, 5, 4), (3, 2, 2, 3, 2), {}),
        ("pads", (1, 2, 5, 5), (3, 2, 3, 3), dict(pads=1)), ("strides", (1, 2, 7, 8), (3, 2, 3, 3), dict(strides=2, pads=1)),
        ("dilations", (1, 2, 8, 8), (2, 2, 3, 3), dict(dilations=2)), ("groups", (2, 4, 5, 5), (6, 2, 3, 3), dict(group=2)),
        ("depthwise", (1, 3, 5, 5), (3, 1, 3, 3), dict(group=3, pads=1)), ("depthwise_2", (1, 3, 5, 5), (6, 1, 3, 3), dict(group=3)),
        ("one", (2, 3, 4, 4), (5, 3, 1, 1), {}), ("all", (2, 4, 9, 8), (4, 2, 3, 2), dict(strides=2, pads=2, dilations=2, group=2)),
    ):
        n = len(xs) - 2
        s, p, d, gr = (kw.get(k, v) for k, v in (("strides", 1), ("pads", 0), ("dilations", 1), ("group", 1)))
        fn = lambda x, w, b, n=n, s=s, p=p, d=d, gr=gr: conv[n](x, w, b, s, p, d, gr)
        yield g("Conv", tag, [u(*xs), u(*ws, lo=-1, hi=1), u(ws[0])], fn, strides=[s] * n, pads=[p] * 2 * n, dilations=[d] * n, group=gr)
    yield g("Conv", "no_bias", [u(1, 2, 5, 5), u(3, 2, 3, 3)], F.conv2d)
    yield g("Conv", "uneven_pads", [u(1, 2, 5, 5), u(3, 2, 3, 3)], lambda x, w: F.conv2d(F.pad(x, (2, 1, 1, 0)), w), pads=[1, 2, 0, 1])
    yield g("Conv", "same_upper", [u(1, 2, 5, 6), u(3, 2, 3, 2)], lambda x, w: F.conv2d(F.pad(x, (0, 0, 1, 1)), w, stride=2), auto_pad="SAME_UPPER", strides=[2, 2])
    conv_t = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}
    for tag, xs, ws, kw in (
        ("1d", (2, 3, 5), (3, 4, 3), {}), ("2d", (2, 3, 4, 3), (3, 2, 3, 2), {}), ("3d", (1, 2, 3, 2, 3), (2, 2, 2, 2, 2), {}),
        ("strides", (1, 2, 4, 4), (2, 3, 3, 3), dict(strides=2, pads=1)), ("output_padding", (1, 2, 4, 4), (2, 3, 3, 3), dict(strides=2, pads=1, output_padding=1)),
        ("dilations", (1, 2, 4, 4), (2, 2, 3, 3), dict(dilations=2)), ("groups", (1, 4, 3, 3), (4, 2, 3, 3), dict(group=2)),
    ):
        n = len(xs) - 2
        s, p, d, gr, op = (kw.get(k, v) for k, v in (("strides", 1), ("pads", 0), ("dilations", 1), ("group", 1), ("output_padding", 0)))
        fn = lambda x, w, b, n=n, s=s, p=p, d=d, gr=gr, op=op: conv_t[n](x, w, b, s, p, op, gr, d)
        yield g("ConvTranspose", tag, [u(*xs), u(*ws, lo=-1, hi=1), u(ws[1] * gr)], fn, strides=[s] * n, pads=[p] * 2 * n,
                dilations=[d] * n, group=gr, output_padding=[op] * n)


def poolings():
    pool = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
    for tag, xs, k, kw in (
        ("1d", (2, 3, 8), 2, dict(strides=2)), ("2d", (2, 3, 6, 6), 2, dict(strides=2)), ("3d", (1, 2, 4, 4, 4), 2, dict(strides=2)),
        ("overlap", (1, 2, 6, 6), 3, dict(strides=1)), ("pads", (1, 2, 6, 6), 3, dict(strides=2, pads=1)), ("dilations", (1, 2, 7, 7), 2, dict(strides=1, dilations=2)),
        ("ceil", (1, 2, 6, 6), 3, dict(strides=2, ceil_mode=1)),
    ):
        n = len(xs) - 2
        s, p, d, c = kw["strides"], kw.get("pads", 0), kw.get("dilations", 1), kw.get("ceil_mode", 0)
        yield g("MaxPool", tag, [distinct(*xs)], lambda x, n=n, k=k, s=s, p=p, d=d, c=c: pool[n](x, k, s, p, d, bool(c)),
                kernel_shape=[k] * n, strides=[s] * n, pads=[p] * 2 * n, dilations=[d] * n, ceil_mode=c)
    average = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}
    for tag, xs, k, kw in (
        ("1d", (2, 3, 8), 2, dict(strides=2)), ("2d", (2, 3, 6, 6), 2, dict(strides=2)), ("3d", (1, 2, 4, 4, 4), 2, dict(strides=2)),
        ("overlap", (1, 2, 6, 6), 3, dict(strides=1)), ("pads", (1, 2, 6, 6), 3, dict(strides=2, pads=1)),
        ("count_pads", (1, 2, 6, 6), 3, dict(strides=2, pads=1, count_include_pad=1)), ("ceil", (1, 2, 6, 6), 3, dict(strides=2, ceil_mode=1)),
    ):
        n = len(xs) - 2
        s, p, c, inc = kw["strides"], kw.get("pads", 0), kw.get("ceil_mode", 0), kw.get("count_include_pad", 0)
        yield g("AveragePool", tag, [u(*xs)], lambda x, n=n, k=k, s=s, p=p, c=c, inc=inc: average[n](x, k, s, p, bool(c), bool(inc)),
                kernel_shape=[k] * n, strides=[s] * n, pads=[p] * 2 * n, ceil_mode=c, count_include_pad=inc)
    yield g("LpPool", "", [u(1, 2, 6, 6, lo=0.1)], lambda x: F.lp_pool2d(x, 2.0, 2, 2), kernel_shape=[2, 2], strides=[2, 2], p=2)
    yield g("GlobalAveragePool", "", [u(2, 3, 4, 5)], lambda x: x.mean((2, 3), True))
    yield g("GlobalMaxPool", "", [distinct(2, 3, 4, 5)], lambda x: x.amax((2, 3), True))


def normalisations():
    x, s, b = u(4, 3, 2, 5), u(3, lo=0.5, hi=1.5), u(3)
    m, v = u(3, seed=1), u(3, lo=0.5, hi=2, seed=2)
    yield g("BatchNormalization", "", [x, s, b, m, v], lambda x, s, b, m, v: F.batch_norm(x, m.detach(), v.detach(), s, b, False, 0.0, 1e-3), constant=(3, 4), epsilon=1e-3)
    yield g("BatchNormalization", "training", [x, s, b, m, v],
            lambda x, s, b, m, v: F.batch_norm(x, None, None, s, b, True, 0.0, 1e-3), outs=3, constant=(3, 4), epsilon=1e-3, training_mode=1, momentum=0.9)
    for axis in (-1, 1, 2):
        shape = x.shape[axis:]
        fn = lambda x, s, b, n=shape: F.layer_norm(x, n, s, b, 1e-3)
        yield g("LayerNormalization", str(axis).replace("-", "m"), [x, u(*shape, lo=0.5, hi=1.5), u(*shape)], fn, axis=axis, epsilon=1e-3)
    yield g("InstanceNormalization", "", [x, s, b], lambda x, s, b: F.instance_norm(x, None, None, s, b, True, 0.0, 1e-3), epsilon=1e-3)
    yield g("GroupNormalization", "", [u(2, 6, 3, 2), u(6, lo=0.5, hi=1.5), u(6)], lambda x, s, b: F.group_norm(x, 3, s, b, 1e-3), num_groups=3, epsilon=1e-3)
    yield g("RMSNormalization", "", [u(2, 3, 8), u(8, lo=0.5, hi=1.5)], lambda x, s: F.rms_norm(x, (8,), s, 1e-3), opset=23, axis=-1, epsilon=1e-3)
    yield g("LRN", "", [u(2, 7, 3, 3)], lambda x: F.local_response_norm(x, 3, 0.1, 0.75, 1.5), size=3, alpha=0.1, beta=0.75, bias=1.5)
    yield g("LpNormalization", "", [u(3, 4)], lambda x: F.normalize(x, 2, 1), axis=1, p=2)
    yield g("MeanVarianceNormalization", "", [u(2, 3, 4, 5)], lambda x: (x - x.mean((0, 2, 3), True)) / (x.var((0, 2, 3), correction=0, keepdim=True).sqrt() + 1e-9))
    mask = np.array(False)
    yield g("Dropout", "inference", [u(3, 4), np.float32(0.5), mask], lambda x, *_: x * 1, constant=(1,))


def resizing():
    for tag, mode, ct, size, extra in (
        ("nearest", "nearest", "asymmetric", (6, 8), dict(nearest_mode="floor")), ("linear", "linear", "half_pixel", (6, 7), {}),
        ("linear_corners", "linear", "align_corners", (7, 5), {}), ("linear_down", "linear", "half_pixel", (2, 3), {}), ("cubic", "cubic", "half_pixel", (5, 7), {}),
    ):
        torch_mode = {"nearest": "nearest", "linear": "bilinear", "cubic": "bicubic"}[mode]
        corners = None if mode == "nearest" else ct == "align_corners"
        fn = lambda x, *_, t=torch_mode, c=corners, s=size: F.interpolate(x, size=s, mode=t, align_corners=c)
        attrs = dict(extra, mode=mode, coordinate_transformation_mode=ct)
        if mode == "cubic":
            attrs["cubic_coeff_a"] = -0.75
        yield g("Resize", tag, [u(1, 2, 3, 4), None, None, i64(1, 2, *size)], fn, **attrs)
    grid = u(1, 3, 4, 2, lo=-0.9, hi=0.9)
    for mode, pad, corners in (("linear", "zeros", 0), ("linear", "border", 1)):
        fn = lambda x, i, p=pad, c=corners: F.grid_sample(x, i, "bilinear", p, bool(c))
        yield g("GridSample", f"{mode}_{pad}", [u(1, 2, 4, 5), grid], fn, mode=mode, padding_mode=pad, align_corners=corners)


def losses():
    x = u(4, 3, lo=-2, hi=2)
    t = np.array([0, 2, 1, 2])
    w = u(3, lo=0.5, hi=2)
    for r in ("mean", "sum", "none"):
        yield g("SoftmaxCrossEntropyLoss", r, [x, t], lambda x, t, r=r: F.cross_entropy(x, t, reduction=r), reduction=r)
        yield g("SoftmaxCrossEntropyLoss", r + "_weighted", [x, t, w], lambda x, t, w, r=r: F.cross_entropy(x, t, w.detach(), reduction=r), constant=(2,), reduction=r)
        yield g("NegativeLogLikelihoodLoss", r, [x, t], lambda x, t, r=r: F.nll_loss(x, t, reduction=r), reduction=r)
    yield g("SoftmaxCrossEntropyLoss", "ignore", [x, t], lambda x, t: F.cross_entropy(x, t, ignore_index=2), ignore_index=2)
    yield g("SoftmaxCrossEntropyLoss", "image", [u(2, 3, 4), np.array([[0, 1, 2, 0], [2, 2, 1, 0]])], F.cross_entropy)


def recurrences():
    for tag, kw in (("", {}), ("reverse", dict(direction="reverse")), ("bidirectional", dict(direction="bidirectional"))):
        d = 2 if tag == "bidirectional" else 1
        for op, n, fn, extra in (("RNN", 1, rnn, {}), ("LSTM", 4, lstm, {}), ("GRU", 3, gru, dict(linear_before_reset=1)), ("GRU", 3, gru, dict(linear_before_reset=0))):
            h, i = 3, 2
            ins = [u(4, 2, i), u(d, n * h, i, lo=-0.8, hi=0.8), u(d, n * h, h, lo=-0.8, hi=0.8), u(d, 2 * n * h, lo=-0.5, hi=0.5), None, u(d, 2, h, seed=4)]
            outs = 2
            if op == "LSTM":
                ins.append(u(d, 2, h, seed=5))
                outs = 3
            name = "_".join(x for x in (tag, "reset_after" if extra.get("linear_before_reset") else "") if x)
            call = lambda *t, fn=fn, kw=kw, extra=extra: fn(*t, direction=kw.get("direction", "forward"), **extra)
            yield g(op, name, ins, call, outs=outs, hidden_size=h, **kw, **extra)


def attention():
    q, k, v = u(2, 2, 3, 4), u(2, 2, 5, 4, seed=1), u(2, 2, 5, 4, seed=2)
    yield g("Attention", "", [q, k, v], lambda q, k, v: F.scaled_dot_product_attention(q, k, v), opset=23)
    yield g("Attention", "causal", [k, k * 0.5, v], lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True), opset=23, is_causal=1)
    yield g("Attention", "mask", [q, k, v, u(3, 5)], lambda q, k, v, m: F.scaled_dot_product_attention(q, k, v, m.detach()), constant=(3,), opset=23)


def rows():
    for part in (unary, binary, matrices, reductions, shapes, indices, convolutions, poolings, normalisations, resizing, losses, recurrences, attention):
        yield from part()
