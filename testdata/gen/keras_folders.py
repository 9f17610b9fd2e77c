"""Models in several files, for convert/keras: keras_folders.py OUT.zip TFJS

TFJS is where `pip install --no-deps --target TFJS tensorflowjs==4.22.0` put TensorFlow.js's converter. index.json lists the
cases: name, and paths, relative to the folder, each of which must convert ("" is the folder). <case>/io.npz holds in_i and
out_i, the rest of <case>/ is the folder.
"""
import json
import os
import sys
import tempfile
import types
import zipfile

from kerasfile import EPOCH, listed, randomize, rng

import numpy as np
import keras
import tf_keras

for name in ("tensorflowjs", "tensorflowjs.converters"):  # without what its __init__ imports, jax and a hub
    sys.modules[name] = m = types.ModuleType(name)
    m.__path__ = [os.path.join(sys.argv[2], *name.split("."))]
from tensorflowjs import quantization, read_weights, version
sys.modules["tensorflowjs"].quantization, sys.modules["tensorflowjs"].version = quantization, version
from tensorflowjs.converters import keras_h5_conversion as tfjs

files, cases = {}, []


def net(k):
    x = k.Input((5, 3))
    y = k.layers.Bidirectional(k.layers.LSTM(2, return_sequences=True))(x)
    y = k.layers.BatchNormalization()(k.layers.Conv1D(4, 2)(y))
    a = k.Input((4,))
    inner = k.Model(a, k.layers.Dense(3, activation="tanh")(k.layers.Dense(6)(a)), name="inner")
    return k.Model(x, k.layers.Dense(2)(inner(k.layers.GlobalMaxPooling1D()(y))))


def add(name, k, paths, save):
    """save writes the model into a folder and returns weights to compute the answers with, or None."""
    k.backend.clear_session()
    m = net(k)
    randomize(name, m)
    x = rng(name).standard_normal((7, 5, 3)).astype("float32")
    with tempfile.TemporaryDirectory() as d:
        used = save(m, d)
        if used is not None:
            m.set_weights(used)
        np.savez_compressed(os.path.join(d, "io.npz"), in_0=x, out_0=listed(m(x))[0])
        for root, _, names in os.walk(d):
            for n in names:
                p = os.path.join(root, n)
                with open(p, "rb") as f:
                    files[name + "/" + os.path.relpath(p, d)] = f.read()
    cases.append(dict(name=name, paths=paths))


def config(m, path):
    with open(path, "w") as f:
        f.write(m.to_json())


def unzipped(m, d):
    m.save(d, zipped=False)


def beside(weights, conf, **kw):
    def save(m, d):
        config(m, os.path.join(d, conf))
        m.save_weights(os.path.join(d, weights), **kw)
    return save


add("unzipped", keras, ["", "config.json", "model.weights.h5"], unzipped)
add("beside", keras, ["", "config.json", "model.weights.h5"], beside("model.weights.h5", "config.json"))
add("named", keras, ["net.weights.h5", "net.json"], beside("net.weights.h5", "net.json"))
add("sharded", keras, ["", "config.json", "model.weights.json"], beside("model.weights.json", "config.json", max_shard_size=6e-7))
add("keras2", tf_keras, ["", "model.json", "weights.h5"], beside("weights.h5", "model.json"))
add("keras2_v3", tf_keras, ["", "config.json", "model.weights.h5"], beside("model.weights.h5", "config.json"))


def converted(form="h5", quantize=None, shard=4 << 20):
    def save(m, d):
        with tempfile.TemporaryDirectory() as tmp:
            p = os.path.join(tmp, "m." + form)
            m.save(p)
            if form == "h5":
                topology, groups = tfjs.h5_merged_saved_model_to_tfjs_format(p, split_by_layer=quantize is None)
            else:
                with zipfile.ZipFile(p) as z:
                    z.extractall(tmp)
                    meta, conf = json.loads(z.read("metadata.json")), z.read("config.json").decode()
                topology, groups = tfjs.h5_v3_merged_saved_model_to_tfjs_format(os.path.join(tmp, "model.weights.h5"), meta, conf)
            tfjs.write_artifacts(topology, groups, d, {quantize: "*"} if quantize else None, shard)
            with open(os.path.join(d, "model.json")) as f:
                manifest = json.load(f)["weightsManifest"]
        if quantize is None:
            return None
        by_name = {w["name"]: w["data"] for g in read_weights.read_weights(manifest, d) for w in g}
        return [by_name[w.name.removesuffix(":0")] for w in m.weights]
    return save


add("tfjs", tf_keras, ["", "model.json"], converted(shard=300))
add("tfjs_keras3", keras, ["model.json"], converted("keras"))
for q in ("uint8", "uint16", "float16"):
    add("tfjs_" + q, tf_keras, ["model.json"], converted(quantize=q))

files["index.json"] = json.dumps(dict(cases=cases), indent=0).encode()
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
    for name in sorted(files):
        info = zipfile.ZipInfo(name, EPOCH)
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
        z.writestr(info, files[name], compresslevel=9)
print(sys.argv[1], len(cases), "cases", os.path.getsize(sys.argv[1]), "bytes")
