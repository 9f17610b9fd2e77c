#!/usr/bin/env python3
"""Single steps of torch.optim from states that it has come to: parameters and state before and after step 26.

    python torch_optim.py ../torch/optim.json.gz

The net is tanh(x @ w + b) @ v, its loss the mean squared error. spec is what onnxtool calls the optimizer.
"""
import gzip
import json
import sys

import torch

O = torch.optim
OPTIMIZERS = {
    "sgd:learning_rate=0.1": lambda p: O.SGD(p, 0.1),
    "sgd:learning_rate=0.05,momentum=0.9": lambda p: O.SGD(p, 0.05, momentum=0.9),
    "sgd:learning_rate=0.05,momentum=0.8,nesterov=true": lambda p: O.SGD(p, 0.05, momentum=0.8, nesterov=True),
    "adam:learning_rate=0.01,epsilon=1e-3,torch_epsilon=true": lambda p: O.Adam(p, 0.01, eps=1e-3),
    "adam:learning_rate=0.01,beta_1=0.8,beta_2=0.9,epsilon=1e-8,torch_epsilon=true": lambda p: O.Adam(p, 0.01, betas=(0.8, 0.9)),
    "adamw:learning_rate=0.01,weight_decay=0.1,epsilon=1e-8,torch_epsilon=true": lambda p: O.AdamW(p, 0.01, weight_decay=0.1),
    "nadam:learning_rate=0.01,epsilon=1e-8,schedule_decay=0.004": lambda p: O.NAdam(p, 0.01),
    "adamax:learning_rate=0.01,epsilon=1e-8": lambda p: O.Adamax(p, 0.01),
    "adagrad:learning_rate=0.1,epsilon=1e-10,initial_accumulator_value=0.2": lambda p: O.Adagrad(p, 0.1, initial_accumulator_value=0.2),
    "adadelta:learning_rate=1,rho=0.9,epsilon=1e-6": lambda p: O.Adadelta(p, 1.0),
    "rmsprop:learning_rate=0.01,rho=0.9,epsilon=0.01,torch_epsilon=true": lambda p: O.RMSprop(p, 0.01, alpha=0.9, eps=0.01),
    "rmsprop:learning_rate=0.01,rho=0.9,epsilon=0.01,torch_epsilon=true,momentum=0.6,centered=true":
        lambda p: O.RMSprop(p, 0.01, alpha=0.9, eps=0.01, momentum=0.6, centered=True),
}


def numbers(t):
    return [float(v) for v in t.detach().reshape(-1)]


def run(make):
    g = torch.Generator().manual_seed(3)
    normal = lambda *s: torch.randn(*s, generator=g)
    params = {"w": normal(3, 4) * 0.5, "b": normal(4) * 0.1, "v": normal(4, 1) * 0.5}
    x, y = normal(8, 3), normal(8, 1)
    for p in params.values():
        p.requires_grad_()
    opt = make(list(params.values()))

    def step():
        opt.zero_grad()
        ((torch.tanh(x @ params["w"] + params["b"]) @ params["v"] - y) ** 2).mean().backward()
        opt.step()

    for _ in range(25):
        step()
    before = {k: numbers(p) for k, p in params.items()}
    state = {k: {n: numbers(t) for n, t in opt.state[p].items() if torch.is_tensor(t)} for k, p in params.items()}
    step()
    return dict(torch=repr(opt).replace("\n", " "), x=numbers(x), y=numbers(y), before=before, state=state, after={k: numbers(p) for k, p in params.items()})


def main(path):
    torch.set_num_threads(1)
    doc = dict(torch=torch.__version__, runs=[dict(run(make), spec=spec) for spec, make in OPTIMIZERS.items()])
    with open(path, "wb") as f, gzip.GzipFile(fileobj=f, mode="wb", mtime=0, filename="") as z:
        z.write(json.dumps(doc).encode())


if __name__ == "__main__":
    main(sys.argv[1])
