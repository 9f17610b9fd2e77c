"""Writes the fixtures of the text syntax with onnx's own parser and printer (onnx 1.23).

Run in this folder: python texts.py. It writes
  ../texts.json       texts of our own with what onnx.parser made of them (base64) and onnx.printer's text of that
  ../printed.json.gz  onnx.printer's text of each of onnx's conformance cases, those with long texts left out
"""

import base64
import gzip
import json
import zipfile

import onnx
from onnx import parser, printer

HEAD = '<ir_version: 10, opset_import: ["" : 21]>\n'
ELEMENTS = {
    "float": "1, -2.5, 1e-5, 3.4028235e38, nan, -inf, inf, 0.1, 16777216, 1e21, 100000, 1234567", "double": "1e300, -0.1, nan",
    "int8": "-128, 127", "int16": "-32768, 5", "int32": "-2147483648, 7", "int64": "-9223372036854775808, 9223372036854775807",
    "uint8": "0, 255", "uint16": "65535, 1", "uint32": "4294967295, 2", "uint64": "18446744073709551615, 3",
    "bool": "1, 0", "string": '"a \\"quoted\\" \\\\ word", "", "é\n"', "float16": "15360, 64512", "bfloat16": "16256, 1",
    "float8e4m3fn": "255, 1", "float8e4m3fnuz": "128, 2", "float8e5m2": "3, 4", "float8e5m2fnuz": "5, 6", "float8e8m0": "7, 8",
}

TEXTS = {
    "simple": HEAD + """# a comment
agraph (float[N, 128] X, float[128, 10] W, float[10] B) => (float[N, 10] C)
{
    T = MatMul(X, W)
    S = Add(T, B)   # another
    C = Softmax(S)
}""",
    "header": """<ir_version: 7, opset_import: ["" : 10, "com.acme" : 3], producer_name: "p \\"q\\"", producer_version: "1.0",
domain: "d.e", model_version: 4, doc_string: "two
lines", metadata_props: ["k" : "v", "l": ""]>
g () => (float Y) { Y = Constant <value_float = 2.5> () }""",
    "attributes": HEAD + """g (float X) => (float Y) {
  [first] A, , B = com.acme.Op:over <i = 1, l = [1, -2, 3], f = 1.5, e = -2e-3, n = nan, s = "text", m = ["a", "b\\\\"],
    t = float[2] {1, 2}, u: tensor = int64 named = {7}, e1: ints = [], e2: floats = [], e3: strings = [], w: float = 2,
    v: floats = [1, 2, 3.5], p = seq(float[N, 2]), z = [inf, -infinity]> (X, "", X)
  ["a name"] Y = Add (A, B) <broadcast = 1>
}""",
    "types": HEAD + """g (float X, float[] Y, float[2, N, ?] Z, seq(float[2]) S, map(int64, string) M, optional(seq(double)) O,
  sparse_tensor(float[3]) P, map(string, seq(map(int32, float16[N]))) Q, opaque(test.rng.RNG) R) => (float T) { T = Op(X) }""",
    "subgraphs": HEAD + """g (bool c, float X) => (float Y)
<float[2] w = {1, 2}, float[N] hint>
{
  Y = If (c) <then_branch = then () => (float A) { A = Add(X, w) },
    else_branch: graph = other () => (float B) <float k = {5}> { B = If (c) <then_branch = t () => (float C) { C = Neg(k) },
      else_branch = e () => (float D) { D = Abs(k) }> }>
}""",
    "functions": HEAD + """g (float X) => (float Y) { Y = local.F <alpha = 2.0> (X) }
<domain: "local", opset_import: ["" : 21]>
F <alpha> (a) => (b) { c = Constant <value_float: float = @alpha> ()  b = Mul(a, c) }
<domain: "local", overload: "two", opset_import: ["" : 21, "x" : 1]>
F (a, b) => (c, d) { c = Add(a, b)  d = Sub(a, b) }""",
    "external": HEAD + """g (float X) => (float Y)
<float[3, 2] w = ["location": "weights.bin", "offset": "0", "length": "24"]> { Y = Add(X, w) }""",
    "quoted": HEAD + """"a graph" (float["a dim"] "x/y:0") => (float "1") { "1" = Relu("x/y:0") }""",
    "defaults": HEAD + """g (float X = {1}, int64[2] shape = {3, 4}) => (float[3, 4] Y) { Y = Expand(X, shape) }""",
    "empty": "g () => () {}",
}
for name, list_ in ELEMENTS.items():
    n = len(list_.split(","))
    TEXTS["elements " + name] = HEAD + "g (float X) => (float Y) <%s[%d] w = {%s}, %s s = {%s}> { Y = Op(w, s) }" % (
        name, n, list_, name, list_.split(",")[0])


def texts():
    for name, text in TEXTS.items():
        m = parser.parse_model(text)
        yield {"name": name, "text": text, "model": base64.b64encode(m.SerializeToString(deterministic=True)).decode(),
               "printed": printer.to_text(m)}


def printed(limit=20000):
    out = {}
    for archive in "node", "models":
        z = zipfile.ZipFile(f"../../../testdata/onnx/{archive}.zip")
        for name in z.namelist():
            if name.endswith(".onnx"):
                try:
                    text = printer.to_text(onnx.load_from_string(z.read(name)))
                except Exception as e:  # not UTF-8
                    print(name, str(e)[:100])
                    continue
                if len(text) < limit:
                    out[name.removesuffix("/model.onnx")] = text
    return out


if __name__ == "__main__":
    with open("../texts.json", "w") as f:
        json.dump(list(texts()), f, indent=1, ensure_ascii=False)
    with open("../printed.json.gz", "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as f:
        f.write(json.dumps(printed(), ensure_ascii=False).encode())
