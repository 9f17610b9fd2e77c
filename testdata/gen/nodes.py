#!/usr/bin/env python3
"""The official ONNX backend test cases of the installed onnx package, as archives.

    python nodes.py ../onnx

Writes node.zip (every node case, which onnx generates in memory) and models.zip (the stored kinds:
simple, pytorch-converted, pytorch-operator; and real, the light models, whose weights ConstantOfShape fills).
Cases above LIMIT bytes after compression are dropped and listed in the index under "dropped".
"""
import os
import random
import sys
import zlib

import numpy as np
import onnx
from onnx.backend.test.loader import DATA_DIR, load_model_tests

import casezip

LIMIT = 60_000
SOURCE = "onnx %s (Python package, Apache-2.0), onnx.backend.test" % onnx.__version__


def node_sets(case):
    gi, go = case.model.graph.input, case.model.graph.output
    for ins, outs in case.data_sets:
        yield (
            [casezip.value_proto(v, gi[j]).SerializeToString() for j, v in enumerate(ins)],
            [casezip.value_proto(v, go[j]).SerializeToString() for j, v in enumerate(outs)],
        )


def stored_sets(folder):
    i = 0
    while os.path.isdir(f"{folder}/test_data_set_{i}"):
        yield tuple(list(read_all(f"{folder}/test_data_set_{i}/{kind}_")) for kind in ("input", "output"))
        i += 1


def read_all(prefix):
    j = 0
    while os.path.exists(f"{prefix}{j}.pb"):
        with open(f"{prefix}{j}.pb", "rb") as f:
            yield f.read()
        j += 1


def real_set(source):
    """The light models' inputs are a ramp that the reader makes (see ../README.md); only outputs are stored."""
    return [None], list(read_all(os.path.splitext(source)[0] + "_output_"))


def packed_size(model, sets):
    parts = [model.SerializeToString()] + [b for s in sets for bs in s for b in bs if b is not None]
    return sum(len(zlib.compress(b, 9)) + 160 for b in parts)


def put(w, dropped, case, model, sets, limit=LIMIT, **facts):
    size = packed_size(model, sets)
    if size > limit:
        dropped.append(dict(name=case.name, packed_bytes=size))
        return
    w.add(case.name, model, sets, rtol=case.rtol, atol=case.atol, **facts)


def nodes(path):
    w, dropped = casezip.Writer(path, SOURCE, dict(onnx=onnx.__version__)), []
    np.random.seed(0)
    random.seed(0)
    for c in load_model_tests(kind="node"):
        put(w, dropped, c, c.model, list(node_sets(c)))
    w.close(dropped=dropped)
    print(path, len(w.cases), "cases; dropped", dropped)


def models(path):
    w, dropped = casezip.Writer(path, SOURCE, dict(onnx=onnx.__version__)), []
    for kind in ("simple", "pytorch-converted", "pytorch-operator"):
        for c in load_model_tests(kind=kind):
            model = onnx.load(c.model_dir + "/model.onnx")
            put(w, dropped, c, model, list(stored_sets(c.model_dir)), kind=kind)
    for c in load_model_tests(kind="real"):
        source = os.path.join(os.path.dirname(DATA_DIR), *c.url.split("/")[3:])
        put(w, dropped, c, onnx.load(source), [real_set(source)], kind="real", inputs="ramp")
    w.close(dropped=dropped)
    print(path, len(w.cases), "cases; dropped", dropped)


if __name__ == "__main__":
    nodes(sys.argv[1] + "/node.zip")
    models(sys.argv[1] + "/models.zip")
