#!/usr/bin/env python3
"""Gradients of single operators by PyTorch's autograd in float64.

    python torch_ops.py ../torch/ops.zip

Each row pairs a one-node ONNX model with the PyTorch expression that means the same; onnxruntime runs the model and its
outputs must equal PyTorch's, so a row whose two halves differ stops the script. Layout: ../README.md.
"""
import io
import sys
import zlib

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import helper, numpy_helper

import casezip
from torch_grad_table import rows

OPSET = 21


def model_of(row):
    names = ["" if x is None else f"x{i}" for i, x in enumerate(row.inputs)]
    outs = [f"y{i}" for i in range(row.outs)]
    node = helper.make_node(row.op, names, outs, name="node", **row.attrs)
    ins = [
        helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(x.dtype), x.shape)
        for n, x in zip(names, row.inputs) if x is not None
    ]
    outputs = [onnx.ValueInfoProto(name=o) for o in outs]
    graph = helper.make_graph([node], "case", ins, outputs)
    opset = row.opset or OPSET
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


def run_ort(model, row):
    o = ort.SessionOptions()
    o.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    o.log_severity_level = 4
    s = ort.InferenceSession(model.SerializeToString(), o)
    return s.run(None, {f"x{i}": x for i, x in enumerate(row.inputs) if x is not None})


def differentiate(row):
    """(outputs, upstream gradients, input gradients): None for inputs that take none."""
    ins = [None if x is None else torch.tensor(x, dtype=torch.float64 if x.dtype.kind == "f" else None) for x in row.inputs]
    wanted = [i for i, x in enumerate(ins) if x is not None and x.is_floating_point() and i not in row.constant]
    for i in wanted:
        ins[i].requires_grad_()
    outs = row.torch(*ins)
    outs = list(outs) if isinstance(outs, (tuple, list)) else [outs]
    rng = np.random.default_rng(zlib.crc32(row.name.encode()))
    ups = [torch.tensor(rng.uniform(-1, 1, tuple(y.shape)).astype(np.float32)).double() for y in outs]
    total = sum((y * u).sum() for y, u in zip(outs, ups) if y.requires_grad)
    grads = torch.autograd.grad(total, [ins[i] for i in wanted], allow_unused=True)
    by_input = [None] * len(ins)
    for i, g in zip(wanted, grads):
        by_input[i] = torch.zeros_like(ins[i]) if g is None else g
    return outs, ups, by_input


def npy(a):
    f = io.BytesIO()
    np.lib.format.write_array(f, np.ascontiguousarray(a.detach().numpy().astype(np.float32)).reshape(a.shape), version=(1, 0))
    return f.getvalue()


def put(w, row):
    model = model_of(row)
    outs, ups, grads = differentiate(row)
    got = run_ort(model, row)
    for y, t in zip(got, outs):
        t = t.detach().numpy()
        assert y.shape == t.shape, (row.name, y.shape, t.shape)
        np.testing.assert_allclose(y, t, rtol=2e-4, atol=2e-5, err_msg=row.name)
    for info, y in zip(model.graph.output, got):
        info.CopyFrom(helper.make_tensor_value_info(info.name, helper.np_dtype_to_tensor_dtype(y.dtype), [None] * y.ndim))
    onnx.checker.check_model(model)
    pb = lambda a, n: numpy_helper.from_array(a, n).SerializeToString()
    fed = [(f"x{i}", x) for i, x in enumerate(row.inputs) if x is not None]
    values = [t.detach().numpy().astype(y.dtype) for y, t in zip_outputs(got, outs)]
    data = [pb(x, n) for n, x in fed], [pb(y, f"y{j}") for j, y in enumerate(values)]
    w.add(row.name, model, [data], op=row.op, rtol=1e-4, atol=1e-5, differentiable=[f"x{i}" for i, g in enumerate(grads) if g is not None],
          upstream=[f"y{j}" for j in range(len(ups))])
    for j, u in enumerate(ups):
        w.add_bytes(f"{row.name}/grad/y{j}.npy", npy(u))
    for i, g in enumerate(grads):
        if g is not None:
            w.add_bytes(f"{row.name}/grad/x{i}.npy", npy(g))


def zip_outputs(got, outs):
    """onnxruntime's outputs beside PyTorch's; outputs that the row does not differentiate stay onnxruntime's."""
    return [(y, outs[j] if j < len(outs) else torch.tensor(y)) for j, y in enumerate(got)]


def main(path):
    versions = dict(torch=torch.__version__, onnx=onnx.__version__, onnxruntime=ort.__version__)
    w = casezip.Writer(path, "testdata/gen/torch_ops.py, PyTorch autograd in float64", versions)
    for row in rows():
        put(w, row)
    w.close()
    print(path, len(w.cases), "cases", len({c["op"] for c in w.cases}), "operators")


if __name__ == "__main__":
    main(sys.argv[1])
