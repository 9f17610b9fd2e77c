"""The machine behind the Keras training fixtures: a net, its data and first weights, and runs of several optimizers.

Keras 3 on its JAX backend (dense gradients for embeddings). The step is the one of Keras's JAX trainer: stateless_call
in training mode, the loss with its regularisers, the gradient, optimizer.stateless_apply. Batches are consecutive rows,
starting again at the first: what fit(shuffle=False) does. Layout: ../README.md.

Every case is run twice, in float32 (stored) and, by a second process, in float64 from the same numbers; `noise` is the
largest relative difference of their losses, so a case too chaotic to compare is seen here and not in a Go test.
"""
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
import zlib

DOUBLE = os.environ.get("FIXTURE_PASS") == "float64"
BACKEND = os.environ.setdefault("FIXTURE_BACKEND", "jax")
os.environ.update(KERAS_BACKEND=BACKEND, TF_CPP_MIN_LOG_LEVEL="3", XLA_FLAGS="--xla_cpu_multi_thread_eigen=false")
os.environ.update(JAX_ENABLE_X64="1" if DOUBLE else "0")

import jax
import keras
import numpy as np

keras.config.set_floatx("float64" if DOUBLE else "float32")
if DOUBLE and BACKEND == "jax":  # Keras's own answers float32 for float64
    keras.src.backend.numpy.tanh = jax.numpy.tanh

EPOCH = (1980, 1, 1, 0, 0, 0)
FLOATX = np.float64 if DOUBLE else np.float32
VERSIONS = dict(keras=keras.__version__, backend=BACKEND, jax=jax.__version__, numpy=np.__version__)
SOURCE = "testdata/gen, Keras 3 on the %s backend, CPU, float32" % dict(jax="JAX", tensorflow="TensorFlow")[BACKEND]
NOISY = 2e-5


# ---- describing a model -------------------------------------------------------------------------------------------

DROPPED_KEYS = ("dtype", "trainable", "quantization_config", "build_config", "initializer", "sparse", "ragged",
                "optional", "batch_input_shape")


def plain(config):
    """A Keras config without what does not matter once weights are given: initialisers, dtypes, modules."""
    if isinstance(config, dict):
        if "class_name" in config and "config" in config:
            return dict(class_name=config["class_name"], config=plain(config["config"]))
        return {k: plain(v) for k, v in config.items() if not any(d in k for d in DROPPED_KEYS)}
    if isinstance(config, (list, tuple)):
        return [plain(c) for c in config]
    if isinstance(config, (np.floating, np.integer)):
        return config.item()
    return config


def history(node):
    """Names of the layers whose outputs an inbound_nodes entry takes, in order."""
    if isinstance(node, dict):
        if node.get("class_name") == "__keras_tensor__":
            return [node["config"]["keras_history"][0]]
        node = list(node.values())
    if isinstance(node, (list, tuple)):
        return [n for x in node for n in history(x)]
    return []


def describe(model):
    """The graph as a list of layers in order, each with class, name, config, inbound layers and call arguments."""
    config = model.get_config()
    layers, real = [], {l.name for l in model.layers}
    for l in config["layers"]:
        if l["name"] not in real:
            continue  # the computation of a mask, which mask_zero or Masking implies
        calls = l["inbound_nodes"]
        assert len(calls) <= 1 or l["class_name"] == "InputLayer", "one call per layer"
        d = dict(class_name=l["class_name"], name=l["name"], config=plain(l["config"]))
        layer = model.get_layer(l["name"])
        if hasattr(layer, "fixture_class"):
            d["class_name"] = layer.fixture_class
        d["inbound"] = history(calls[0]["args"]) if calls else []
        kwargs = {k: v for k, v in calls[0]["kwargs"].items() if v is not None and k != "mask" and not history(v)} if calls else {}
        if kwargs:
            d["call"] = plain(kwargs)
        layers.append(d)
    names = lambda x: [x[0]] if isinstance(x[0], str) else [t[0] for t in x]
    return dict(inputs=names(config["input_layers"]), outputs=names(config["output_layers"]), layers=layers)


def serialized(obj):
    return plain(keras.saving.serialize_keras_object(obj))


@keras.saving.register_keras_serializable("fixtures")
class RecordedDropout(keras.layers.Layer):
    """Dropout whose mask (1 = kept) is its second input: the recorded draw of a random layer."""

    fixture_class = "Dropout"

    def __init__(self, rate, **kw):
        super().__init__(**kw)
        self.rate = rate

    def call(self, inputs):
        x, mask = inputs
        return x * mask / (1 - self.rate)

    def compute_output_shape(self, shapes):
        return shapes[0]

    def get_config(self):
        return dict(super().get_config(), rate=self.rate)


