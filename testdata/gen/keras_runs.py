"""Whole runs of Keras for convert and finetune: the file as saved before fit, the data, the history and the
predictions behind it. keras_runs.py OUT.zip [RUN...]; with names it makes these runs anew and keeps the others.

    <run>/model.keras, data.npz (the inputs by name, and y or the targets by output), run.json
    run.json: args (the command line of finetune), history, predictions (of the first output)

Bias in front of BatchNormalization is left out: its gradient is zero, and rounding alone moves it.
"""
import io
import json
import os
import sys
import tempfile
import zipfile

os.environ["KERAS_BACKEND"] = "jax"  # whose gradients of embeddings are dense
import keras
import numpy as np
from keras import Input, Model, Sequential, layers as L, losses, metrics as M, optimizers as O, regularizers as R

EPOCH = (1980, 1, 1, 0, 0, 0)
RUNS = {}
rng = np.random.default_rng(0)


def run(seed):
    def add(f):
        RUNS[f.__name__] = seed, f
        return f
    return add


def normal(*shape):
    return rng.normal(size=shape).astype("float16").astype("float32")


def ids(top, *shape):
    return rng.integers(0, top, shape).astype("int32")


def positive(x):
    return (x.reshape(len(x), -1)[:, :4].sum(1, keepdims=True) > 0).astype("float32")


def classes(x, k):
    return (np.abs(x.reshape(len(x), -1)[:, :5].sum(1) * 3).astype("int64")) % k


def one_hot(c, k):
    return np.eye(k, dtype="float32")[c]


def net(x, *layers):
    dtype = "int32" if x.dtype == np.int32 else "float32"
    return Sequential([Input(x.shape[1:], dtype=dtype, name="x"), *layers])


def case(m, x, y, loss, optimizer, args, metrics=None, loss_weights=None, weighted_metrics=None, **fit):
    x = x if isinstance(x, dict) else {"x": x}
    y = y if isinstance(y, dict) else {"y": y}
    return dict(model=m, x=x, y={k: np.asarray(v) for k, v in y.items()}, compile=dict(loss=loss, loss_weights=loss_weights, optimizer=optimizer, metrics=metrics, weighted_metrics=weighted_metrics), args=args, fit=fit)


@run(0)
def dense_adam():
    x = normal(64, 8)
    m = net(x, L.Dense(12, activation="relu"), L.Dense(1, activation="sigmoid"))
    return case(m, x, positive(x), "bce", "adam", "--loss bce --optimizer adam --metrics accuracy,auc --validation-split 0.25",
                ["accuracy", "auc"], validation_split=.25)


@run(1)
def sparse_logits_adamax():
    x = normal(64, 8)
    m = net(x, L.Dense(12, activation="gelu"), L.Dense(4))
    return case(m, x, classes(x, 4), losses.SparseCategoricalCrossentropy(from_logits=True), O.Adamax(.01),
                "--loss sparse_categorical_crossentropy:from_logits=true --optimizer adamax --lr 0.01")


@run(2)
def huber_adagrad_clipnorm():
    x = normal(64, 6)
    m = net(x, L.Dense(10, activation="selu"), L.Dense(8, activation="swish"), L.Dense(1))
    return case(m, x, 3 * x[:, :1], losses.Huber(delta=.7), O.Adagrad(.1, clipnorm=.3), "--loss huber:delta=0.7 --optimizer adagrad --lr 0.1 --clipnorm 0.3")


@run(3)
def adamw_l1l2():
    x = normal(64, 6)
    m = net(x, L.Dense(10, activation="relu", kernel_regularizer=R.L1L2(1e-2, 1e-2), bias_regularizer=R.L2(.01)),
            L.Dense(8, activation="relu", activity_regularizer=R.L1(1e-3)), L.Dense(1, activation="sigmoid", kernel_regularizer="l2"))
    return case(m, x, positive(x), "bce", O.AdamW(.01, weight_decay=.05), "--loss bce --optimizer adamw --lr 0.01 --weight-decay 0.05 --validation-split 0.2",
                validation_split=.2)


@run(4)
def class_weights():
    x = normal(64, 6)
    m = net(x, L.Dense(10, activation="relu"), L.Dense(1, activation="sigmoid"))
    return case(m, x, positive(x), "bce", O.Adam(.01), "--loss bce --lr 0.01 --optimizer adam --metrics accuracy --class-weight 0=1,1=3",
                ["accuracy"], class_weight={0: 1., 1: 3.})


