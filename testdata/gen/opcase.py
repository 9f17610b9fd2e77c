"""The machine behind ops_ort.py: tables of rows become one-node models with recorded outputs.

A table is a function of an operator's version that yields rows:

    @op("Elu")
    def elu(v, name):
        yield row("default", f32(2, 3))
        yield row("alpha", f32(2, 3), alpha=0.5)

It is called for every since-version from the one in force at opset 7 to the newest. Rows with newest=True are only
made for the newest version (types, sizes: what cannot differ between versions). Each case is run by onnxruntime with
graph optimisations off, and by onnx's reference evaluator. onnxruntime's answer is stored; where it has no kernel, the
reference's. The index tells which, and whether the two agree.
"""
import ctypes
import zlib

import ml_dtypes
import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, ValueInfoProto, defs, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

BASE_OPSET = 7  # the oldest opset that is supported
TABLES = {}
rng = np.random.default_rng(0)


class Row:
    def __init__(self, tag, inputs, attrs, outs=1, newest=False, compare="value", tol=None):
        self.tag, self.inputs, self.attrs = tag, inputs, attrs
        self.outs, self.newest, self.compare, self.tol = outs, newest, compare, tol


def row(tag, *inputs, outs=1, newest=False, compare="value", tol=None, **attrs):
    """One case. inputs: arrays, None for an absent optional. compare="type": values are random, check type and shape."""
    attrs = {k: v for k, v in attrs.items() if v is not None}
    return Row(tag, [None if x is None else arr(x) for x in inputs], attrs, outs, newest, compare, tol)


def op(*names, domain=""):
    def register(fn):
        for n in names:
            assert (domain, n) not in TABLES, n
            TABLES[domain, n] = fn
        return fn

    return register


# ---- values -------------------------------------------------------------------------------------------------------


def arr(x):
    if isinstance(x, (np.ndarray, np.generic)):
        return np.asarray(x)
    if isinstance(x, str):
        return np.array(x, dtype=object)
    a = np.asarray(x)
    return a.astype(object) if a.dtype.kind in "US" else a


def rand(dtype, *shape, lo=-3.0, hi=3.0):
    """Random values of any dtype; integers stay small, bools and strings are mixed."""
    dtype = np.dtype(dtype)
    if dtype == object:
        return np.array([f"s{i}" for i in rng.integers(0, 9, size=shape).ravel()], dtype=object).reshape(shape)
    if dtype == np.bool_:
        return rng.integers(0, 2, size=shape).astype(bool)
    if dtype.kind == "u":
        return rng.integers(0, 20, size=shape).astype(dtype)
    if dtype.kind == "i":
        return rng.integers(-10, 10, size=shape).astype(dtype)
    return np.asarray(rng.uniform(lo, hi, size=shape)).astype(dtype)


def f32(*shape, lo=-3.0, hi=3.0):
    return rand(np.float32, *shape, lo=lo, hi=hi)


def i64(*values):
    """A 1-D int64 tensor of the given values."""
    return np.array(values, dtype=np.int64)


DTYPES = {
    "float": np.float32, "double": np.float64, "float16": np.float16, "bfloat16": ml_dtypes.bfloat16,
    "int8": np.int8, "int16": np.int16, "int32": np.int32, "int64": np.int64,
    "uint8": np.uint8, "uint16": np.uint16, "uint32": np.uint32, "uint64": np.uint64,
    "bool": np.bool_, "string": object,
}


TYPE_NAMES = {np.dtype(d): k for k, d in DTYPES.items()}


def schema(name, v, domain=""):
    return defs.get_schema(name, v, domain)


def types_of(name, v, domain="", index=0):
    """Names (keys of DTYPES) of the plain types that an input takes at this version."""
    types = schema(name, v, domain).inputs[index].types
    return [k for k in DTYPES if f"tensor({k})" in types]


SPECIAL = np.array(
    [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, -1e-40, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 88.0, -104.0, 3e38, -3e38],
    dtype=np.float32,
)

# ---- models -------------------------------------------------------------------------------------------------------


def versions(domain, name):
    """since-versions of an operator from the one in force at BASE_OPSET on (all of them outside the default domain)."""
    vs = sorted(
        s.since_version
        for s in defs.get_all_schemas_with_history()
        if s.name == name and s.domain == domain and not s.deprecated
    )
    if domain:
        return vs
    old = [v for v in vs if v <= BASE_OPSET]
    return old[-1:] + [v for v in vs if v > BASE_OPSET]


def tensor_type(a):
    return TensorProto.STRING if a.dtype == object else helper.np_dtype_to_tensor_dtype(a.dtype)


def build(domain, name, v, r):
    """The one-node model. Outputs carry no type: the run tells it."""
    names = ["" if x is None else f"x{i}" for i, x in enumerate(r.inputs)]
    outs = [f"y{i}" for i in range(r.outs)]
    node = helper.make_node(name, names, outs, name="node", domain=domain, **r.attrs)
    ins = [
        helper.make_tensor_value_info(n, tensor_type(x), x.shape) for n, x in zip(names, r.inputs) if x is not None
    ]
    graph = helper.make_graph([node], "case", ins, [ValueInfoProto(name=o) for o in outs])
    opsets = [helper.make_opsetid("", 15 if domain else max(v, BASE_OPSET))]
    if domain:
        opsets.append(helper.make_opsetid(domain, v))
    ir = max(4, helper.find_min_ir_version_for(opsets))
    return helper.make_model(graph, opset_imports=opsets, ir_version=ir)


def declare_outputs(model, outs):
    """Outputs get element type and rank; their dimensions stay open, so that shape inference is really tested."""
    for info, y in zip(model.graph.output, outs):
        dims = [None] * np.ndim(y)
        info.CopyFrom(helper.make_tensor_value_info(info.name, tensor_type(y), dims))
    onnx.checker.check_model(model, full_check=True)