# ---- weights ------------------------------------------------------------------------------------------------------


def variables(model):
    return [v for v in model.variables if "seed_generator" not in v.path and "seed_state" not in v.path]


def first_value(v, rng):
    """First weights by numpy, the same in every pass; biases are not zero, so that their place is tested."""
    shape, name = tuple(v.shape), v.name
    small = rng.uniform(-0.1, 0.1, shape)
    if "variance" in name:
        return np.ones(shape)
    if "mean" in name or "count" in name:
        return np.zeros(shape)
    if name in ("gamma", "scale"):
        return 1 + small
    if "embeddings" in name:
        return 5 * small
    if len(shape) < 2:
        return small
    fan_in, fan_out = np.prod(shape[:-1]), shape[-1]
    limit = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, shape)


def set_first_weights(model, seed):
    rng = np.random.default_rng(seed)
    for v in variables(model):
        v.assign(first_value(v, rng).astype(np.float32))


def weight_list(model):
    owner = {id(v): l.name for l in model.layers for v in l.variables}
    return [
        dict(layer=owner.get(id(v), ""), name=v.name, path=v.path, shape=list(v.shape), trainable=bool(v.trainable))
        for v in variables(model)
    ]


# ---- cases --------------------------------------------------------------------------------------------------------


def float_data(a):
    return a.astype(np.float32) if a.dtype.kind == "f" else a


class Case:
    """A net with data. build() makes a fresh keras.Model; x and y are lists of arrays, batch-first.

    masks: input name -> array [steps, batch, ...] fed as that input, the recorded draws of a RecordedDropout.
    """

    def __init__(self, name, build, x, y, loss, runs, batch=8, steps=100, masks=None, sample_weight=None, tags=()):
        self.name, self.build, self.loss, self.runs = name, build, loss, runs
        self.x = [float_data(np.asarray(a)) for a in (x if isinstance(x, (list, tuple)) else [x])]
        self.y = [float_data(np.asarray(a)) for a in (y if isinstance(y, (list, tuple)) else [y])]
        self.batch, self.steps, self.masks = batch, steps, masks or {}
        self.sample_weight, self.tags = sample_weight, list(tags)


def cast(a):
    return a.astype(FLOATX) if a.dtype.kind == "f" else a


def batch_of(case, step):
    n = len(case.x[0])
    rows = [(step * case.batch + i) % n for i in range(case.batch)]
    x = [cast(a[rows]) for a in case.x] + [cast(m[step].astype(np.float32)) for m in case.masks.values()]
    sw = None if case.sample_weight is None else cast(case.sample_weight[rows])
    return x, [cast(a[rows]) for a in case.y], sw


def gradient_function(model, losses):
    def total(tv, ntv, x, y, sw):
        out, ntv, extra = model.stateless_call(tv, ntv, x if len(x) > 1 else x[0], training=True, return_losses=True)
        out = out if isinstance(out, (list, tuple)) else [out]
        loss = sum(l(t, p, sample_weight=sw) for l, t, p in zip(losses, y, out)) + sum(extra)
        return loss, ntv

    return jax.jit(jax.value_and_grad(total, has_aux=True))


def run(case, model, gradient, optimizer, snapshots):
    """Trains from the first weights; returns losses, the last weights, and snapshots {step: (weights, slots)}."""
    set_first_weights(model, zlib.crc32(case.name.encode()))
    optimizer.build(model.trainable_variables)
    tv = [v.value for v in model.trainable_variables]
    ntv = [v.value for v in model.non_trainable_variables]
    ov = [v.value for v in optimizer.variables]
    apply = jax.jit(optimizer.stateless_apply)
    losses, saved = [], {}
    for step in range(case.steps):
        x, y, sw = batch_of(case, step)
        (loss, ntv), grads = gradient(tv, ntv, x, y, sw)
        tv, ov = apply(ov, grads, tv)
        losses.append(float(loss))
        if step + 1 in snapshots:
            slots = {v.path.split("/", 1)[-1]: np.asarray(a) for v, a in zip(optimizer.variables, ov)}
            saved[step + 1] = values(model, tv, ntv), slots
    return np.array(losses), values(model, tv, ntv), saved


def values(model, tv, ntv):
    now = {id(v): a for v, a in zip(model.trainable_variables, tv)}
    now.update({id(v): a for v, a in zip(model.non_trainable_variables, ntv)})
    return [np.asarray(now[id(v)]) for v in variables(model)]


def run_case(case, snapshots=()):
    keras.utils.clear_session()
    model = case.build()
    losses = case.loss if isinstance(case.loss, (list, tuple)) else [case.loss]
    gradient = gradient_function(model, losses)
    return model, losses, {name: run(case, model, gradient, make(), snapshots) for name, make in case.runs.items()}