@run(5)
def embedding_mask_rmsprop():
    x = ids(20, 64, 7)
    m = net(x, L.Embedding(20, 5, mask_zero=True), L.GlobalAveragePooling1D(), L.Dense(1, activation="sigmoid"))
    return case(m, x, x[:, :1] > 10, "bce", O.RMSprop(.01, centered=True, momentum=.5), "--loss bce --optimizer rmsprop:centered=true --momentum 0.5 --lr 0.01")


@run(6)
def conv_batchnorm():
    x = normal(48, 7, 7, 2)
    m = net(x, L.Conv2D(5, 3, padding="same", use_bias=False), L.BatchNormalization(momentum=.9), L.ReLU(), L.MaxPooling2D(),
            L.Conv2D(6, 2, use_bias=False), L.BatchNormalization(scale=False), L.Activation("relu"), L.GlobalAveragePooling2D(), L.Dense(3, activation="softmax"))
    return case(m, x, classes(x, 3), "sparse_categorical_crossentropy", O.Adam(.003),
                "--loss sparse_categorical_crossentropy --optimizer adam --lr 0.003 --metrics accuracy --validation-split 0.25", ["accuracy"], validation_split=.25)


@run(7)
def conv_transpose():
    x = normal(48, 3, 3, 2)
    m = net(x, L.Conv2DTranspose(4, 3, strides=2, padding="same", activation="relu"), L.BatchNormalization(), L.Conv2DTranspose(1, 3, activation="sigmoid"))
    return case(m, x, rng.integers(0, 2, (48, 8, 8, 1)), "bce", O.Adam(.005), "--loss bce --optimizer adam --lr 0.005")


@run(8)
def lstm_stacked():
    x = normal(48, 6, 3)
    m = net(x, L.LSTM(6, return_sequences=True, kernel_regularizer=R.L2(.01), bias_regularizer=R.L2(.01)), L.LSTM(5), L.Dense(1))
    return case(m, x, x[:, :, 0].sum(1, keepdims=True), "mse", O.Adam(.01, clipnorm=.5), "--loss mse --optimizer adam --lr 0.01 --clipnorm 0.5")


@run(9)
def gru_amsgrad():
    x = normal(48, 6, 3)
    m = net(x, L.GRU(6), L.Dense(1, activation="sigmoid"))
    return case(m, x, positive(x), "bce", O.Adam(.01, amsgrad=True), "--loss bce --optimizer adam --lr 0.01 --amsgrad")


@run(12)
def attention_adamw():
    x = normal(48, 5, 6)
    i = Input((5, 6), name="x")
    h = L.LayerNormalization()(L.Add()([i, L.MultiHeadAttention(2, 3)(i, i)]))
    m = Model(i, L.Dense(1, activation="sigmoid")(L.GlobalAveragePooling1D()(h)))
    return case(m, x, positive(x), "bce", O.AdamW(.003, clipnorm=.1), "--loss bce --optimizer adamw --lr 0.003 --clipnorm 0.1")


@run(14)
def two_inputs():
    a, b = normal(64, 5), ids(12, 64, 1)
    i, j = Input((5,), name="features"), Input((1,), dtype="int32", name="vendor")
    h = L.Concatenate()([i, L.Flatten()(L.Embedding(12, 3)(j))])
    m = Model([i, j], L.Dense(1, activation="sigmoid")(L.Dense(8, activation="relu")(h)))
    return case(m, dict(features=a, vendor=b), positive(a), "bce", O.Adam(.01), "--loss bce --optimizer adam --lr 0.01")


@run(22)
def time_distributed():
    x = normal(48, 3, 4, 4, 1)
    m = net(x, L.TimeDistributed(L.Conv2D(2, 3, activation="relu")), L.TimeDistributed(L.Flatten()), L.GRU(4), L.Dense(1))
    return case(m, x, normal(48, 1), "mse", O.Adam(.01), "--loss mse --optimizer adam --lr 0.01")


