"""Metrics of Keras 3 (JAX backend) and scikit-learn on small random data: metric.py OUT.json.gz"""
import gzip
import json
import os
import sys

os.environ["KERAS_BACKEND"] = "jax"
import jax
import keras
import numpy as np
import sklearn
from keras import metrics as km
from sklearn import metrics as sm

rng = np.random.default_rng(20260101)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def f32(x):
    return np.asarray(x, "float32")


def onehot(labels, c):
    return f32(np.eye(c)[labels])


def data():
    """name -> (targets, predictions, weights or None)"""
    d = {}
    t = rng.integers(0, 2, (40, 1))
    p = np.round(np.clip(t * 0.3 + rng.uniform(0, 0.7, (40, 1)), 0, 1) * 40) / 40
    p[:4, 0] = [0, 1, 0.5, 0.5]
    d["binary"] = (f32(t), f32(p))
    d["binary_fine"] = (f32(rng.integers(0, 2, (60, 1))), f32(rng.uniform(0, 1, (60, 1))))
    d["logits"] = (f32(t), f32((p - 0.5) * 6))
    d["labels"] = (f32(rng.integers(0, 2, (30, 3))), f32(np.round(rng.uniform(0, 1, (30, 3)), 2)))
    c = rng.integers(0, 4, 30)
    soft = f32(softmax(rng.normal(0, 1.5, (30, 4)) + 1.5 * np.eye(4)[c]))
    d["classes"] = (onehot(c, 4), soft)
    d["class_logits"] = (onehot(c, 4), f32(rng.normal(0, 2, (30, 4))))
    d["sparse"] = (c.astype("int64"), soft)
    d["sparse_column"] = (c.astype("int64")[:, None], soft)
    d["ties"] = (onehot(c, 4), f32(rng.integers(0, 3, (30, 4)) / 2))
    d["sparse_ties"] = (c.astype("int64"), f32(rng.integers(0, 3, (30, 4)) / 2))
    y = rng.normal(0, 2, (30, 2))
    d["real"] = (f32(y), f32(y + rng.normal(0, 0.7, (30, 2))))
    d["positive"] = (f32(rng.uniform(0, 5, (30, 2)) * (rng.uniform(size=(30, 2)) > 0.1)), f32(rng.uniform(-0.2, 5, (30, 2))))
    q = softmax(rng.normal(0, 2, (20, 5)))
    q[0, 0] = 0
    d["distributions"] = (f32(q), f32(softmax(rng.normal(0, 2, (20, 5)))))
    d["whole"] = (f32(rng.integers(0, 3, (30, 1))), f32(rng.integers(0, 3, (30, 1))))
    s = rng.integers(0, 3, (6, 5))
    d["sequence"] = (onehot(s, 3), f32(softmax(rng.normal(0, 1, (6, 5, 3)))))
    d["sparse_sequence"] = (s.astype("int64"), f32(softmax(rng.normal(0, 1, (6, 5, 3)))))
    return d


# data -> metrics with their arguments; names are those of Keras's classes.
BINARY = [("Accuracy", {}), ("BinaryAccuracy", {}), ("BinaryAccuracy", {"threshold": 0.3})]
for n in "TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives", "Precision", "Recall":
    BINARY += [(n, {}), (n, {"thresholds": 0.25})]
for curve in "ROC", "PR", "PRGAIN":
    for s in "interpolation", "minoring", "majoring":
        BINARY += [("AUC", {"curve": curve, "summation_method": s})]
BINARY += [("AUC", {"num_thresholds": n}) for n in (2, 3, 11, 1000)]
BINARY += [("AUC", {"thresholds": [0.1, 0.35, 0.9], "curve": c}) for c in ("ROC", "PR")]
BINARY += [("AUC", {"thresholds": [0.25, 0.5, 0.75]})]
for v in 0.02, 0.3, 0.8, 1.0:  # at 0 the sign of Keras's float32 rounding decides
    BINARY += [("SensitivityAtSpecificity", {"specificity": v}), ("SpecificityAtSensitivity", {"sensitivity": v}),
               ("PrecisionAtRecall", {"recall": v}), ("RecallAtPrecision", {"precision": v})]
BINARY += [("PrecisionAtRecall", {"recall": 0.5, "num_thresholds": 1}), ("PrecisionAtRecall", {"recall": 0.5, "num_thresholds": 7})]
BINARY += [("BinaryCrossentropy", {}), ("BinaryCrossentropy", {"label_smoothing": 0.2})]
BINARY += [(n, {}) for n in ("Hinge", "SquaredHinge", "MeanSquaredError", "F1Score")]
LABELS = BINARY + [("AUC", {"multi_label": True, "curve": c}) for c in ("ROC", "PR")]
LABELS += [("AUC", {"multi_label": True, "label_weights": [1.0, 2.0, 0.5]}), ("AUC", {"label_weights": [1.0, 2.0, 0.5]})]
LABELS += [("FBetaScore", {"average": a, "beta": b, "threshold": t}) for a in ("macro", "micro", "weighted") for b in (0.5, 2.0) for t in (None, 0.4)]
CLASSES = [("CategoricalAccuracy", {}), ("CategoricalCrossentropy", {}), ("CategoricalCrossentropy", {"label_smoothing": 0.1}), ("CategoricalHinge", {})]
CLASSES += [("TopKCategoricalAccuracy", {"k": k}) for k in (1, 2, 3)]
CLASSES += [("F1Score", {"average": a}) for a in ("macro", "micro", "weighted")]
CLASSES += [(n, {"top_k": k}) for n in ("Precision", "Recall") for k in (1, 2)]
CLASSES += [(n, {"class_id": k}) for n in ("Precision", "Recall") for k in (0, 3)]
CLASSES += [("Precision", {"class_id": 1, "top_k": 2}), ("PrecisionAtRecall", {"recall": 0.5, "class_id": 2})]
SPARSE = [("SparseCategoricalAccuracy", {}), ("SparseCategoricalCrossentropy", {})]
SPARSE += [("SparseTopKCategoricalAccuracy", {"k": k}) for k in (1, 2, 3)]
REAL = [(n, {}) for n in ("MeanSquaredError", "RootMeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError",
                          "LogCoshError", "CosineSimilarity", "R2Score")]
