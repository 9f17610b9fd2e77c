"""Writes ../checks.json: small models with a fault each, and what onnx.checker says of them (onnx 1.23).

Run in this folder: python checks.py.
"""

import base64
import json

import onnx
from onnx import AttributeProto, TensorProto, helper, parser

BASE = '''<ir_version: 10, opset_import: ["" : 21, "local" : 1]>
g (float[N, 2] x, bool c) => (float[N, 2] y)
<float[2] w = {1, 2}, float[N, 2] s>
{
  [add] s = Add (x, w)
  y = If (c) <then_branch = t () => (float[N, 2] a) { a = Relu (s) }, else_branch = e () => (float[N, 2] b) { b = local.F <k = 1> (s) }>
}
<domain: "local", opset_import: ["" : 21]>
F <k, l: int = 3> (p) => (q) { r = Cast <to: int = @k> (p)  q = Cast <to = 1> (r) }
'''
CASES = []


def case(f):
    CASES.append(f)
    return f


def branch(m, i=0):
    return m.graph.node[1].attribute[i].g


@case
def valid(m): pass
@case
def no_ir_version(m): m.ClearField("ir_version")
@case
def future_ir_version(m): m.ir_version = 99
@case
def no_opset_import(m): del m.opset_import[:]
@case
def no_graph(m): m.ClearField("graph")
@case
def no_graph_name(m): m.graph.name = ""
@case
def no_subgraph_name(m): branch(m).name = ""
@case
def no_input_name(m): m.graph.input[0].name = ""
@case
def no_input_type(m): m.graph.input[0].ClearField("type")
@case
def empty_input_type(m): m.graph.input[0].type.Clear()
@case
def no_input_shape(m): m.graph.input[0].type.tensor_type.ClearField("shape")
@case
def no_element_type(m): m.graph.input[0].type.tensor_type.ClearField("elem_type")
@case
def no_subgraph_output_type(m): branch(m).output[0].ClearField("type")
@case
def input_twice(m): m.graph.input.append(m.graph.input[0])
@case
def initializer_twice(m): m.graph.initializer.append(m.graph.initializer[0])
@case
def initializer_is_input(m): m.graph.input.append(helper.make_tensor_value_info("w", 1, [2]))
@case
def no_initializer_name(m): m.graph.initializer[0].name = ""
@case
def old_ir_initializer(m): m.ir_version = 3; del m.functions[:]; branch(m, 1).node[0].CopyFrom(parser.parse_node("b = Neg(s)"))
@case
def old_ir_functions(m): m.ir_version = 7
@case
def undefined_input(m): m.graph.node[0].input[0] = "nowhere"
@case
def undefined_in_subgraph(m): branch(m).node[0].input[0] = "nowhere"
@case
def order(m):
    n = [m.graph.node[1], m.graph.node[0]]
    n = [onnx.NodeProto.FromString(x.SerializeToString()) for x in n]
    del m.graph.node[:]
    m.graph.node.extend(n)
@case
def cycle(m): m.graph.node[0].input[0] = "y"
@case
def self_cycle(m): m.graph.node[0].input[0] = "s"
@case
def output_twice(m): m.graph.node.append(parser.parse_node("s = Neg(x)"))
@case
def output_is_input(m): m.graph.node.append(parser.parse_node("x = Neg(s)"))
@case
def output_is_initializer(m): m.graph.node.append(parser.parse_node("w = Neg(s)"))
@case
def output_of_subgraph_shadows(m): branch(m).node.append(parser.parse_node("s = Neg(x)"))
@case
def output_of_subgraph_leaks(m): m.graph.node.append(parser.parse_node("z = Neg(a)"))
@case
def same_name_in_both_branches(m): branch(m, 1).node[0].output[0] = "a"; branch(m, 1).output[0].name = "a"
@case
def no_op_type(m): m.graph.node[0].op_type = ""
@case
def no_inputs_no_outputs(m): m.graph.node.append(helper.make_node("Neg", [], []))
@case
def domain_not_imported(m): m.graph.node[0].domain = "com.acme"
@case
def domain_ai_onnx(m): m.graph.node[0].domain = "ai.onnx"
@case
def import_ai_onnx(m): m.opset_import[0].domain = "ai.onnx"
@case
def attribute_without_name(m): m.graph.node[1].attribute[0].name = ""
@case
def attribute_without_type(m): branch(m, 1).node[0].attribute[0].ClearField("type")
@case
def attribute_wrong_type(m): branch(m, 1).node[0].attribute[0].type = AttributeProto.FLOAT
@case
def attribute_two_values(m): branch(m, 1).node[0].attribute[0].f = 1
@case
def attribute_reference_outside(m):
    a = branch(m, 1).node[0].attribute[0]
    a.ClearField("i")
    a.ref_attr_name = "k"