# ---- archives -----------------------------------------------------------------------------------------------------


class Archive:
    """A zip of npy and json, with fixed dates and order."""

    def __init__(self, path, source=SOURCE, versions=VERSIONS):
        self.path, self.files, self.index = path, {}, dict(source=source, versions=versions, cases=[])

    def array(self, name, a):
        f = io.BytesIO()
        np.lib.format.write_array(f, np.asarray(a), version=(1, 0))
        assert name not in self.files, name
        self.files[name] = f.getvalue()

    def json(self, name, obj):
        assert name not in self.files, name
        self.files[name] = json.dumps(obj, indent=1, sort_keys=True).encode()

    def close(self):
        self.index["cases"].sort(key=lambda c: c["name"])
        self.json("index.json", self.index)
        with zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED) as z:
            for name in sorted(self.files, key=lambda n: (n != "index.json", n)):
                info = zipfile.ZipInfo(name, EPOCH)
                info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                z.writestr(info, self.files[name], compresslevel=9)
        print(self.path, len(self.index["cases"]), "cases", os.path.getsize(self.path), "bytes")


def noise(loss, exact):
    """Largest difference of two loss curves, relative to the loss (and to a thousandth of the first one)."""
    exact = np.array(exact)
    return float(np.max(np.abs(loss - exact) / np.maximum(np.abs(exact), 1e-3 * abs(exact[0]))))


def store(archive, case, exact, snapshots, engine):
    model, losses, results = engine(case, snapshots)
    set_first_weights(model, zlib.crc32(case.name.encode()))
    runs = []
    for name, (loss, last, saved) in results.items():
        prefix = f"{case.name}/runs/{name}/"
        archive.array(prefix + "loss.npy", loss.astype(np.float32))
        for k, a in enumerate(last):
            archive.array(f"{prefix}final/{k}.npy", a)
        for step, (weights, slots) in saved.items():
            for k, a in enumerate(weights):
                archive.array(f"{prefix}step{step}/weights/{k}.npy", a)
            for path, a in slots.items():
                archive.array(f"{prefix}step{step}/slots/{path}.npy", a)
        d = noise(loss, exact[name])
        if not d < NOISY:
            print("noisy:", case.name, name, d, loss[[0, -1]])
        optimizer = case.runs[name]()
        runs.append(dict(name=name, optimizer=serialized(optimizer), noise=d, snapshots=sorted(saved)))
        runs[-1].update(getattr(optimizer, "fixture_extra", {}))
    for i, a in enumerate(case.x):
        archive.array(f"{case.name}/x_{i}.npy", a)
    for i, a in enumerate(case.y):
        archive.array(f"{case.name}/y_{i}.npy", a)
    for i, v in enumerate(variables(model)):
        archive.array(f"{case.name}/init/{i}.npy", np.asarray(v))
    for name, m in case.masks.items():
        archive.array(f"{case.name}/masks/{name}.npy", m.astype(np.uint8))
    if case.sample_weight is not None:
        archive.array(f"{case.name}/sample_weight.npy", case.sample_weight.astype(np.float32))
    doc = dict(
        name=case.name, tags=case.tags, model=describe(model), weights=weight_list(model), batch_size=case.batch,
        steps=case.steps, losses=[serialized(l) for l in losses], masks=list(case.masks), runs=runs,
        sample_weight=case.sample_weight is not None,
    )
    archive.json(case.name + "/case.json", doc)
    archive.index["cases"].append(dict(name=case.name, tags=case.tags, runs=[r["name"] for r in runs]))


def double_losses(cases, out, engine):
    """The float64 pass: losses of every run, as JSON."""
    with open(out, "w") as f:
        json.dump({c.name: {n: r[0].tolist() for n, r in engine(c)[2].items()} for c in cases}, f)


def exact_losses(script):
    """Runs the script's float64 pass in a process of its own."""
    with tempfile.TemporaryDirectory() as tmp:
        out = tmp + "/losses.json"
        subprocess.run([sys.executable, script, out, *sys.argv[2:]], env=dict(os.environ, FIXTURE_PASS="float64"), check=True)
        with open(out) as f:
            return json.load(f)


def main(script, table, snapshots=lambda case: (), engine=run_case):
    """table() yields the cases, engine runs one. Arguments: OUT.zip [part of a case's name]."""
    only = sys.argv[2] if len(sys.argv) > 2 else ""
    cases = [c for c in table() if only in c.name]
    if DOUBLE:
        return double_losses(cases, sys.argv[1], engine)
    exact = exact_losses(script)
    archive = Archive(sys.argv[1])
    for c in cases:
        store(archive, c, exact[c.name], snapshots(c), engine)
    archive.close()
