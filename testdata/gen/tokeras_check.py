"""Loads what convert/tokeras wrote in Keras and compares: tokeras_check.py FOLDER

FOLDER is what `ONNXTOOL_TOKERAS_DUMP=FOLDER go test ./convert/tokeras` left: NAME.keras and NAME.npz with in_i, out_i.
"""
import glob
import json
import os
import sys
import warnings
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
import keras
import numpy as np

from kerasfile import listed

warnings.simplefilter("ignore")


def tensor(x, dtype):
    """Returns an input, of strings too."""
    if dtype == "string":
        import tensorflow as tf

        return tf.constant(x.astype(str))
    return keras.ops.convert_to_tensor(x.astype(dtype))


def trains(m, path, x, y):
    """Asserts that a model of a trained one is compiled; the small ones that are there for it are trained further."""
    with zipfile.ZipFile(path) as z:
        assert m.compiled == ("compile_config" in json.loads(z.read("config.json"))), m.compiled
    if m.compiled and os.path.basename(path).startswith("compiled-"):
        target = np.zeros(len(x)) if m.loss.name.startswith(("sparse", "circle")) else y
        m.fit(x, target, epochs=2, verbose=0)
        assert all(np.isfinite(v).all() for v in m.evaluate(x, target, verbose=0, return_dict=True).values())


good, bad, compiled = 0, 0, 0
for p in sorted(glob.glob(os.path.join(sys.argv[1], "*.keras"))):
    io = np.load(p[:-6] + ".npz", allow_pickle=False)
    try:
        m = keras.saving.load_model(p, safe_mode=True)
        x = [tensor(io[f"in_{i}"], keras.backend.standardize_dtype(t.dtype)) for i, t in enumerate(m.inputs)]
        for i, y in enumerate(listed(m(x if len(x) > 1 else x[0], training=False))):
            y, want = np.asarray(y), io[f"out_{i}"]
            if want.dtype.kind in "SU":
                np.testing.assert_array_equal(y.astype(bytes), want.astype(bytes))
            else:
                np.testing.assert_allclose(y, want, rtol=1e-4, atol=1e-5)
        trains(m, p, x[0], io["out_0"])
        good += 1
        compiled += m.compiled
    except Exception as e:
        bad += 1
        print(os.path.basename(p), repr(e)[:300].replace("\\n", " "), flush=True)
    keras.backend.clear_session()
print(good, "files give Keras's answers,", compiled, "of them compiled,", bad, "do not")
sys.exit(bad > 0)