@case
def attribute_reference_and_value(m): m.functions[0].node[0].attribute[0].i = 1
@case
def future_opset(m): m.opset_import[0].version = 99; m.functions[0].opset_import[0].version = 99
@case
def raw_and_list(m): m.graph.initializer[0].raw_data = b"12345678"
@case
def two_lists(m): m.graph.initializer[0].int32_data.append(1)
@case
def wrong_list(m): m.graph.initializer[0].ClearField("float_data"); m.graph.initializer[0].int64_data.extend([1, 2])
@case
def raw_short(m): m.graph.initializer[0].ClearField("float_data"); m.graph.initializer[0].raw_data = b"1234567"
@case
def list_short(m): m.graph.initializer[0].float_data.pop()
@case
def no_data(m): m.graph.initializer[0].ClearField("float_data")
@case
def empty_tensor(m): m.graph.initializer[0].ClearField("float_data"); m.graph.initializer[0].dims[0] = 0
@case
def undefined_data_type(m): m.graph.initializer[0].data_type = 0
@case
def negative_dimension(m): m.graph.initializer[0].dims[0] = -2
@case
def raw_strings(m):
    t = m.graph.initializer[0]
    t.ClearField("float_data")
    t.data_type = TensorProto.STRING
    t.raw_data = b"ab"
@case
def external_without_location(m):
    t = m.graph.initializer[0]
    t.ClearField("float_data")
    t.data_location = TensorProto.EXTERNAL
@case
def function_twice(m): m.functions.append(m.functions[0])
@case
def function_overload(m): m.functions.append(m.functions[0]); m.functions[1].overload = "o"
@case
def function_without_name(m): m.functions[0].name = ""
@case
def function_without_domain(m): m.functions[0].domain = ""
@case
def function_input_twice(m): m.functions[0].input.append("p")
@case
def function_attribute_twice(m): m.functions[0].attribute.append("k")
@case
def function_attribute_in_both(m): m.functions[0].attribute.append("l")
@case
def function_domain_not_imported(m): m.functions[0].node[0].domain = "com.acme"
@case
def function_undefined_value(m): m.functions[0].node[0].input[0] = "x"
@case
def function_value_twice(m): m.functions[0].node[1].output[0] = "r"
@case
def metadata_twice(m): helper.set_model_props(m, {"a": "1"}); m.metadata_props.append(m.metadata_props[0])


def sparse(m, values, indices, dims, shape=None):
    v = helper.make_tensor("sp", 1, [len(values)], values)
    i = helper.make_tensor("", 7, shape or [len(indices)], indices)
    m.graph.sparse_initializer.append(helper.make_sparse_tensor(v, i, dims))


@case
def sparse_linear(m): sparse(m, [1, 2], [1, 5], [2, 3])
@case
def sparse_pairs(m): sparse(m, [1, 2], [0, 1, 1, 2], [2, 3], [2, 2])
@case
def sparse_beyond(m): sparse(m, [1, 2], [1, 6], [2, 3])
@case
def sparse_negative(m): sparse(m, [1, 2], [-1, 5], [2, 3])
@case
def sparse_not_ascending(m): sparse(m, [1, 2], [5, 1], [2, 3])
@case
def sparse_repeated(m): sparse(m, [1, 2], [1, 1], [2, 3])
@case
def sparse_pairs_beyond(m): sparse(m, [1, 2], [0, 1, 1, 3], [2, 3], [2, 2])
@case
def sparse_pairs_not_ascending(m): sparse(m, [1, 2], [1, 1, 0, 2], [2, 3], [2, 2])
@case
def sparse_count(m): sparse(m, [1, 2], [1], [2, 3])
@case
def sparse_no_dims(m): sparse(m, [1, 2], [0, 1], [])
@case
def sparse_zero_dim(m): sparse(m, [], [], [0])


if __name__ == "__main__":
    out = []
    for change in CASES:
        m = parser.parse_model(BASE)
        change(m)
        error = ""
        try:
            onnx.checker.check_model(m)
        except Exception as e:
            error = str(e).splitlines()[0][:160] or "refused"
        b = base64.b64encode(m.SerializeToString(deterministic=True)).decode()
        out.append({"name": change.__name__, "error": error, "model": b})
    with open("../checks.json", "w") as f:
        json.dump(out, f, indent=1)
    print(sum(1 for c in out if c["error"]), "of", len(out), "refused")
