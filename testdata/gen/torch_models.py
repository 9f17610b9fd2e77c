#!/usr/bin/env python3
"""Whole models: ONNX exported by PyTorch, with loss, gradients and training curves by PyTorch.

    python torch_models.py ../torch/models.zip

Parameters keep their PyTorch names as initializers. Layout: ../README.md.
"""
import contextlib
import copy
import io
import json
import logging
import sys
import warnings
import zlib

import numpy as np
import onnx
import onnxruntime as ort
import torch
import torch.nn.functional as F
from onnx import numpy_helper

import casezip
from torch_nets import nets

STEPS = 50
OPTIMIZERS = {
    "sgd": (lambda p: torch.optim.SGD(p, 0.05), dict(lr=0.05)),
    "momentum": (lambda p: torch.optim.SGD(p, 0.02, momentum=0.9), dict(lr=0.02, momentum=0.9)),
    "nesterov": (lambda p: torch.optim.SGD(p, 0.02, momentum=0.9, nesterov=True), dict(lr=0.02, momentum=0.9, nesterov=True)),
    "adam": (lambda p: torch.optim.Adam(p, 0.003, eps=1e-7), dict(lr=0.003, betas=[0.9, 0.999], eps=1e-7)),
    "adamw": (lambda p: torch.optim.AdamW(p, 0.003, eps=1e-7, weight_decay=0.05), dict(lr=0.003, betas=[0.9, 0.999], eps=1e-7, weight_decay=0.05)),
}


def loss_of(kind, out, target):
    if kind == "cross_entropy":
        return F.cross_entropy(out, target)
    if kind == "cross_entropy_tokens":
        return F.cross_entropy(out.flatten(0, 1), target.flatten())
    if kind == "mse":
        return F.mse_loss(out, target)
    if kind == "bce_logits":
        return F.binary_cross_entropy_with_logits(out, target)
    x, mu, logvar = out  # kind "vae": summed per row, mean over the batch
    bce = F.binary_cross_entropy_with_logits(x, target, reduction="sum")
    kl = -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum()
    return (bce + kl) / len(target)


def exports(net, inputs):
    """The three files people have: every parameter by its name, the exporter's default, the older exporter's."""
    names = [f"x{i}" for i in range(len(inputs))]
    dims = tuple({0: torch.export.Dim("batch")} for _ in inputs)
    new = dict(dynamo=True, input_names=names, dynamic_shapes=dims, verbose=False)
    models = {
        "model": torch.onnx.export(net, tuple(inputs), optimize=False, **new).model_proto,
        "optimized": torch.onnx.export(net, tuple(inputs), **new).model_proto,
    }
    legacy = old_export(net, inputs, names)
    if legacy:
        models["legacy"] = legacy
    for m in models.values():
        strip(m.graph)
        for fn in m.functions:
            strip(fn)
    return models


def old_export(net, inputs, names):
    """By the TorchScript exporter at the oldest opset of 11, 13, 17 that it manages; None where it does not."""
    for opset in (11, 13, 17):
        f = io.BytesIO()
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                torch.onnx.export(net, tuple(inputs), f, dynamo=False, input_names=names, opset_version=opset,
                                  dynamic_axes={n: {0: "batch"} for n in names})
            return onnx.load_from_string(f.getvalue())
        except Exception:  # the exporter has many ways to say no
            continue
    return None


def strip(graph):
    """Without stack traces and other remarks about the machine of the export."""
    del graph.metadata_props[:]
    for n in graph.node:
        del n.metadata_props[:]
        n.doc_string = ""
        for a in n.attribute:
            if a.HasField("g"):
                strip(a.g)
    for v in [*graph.value_info, *getattr(graph, "input", []), *getattr(graph, "output", [])]:
        if not isinstance(v, str):
            del v.metadata_props[:]


def npy(a):
    f = io.BytesIO()
    np.lib.format.write_array(f, np.asarray(a), version=(1, 0))
    return f.getvalue()


def gradients(net, inputs, kind, target, training):
    net.train(training)
    before = {k: v.clone() for k, v in net.state_dict().items()}
    loss = loss_of(kind, net(*inputs), target)
    grads = torch.autograd.grad(loss, list(net.parameters()))
    net.load_state_dict(before)  # running statistics back
    return loss.item(), grads


