"""Loads what convert/tokeras wrote in Keras and compares: tokeras_check.py FOLDER

FOLDER is what `ONNXTOOL_TOKERAS_DUMP=FOLDER go test ./convert/tokeras` left: NAME.keras and NAME.npz with in_i, out_i.
"""
import glob
import os
import sys
import warnings

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


good, bad = 0, 0
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
        good += 1
    except Exception as e:
        bad += 1
        print(os.path.basename(p), repr(e)[:300].replace("\\n", " "), flush=True)
    keras.backend.clear_session()
print(good, "files give Keras's answers,", bad, "do not")
sys.exit(bad > 0)
