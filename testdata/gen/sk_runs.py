#!/usr/bin/env python3
"""scikit-learn's networks, exported by skl2onnx and trained on: the oracle is the same net in Keras (JAX backend).

    python sk_runs.py ../finetune/sklearn_runs.zip

    <run>/m.onnx, data.npz (X and y), run.json: args (the command line of finetune), history of 15 epochs without
    shuffling, predictions (where an output is of floats)
"""
import io
import json
import os
import sys
import warnings
import zipfile

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
import skl2onnx
from keras import layers as L, optimizers as O
from skl2onnx.common.data_types import FloatTensorType
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

EPOCH = (1980, 1, 1, 0, 0, 0)
ACTIVATION = {"logistic": "sigmoid", "identity": "linear"}


def copied(net, loss):
    """The net in Keras."""
    last = {"softmax": "softmax", "logistic": "sigmoid", "identity": "linear"}[net.out_activation_]
    widths = [w.shape[1] for w in net.coefs_]
    hidden = [L.Dense(n, activation=ACTIVATION.get(net.activation, net.activation)) for n in widths[:-1]]
    m = keras.Sequential([keras.Input((net.coefs_[0].shape[0],)), *hidden, L.Dense(widths[-1], activation=last)])
    m.set_weights([a.astype("float32") for pair in zip(net.coefs_, net.intercepts_) for a in pair])
    return m


def runs(rng):
    x = rng.normal(size=(120, 6)).astype("float32")
    s = x[:, :3].sum(1)
    two, three = (s > 0).astype(int), np.digitize(s, [-1, 1])
    ground = dict(hidden_layer_sizes=(8, 5), max_iter=30, random_state=3)
    later = x[60:] + 0.5
    t = later[:, :4].sum(1)
    new_two, new_three = (t > 1).astype("int32"), np.digitize(t, [0, 2]).astype("int32")
    yield ("binary", MLPClassifier(**ground), x, two, later, new_two, {}, "binary_crossentropy", O.Adam(0.01),
           "--loss sparse_categorical_crossentropy --optimizer adam --lr 0.01 --metrics accuracy --validation-split 0.2", dict(metrics=["accuracy"], validation_split=0.2))
    yield ("probability", MLPClassifier(**ground), x, two, later, new_two[:, None], {}, "binary_crossentropy", O.Adam(0.01, clipnorm=0.5),
           "--at out_activations_result --loss binary_crossentropy --optimizer adam --lr 0.01 --clipnorm 0.5 --class-weight 0=1,1=2", dict(class_weight={0: 1.0, 1: 2.0}))
    yield ("multiclass", MLPClassifier(activation="tanh", **ground), x, three, later, new_three, {"zipmap": False}, "sparse_categorical_crossentropy",
           O.SGD(0.05, momentum=0.9), "--loss sparse_categorical_crossentropy --optimizer sgd --lr 0.05 --momentum 0.9 --metrics accuracy", dict(metrics=["accuracy"]))
    scaled = make_pipeline(StandardScaler(), MLPClassifier(activation="logistic", **ground))
    yield ("pipeline", scaled, x * 3 + 1, np.array(["low", "middle", "high"])[three], later * 3 + 1, new_three, {}, "sparse_categorical_crossentropy",
           "rmsprop", "--loss sparse_categorical_crossentropy --optimizer rmsprop", {})
    yield ("regressor", MLPRegressor(**ground), x, s + 0.1 * x[:, 4], later, t[:, None], None, "mse",
           O.AdamW(0.005, weight_decay=0.01), "--loss mse --optimizer adamw --lr 0.005 --weight-decay 0.01 --metrics mae", dict(metrics=["mae"]))


def main(path):
    with zipfile.ZipFile(path, "w") as z:
        def save(name, data):
            info = zipfile.ZipInfo(name, EPOCH)
            info.external_attr, info.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            z.writestr(info, data)

        names = []
        for name, net, x, labels, x2, y2, options, loss, optimizer, args, fit in runs(np.random.default_rng(5)):
            net.fit(x, labels)
            last = net[-1] if hasattr(net, "steps") else net
            onnx = skl2onnx.to_onnx(net, initial_types=[("X", FloatTensorType([None, 6]))], options={id(last): options} if options else None, target_opset=17)
            m = copied(last, loss)
            seen = net[0].transform(x2).astype("float32") if hasattr(net, "steps") else x2
            fit = dict(fit)
            m.compile(loss=loss, optimizer=optimizer, metrics=fit.pop("metrics", None))
            history = m.fit(seen, y2, batch_size=16, epochs=15, shuffle=False, verbose=0, **fit).history
            y = np.zeros(0) if options == {} else m.predict(seen, verbose=0)  # else the outputs are maps
            f = io.BytesIO()
            np.savez(f, X=x2, y=y2.astype("float32") if loss == "mse" else y2)
            save(name + "/m.onnx", onnx.SerializeToString())
            save(name + "/data.npz", f.getvalue())
            args = f"--target y {args} --batch 16 --epochs 15".split()
            save(name + "/run.json", json.dumps(dict(args=args, history=history, predictions=np.round(y.ravel()[:64].astype(float), 7).tolist())))
            names.append(name)
            print(name, history["loss"][0], history["loss"][-1], flush=True)
        save("index.json", json.dumps(dict(versions=dict(keras=keras.__version__, skl2onnx=skl2onnx.__version__), cases=names)))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1])
