#!/usr/bin/env python3
"""Operator cases with onnxruntime's answers: one zip per family.

    python ops_ort.py ../ort [family ...]

Families are the modules ops_<family>.py, whose tables opcase.py runs. Layout: ../README.md.
"""
import collections
import importlib
import sys
import warnings

import numpy
import onnx
import onnxruntime

import casezip
import opcase

FAMILIES = ("elementwise", "reduce", "matrix", "shape", "index", "cast", "ml", "nn", "rnn", "quant", "text", "signal", "trees")
SOURCE = "testdata/gen/ops_ort.py; outputs by onnxruntime, or by onnx's reference evaluator where a case's oracle says so"


def family(out, name):
    opcase.TABLES.clear()
    importlib.import_module("ops_" + name)
    versions = dict(onnx=onnx.__version__, onnxruntime=onnxruntime.__version__, numpy=numpy.__version__)
    w = casezip.Writer(f"{out}/{name}.zip", SOURCE, versions)
    tally, left_out = collections.Counter(), []
    for domain, op in opcase.TABLES:
        for case, made, why in opcase.cases(domain, op):
            if made is None:
                left_out.append(dict(name=case, why=why))
                continue
            model, ins, outs, facts = made
            gi, go = model.graph.input, model.graph.output
            fed = [x for x in ins if x is not None]
            data = (
                [opcase.pb(x, i.name) for x, i in zip(fed, gi)],
                [opcase.pb(y, o.name) for y, o in zip(outs, go)],
            )
            w.add(case, model, [data], **facts)
            tally[facts["oracle"], facts.get("reference")] += 1
            if facts.get("reference") == "differs":
                print("differs:", case)
    w.close(no_oracle=left_out)
    for r in left_out:
        print("no oracle:", r["name"], r["why"][:150])
    print(name, len(w.cases), "cases", dict(tally))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for name in sys.argv[2:] or FAMILIES:
        family(sys.argv[1], name)
