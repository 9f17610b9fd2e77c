"""What Keras's preprocessing layers learn and make of a few rows, as JSON: keras_preprocess.py OUT.json"""
import json
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
import keras
import numpy as np
from keras import layers as L

words = np.array([["a", "b", "b"], ["c", "a", "d"], ["b", "e", "a"], ["d", "b", "[UNK]"], ["m", "m", "b"]])
ints = np.array([[4, 4, 9], [7, 0, 9], [0, 9, 1], [2, 2, 2], [-1, 7, 9]])
seen_words = np.array([["a", "zz", "m"], ["b", "e", "b"], ["d", "c", "[UNK]"]])
seen_ints = np.array([[4, 33, 0], [9, 1, 9], [7, 2, -1]])
rng = np.random.default_rng(3)
images = np.round(rng.normal(size=(3, 2, 3, 2)) * [1, 5] + [2, -3], 3).astype("float32")
rows = np.array([[-1.5, 0.0], [0.25, 7.0]], "float32")

cases = []


def case(cls, args, adapt=None, x=None):
    layer = getattr(L, cls)(**args)
    if adapt is not None:
        layer.adapt(adapt)
    y = keras.ops.convert_to_numpy(layer(x)) if cls != "StringLookup" or not args.get("invert") else layer(x).numpy().astype(str)
    list_ = lambda v: None if v is None else np.asarray(v).tolist()
    cases.append({"layer": cls, "args": args, "adapt": list_(adapt), "x": list_(x), "y": list_(y), "shape": list(y.shape)})


for cls, data, x, mask in (("StringLookup", words, seen_words, "m"), ("IntegerLookup", ints, seen_ints, 0)):
    for mode in ("int", "one_hot", "multi_hot", "count", "tf_idf"):
        case(cls, {"output_mode": mode}, data, x)
        case(cls, {"output_mode": mode, "mask_token": mask}, data, x)
        case(cls, {"output_mode": mode, "max_tokens": 4}, data, x)
        if mode != "int":
            case(cls, {"output_mode": mode, "max_tokens": 12, "pad_to_max_tokens": True}, data, x)
            case(cls, {"output_mode": mode}, data, x[:, :1])
    for args in ({}, {"mask_token": mask}):
        indices = np.array([[0, 1, 2], [3, 4, 5]])
        case(cls, {"invert": True, "vocabulary": ["c", "a", "b"] if cls == "StringLookup" else [5, 8, 3], **args}, None, indices)
for mode in ("int", "one_hot", "multi_hot", "count", "tf_idf"):
    for args in ({"num_oov_indices": 3}, {"num_oov_indices": 2, "mask_token": 0}, {"num_oov_indices": 4, "max_tokens": 6}):
        case("IntegerLookup", {"output_mode": mode, **args}, ints, seen_ints)
    known = [["a", "b", "m"], ["c", "a", "b"]]
    for args in ({}, {"mask_token": "m"}):
        case("StringLookup", {"output_mode": mode, "num_oov_indices": 0, **args}, words, np.array(known))
case("IntegerLookup", {"invert": True, "vocabulary": [5, 8, 3], "num_oov_indices": 3}, None, np.array([[0, 1, 2], [3, 4, 5]]))
for mode in ("int", "one_hot", "multi_hot", "count"):
    case("Discretization", {"bin_boundaries": [-1.0, 0.0, 2.5], "output_mode": mode}, None, rows)
for args in ({}, {"invert": True}, {"axis": 1}, {"axis": None}, {"axis": None, "invert": True}, {"axis": 2, "invert": True}):
    case("Normalization", args, images, images)
case("Normalization", {"mean": 1.5, "variance": 4.0}, None, rows)
json.dump({"source": f"Keras {keras.__version__}", "cases": cases}, open(sys.argv[1], "w"), separators=(",", ":"))
