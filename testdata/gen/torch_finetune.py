#!/usr/bin/env python3
"""Fine-tuning of PyTorch's exports: nets trained on one task, then on a related one, by PyTorch.

    python torch_finetune.py ../finetune/torch.zip

Layout: ../README.md.
"""
import contextlib
import copy
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
from torch_models import strip

STEPS, BATCH = 50, 16
OPTIMIZERS = {
    "momentum": (lambda p: torch.optim.SGD(p, 0.005, momentum=0.9), "sgd:learning_rate=0.005,momentum=0.9"),
    "adamw": (lambda p: torch.optim.AdamW(p, 0.003, weight_decay=0.05), "adamw:learning_rate=0.003,weight_decay=0.05,epsilon=1e-8,torch_epsilon=true"),
}


class SqueezeExcite(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(c, 4, 1), nn.Conv2d(4, c, 1)

    def forward(self, x):
        return x * F.hardsigmoid(self.fc2(F.relu(self.fc1(F.adaptive_avg_pool2d(x, 1)))))


class Inverted(nn.Module):
    """MobileNetV3's block: expand, depthwise, squeeze and excite, project."""

    def __init__(self, cin, mid, cout, stride):
        super().__init__()
        self.skip = stride == 1 and cin == cout
        self.expand, self.bn1 = nn.Conv2d(cin, mid, 1, bias=False), nn.BatchNorm2d(mid, eps=1e-3, momentum=0.01)
        self.depthwise, self.bn2 = nn.Conv2d(mid, mid, 3, stride, 1, groups=mid, bias=False), nn.BatchNorm2d(mid, eps=1e-3, momentum=0.01)
        self.se = SqueezeExcite(mid)
        self.project, self.bn3 = nn.Conv2d(mid, cout, 1, bias=False), nn.BatchNorm2d(cout, eps=1e-3, momentum=0.01)

    def forward(self, x):
        y = F.hardswish(self.bn1(self.expand(x)))
        y = self.se(F.hardswish(self.bn2(self.depthwise(y))))
        y = self.bn3(self.project(y))
        return x + y if self.skip else y


class MobileNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.bn = nn.Conv2d(1, 8, 3, 1, 1, bias=False), nn.BatchNorm2d(8, eps=1e-3, momentum=0.01)
        self.blocks = nn.Sequential(Inverted(8, 16, 12, 2), Inverted(12, 24, 12, 1))
        self.hidden, self.drop, self.classifier = nn.Linear(12, 24), nn.Dropout(0.2), nn.Linear(24, 5)

    def forward(self, x):
        x = self.blocks(F.hardswish(self.bn(self.stem(x))))
        x = F.adaptive_avg_pool2d(x, 1).flatten(1)
        return self.classifier(self.drop(F.hardswish(self.hidden(x))))


class Layer(nn.Module):
    """BERT's layer, with separate query, key and value."""

    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.output = (nn.Linear(d, d) for _ in range(4))
        self.norm1, self.norm2 = nn.LayerNorm(d, eps=1e-12), nn.LayerNorm(d, eps=1e-12)
        self.up, self.down = nn.Linear(d, 2 * d), nn.Linear(2 * d, d)

    def forward(self, x, mask):
        b, t, d = x.shape
        split = lambda v: v.view(b, t, self.heads, d // self.heads).transpose(1, 2)
        scores = split(self.query(x)) @ split(self.key(x)).transpose(-1, -2) / (d // self.heads) ** 0.5
        y = torch.softmax(scores + mask, -1) @ split(self.value(x))
        x = self.norm1(x + self.output(y.transpose(1, 2).reshape(b, t, d)))
        return self.norm2(x + self.down(F.gelu(self.up(x))))


class MiniLM(nn.Module):
    """Two layers of BERT's, mean pooling by the mask, a classifier."""

    def __init__(self, vocab=40, d=16, longest=12):
        super().__init__()
        self.words, self.positions = nn.Embedding(vocab, d), nn.Embedding(longest, d)
        self.norm = nn.LayerNorm(d, eps=1e-12)
        self.layer = nn.ModuleList([Layer(d, 2), Layer(d, 2)])
        self.classifier = nn.Linear(d, 4)

    def forward(self, input_ids, attention_mask):
        at = torch.arange(input_ids.shape[1], device=input_ids.device)[None]
        x = self.norm(self.words(input_ids) + self.positions(at))
        keep = attention_mask.to(x.dtype)
        mask = (1.0 - keep[:, None, None, :]) * torch.finfo(x.dtype).min
        for layer in self.layer:
            x = layer(x, mask)
        pooled = (x * keep[:, :, None]).sum(1) / keep.sum(1, keepdim=True).clamp(min=1e-9)
        return self.classifier(pooled)


def sentences(n, rng, label):
    """Rows of 5 to 12 tokens out of 1..39, padded with 0. Token t is of group t mod 4."""
    length = rng.integers(5, 13, n)
    ids = rng.integers(1, 40, (n, 12))
    mask = (np.arange(12)[None] < length[:, None]).astype(np.int64)
    ids = ids * mask
    counts = np.stack([((ids % 4 == g) & (mask == 1)).sum(1) for g in range(4)], 1)
    return ids, mask, label(ids, mask, counts)


def train(net, inputs, y, make, steps, batch=BATCH, seed=0):
    """Steps over the rows in turn, or in random order where there is a seed; the losses before each."""
    opt, losses = make(net.parameters()), []
    rng = np.random.default_rng(seed) if seed else None
    for s in range(steps):
        at = (s * batch + np.arange(batch)) % len(y) if rng is None else rng.integers(0, len(y), batch)
        opt.zero_grad()
        loss = F.cross_entropy(net(*[x[at] for x in inputs]), y[at])
        loss.backward()
        opt.step()
        losses.append(loss.item())
    return losses


def export(net, inputs, names, dims):
    """By the newer exporter, as it is and optimized, and by the older one."""
    axes = {n: {i: d for i, d in enumerate(ds)} for n, ds in zip(names, dims)}
    shapes = tuple({i: torch.export.Dim(d) for i, d in enumerate(ds)} for ds in dims)
    new = dict(dynamo=True, input_names=names, output_names=["logits"], dynamic_shapes=shapes, verbose=False)
    f = io.BytesIO()
    with contextlib.redirect_stdout(io.StringIO()):
        torch.onnx.export(net, inputs, f, dynamo=False, input_names=names, output_names=["logits"], opset_version=13,
                          dynamic_axes={**axes, "logits": {0: "batch"}})
    models = {
        "model": torch.onnx.export(net, inputs, optimize=False, **new).model_proto,
        "optimized": torch.onnx.export(net, inputs, **new).model_proto,
        "legacy": onnx.load_from_string(f.getvalue()),
    }
    for m in models.values():
        strip(m.graph)
        for fn in m.functions:
            strip(fn)
        onnx.checker.check_model(m)
    return {k: m.SerializeToString() for k, m in models.items()}


def put(w, name, net, first, second, names, dims, steps, dropout):
    """Train on the first task, export, train further on the second."""
    torch.manual_seed(7)
    *x, y = [torch.from_numpy(a) for a in first]
    net.train()
    train(net, x, y, lambda p: torch.optim.Adam(p, 0.01), steps, batch=32, seed=3)
    net.eval()
    *x, y = [torch.from_numpy(a) for a in second]
    models = export(net, tuple(v[:3] for v in x), names, dims)
    state = {k: v.clone() for k, v in net.state_dict().items()}
    arrays = {f"in/{n}": a.numpy() for n, a in zip(names, x)}
    arrays["target"] = y.numpy()
    runs = []
    for mode in ("train", "eval") if dropout else ("train",):
        for o, (make, spec) in OPTIMIZERS.items():
            net.load_state_dict(state)
            net.train(mode == "train")
            if dropout:
                net.drop.eval()
            wide = copy.deepcopy(net).double()
            losses = train(net, x, y, make, STEPS)
            exact = train(wide, [v.double() if v.is_floating_point() else v for v in x], y, make, STEPS)
            noise = max(abs(a - b) / b for a, b in zip(losses, exact))
            run = f"{mode}_{o}"
            arrays[f"runs/{run}"] = np.array(losses, np.float32)
            net.eval()
            with torch.no_grad():
                arrays[f"runs/{run}_after"] = net(*[v[:8] for v in x]).numpy()
            runs.append(dict(name=run, mode=mode, optimizer=spec, noise=noise))
            print(name, run, losses[0], losses[-1], "noise", noise)
    w.case(name, models, arrays, inputs=names, batch=BATCH, steps=STEPS, runs=runs)


def main(path):
    w = finetune_case.Writer(path, "testdata/gen/torch_finetune.py", dict(torch=torch.__version__, onnx=onnx.__version__))
    torch.manual_seed(1)
    put(w, "mobilenet", MobileNet(), finetune_case.digits([0, 1, 2, 3, 4], 900), finetune_case.digits([5, 6, 7, 8, 9], 240),
        ["image"], [["batch"]], 400, True)
    rng = np.random.default_rng(5)
    most = lambda ids, mask, counts: counts.argmax(1)
    least = lambda ids, mask, counts: 2 * (counts[:, 0] > counts[:, 1]) + (counts[:, 2] > counts[:, 3])
    put(w, "minilm", MiniLM(), sentences(2000, rng, most), sentences(400, rng, least),
        ["input_ids", "attention_mask"], [["batch", "sequence"], ["batch", "sequence"]], 600, False)
    w.close()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    main(sys.argv[1])
