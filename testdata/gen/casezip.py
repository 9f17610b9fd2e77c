"""Reading and writing archives of ONNX test cases: the layout of onnx's own backend tests in a zip.

    <case>/model.onnx
    <case>/test_data_set_<i>/input_<j>.pb, output_<j>.pb     (TensorProto, SequenceProto or OptionalProto)
    index.json                                              {"source":..., "versions":{...}, "cases":[{...}]}

Dates, order and permissions are fixed, so the same cases give the same bytes.
"""
import json
import zipfile

import numpy as np
from onnx import TensorProto, numpy_helper

EPOCH = (1980, 1, 1, 0, 0, 0)


def value_proto(v, info):
    """The protobuf that holds v, whose kind is given by the ValueInfoProto info."""
    t = info.type
    if t.HasField("map_type"):
        return numpy_helper.from_dict(v, info.name)
    if t.HasField("sequence_type"):
        return numpy_helper.from_list(v, info.name)
    if t.HasField("optional_type"):
        return numpy_helper.from_optional(v, info.name)
    if isinstance(v, TensorProto):
        return v
    return numpy_helper.from_array(np.asarray(v), info.name)


def walk_ops(graph, found):
    for n in graph.node:
        domain = "" if n.domain in ("", "ai.onnx") else n.domain + "::"
        found.add(domain + n.op_type)
        for a in n.attribute:
            if a.HasField("g"):
                walk_ops(a.g, found)
            for g in a.graphs:
                walk_ops(g, found)


def model_facts(model):
    """Opsets, IR version and operators of a model, for the index."""
    found = set()
    walk_ops(model.graph, found)
    for f in model.functions:
        walk_ops(f, found)
    return dict(
        opsets={o.domain or "ai.onnx": o.version for o in model.opset_import},
        ir=model.ir_version,
        ops=sorted(found),
    )


class Writer:
    """Collects cases in memory and writes them as one zip on close."""

    def __init__(self, path, source, versions):
        self.path, self.head = path, dict(source=source, versions=versions)
        self.files, self.cases = {}, []

    def add_bytes(self, name, data):
        assert name not in self.files, name
        self.files[name] = data

    def add(self, name, model, data_sets, **facts):
        """data_sets: [(inputs, outputs)] of serialized protobufs in graph order; None = input left out."""
        assert not any(c["name"] == name for c in self.cases), "two cases named " + name
        self.add_bytes(f"{name}/model.onnx", model.SerializeToString(deterministic=True))
        for i, (ins, outs) in enumerate(data_sets):
            for kind, vals in (("input", ins), ("output", outs)):
                for j, b in enumerate(vals):
                    if b is not None:
                        self.add_bytes(f"{name}/test_data_set_{i}/{kind}_{j}.pb", b)
        self.cases.append(dict(name=name, **facts, **model_facts(model), datasets=len(data_sets)))

    def close(self, **extra):
        self.cases.sort(key=lambda c: c["name"])
        index = dict(self.head, **extra, cases=self.cases)
        self.files["index.json"] = json.dumps(index, indent=0, sort_keys=True).encode()
        with zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
            for name in sorted(self.files, key=lambda n: (n != "index.json", n)):
                info = zipfile.ZipInfo(name, EPOCH)
                info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                z.writestr(info, self.files[name], compresslevel=9)
