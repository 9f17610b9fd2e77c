#!/usr/bin/env python3
"""Fine-tuning of what PyTorch's older exporter makes of nets: tensors that are stored once because they are equal, a
loop over the batch, learnt first states, normalisation within an If, sequences of several lengths.

    python torch_forms.py ../finetune/forms.zip

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
from torch import nn

import finetune_case
from torch_control import BATCH, STEPS, ops, train
from torch_finetune import OPTIMIZERS
from torch_models import strip


class Residual(nn.Module):
    """A block whose shortcut is normalised, too: both biases have the same gradient, and stay equal for ever."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.short = nn.Conv1d(3, 6, 3, padding=1, bias=False), nn.Conv1d(6, 6, 3, padding=1, bias=False), nn.Conv1d(3, 6, 1, bias=False)
        self.norm1, self.norm2, self.norm3, self.head = nn.BatchNorm1d(6), nn.BatchNorm1d(6), nn.BatchNorm1d(6), nn.Linear(6, 3)

    def forward(self, x):
        x = x.transpose(1, 2)
        h = self.norm2(self.second(torch.relu(self.norm1(self.first(x)))))
        return self.head(torch.relu(h + self.norm3(self.short(x))).mean(2))


class Bag(nn.Module):
    """EmbeddingBag: a Loop with a turn for each example."""

    def __init__(self):
        super().__init__()
        self.bag, self.head = nn.EmbeddingBag(8, 5, mode="mean"), nn.Linear(5, 3)

    def forward(self, x):
        return self.head(self.bag((x[:, :, 0] * 2).abs().long().clamp(max=7)))


class Started(nn.Module):
    """A GRU whose first state is learnt."""

    def __init__(self):
        super().__init__()
        self.gru, self.start, self.head = nn.GRU(3, 5, batch_first=True), nn.Parameter(torch.randn(1, 1, 5) * 0.3), nn.Linear(5, 3)

    def forward(self, x):
        return self.head(self.gru(x, self.start.expand(1, x.shape[0], 5).contiguous())[0][:, -1])


class Normed(nn.Module):
    """Batch normalisation in one branch of an If."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.norm, self.head = nn.Linear(12, 6), nn.Linear(12, 6), nn.BatchNorm1d(6), nn.Linear(6, 3)

    def forward(self, x):
        x = x.flatten(1)
        if bool(x.sum() > 0):
            h = torch.tanh(self.norm(self.first(x)))
        else:
            h = torch.tanh(self.second(x))
        return self.head(h)


def export(net, x, script):
    f = io.BytesIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        torch.onnx.export(torch.jit.script(net) if script else net, (x,), f, dynamo=False, input_names=["x"], output_names=["logits"], opset_version=13,
                          dynamic_axes={"x": {0: "batch"}, "logits": {0: "batch"}}, do_constant_folding=not isinstance(net, Residual),
                          training=torch.onnx.TrainingMode.PRESERVE)
    return onnx.load_from_string(f.getvalue())


def put(w, name, net, script=False):
    torch.manual_seed(3)
    rng = np.random.default_rng(len(name))
    x = rng.normal(size=(96, 4, 3)).astype(np.float32)
    y = (x.sum((1, 2)) > 0) + (x[:, 0].sum(1) > 0).astype(np.int64)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    net.train()
    train(net, x, y, lambda p: torch.optim.Adam(p, 0.01), 30, batch=32, seed=3)
    if isinstance(net, Residual):  # in training mode, so that nothing is folded; the statistics move by it
        net.train()
        m = export(net, x[:5], script)
    else:
        net.eval()
        m = export(net, x[:5], script)
    for n in m.graph.node:
        if n.op_type == "BatchNormalization" and len(n.output) > 1:
            del n.output[1:]
            for a in [a for a in n.attribute if a.name == "training_mode"]:
                n.attribute.remove(a)
    strip(m.graph)
    onnx.checker.check_model(m)
    state = {k: v.clone() for k, v in net.state_dict().items()}
    stored = {t.name: onnx.numpy_helper.to_array(t) for t in m.graph.initializer}
    for k in state:
        if "running" in k and k in stored:
            state[k] = torch.from_numpy(stored[k].copy())
    print(name, sorted(set(ops(m.graph))), len(m.graph.initializer), "initializers", len(list(net.parameters())), "parameters")
    arrays, runs = {"in/x": x.numpy(), "target": y.numpy()}, []
    for o, (make, spec) in OPTIMIZERS.items():
        net.load_state_dict(state)
        net.train()
        losses = train(net, x, y, make, STEPS)
        net.eval()
        arrays[f"runs/{o}"] = np.array(losses, np.float32)
        with torch.no_grad():
            arrays[f"runs/{o}_after"] = net(x[:8]).numpy()
        runs.append(dict(name=o, mode="train", optimizer=spec, noise=0))
        print(name, o, losses[0], losses[-1])
    w.case(name, {"model": m.SerializeToString()}, arrays, inputs=["x"], batch=BATCH, steps=STEPS, runs=runs)


def main(path):
    w = finetune_case.Writer(path, "testdata/gen/torch_forms.py", dict(torch=torch.__version__, onnx=onnx.__version__))
    torch.manual_seed(1)
    put(w, "residual", Residual())
    put(w, "bag", Bag())
    put(w, "first_state", Started())
    put(w, "if_norm", Normed(), script=True)
    w.close()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    main(sys.argv[1])
