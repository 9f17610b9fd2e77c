#!/usr/bin/env python3
"""quickstart.py MODEL OUT_DIR: the quickstart's shipped model with onnxruntime's answers.

MODEL is quickstart/model.onnx of an earlier `onnxtool quickstart`. Writes OUT_DIR/model.onnx and
OUT_DIR/io.npz: inputs and outputs by name, 32 rows of scikit-learn's breast_cancer.
"""
import sys, shutil, numpy as np, onnxruntime as ort
from sklearn.datasets import load_breast_cancer

model, out = sys.argv[1:]
d = load_breast_cancer()
s = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
feed = {}
for i in s.get_inputs():
    j = [n.replace(" ", "_") for n in d.feature_names].index(i.name)
    feed[i.name] = d.data[::18][:32, j : j + 1].astype(np.float32)
answers = dict(zip([o.name for o in s.get_outputs()], s.run(None, feed)))
np.savez_compressed(out + "/io.npz", **feed, **answers)
shutil.copy(model, out + "/model.onnx")
