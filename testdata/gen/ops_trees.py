"""Tables: ai.onnx.ml's models: trees, linear models, support vector machines."""
import numpy as np
from onnx import TensorProto, helper

from opcase import f32, op, row

ML = "ai.onnx.ml"
TOL = (1e-5, 1e-5)

# Two trees over three features: a root with two children, and a deeper one.
TREES = dict(
    nodes_treeids=[0, 0, 0, 1, 1, 1, 1, 1],
    nodes_nodeids=[0, 1, 2, 0, 1, 2, 3, 4],
    nodes_featureids=[0, 0, 0, 1, 2, 0, 0, 0],
    nodes_values=[0.1, 0.0, 0.0, -0.2, 0.5, 0.0, 0.0, 0.0],
    nodes_truenodeids=[1, 0, 0, 1, 3, 0, 0, 0],
    nodes_falsenodeids=[2, 0, 0, 2, 4, 0, 0, 0],
    nodes_missing_value_tracks_true=[1, 0, 0, 0, 1, 0, 0, 0],
)
LEAVES = [(0, 1), (0, 2), (1, 2), (1, 3), (1, 4)]


def nodes(mode):
    leaves = set(LEAVES)
    ids = zip(TREES["nodes_treeids"], TREES["nodes_nodeids"])
    return dict(TREES, nodes_modes=["LEAF" if i in leaves else mode for i in ids])


def inputs():
    x = np.round(f32(9, 3, lo=-1, hi=1), 2)
    x[0], x[1, 0], x[2, 1], x[3, 2] = [0.1, -0.2, 0.5], np.nan, np.nan, np.nan
    return x


MODES = ("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GT", "BRANCH_GTE", "BRANCH_EQ", "BRANCH_NEQ")


@op("TreeEnsembleRegressor", domain=ML)
def tree_regressor(v, name):
    def targets(n):
        return dict(n_targets=n, target_treeids=[t for t, _ in LEAVES] * n, target_nodeids=[i for _, i in LEAVES] * n,
                    target_ids=[k for k in range(n) for _ in LEAVES], target_weights=[0.5, -1.0, 2.0, 0.25, -0.75][: len(LEAVES)] * n)

    x = inputs()
    for mode in MODES:
        data = x if mode != "BRANCH_NEQ" else np.nan_to_num(x)  # NaN unequal to a number: the runtimes differ
        yield row(mode.lower(), data, **nodes(mode), **targets(1))
    for f in ("SUM", "AVERAGE", "MIN", "MAX"):
        yield row("aggregate_" + f.lower(), x, **nodes("BRANCH_LEQ"), **targets(1), aggregate_function=f)
    yield row("two_targets", x, **nodes("BRANCH_LEQ"), **targets(2))
    yield row("base_values", x, **nodes("BRANCH_LEQ"), **targets(2), base_values=[0.5, -0.5])
    yield row("logistic", x, **nodes("BRANCH_LEQ"), **targets(1), post_transform="LOGISTIC", tol=TOL)
    yield row("double", x.astype(np.float64), **nodes("BRANCH_LT"), **targets(1))


@op("TreeEnsembleClassifier", domain=ML)
def tree_classifier(v, name):
    def classes(ids, **labels):
        n = len(ids)
        return dict(class_treeids=[t for t, _ in LEAVES] * n, class_nodeids=[i for _, i in LEAVES] * n,
                    class_ids=[k for k in ids for _ in LEAVES], class_weights=[0.5, 1.0, 2.0, 0.25, 0.75, 1.5, 0.1, 0.2, 0.9, 0.3, 0.6, 0.4, 0.8, 1.1, 0.05][: n * len(LEAVES)], **labels)

    x = inputs()
    ints, words = dict(classlabels_int64s=[10, 20, 30]), dict(classlabels_strings=["a", "b", "c"])
    for transform in ("NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"):
        yield row("three_" + transform.lower(), x, outs=2, **nodes("BRANCH_LEQ"), **classes([0, 1, 2], **ints), post_transform=transform, tol=TOL)
    yield row("strings", x, outs=2, **nodes("BRANCH_LEQ"), **classes([0, 1, 2], **words))
    yield row("base_values", x, outs=2, **nodes("BRANCH_LT"), **classes([0, 1, 2], **ints), base_values=[0.1, 0.2, 0.3], tol=TOL)
    binary = dict(classlabels_int64s=[0, 1])
    for transform in ("NONE", "LOGISTIC"):
        yield row("binary_" + transform.lower(), x, outs=2, **nodes("BRANCH_LEQ"), **classes([0], **binary), post_transform=transform, tol=TOL)