REAL += [("R2Score", {"class_aggregation": "variance_weighted_average"}), ("R2Score", {"num_regressors": 3})]
POSITIVE = REAL + [("MeanSquaredLogarithmicError", {})]
PLAN = {
    "binary": BINARY, "binary_fine": BINARY, "labels": LABELS, "classes": CLASSES, "ties": CLASSES,
    "sparse": SPARSE, "sparse_column": SPARSE, "sparse_ties": [("SparseTopKCategoricalAccuracy", {"k": k}) for k in (1, 2)],
    "logits": [("BinaryCrossentropy", {"from_logits": True}), ("AUC", {"from_logits": True}), ("Hinge", {}), ("BinaryAccuracy", {"threshold": 0.0})],
    "class_logits": [("CategoricalCrossentropy", {"from_logits": True})],
    "real": REAL, "positive": POSITIVE, "distributions": [("KLDivergence", {}), ("Poisson", {}), ("CosineSimilarity", {})],
    "whole": [("Accuracy", {})],
    "sequence": [("CategoricalAccuracy", {}), ("CategoricalCrossentropy", {}), ("MeanSquaredError", {}), ("BinaryAccuracy", {})],
    "sparse_sequence": [("SparseCategoricalAccuracy", {}), ("SparseCategoricalCrossentropy", {})],
}


def array(a):
    return {"shape": list(a.shape), "dtype": str(a.dtype), "data": [float(v) for v in a.ravel()]}


def weights_for(name, t):
    yield "none", None
    yield "examples", f32(np.round(rng.uniform(0, 3, t.shape[0]), 2))
    if "sequence" in name:
        yield "steps", f32(np.round(rng.uniform(0, 3, t.shape[:2]), 2))


def keras_cases(sets):
    cases = []
    for name, plan in PLAN.items():
        t, p = sets[name]
        for kind, w in weights_for(name, t):
            key = f"{name}/{kind}"
            case = {"name": key, "t": array(t), "p": array(p), "w": None if w is None else array(w), "metrics": []}
            cut = t.shape[0] // 3  # two batches of different size
            for cls, args in plan:
                m = getattr(km, cls)(**args)
                steps = []
                for part in slice(0, cut), slice(cut, None):
                    m.update_state(t[part], p[part], None if w is None else w[part])
                    r = np.asarray(m.result(), "float64")
                    steps.append(float(r) if r.ndim == 0 else float(r[0]) if r.size == 1 else [float(v) for v in r])
                case["metrics"].append({"class": cls, "args": args, "results": steps})
            case["cut"] = cut
            cases.append(case)
    return cases


def curve_cases(sets):
    cases = []
    for name in "binary", "binary_fine":
        t, p = (a.ravel() for a in sets[name])
        for kind, w in ("none", None), ("examples", f32(np.round(rng.uniform(0, 3, len(t)), 2))):
            fpr, tpr, rt = sm.roc_curve(t, p, sample_weight=w, drop_intermediate=False)
            prec, rec, pt = sm.precision_recall_curve(t, p, sample_weight=w)
            cases.append({
                "name": f"{name}/{kind}", "t": array(t), "p": array(p), "w": None if w is None else array(w),
                "fpr": fpr.tolist(), "tpr": tpr.tolist(), "thresholds": rt[1:].tolist(),
                "precision": prec.tolist(), "recall": rec.tolist(), "pr_thresholds": pt.tolist(),
                "auc": sm.roc_auc_score(t, p, sample_weight=w), "average_precision": sm.average_precision_score(t, p, sample_weight=w),
            })
    return cases


def confusion_cases(sets):
    cases = []
    for name in "classes", "ties":
        t, p = (a.argmax(-1) for a in sets[name])
        for kind, w in ("none", None), ("examples", f32(np.round(rng.uniform(0, 3, len(t)), 2))):
            prec, rec, f1, support = sm.precision_recall_fscore_support(t, p, sample_weight=w, zero_division=0, labels=range(4))
            cases.append({
                "name": f"{name}/{kind}", "t": array(sets[name][0]), "p": array(sets[name][1]), "w": None if w is None else array(w),
                "matrix": sm.confusion_matrix(t, p, sample_weight=w, labels=range(4)).tolist(), "precision": prec.tolist(), "recall": rec.tolist(),
                "f1": f1.tolist(), "support": np.asarray(support, "float64").tolist(), "kappa": float(sm.cohen_kappa_score(t, p, sample_weight=w)),
                "accuracy": float(sm.accuracy_score(t, p, sample_weight=w)),
            })
    return cases


sets = data()
out = {
    "source": "Keras and scikit-learn on random data with a seed",
    "versions": {"keras": keras.__version__, "jax": jax.__version__, "numpy": np.__version__, "scikit-learn": sklearn.__version__},
    "keras": keras_cases(sets), "curves": curve_cases(sets), "confusion": confusion_cases(sets),
}
with open(sys.argv[1], "wb") as f, gzip.GzipFile(fileobj=f, mode="wb", mtime=0, filename="") as z:
    z.write(json.dumps(out, indent=None, separators=(",", ":")).encode())
