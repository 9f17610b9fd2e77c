"""Writes archives of Keras files with inputs and what Keras answers, for convert/keras/files_test.go.

    index.json                                  source, versions, cases[]: name, file, batches
    <case>/model.keras or <case>/model.h5       the file as Keras saved it
    <case>/io.npz                               in_<i>, out_<i>: in the order of the model's inputs and outputs

batches: the test runs the first 1, 2 and 7 rows of the inputs and expects as many of the outputs, which is checked here
to be what Keras answers; [7] alone where rows depend on one another. Dates and order of the archive are fixed.

Use: w = Writer(path, keras); w.add(name, model, inputs...); w.close(). keras is keras or tf_keras.
"""
import io
import json
import os
import sys
import tempfile
import zipfile
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import numpy as np

EPOCH = (1980, 1, 1, 0, 0, 0)


def rng(name):
    return np.random.RandomState(zlib.crc32(name.encode()) % 2**31)


def inputs_of(name, model, rows=7, size=6):
    """Random inputs: floats around 0, integers below 10; unknown sizes become `size`."""
    r = rng(name)
    out = []
    for x in model.inputs:
        shape = (rows,) + tuple(size if d is None else int(d) for d in x.shape[1:])
        kind = np.dtype(x.dtype if isinstance(x.dtype, str) else x.dtype.as_numpy_dtype)
        out.append((r.standard_normal(shape) if kind.kind == "f" else r.randint(0, 10, shape)).astype(kind))
    return out


def randomize(name, model):
    """Gives every float variable random content; variances and scales stay positive."""
    r = rng(name + "/weights")
    for v in model.weights:
        if not hasattr(v, "dtype") or np.dtype(str(getattr(v.dtype, "name", v.dtype))).kind != "f":
            continue
        path = getattr(v, "path", v.name)
        shape = tuple(v.shape)
        if any(k in path for k in ("variance", "gamma", "scale")):
            a = r.uniform(.5, 1.5, shape)
        else:
            a = r.standard_normal(shape) * (.5 if len(shape) < 2 else min(.5, 1.5 / np.sqrt(np.prod(shape[:-1]))))
        v.assign(a.astype("float32"))


class Writer:
    def __init__(self, path):
        self.path, self.files, self.cases, self.versions = path, {}, [], {}

    def add(self, name, model, inputs=None, forms=("keras",), batches=(1, 2, 7), fill=True, want=None, **facts):
        """Saves the model in each form; inputs are arrays of 7 rows, random ones where None; want are the answers where
        Keras cannot give them."""
        if fill:
            randomize(name, model)
        if inputs is None:
            inputs = inputs_of(name, model)
        arg = inputs if len(inputs) > 1 else inputs[0]
        given, want = want is not None, want or listed(model(arg, training=False))
        if len(batches) > 1 and not given:
            for n in batches:
                cut = [x[:n] for x in inputs]
                got = listed(model(cut if len(cut) > 1 else cut[0], training=False))
                for g, w in zip(got, want):
                    if g.dtype.kind == "U":
                        assert (g == w[:n]).all(), name
                    else:
                        np.testing.assert_allclose(g, w[:n], rtol=2e-5, atol=2e-6, err_msg=name)
        b = io.BytesIO()
        np.savez_compressed(b, **{f"in_{i}": x for i, x in enumerate(inputs)}, **{f"out_{i}": x for i, x in enumerate(want)})
        for form in forms:
            case = name if len(forms) == 1 else f"{name}_{form}"
            assert f"{case}/io.npz" not in self.files, "two cases " + case
            with tempfile.TemporaryDirectory() as d:
                p = os.path.join(d, "model." + form)
                model.save(p)
                with open(p, "rb") as f:
                    self.files[f"{case}/model.{form}"] = f.read()
            self.files[f"{case}/io.npz"] = b.getvalue()
            self.cases.append(dict(name=case, file=f"{case}/model.{form}", batches=list(batches), **facts))

    def close(self):
        versions = {m: sys.modules[m].__version__ for m in ("keras", "tf_keras", "tensorflow", "numpy") if m in sys.modules}
        self.cases.sort(key=lambda c: c["name"])
        index = dict(source="testdata/gen", versions=versions, cases=self.cases)
        self.files["index.json"] = json.dumps(index, indent=0, sort_keys=True).encode()
        with zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
            for name in sorted(self.files, key=lambda n: (n != "index.json", n)):
                info = zipfile.ZipInfo(name, EPOCH)
                info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                z.writestr(info, self.files[name], compresslevel=9)
        print(self.path, len(self.cases), "cases", os.path.getsize(self.path), "bytes")


def listed(y):
    if isinstance(y, dict):
        y = list(y.values())
    return [np.asarray(v) for v in (y if isinstance(y, (list, tuple)) else [y])]
