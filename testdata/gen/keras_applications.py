"""Converts the models of keras.applications and compares Keras, pure Go and onnxruntime. Not part of all.sh: it
takes hours and keeps nothing but the table that it prints.

    go build -o /tmp/onnxtool ./cmd/onnxtool
    python testdata/gen/keras_applications.py /tmp/onnxtool [NAME...]

Every class of keras.applications in its own size, with random weights (the statistics of normalisations too), for
logits of 10 classes of one image of 96 x 96. A difference is the largest absolute one over the largest absolute
logit. Each result stands against Keras's own; with --exact against Keras's in float64, from the same weights. With
--calibrate the statistics of normalisations are those of a batch of images: a deep net whose random statistics do not
fit its values amplifies rounding until nothing is left.
"""
import inspect
import os
import subprocess
import sys
import tempfile
import time

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import onnx
import onnxruntime

SIZE = 96


def families():
    """Returns the models by name."""
    found = {}
    modules = [m for m in vars(keras.applications).values() if inspect.ismodule(m)]
    for module in [keras.applications] + modules:
        for name, f in vars(module).items():
            if name[0].isupper() and callable(f) and "include_top" in inspect.signature(f).parameters:
                found[name] = f
    return found


def randomise(model, rng):
    """Gives weights that tell layers apart: as made, kernels vary but statistics are 0 and 1."""
    for layer in model._flatten_layers():
        for v in layer._trainable_variables + layer._non_trainable_variables:
            n = v.name
            if n == "gamma" and "layer_scale" in layer.name:
                v.assign(rng.uniform(0.05, 0.15, v.shape))
            elif n in ("moving_variance", "gamma"):
                v.assign(rng.uniform(0.6, 1.4, v.shape))
            elif n in ("moving_mean", "beta", "bias"):
                v.assign(rng.normal(0, 0.1, v.shape))


def calibrate(model, rng):
    """Sets the statistics to those of eight images."""
    layers = [layer for layer in model._flatten_layers() if isinstance(layer, keras.layers.BatchNormalization)]
    kept = [layer.momentum for layer in layers]
    for layer in layers:
        layer.momentum = 0.0
    model(rng.uniform(0, 255, (8, SIZE, SIZE, 3)).astype("float32"), training=True)
    for layer, momentum in zip(layers, kept):
        layer.momentum = momentum


def build(make):
    return make(weights=None, classes=10, classifier_activation=None, input_shape=(SIZE, SIZE, 3))


def main():
    args = [a for a in sys.argv[2:] if not a.startswith("--")]
    tool, exact, makers = sys.argv[1], "--exact" in sys.argv, families()
    print("| model | weights, MB | convert, s | nodes | Transposes | pure Go | onnxruntime |" + (" Keras |" if exact else ""), flush=True)
    for name in args or sorted(makers):
        keras.backend.clear_session()
        keras.utils.set_random_seed(1)
        rng = np.random.default_rng(2)
        model = build(makers[name])
        randomise(model, rng)
        if "--calibrate" in sys.argv:
            calibrate(model, rng)
        x = rng.uniform(0, 255, (1, SIZE, SIZE, 3)).astype("float32")
        want = keras.ops.convert_to_numpy(model(x, training=False))
        against = want
        if exact:
            keras.config.set_dtype_policy("float64")
            wide = build(makers[name])
            keras.config.set_dtype_policy("float32")
            wide.set_weights([w.astype("float64") for w in model.get_weights()])
            against = keras.ops.convert_to_numpy(wide(x.astype("float64"), training=False))
        row(tool, name, model, x, want, against, exact)


def row(tool, name, model, x, want, against, exact):
    """Prints the line of one model."""
    with tempfile.TemporaryDirectory() as d:
        model.save(f"{d}/m.keras")
        size = os.path.getsize(f"{d}/m.keras") / 1e6
        np.save(f"{d}/x.npy", x)
        start = time.time()
        made = subprocess.run([tool, "convert", f"{d}/m.keras", "-o", f"{d}/m.onnx"], capture_output=True, text=True)
        took = time.time() - start
        if made.returncode:
            print(f"| {name} | {size:.0f} | {made.stderr.strip()} |", flush=True)
            return
        ops = [n.op_type for n in onnx.load(f"{d}/m.onnx").graph.node]
        session = onnxruntime.InferenceSession(f"{d}/m.onnx", providers=["CPUExecutionProvider"])
        given = session.get_inputs()[0].name
        ort = session.run(None, {given: x})[0]
        ran = subprocess.run([tool, "run", f"{d}/m.onnx", "-i", f"{given}={d}/x.npy", "-o", f"{d}/out"], capture_output=True, text=True)
        go = "fails: " + ran.stderr.strip()
        scale = np.abs(against).max()
        if ran.returncode == 0:
            files = [f for f in os.listdir(f"{d}/out") if f.endswith(".npy")]
            go = f"{np.abs(np.load(f'{d}/out/{files[0]}') - against).max() / scale:.1e}"
        line = f"| {name} | {size:.0f} | {took:.1f} | {len(ops)} | {ops.count('Transpose')} | {go} | {np.abs(ort - against).max() / scale:.1e} |"
        if exact:
            line += f" {np.abs(want - against).max() / scale:.1e} |"
        print(line, flush=True)


if __name__ == "__main__":
    main()