@run(23)
def upsampling_prelu():
    x = normal(48, 4, 4, 2)
    m = net(x, L.ZeroPadding2D(1), L.Conv2D(3, 3, use_bias=False), L.BatchNormalization(), L.PReLU(shared_axes=[1, 2]), L.UpSampling2D(),
            L.Conv2D(2, 3, padding="same"), L.LeakyReLU(), L.Cropping2D(1), L.Flatten(), L.Dense(1))
    return case(m, x, normal(48, 1), "mse", O.Adadelta(1.), "--loss mse --optimizer adadelta --lr 1")


@run(24)
def several_outputs():
    x = normal(64, 6)
    i = Input((6,), name="x")
    h = L.Dense(10, activation="relu", kernel_regularizer="l2")(i)
    outputs = [L.Dense(2, name="price")(h), L.Dense(1, activation="sigmoid", name="sold")(h), L.Dense(3, activation="softmax", name="kind")(L.Dense(4, activation="tanh")(h))]
    m = Model(i, outputs)
    return case(m, x, dict(price=normal(64, 2), sold=positive(x), kind=classes(x, 3)),
                dict(price=losses.Huber(delta=.7), sold="binary_crossentropy", kind="sparse_categorical_crossentropy"), O.Adam(.01),
                "--loss price=huber:delta=0.7,sold=bce,kind=sparse_cce --loss-weights price=0.5,sold=2 --metrics price=mae,sold=accuracy,kind=accuracy "
                "--optimizer adam --lr 0.01 --validation-split 0.2",
                metrics=dict(price=["mae"], sold=["accuracy"], kind=["accuracy"]), loss_weights=dict(price=.5, sold=2., kind=1.), validation_split=.2)


@run(25)
def metrics_of_file():
    x = normal(64, 8)
    m = net(x, L.Dense(10, activation="relu"), L.Dense(3, activation="softmax"))
    return case(m, x, one_hot(classes(x, 3), 3), losses.CategoricalFocalCrossentropy(alpha=.4), O.Adam(O.schedules.CosineDecay(.01, 40)), "--class-weight 0=1,1=2,2=0.5 --validation-split 0.25",
                ["acc", M.TopKCategoricalAccuracy(k=2), M.TopKCategoricalAccuracy(k=1), M.AUC(multi_label=True, num_thresholds=50, curve="PR"), M.Precision(class_id=1),
                 M.Recall(top_k=1, name="found"), M.F1Score(average="weighted"), M.OneHotIoU(num_classes=3, target_class_ids=[0, 2]), M.OneHotMeanIoU(num_classes=3), M.PearsonCorrelation(),
                 M.ConcordanceCorrelation(), "CosineSimilarity", M.CategoricalCrossentropy(label_smoothing=.1)],
                weighted_metrics=["acc", "mse"], class_weight={0: 1., 1: 2., 2: .5}, validation_split=.25)


@run(26)
def outputs_of_file():
    x = normal(64, 6)
    i = Input((6,), name="x")
    h = L.Dense(10, activation="relu")(i)
    outputs = [L.Dense(2, name="price")(h), L.Dense(1, activation="sigmoid", name="sold")(h), L.Dense(3, activation="softmax", name="kind")(h)]
    return case(Model(i, outputs), x, dict(price=normal(64, 2), sold=positive(x), kind=classes(x, 3)),
                dict(kind="sparse_categorical_crossentropy", price="log_cosh", sold="binary_crossentropy"), O.RMSprop(.01), "--validation-split 0.25",
                metrics=dict(price=["mae", M.RootMeanSquaredError()], sold=["accuracy", M.BinaryIoU(threshold=.4), "AUC"], kind="accuracy"), loss_weights=[.5, 2., .7],
                weighted_metrics=dict(sold=["accuracy"]), validation_split=.25)


@run(27)
def losses_of_file():
    x = normal(64, 6)
    i = Input((6,), name="x")
    h = L.Dense(10, activation="tanh")(i)
    outputs = [L.UnitNormalization(name="place")(L.Dense(4)(h)), L.Dense(3, activation="softmax", name="kind")(h), L.Dense(3, activation="sigmoid", name="tags")(h), L.Dense(2, activation="sigmoid", name="marks")(h)]
    return case(Model(i, outputs), x, dict(place=classes(x, 3), kind=one_hot(classes(x, 3), 3), tags=x[:, :3] > 0, marks=x[:, 1:3] > 0),
                [losses.Circle(gamma=20., margin=.3), losses.CategoricalFocalCrossentropy(alpha=[.2, .3, .5]), losses.Tversky(.3, .7, axis=(1,)), losses.Dice(axis=(0,))],
                O.LossScaleOptimizer(O.Adam(.01)), "", loss_weights=[.1, 1., 1., 0.])


