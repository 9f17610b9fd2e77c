"""Writes the fixtures of package onnxio with onnx's own Python package (onnx 1.23, protobuf 7).

Run in this folder: python models.py. It writes
  ../allfields.onnx  a model in which every field of every message is set
  ../fields.txt      message, number, name, label, type of every field, from onnx's descriptor
"""

import onnx
from google.protobuf import descriptor_pb2
from onnx import onnx_data_pb2, onnx_ml_pb2
LABEL = {1: "optional", 2: "required", 3: "repeated"}


def short(name):
    return name.removeprefix("onnx.")


def type_of(f):
    names = {1: "double", 2: "float", 3: "int64", 4: "uint64", 5: "int32", 9: "string", 12: "bytes"}
    if f.message_type:
        return short(f.message_type.full_name)
    if f.enum_type:
        return short(f.enum_type.full_name)
    return names[f.type]


def messages(ms):
    for m in ms:
        yield m
        yield from messages(m.nested_types)


def fields():
    files = onnx_ml_pb2.DESCRIPTOR, onnx_data_pb2.DESCRIPTOR
    for m in messages([m for fd in files for m in fd.message_types_by_name.values()]):
        proto = descriptor_pb2.DescriptorProto()
        m.CopyToProto(proto)
        for f, p in zip(m.fields, proto.field):
            packed = "packed" if p.options.packed else "-"
            oneof = f.containing_oneof.name if f.containing_oneof else "-"
            yield f"{short(m.full_name)} {f.number} {f.name} {LABEL[p.label]} {type_of(f)} {packed} {oneof}"


counter = 0


def scalar(f):
    global counter
    counter += 1
    if f.enum_type:
        return f.enum_type.values[counter % len(f.enum_type.values)].number
    return {
        1: counter + 0.25, 2: counter + 0.5, 3: (-1) ** counter * counter * 12345678901, 4: (counter << 50) % 2**64,
        5: (-1) ** counter * (counter % 10**6) * 1000, 9: f"text{counter} é", 12: bytes([counter % 256, 0, 255]),
    }[f.type]


def fill(m, depth):
    for f in m.DESCRIPTOR.fields:
        if f.containing_oneof and m.WhichOneof(f.containing_oneof.name) and counter % 2:
            continue
        value = getattr(m, f.name)
        if f.message_type:
            if depth == 0:
                continue
            if hasattr(value, "add"):
                for _ in range(2):
                    fill(value.add(), depth - 1)
            else:
                value.SetInParent()
                fill(value, depth - 1)
        elif hasattr(value, "extend"):
            value.extend([scalar(f), scalar(f), scalar(f)])
        else:
            setattr(m, f.name, scalar(f))


if __name__ == "__main__":
    with open("../fields.txt", "w") as out:
        out.write("".join(line + "\n" for line in sorted(fields())))
    model = onnx.ModelProto()
    fill(model, 4)
    with open("../allfields.onnx", "wb") as out:
        out.write(model.SerializeToString(deterministic=True))