def curve(net, inputs, kind, target, make):
    """Losses of full-batch steps in evaluation mode, and the parameters after them."""
    before = {k: v.clone() for k, v in net.state_dict().items()}
    net.eval()
    opt, losses = make(net.parameters()), []
    for _ in range(STEPS):
        opt.zero_grad()
        loss = loss_of(kind, net(*inputs), target)
        loss.backward()
        opt.step()
        losses.append(loss.item())
    final = [p.detach().clone().numpy() for p in net.parameters()]
    net.load_state_dict(before)
    return losses, final


def put(w, name, make, make_inputs, kind, make_target):
    torch.manual_seed(zlib.crc32(name.encode()))
    net, inputs, target = make(), make_inputs(), make_target()
    randomise_statistics(net)
    net.eval()
    models = exports(net, inputs)
    model = models["model"]
    with torch.no_grad():
        outs = net(*inputs)
    outs = list(outs) if isinstance(outs, tuple) else [outs]
    for m in models.values():
        check(m, inputs, outs, name)
    pb = lambda t, n: numpy_helper.from_array(t.numpy(), n).SerializeToString()
    data = [pb(x, i.name) for x, i in zip(inputs, model.graph.input)], [pb(y, o.name) for y, o in zip(outs, model.graph.output)]
    params = [n for n, _ in net.named_parameters()]
    stored = {v: {i.name for i in m.graph.initializer} for v, m in models.items()}
    missing = {v: [p for p in params if p not in names] for v, names in stored.items()}
    assert not missing["model"], (name, missing)
    losses = {}
    for mode, training in (("eval", False), ("train", True)):
        losses[mode], grads = gradients(net, inputs, kind, target, training)
        for k, g in enumerate(grads):
            w.add_bytes(f"{name}/grad_{mode}/{k}.npy", npy(g.numpy()))
    runs = []
    for o, (make_opt, config) in OPTIMIZERS.items():
        values, final = curve(net, inputs, kind, target, make_opt)
        wide, wide_inputs, wide_target = doubled(net, inputs, target)
        distance = noise(values, curve(wide, wide_inputs, kind, wide_target, make_opt)[0])
        if distance > 2e-5:
            print("noisy:", name, o, distance)
        w.add_bytes(f"{name}/runs/{o}/loss.npy", npy(np.array(values, np.float32)))
        for k, a in enumerate(final):
            w.add_bytes(f"{name}/runs/{o}/final/{k}.npy", npy(a))
        runs.append(dict(name=o, class_name=make_opt(net.parameters()).__class__.__name__, config=config, noise=distance, first=values[0], last=values[-1]))
    for variant in models:
        if variant != "model":
            w.add_bytes(f"{name}/{variant}.onnx", models[variant].SerializeToString())
    w.add_bytes(name + "/target.npy", npy(target.numpy()))
    doc = dict(name=name, loss=kind, parameters=params, loss_eval=losses["eval"], loss_train=losses["train"], steps=STEPS, runs=runs, missing=missing)
    w.add_bytes(name + "/train.json", json.dumps(doc, indent=1).encode())
    w.add(name, model, [data], rtol=1e-4, atol=1e-5, loss=kind)
    print(name, len(params), "parameters", {v: len(m) for v, m in missing.items()}, losses)


def doubled(net, inputs, target):
    """The same net and data in float64, which tell how far float32 can be trusted."""
    wide = lambda t: t.double() if t.is_floating_point() else t
    return copy.deepcopy(net).double(), [wide(x) for x in inputs], wide(target)


def noise(values, exact):
    return max(abs(a - b) / max(abs(b), 1e-3 * abs(exact[0])) for a, b in zip(values, exact))


def randomise_statistics(net):
    """Running means and variances that matter."""
    for n, b in net.named_buffers():
        if n.endswith("running_mean"):
            b.uniform_(-0.2, 0.2)
        if n.endswith("running_var"):
            b.uniform_(0.5, 1.5)


def check(model, inputs, outs, name):
    onnx.checker.check_model(model)
    o = ort.SessionOptions()
    o.log_severity_level = 4
    s = ort.InferenceSession(model.SerializeToString(), o)
    got = s.run(None, {i.name: x.numpy() for i, x in zip(s.get_inputs(), inputs)})
    for a, b in zip(got, outs):
        np.testing.assert_allclose(a, b.numpy(), rtol=1e-4, atol=1e-5, err_msg=name)


def main(path):
    versions = dict(torch=torch.__version__, onnx=onnx.__version__, onnxruntime=ort.__version__)
    w = casezip.Writer(path, "testdata/gen/torch_models.py, torch.onnx.export(dynamo=True) and autograd in float32", versions)
    for row in nets():
        put(w, *row)
    w.close()
    print(path, len(w.cases), "models")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    main(sys.argv[1])