@run(28)
def masked_sequences():
    x = ids(10, 48, 6)
    m = net(x, L.Embedding(10, 4, mask_zero=True), L.LSTM(5, return_sequences=True), L.Dense(3, activation="softmax"))
    return case(m, x, one_hot(x % 3, 3), "categorical_crossentropy", O.Adam(.01), "--validation-split 0.25", validation_split=.25)


@run(29)
def steps():
    """An epoch ends after 3 batches, or with the data, which has 4."""
    x = normal(82, 5)
    m = net(x, L.Dense(6, activation="tanh"), L.Dense(1, activation="sigmoid"))
    return case(m, x, positive(x), "binary_crossentropy", O.SGD(.1, momentum=.9), "--validation-split 0.25 --steps-per-epoch 3 --validation-steps 1",
                metrics=["accuracy"], validation_split=.25, steps_per_epoch=3, validation_steps=1)


@run(30)
def video():
    """Keras 3 normalises each step of a series by itself."""
    x = normal(48, 3, 6, 6, 1)
    frame = Sequential([Input((6, 6, 1)), L.Conv2D(3, 3, use_bias=False), L.BatchNormalization(momentum=.9), L.ReLU(), L.Flatten()])
    m = net(x, L.TimeDistributed(frame), L.TimeDistributed(L.Dense(4, use_bias=False)), L.TimeDistributed(L.BatchNormalization()), L.LSTM(4), L.Dense(3, activation="softmax"))
    return case(m, x, classes(x, 3), "sparse_categorical_crossentropy", O.Adam(.005), "--validation-split 0.25", metrics=["accuracy"], validation_split=.25)


def save(z, name, data):
    info = zipfile.ZipInfo(name, EPOCH)
    info.external_attr, info.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
    z.writestr(info, data)


def write(z, name, c):
    m, batch, epochs = c["model"], 16, 15
    m.compile(**c["compile"])
    with tempfile.TemporaryDirectory() as d:
        m.save(d + "/model.keras")
        with open(d + "/model.keras", "rb") as f, zipfile.ZipFile(f) as inner:
            raw = io.BytesIO()
            with zipfile.ZipFile(raw, "w") as stored:  # the outer archive compresses
                for n in inner.namelist():
                    stored.writestr(zipfile.ZipInfo(n, EPOCH), inner.read(n))
    x = list(c["x"].values())
    y = {k: v.astype("int32" if v.ndim == 1 else "float32") for k, v in c["y"].items()}
    history = m.fit(x if len(x) > 1 else x[0], y if len(y) > 1 else y["y"], shuffle=False, verbose=0, batch_size=batch, epochs=epochs, **c["fit"]).history
    pred = m.predict(x if len(x) > 1 else x[0], verbose=0)
    arrays = io.BytesIO()
    np.savez(arrays, **y, **c["x"])
    save(z, name + "/model.keras", raw.getvalue())
    save(z, name + "/data.npz", arrays.getvalue())
    target = ",".join(f"{k}={k}" for k in y) if len(y) > 1 else "y"
    pred = pred[0] if len(y) > 1 else pred
    args = f"--target {target} {c['args']} --batch {batch} --epochs {epochs}".split()
    save(z, name + "/run.json", json.dumps(dict(args=args, history=history, predictions=np.round(pred.ravel()[:64].astype(float), 7).tolist())))


old, names = {}, sys.argv[2:] or list(RUNS)
if sys.argv[2:]:
    with zipfile.ZipFile(sys.argv[1]) as z:
        old = {n: z.read(n) for n in z.namelist()}
with zipfile.ZipFile(sys.argv[1], "w") as z:
    index = []
    for name, (seed, make) in RUNS.items():
        if name not in names:
            for n in old:
                if n.startswith(name + "/"):
                    save(z, n, old[n])
                    index += [name] * n.endswith("run.json")
            continue
        rng = np.random.default_rng(seed)
        keras.utils.set_random_seed(seed + 1)
        write(z, name, make())
        index.append(name)
        print(name, flush=True)
    save(z, "index.json", json.dumps(dict(versions=dict(keras=keras.__version__), cases=index)))
