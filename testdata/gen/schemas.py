#!/usr/bin/env python3
"""Every operator schema of the installed onnx package, every version, as JSON.

    python schemas.py ../onnx/schemas.json.gz

The result is the oracle our operator definitions are held against. Layout: ../README.md.
"""
import base64
import gzip
import json
import math
import sys

import onnx
from onnx import AttributeProto, defs

TYPE_NAMES = {v: k.lower() for k, v in AttributeProto.AttributeType.items()}


def attr_default(a):
    """The default as a JSON value, or None where the schema has no default."""
    p = a.default_value
    if p.type == AttributeProto.UNDEFINED:
        return None
    v = onnx.helper.get_attribute_value(p)
    if isinstance(v, bytes):
        return v.decode()
    if isinstance(v, float):
        return v if math.isfinite(v) else str(v)
    if isinstance(v, int):
        return v
    if hasattr(v, "SerializeToString"):
        return {"base64": base64.b64encode(v.SerializeToString(deterministic=True)).decode()}
    return [x.decode() if isinstance(x, bytes) else x for x in v]


def attribute(a):
    r = dict(name=a.name, type=a.type.name.lower(), required=bool(a.required))
    d = attr_default(a)
    if d is not None:
        r["default"] = d
    return r


def formal(p):
    return dict(
        name=p.name,
        type_str=p.type_str,
        option=p.option.name.lower(),
        min_arity=p.min_arity,
        is_homogeneous=bool(p.is_homogeneous),
        differentiation=p.differentiation_category.name.lower(),
        types=sorted(p.types),
    )


def schema(s):
    return dict(
        domain=s.domain or "ai.onnx",
        name=s.name,
        since_version=s.since_version,
        deprecated=bool(s.deprecated),
        experimental=s.support_level.name.lower() == "experimental",
        non_deterministic=s.node_determinism.name == "NonDeterministic",
        min_input=s.min_input,
        max_input=s.max_input,
        min_output=s.min_output,
        max_output=s.max_output,
        inputs=[formal(p) for p in s.inputs],
        outputs=[formal(p) for p in s.outputs],
        attributes=[attribute(a) for _, a in sorted(s.attributes.items())],
        type_constraints={c.type_param_str: sorted(c.allowed_type_strs) for c in s.type_constraints},
        has_shape_inference=bool(s.has_type_and_shape_inference_function),
        has_function=bool(s.has_function or s.has_context_dependent_function),
        function_opsets=sorted({*s.function_opset_versions, *s.context_dependent_function_opset_versions}),
    )


def main(out):
    rows = [schema(s) for s in defs.get_all_schemas_with_history()]
    rows.sort(key=lambda r: (r["domain"], r["name"], r["since_version"]))
    newest = {d or "ai.onnx": hi for d, (_, hi) in sorted(defs.C.schema_version_map().items())}
    doc = dict(
        source="onnx " + onnx.__version__ + " (Python package, Apache-2.0), onnx.defs.get_all_schemas_with_history()",
        onnx=onnx.__version__,
        ir_version=onnx.IR_VERSION,
        newest_opset=newest,
        unbounded=2147483647,
        schemas=rows,
    )
    with open(out, "wb") as f, gzip.GzipFile(filename="", fileobj=f, mode="wb", compresslevel=9, mtime=0) as z:
        z.write(json.dumps(doc, separators=(",", ":"), sort_keys=True).encode())
    print(len(rows), "schemas,", len({(r["domain"], r["name"]) for r in rows}), "operators", newest)


if __name__ == "__main__":
    main(sys.argv[1])
