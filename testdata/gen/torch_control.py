#!/usr/bin/env python3
"""Fine-tuning through If, Loop and Scan: PyTorch's exports of nets with control flow, trained further by PyTorch.

    python torch_control.py ../finetune/control.zip

Layout: ../README.md, as of torch.zip.
"""
import contextlib
import io
import logging
import sys
import warnings

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from torch import nn

import finetune_case
from torch_finetune import OPTIMIZERS
from torch_models import strip

STEPS, BATCH = 50, 16


class Looped(nn.Module):
    """A recurrence of one's own over the time axis, normalised by the batch: a Loop."""

    def __init__(self, features=3, hidden=6, classes=3):
        super().__init__()
        self.inner, self.outer = nn.Linear(features, hidden, bias=False), nn.Linear(hidden, hidden, bias=False)
        self.norm, self.head = nn.BatchNorm1d(hidden), nn.Linear(hidden, classes)

    def forward(self, x):
        h = torch.zeros(x.size(0), self.outer.in_features)
        for t in range(x.size(1)):
            h = torch.tanh(self.norm(self.inner(x[:, t]) + self.outer(h)))
        return self.head(h)


class Gated(nn.Module):
    """One of two layers, as the data says: an If."""

    def __init__(self, features=12, hidden=8, classes=3):
        super().__init__()
        self.first, self.second = nn.Linear(features, hidden), nn.Linear(features, hidden)
        self.head = nn.Linear(hidden, classes)

    def forward(self, x):
        x = x.flatten(1)
        if bool(x.sum() > 0):
            h = torch.relu(self.first(x))
        else:
            h = torch.tanh(self.second(x) * 2.0)
        return self.head(h)


class Both(nn.Module):
    """A gate in each turn of a loop: an If in a Loop."""

    def __init__(self, features=3, hidden=6, classes=3):
        super().__init__()
        self.up, self.down, self.head = nn.Linear(features, hidden), nn.Linear(features, hidden), nn.Linear(hidden, classes)
        self.decay = nn.Parameter(torch.full((hidden,), 0.9))

    def forward(self, x):
        h = torch.zeros(x.size(0), self.decay.size(0))
        for t in range(x.size(1)):
            h = h * self.decay
            if bool(x[:, t].mean() > 0):
                h = h + torch.tanh(self.up(x[:, t]))
            else:
                h = h - torch.sigmoid(self.down(x[:, t]))
        return self.head(h)


class Scanned(nn.Module):
    """torch.scan of a cell: a Scan."""

    def __init__(self, features=3, hidden=6, classes=3):
        super().__init__()
        self.inner, self.outer, self.head = nn.Linear(features, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, classes)

    def forward(self, x):
        from torch._higher_order_ops.scan import scan

        def cell(h, row):
            h = torch.tanh(self.inner(row) + self.outer(h))
            return h, h * 1.0

        h, ys = scan(cell, x.new_zeros(x.shape[0], 6), x.transpose(0, 1))
        return self.head(h + ys.mean(0))


class ScannedByHand(Scanned):
    """The same without scan, for training."""

    def forward(self, x):
        h, ys = x.new_zeros(x.shape[0], 6), []
        for t in range(x.shape[1]):
            h = torch.tanh(self.inner(x[:, t]) + self.outer(h))
            ys.append(h)
        return self.head(h + torch.stack(ys).mean(0))


class Cond(nn.Module):
    """torch.cond: an If of the newer exporter."""

    def __init__(self, features=12, hidden=8, classes=3):
        super().__init__()
        self.first, self.second, self.head = nn.Linear(features, hidden), nn.Linear(features, hidden), nn.Linear(hidden, classes)

    def forward(self, x):
        x = x.flatten(1)
        h = torch.cond(x.sum() > 0, lambda x: torch.relu(self.first(x)), lambda x: torch.tanh(self.second(x) * 2.0), (x,))
        return self.head(h)


def train(net, x, y, make, steps, batch=BATCH, seed=0):
    """Steps as of torch_finetune.py. The layer that an If leaves out has a gradient of 0, as in torch.cond; by
    itself PyTorch leaves such a layer out of the step, momentum and decay included."""
    opt, losses = make(net.parameters()), []
    rng = np.random.default_rng(seed) if seed else None
    for p in net.parameters():
        p.grad = torch.zeros_like(p)
    for s in range(steps):
        at = (s * batch + np.arange(batch)) % len(y) if rng is None else rng.integers(0, len(y), batch)
        opt.zero_grad(set_to_none=False)
        loss = F.cross_entropy(net(x[at]), y[at])
        loss.backward()
        opt.step()
        losses.append(loss.item())
    return losses


def scripted(net, x):
    f = io.BytesIO()
    with contextlib.redirect_stdout(io.StringIO()):
        torch.onnx.export(torch.jit.script(net), (x,), f, dynamo=False, input_names=["x"], output_names=["logits"], opset_version=16,
                          dynamic_axes={"x": {0: "batch", 1: "time"}, "logits": {0: "batch"}})
    return onnx.load_from_string(f.getvalue())


def exported(net, x):
    return torch.onnx.export(net, (x,), dynamo=True, input_names=["x"], output_names=["logits"], verbose=False,
                             dynamic_shapes=({0: torch.export.Dim("batch")},)).model_proto


def ops(graph):
    for n in graph.node:
        yield n.op_type
        for a in n.attribute:
            if a.HasField("g"):
                yield from ops(a.g)


def put(w, name, net, export, twin=None):
    torch.manual_seed(3)
    rng = np.random.default_rng(len(name))
    x = rng.normal(size=(96, 4, 3)).astype(np.float32)
    y = (x.sum((1, 2)) > 0) + (x[:, 0].sum(1) > 0).astype(np.int64)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    run = twin or net
    run.train()
    train(run, x, y, lambda p: torch.optim.Adam(p, 0.01), 30, batch=32, seed=3)
    net.load_state_dict(run.state_dict())
    net.eval()
    m = export(net, x[:5])
    strip(m.graph)
    onnx.checker.check_model(m)
    print(name, sorted(set(ops(m.graph))))
    state = {k: v.clone() for k, v in run.state_dict().items()}
    arrays, runs = {"in/x": x.numpy(), "target": y.numpy()}, []
    for o, (make, spec) in OPTIMIZERS.items():
        run.load_state_dict(state)
        run.train()
        losses = train(run, x, y, make, STEPS)
        run.eval()
        arrays[f"runs/{o}"] = np.array(losses, np.float32)
        with torch.no_grad():
            arrays[f"runs/{o}_after"] = run(x[:8]).numpy()
        runs.append(dict(name=o, mode="train", optimizer=spec, noise=0))
        print(name, o, losses[0], losses[-1])
    w.case(name, {"model": m.SerializeToString()}, arrays, inputs=["x"], batch=BATCH, steps=STEPS, runs=runs)


def main(path):
    w = finetune_case.Writer(path, "testdata/gen/torch_control.py", dict(torch=torch.__version__, onnx=onnx.__version__))
    torch.manual_seed(1)
    put(w, "loop", Looped(), scripted)
    put(w, "if", Gated(), scripted)
    put(w, "if_in_loop", Both(), scripted)
    put(w, "cond", Cond(), exported)
    put(w, "scan", Scanned(), exported, ScannedByHand())
    w.close()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    main(sys.argv[1])
