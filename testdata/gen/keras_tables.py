#!/usr/bin/env python3
"""Values of every loss and metric of Keras, with every option, on small inputs.

    python keras_tables.py ../keras

Writes loss_values.json.gz (values per sample, reductions, sample weights, gradients) and metric_values.json.gz (results after
each of three updates). Layout: ../README.md.
"""
import gzip
import json
import sys

import numpy as np

from keras_case import SOURCE, VERSIONS, plain  # first: it chooses the backend
import jax
import keras
from keras_nets import one_hot, rng, uniform

REDUCTIONS = ("sum", "sum_over_batch_size", "mean", "mean_with_sample_weight")


def tensor(a):
    """A JSON value: shape, dtype and flat values; floats with the digits that tell a float32 from its neighbours."""
    a = np.asarray(a)
    if a.dtype.kind == "f":
        a = a.astype(np.float32)
        values = [float(str(x)) if np.isfinite(x) else str(x) for x in a.ravel()]
    else:
        values = [int(x) for x in a.ravel()]
    return dict(shape=list(a.shape), dtype=str(a.dtype), values=values)


def described(obj):
    config = plain(obj.get_config())
    return dict(class_name=type(obj).__name__, config={k: v for k, v in config.items() if k not in ("name", "reduction")})


# ---- losses -------------------------------------------------------------------------------------------------------


def kinds():
    """name -> (targets, predictions) for each sort of loss; the last axis is the feature axis."""
    labels = rng("labels").integers(0, 4, 6)
    hot = one_hot(labels, 4)
    simplex = lambda n: (lambda a: a / a.sum(-1, keepdims=True))(uniform(n, 6, 4, lo=0.05, hi=1))
    sure = np.array([[0, 0, 1, 0], [1, 0, 0, 0]] * 3, np.float32)  # probabilities of exactly 0 and 1
    return dict(
        real=(uniform("yt", 6, 3, lo=-2, hi=2), uniform("yp", 6, 3, lo=-2, hi=2)),
        real3=(uniform("yt3", 6, 2, 3, lo=-2, hi=2), uniform("yp3", 6, 2, 3, lo=-2, hi=2)),
        far=(uniform("ytf", 6, 3, lo=-30, hi=30), uniform("ypf", 6, 3, lo=-30, hi=30)),
        positive=(uniform("ytp", 6, 3, lo=0.1, hi=4), uniform("ypp", 6, 3, lo=0.1, hi=4)),
        signs=(np.sign(uniform("yts", 6, 3)), uniform("yps", 6, 3, lo=-2, hi=2)),
        bits=(rng("bits").integers(0, 2, (6, 3)).astype(np.float32), uniform("ypb", 6, 3, lo=0.01, hi=0.99)),
        bits_certain=(rng("bits").integers(0, 2, (6, 3)).astype(np.float32), rng("sure").integers(0, 2, (6, 3)).astype(np.float32)),
        bits_logits=(rng("bits").integers(0, 2, (6, 3)).astype(np.float32), uniform("ypl", 6, 3, lo=-6, hi=6)),
        classes=(hot, simplex("ypc")), classes_certain=(hot, sure), classes_unnormalised=(hot, uniform("ypu", 6, 4, lo=0.05, hi=3)),
        classes_logits=(hot, uniform("ypcl", 6, 4, lo=-5, hi=5)), distributions=(simplex("ytd"), simplex("ypd")),
        labels=(labels, simplex("ypc")), labels_column=(labels[:, None], simplex("ypc")), labels_logits=(labels, uniform("ypcl", 6, 4, lo=-5, hi=5)),
        labels3=(rng("l3").integers(0, 4, (6, 2)), uniform("ypl3", 6, 2, 4, lo=-3, hi=3)),
        images=(rng("im").integers(0, 2, (6, 2, 2, 3)).astype(np.float32), uniform("ypim", 6, 2, 2, 3, lo=0.05, hi=0.95)),
    )


