"""Writes the Keras files of cmd/onnxtool's tests: dense.keras, dense.h5 and dense.npz, with the inputs,
the outputs and what each layer gives. Needs requirements.txt."""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np

out = os.path.join(os.path.dirname(__file__), "..", "..", "cmd", "onnxtool", "testdata", "keras")
os.makedirs(out, exist_ok=True)
keras.utils.set_random_seed(1)
x = keras.Input((4,), name="x")
h = keras.layers.Dense(5, activation="relu", name="hidden")(x)
m = keras.Model(x, keras.layers.Dense(3, activation="softmax", name="answer")(h))
m.save(os.path.join(out, "dense.keras"))
m.save(os.path.join(out, "dense.h5"))
both = keras.Model(x, [m.get_layer("hidden").output, m.output])
a = np.random.default_rng(0).normal(size=(7, 4)).astype("float32")
hidden, answer = (np.asarray(v) for v in both(a))
np.savez(os.path.join(out, "dense.npz"), in_0=a, out_0=answer, hidden=hidden, answer=answer)
wrong = hidden.copy()
wrong[2, 1] += 1
np.savez(os.path.join(out, "wrong.npz"), in_0=a, out_0=answer + np.float32(.5), hidden=wrong, answer=answer + np.float32(.5))
print("written", os.path.abspath(out), file=sys.stderr)