# ---- oracles ------------------------------------------------------------------------------------------------------

NATIVE = {np.dtype(d) for k, d in DTYPES.items() if k != "bfloat16"}


def feed_value(x):
    """An OrtValue, also of the types numpy has only through ml_dtypes."""
    if x.dtype in NATIVE:
        return ort.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(x).reshape(x.shape))
    raw = numpy_helper.from_array(x).raw_data
    v = ort.OrtValue.ortvalue_from_shape_and_type(list(x.shape), tensor_type(x), "cpu")
    ctypes.memmove(v.data_ptr(), raw, len(raw))
    return v


def fetch_value(v):
    t = v.element_type()
    if t == TensorProto.STRING or np.dtype(helper.tensor_dtype_to_np_dtype(t)) in NATIVE:
        return np.asarray(v.numpy())
    shape = v.shape()
    per_byte = {TensorProto.INT4: 2, TensorProto.UINT4: 2, TensorProto.FLOAT4E2M1: 2}.get(t, 1)
    size = {TensorProto.BFLOAT16: 2}.get(t, 1)
    if t in (getattr(TensorProto, "INT2", -1), getattr(TensorProto, "UINT2", -1)):
        per_byte = 4
    n = int(np.prod(shape)) * size
    p = TensorProto(data_type=t, dims=shape, raw_data=ctypes.string_at(v.data_ptr(), -(-n // per_byte)))
    return numpy_helper.to_array(p)


def run_ort(model, feeds):
    o = ort.SessionOptions()
    o.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    o.intra_op_num_threads = 1
    o.log_severity_level = 4
    s = ort.InferenceSession(model.SerializeToString(), o, providers=["CPUExecutionProvider"])
    names = [y.name for y in s.get_outputs()]
    return [fetch_value(v) for v in s.run_with_ort_values(names, {k: feed_value(x) for k, x in feeds.items()})]


def text(y):
    """numpy's fixed-width strings as objects, as onnxruntime returns them."""
    return y.astype(object) if y.dtype.kind == "U" else y


def run_reference(model, feeds):
    outs = [text(arr(y)) for y in ReferenceEvaluator(model).run(None, feeds)]
    if any(y.dtype == object and not all(isinstance(s, str) for s in y.ravel()) for y in outs):
        raise TypeError("the reference returned objects that are no strings")
    return outs


def attempt(fn, *args):
    try:
        with np.errstate(all="ignore"):
            return fn(*args), None
    except Exception as e:  # an oracle without this operator, version or type
        return None, f"{type(e).__name__}: {str(e).splitlines()[0][:200]}"


TOLERANCE = {"float16": (2e-3, 1e-4), "bfloat16": (2e-2, 1e-3), "float32": (1e-5, 1e-6), "float64": (1e-12, 1e-14)}


def tolerance(outs):
    """The loosest of the outputs' tolerances; exact for integers, bools and strings."""
    return tuple(max(t) for t in zip((0.0, 0.0), *(TOLERANCE.get(str(y.dtype), (0.0, 0.0)) for y in outs)))


def agree(a, b, rtol, atol):
    if len(a) != len(b):
        return False
    for x, y in zip(a, b):
        if x.shape != y.shape or x.dtype != y.dtype:
            return False
        if x.dtype.kind in "fV" or str(x.dtype) in TOLERANCE:
            if not np.allclose(x.astype(np.float64), y.astype(np.float64), 10 * rtol, 10 * atol, equal_nan=True):
                return False
        elif not np.array_equal(x, y):
            return False
    return True


def illegal_type(domain, name, v, r):
    """The reason why this version's schema does not take the row's input types, or None."""
    formal = schema(name, v, domain).inputs
    for i, x in enumerate(r.inputs):
        f = formal[min(i, len(formal) - 1)]
        t = "tensor(%s)" % TYPE_NAMES.get(x.dtype, x.dtype) if x is not None else None
        if t and t not in f.types:
            return f"{name}-{v} input {f.name} does not take {t}"
    return None


def make(domain, name, v, r):
    """(model, inputs, outputs, facts) of a row, or the reason why there is none."""
    if bad := illegal_type(domain, name, v, r):
        return None, bad
    model = build(domain, name, v, r)
    feeds = {f"x{i}": x for i, x in enumerate(r.inputs) if x is not None}
    got, why = attempt(run_ort, model, feeds)
    ref, ref_why = attempt(run_reference, model, feeds)
    outs = got if got is not None else ref
    if outs is None:
        return None, f"{why} | {ref_why}"
    if r.compare == "type":
        outs = [np.zeros_like(y) for y in outs]  # the draws mean nothing
    _, bad = attempt(declare_outputs, model, outs)
    if bad:
        return None, bad
    rtol, atol = r.tol or tolerance(outs)
    facts = dict(
        op=name, domain=domain or "ai.onnx", since=v, tag=r.tag, compare=r.compare,
        oracle="onnxruntime" if got is not None else "reference", rtol=rtol, atol=atol,
    )
    if got is not None:
        same = "absent" if ref is None else "agrees" if agree(got, ref, rtol, atol) else "differs"
        facts["reference"] = "random" if r.compare == "type" else same
    return (model, r.inputs, outs, facts), None


def pb(x, name):
    return None if x is None else numpy_helper.from_array(x, name).SerializeToString(deterministic=True)


def cases(domain, name):
    """Every case of an operator: (case name, made or None, reason)."""
    vs = versions(domain, name)
    for v in vs:
        global rng
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        for r in TABLES[domain, name](v, name):
            if r.newest and v != vs[-1]:
                continue
            yield (f"{name}_{v}_{r.tag}", *make(domain, name, v, r))