@op("TreeEnsemble", domain=ML)
def tree_ensemble(v, name):
    t = helper.make_tensor
    base = dict(
        n_targets=2, tree_roots=[0], nodes_featureids=[0, 1, 2], nodes_truenodeids=[1, 0, 2], nodes_trueleafs=[0, 1, 1],
        nodes_falsenodeids=[2, 1, 3], nodes_falseleafs=[0, 1, 1], leaf_targetids=[0, 1, 0, 1], leaf_weights=t("w", TensorProto.FLOAT, [4], [5.0, 2.5, -1.0, 3.0]),
        nodes_splits=t("s", TensorProto.FLOAT, [3], [0.1, -0.2, 0.5]),
    )
    for mode, tag in enumerate(("leq", "lt", "gte", "gt", "eq", "neq")):
        yield row(tag, inputs(), nodes_modes=t("m", TensorProto.UINT8, [3], [mode] * 3), **base)


@op("LinearRegressor", domain=ML)
def linear_regressor(v, name):
    x = f32(4, 3)
    yield row("one", x, coefficients=[0.5, -1.0, 2.0], intercepts=[0.25])
    yield row("two", x, coefficients=[0.5, -1.0, 2.0, 1.0, 0.0, -0.5], intercepts=[0.25, -1.0], targets=2)


@op("LinearClassifier", domain=ML)
def linear_classifier(v, name):
    x = f32(5, 3)
    three = dict(coefficients=[0.5, -1.0, 2.0, 1.0, 0.3, -0.5, -0.2, 0.7, 0.1], intercepts=[0.25, -0.5, 0.1])
    for transform in ("NONE", "SOFTMAX", "LOGISTIC"):
        yield row("three_" + transform.lower(), x, outs=2, classlabels_ints=[3, 5, 7], post_transform=transform, multi_class=1, tol=TOL, **three)
    yield row("strings", x, outs=2, classlabels_strings=["a", "b", "c"], tol=TOL, **three)
    yield row("binary", x, outs=2, classlabels_ints=[0, 1], coefficients=[0.5, -1.0, 2.0, -0.5, 1.0, -2.0], intercepts=[0.2, -0.2], post_transform="LOGISTIC", tol=TOL)


@op("SVMRegressor", domain=ML)
def svm_regressor(v, name):
    vectors = [0.5, 1.0, -1.0, 0.2, 0.3, -0.4, 1.0, 0.0, 0.7]
    for kernel, params in (("LINEAR", [0.0, 0.0, 0.0]), ("RBF", [0.5, 0.0, 3.0]), ("POLY", [0.5, 1.0, 2.0]), ("SIGMOID", [0.3, 0.1, 3.0])):
        yield row(kernel.lower(), f32(4, 3), coefficients=[0.5, -1.0, 0.25], kernel_params=params, kernel_type=kernel, n_supports=3, rho=[0.7],
                  support_vectors=vectors, tol=TOL)


@op("SVMClassifier", domain=ML)
def svm_classifier(v, name):
    kw = dict(classlabels_ints=[0, 1], coefficients=[1.0, 0.5, -0.7, -0.8], kernel_params=[0.5, 0.0, 3.0], kernel_type="RBF", rho=[0.2],
              support_vectors=[0.5, 1.0, -1.0, 0.2, 0.3, -0.4, 1.0, 0.0, 0.7, -0.5, 0.6, 0.1], vectors_per_class=[2, 2])
    yield row("decision", f32(5, 3), outs=2, tol=TOL, **kw)
    yield row("probabilities", f32(5, 3), outs=2, prob_a=[-1.5], prob_b=[0.1], tol=TOL, **kw)