def loss_table():
    """Yields (loss maker taking reduction, kind of data)."""
    k = keras.losses
    for name in ("MeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "LogCosh", "CosineSimilarity"):
        for kind in ("real", "real3", "far"):
            yield lambda name=name, **a: getattr(k, name)(**a), kind
    yield lambda **a: k.CosineSimilarity(axis=0, **a), "real"
    for kind in ("positive", "real"):
        yield lambda **a: k.MeanSquaredLogarithmicError(**a), kind
    yield lambda **a: k.Poisson(**a), "positive"
    for delta in (1.0, 0.3, 5.0):
        yield lambda delta=delta, **a: k.Huber(delta=delta, **a), "real"
    for name in ("Hinge", "SquaredHinge"):
        for kind in ("signs", "bits"):
            yield lambda name=name, **a: getattr(k, name)(**a), kind
    yield lambda **a: k.CategoricalHinge(**a), "classes"
    for kind in ("distributions", "classes"):
        yield lambda **a: k.KLDivergence(**a), kind
    for smooth in (0.0, 0.2):
        for kind, logits in (("bits", False), ("bits_certain", False), ("bits_logits", True), ("images", False)):
            yield lambda s=smooth, l=logits, **a: k.BinaryCrossentropy(from_logits=l, label_smoothing=s, **a), kind
        for kind, logits in (("classes", False), ("classes_certain", False), ("classes_unnormalised", False), ("classes_logits", True), ("distributions", False)):
            yield lambda s=smooth, l=logits, **a: k.CategoricalCrossentropy(from_logits=l, label_smoothing=s, **a), kind
    for kind, logits in (("labels", False), ("labels_column", False), ("labels_logits", True), ("labels3", True)):
        yield lambda l=logits, **a: k.SparseCategoricalCrossentropy(from_logits=l, **a), kind
    yield lambda **a: k.SparseCategoricalCrossentropy(ignore_class=2, **a), "labels"
    for gamma in (2.0, 0.5):
        for balance in (False, True):
            for kind, logits in (("bits", False), ("bits_logits", True)):
                yield lambda g=gamma, b=balance, l=logits, **a: k.BinaryFocalCrossentropy(gamma=g, apply_class_balancing=b, alpha=0.3, from_logits=l, **a), kind
        for kind, logits in (("classes", False), ("classes_logits", True)):
            yield lambda g=gamma, l=logits, **a: k.CategoricalFocalCrossentropy(gamma=g, alpha=0.3, from_logits=l, **a), kind
    yield lambda **a: k.BinaryFocalCrossentropy(label_smoothing=0.1, **a), "bits"
    yield lambda **a: k.CategoricalFocalCrossentropy(label_smoothing=0.1, **a), "classes"
    yield lambda **a: k.Dice(**a), "images"
    yield lambda **a: k.Dice(axis=(1, 2, 3), **a), "images"
    for alpha, beta in ((0.5, 0.5), (0.3, 0.7)):
        yield lambda x=alpha, y=beta, **a: k.Tversky(alpha=x, beta=y, **a), "images"
    yield lambda **a: k.CategoricalGeneralizedCrossEntropy(q=0.7, **a), "labels"


def loss_record(make, kind, y, p):
    out = dict(described(make()), data=kind)
    each = np.asarray(make(reduction="none")(y, p))
    weights = uniform("loss weights", *each.shape, lo=0, hi=2)
    out.update(per_sample=tensor(each), sample_weight=tensor(weights))
    for name, w in (("", None), ("_weighted", weights)):
        for r in REDUCTIONS:
            out[r + name] = float(make(reduction=r)(y, p, sample_weight=w))
    grad = jax.grad(lambda t: make(reduction="sum_over_batch_size")(y, t))
    out["gradient"] = tensor(grad(jax.numpy.asarray(p)))
    out["gradient_weighted"] = tensor(jax.grad(lambda t: make(reduction="sum_over_batch_size")(y, t, sample_weight=weights))(jax.numpy.asarray(p)))
    return out


def losses():
    data = {k: [np.asarray(a) for a in v] for k, v in kinds().items()}
    records = [loss_record(make, kind, *data[kind]) for make, kind in loss_table()]
    return dict(
        data={k: dict(y_true=tensor(y), y_pred=tensor(p)) for k, (y, p) in data.items()},
        losses=records,
    )


# ---- metrics ------------------------------------------------------------------------------------------------------


def metric_data():
    """name -> three updates (targets, predictions), batches of 7, 7 and 3."""
    sizes = (7, 7, 3)
    cut = lambda y, p: [(y[a:b], p[a:b]) for a, b in ((0, 7), (7, 14), (14, sum(sizes)))]
    n = sum(sizes)
    labels = rng("ml").integers(0, 4, n)
    probabilities = uniform("mp", n, 4, lo=0.02)
    probabilities[np.arange(n), labels] += uniform("mq", n, lo=0, hi=1)
    probabilities /= probabilities.sum(1, keepdims=True)
    bits = rng("mb").integers(0, 2, (n, 1)).astype(np.float32)
    scores = np.clip(0.3 * bits + uniform("ms", n, 1, lo=0, hi=0.7), 0, 1).astype(np.float32)
    scores[3], scores[5], scores[9] = 0.5, scores[4], 1.0  # at the threshold, a tie, an end
    wide = rng("mw").integers(0, 2, (n, 3)).astype(np.float32)
    real = uniform("mr", n, 2, lo=-2, hi=2)
    return dict(
        binary=cut(bits, scores), multi_label=cut(wide, np.clip(0.25 * wide + uniform("mws", n, 3, lo=0, hi=0.75), 0, 1).astype(np.float32)),
        classes=cut(one_hot(labels, 4), probabilities), labels=cut(labels, probabilities), labels_column=cut(labels[:, None], probabilities),
        real=cut(real, real + uniform("me", n, 2)), positive=cut(uniform("m+", n, 2, lo=0.1, hi=4), uniform("m++", n, 2, lo=0.1, hi=4)),
        predicted=cut(labels, np.where(rng("mx").random(n) < 0.6, labels, rng("my").integers(0, 4, n))),
        signs=cut(np.sign(uniform("mg", n, 2)), uniform("mh", n, 2, lo=-2, hi=2)),
        logits=cut(one_hot(labels, 4), uniform("mlog", n, 4, lo=-3, hi=3)), exact=cut(bits.round(), bits.round()),
    )


def metric_table():
    m = keras.metrics
    for t in (0.5, 0.3):
        yield m.BinaryAccuracy(threshold=t), "binary"
    yield m.BinaryAccuracy(), "multi_label"
    yield m.Accuracy(), "predicted"
    yield m.CategoricalAccuracy(), "classes"
    yield m.SparseCategoricalAccuracy(), "labels"
    yield m.SparseCategoricalAccuracy(), "labels_column"
    for k in (1, 2, 3):
        yield m.TopKCategoricalAccuracy(k=k), "classes"
        yield m.SparseTopKCategoricalAccuracy(k=k), "labels"
    for name in ("TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives", "Precision", "Recall"):
        yield getattr(m, name)(), "binary"
        yield getattr(m, name)(thresholds=0.3), "binary"
        yield getattr(m, name)(thresholds=[0.2, 0.5, 0.8]), "binary"
        yield getattr(m, name)(), "multi_label"
    for name in ("Precision", "Recall"):
        yield getattr(m, name)(top_k=2), "classes"
        yield getattr(m, name)(class_id=1), "classes"
        yield getattr(m, name)(top_k=2, class_id=1), "classes"
    for curve in ("ROC", "PR"):
        for method in ("interpolation", "minoring", "majoring"):
            yield m.AUC(curve=curve, summation_method=method), "binary"
        yield m.AUC(curve=curve, num_thresholds=10), "binary"
        yield m.AUC(curve=curve, thresholds=[0.2, 0.4, 0.6]), "binary"
        yield m.AUC(curve=curve), "multi_label"
        yield m.AUC(curve=curve, multi_label=True, num_labels=3), "multi_label"
        yield m.AUC(curve=curve), "exact"
    for v in (0.3, 0.7, 0.9):
        for name in ("PrecisionAtRecall", "RecallAtPrecision", "SensitivityAtSpecificity", "SpecificityAtSensitivity"):
            yield getattr(m, name)(v), "binary"
    yield m.PrecisionAtRecall(0.5, num_thresholds=20), "binary"
    for average in (None, "micro", "macro", "weighted"):
        yield m.F1Score(average=average), "classes"
        yield m.F1Score(average=average, threshold=0.4), "multi_label"
        yield m.FBetaScore(average=average, beta=2.0), "classes"
    for name in ("MeanAbsoluteError", "MeanSquaredError", "RootMeanSquaredError", "MeanAbsolutePercentageError", "R2Score", "LogCoshError", "CosineSimilarity"):
        yield getattr(m, name)(), "real"
    for aggregation in (None, "uniform_average", "variance_weighted_average"):
        yield m.R2Score(class_aggregation=aggregation), "real"
    yield m.R2Score(num_regressors=1), "real"
    yield m.MeanSquaredLogarithmicError(), "positive"
    yield m.Poisson(), "positive"
    yield m.KLDivergence(), "classes"
    yield m.BinaryCrossentropy(), "binary"
    yield m.BinaryCrossentropy(label_smoothing=0.1), "binary"
    yield m.CategoricalCrossentropy(), "classes"
    yield m.CategoricalCrossentropy(from_logits=True), "logits"
    yield m.SparseCategoricalCrossentropy(), "labels"
    for name in ("Hinge", "SquaredHinge"):
        yield getattr(m, name)(), "signs"
    yield m.CategoricalHinge(), "classes"
    yield m.PearsonCorrelation(), "real"
    yield m.ConcordanceCorrelation(), "real"
    yield m.MeanIoU(4), "predicted"
    yield m.IoU(4, target_class_ids=[0, 2]), "predicted"
    yield m.BinaryIoU(target_class_ids=[1], threshold=0.4), "binary"
    yield m.OneHotMeanIoU(4), "classes"


def results(metric, updates, weights):
    """The result after each update."""
    metric.reset_state()
    out, start = [], 0
    for y, p in updates:
        w = None if weights is None else weights[start : start + len(y)]
        start += len(y)
        metric.update_state(y, p, sample_weight=w)
        out.append(tensor(np.asarray(metric.result())))
    return out


def metrics():
    data = metric_data()
    weights = uniform("metric weights", 17, lo=0, hi=2)
    records = []
    for metric, kind in metric_table():
        r = dict(described(metric), data=kind, results=results(metric, data[kind], None))
        if "IoU" not in r["class_name"]:  # those count in integers
            r["results_weighted"] = results(metric, data[kind], weights)
        records.append(r)
    batches = {k: [dict(y_true=tensor(y), y_pred=tensor(p)) for y, p in v] for k, v in data.items()}
    return dict(data=batches, sample_weight=tensor(weights), metrics=records)


def write(path, doc):
    doc = dict(source=SOURCE, versions=VERSIONS, **doc)
    with open(path, "wb") as f, gzip.GzipFile(filename="", fileobj=f, mode="wb", compresslevel=9, mtime=0) as z:
        z.write(json.dumps(doc, allow_nan=False, sort_keys=True, separators=(",", ":")).encode())
    print(path, {k: len(v) for k, v in doc.items() if k in ("losses", "metrics")})


if __name__ == "__main__":
    write(sys.argv[1] + "/loss_values.json.gz", losses())
    write(sys.argv[1] + "/metric_values.json.gz", metrics())
