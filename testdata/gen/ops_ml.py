"""Tables: ai.onnx.ml operators that prepare data."""
import numpy as np
from onnx import TensorProto, helper

from opcase import DTYPES, arr, f32, op, rand, row, types_of

ML = "ai.onnx.ml"
WORDS = arr([["red", "blue"], ["green", "??"], ["", "red"]])
NUMBERS = np.array([[1, 5], [7, 2], [-3, 1]], np.int64)


@op("LabelEncoder", domain=ML)
def label_encoder(v, name):
    yield from (label_encoder_1() if v == 1 else label_encoder_2(v))


def label_encoder_1():
    classes = ["red", "green", "blue"]
    yield row("strings", WORDS, classes_strings=classes)
    yield row("strings_default", WORDS, classes_strings=classes, default_int64=99)
    yield row("ints", np.array([0, 2, 5, 1, -1]), classes_strings=classes)
    yield row("ints_default", np.array([0, 2, 5, 1]), classes_strings=classes, default_string="other")


def label_encoder_2(v):
    words, ints, floats = ["red", "green", "blue"], [1, 2, 5], [0.5, 1.5, float("nan")]
    keys = dict(keys_strings=words, keys_int64s=ints, keys_floats=floats)
    values = dict(values_strings=["R", "G", "B"], values_int64s=[10, 20, 30], values_floats=[1.25, 2.5, -3.0])
    defaults = dict(values_strings=dict(default_string="none"), values_int64s=dict(default_int64=-7), values_floats=dict(default_float=9.5))
    inputs = dict(keys_strings=WORDS, keys_int64s=NUMBERS, keys_floats=np.array([0.5, np.nan, 1.5, 2, -np.nan], np.float32))
    for k in keys:
        for w in values:
            tag = f"{k[5:]}_{w[7:]}"
            yield row(tag, inputs[k], **{k: keys[k], w: values[w]})
            yield row(tag + "_default", inputs[k], **{k: keys[k], w: values[w]}, **defaults[w])
    yield row("empty", np.zeros((0, 2), np.int64), keys_int64s=ints, values_floats=[1.0, 2.0, 3.0])
    yield row("vector", arr(["blue", "x"]), keys_strings=words, values_int64s=[0, 1, 2])
    if v < 4:
        return
    t = helper.make_tensor
    yield row("tensor_double", np.array([1.5, 2.5, 3.5, np.nan]), keys_tensor=t("k", TensorProto.DOUBLE, [3], [1.5, 2.5, np.nan]),
              values_tensor=t("v", TensorProto.DOUBLE, [3], [10.0, 20.0, 30.0]), default_tensor=t("d", TensorProto.DOUBLE, [1], [-1.0]))
    yield row("tensor_strings", WORDS, keys_tensor=t("k", TensorProto.STRING, [2], [b"red", b"blue"]),
              values_tensor=t("v", TensorProto.INT16, [2], [4, 5]), default_tensor=t("d", TensorProto.INT16, [1], [42]))
    yield row("tensor_int64_to_float", NUMBERS, keys_tensor=t("k", TensorProto.INT64, [2], [1, 5]),
              values_tensor=t("v", TensorProto.FLOAT, [2], [0.5, 1.5]), default_tensor=t("d", TensorProto.FLOAT, [1], [7.5]))
    yield row("double_attributes_strings", np.array([1.0, 2.0, 9.0]), keys_tensor=t("k", TensorProto.DOUBLE, [2], [1.0, 2.0]),
              values_strings=["a", "b"], default_string="zz")


@op("Imputer", domain=ML)
def imputer(v, name):
    x = np.array([[1, np.nan, 3], [np.nan, 5, 6]], np.float32)
    yield row("nan_per_column", x, imputed_value_floats=[10.0, 20.0, 30.0], replaced_value_float=float("nan"))
    yield row("nan_one", x, imputed_value_floats=[7.5], replaced_value_float=float("nan"))
    yield row("zero_default", np.array([[0, 1], [2, 0]], np.float32), imputed_value_floats=[9.0])
    yield row("value", np.array([[-1, 1], [2, -1]], np.float32), imputed_value_floats=[3.0, 4.0], replaced_value_float=-1.0)
    yield row("nan_stays", np.array([[-1, np.nan]], np.float32), imputed_value_floats=[3.0], replaced_value_float=-1.0)
    yield row("vector", np.array([np.nan, 2, 3], np.float32), imputed_value_floats=[1.0, 2.0, 3.0], replaced_value_float=float("nan"))
    yield row("int64", np.array([[0, 1], [-5, 0]]), imputed_value_int64s=[11, 22], replaced_value_int64=-5)
    yield row("int64_one", np.array([[0, 1], [-5, 0]]), imputed_value_int64s=[11])
    yield row("double", x.astype(np.float64), imputed_value_floats=[10.0, 20.0, 30.0], replaced_value_float=float("nan"))
    yield row("int32", np.array([[0, 1]], np.int32), imputed_value_int64s=[11])


@op("Scaler", domain=ML)
def scaler(v, name):
    offset, scale = [1.0, -2.0, 0.5], [0.5, 2.0, 0.1]
    x = f32(4, 3)
    yield row("per_column", x, offset=offset, scale=scale)
    yield row("one", x, offset=[1.5], scale=[0.25])
    yield row("vector", f32(3), offset=offset, scale=scale)
    yield row("nan", np.array([[np.nan, np.inf, 1]], np.float32), offset=offset, scale=scale)
    for t in types_of(name, v, ML):
        yield row(t, rand(DTYPES[t], 2, 3), offset=offset, scale=scale)


@op("OneHotEncoder", domain=ML)
def one_hot_encoder(v, name):
    yield row("ints", np.array([1, 3, 2]), cats_int64s=[1, 2, 3])
    yield row("ints_unknown", np.array([1, 9, 2]), cats_int64s=[1, 2, 3])
    yield row("ints_zeros", np.array([1, 3]), cats_int64s=[1, 2, 3], zeros=1)
    yield row("ints_matrix", np.array([[1, 3], [2, 7]]), cats_int64s=[1, 2, 3])
    yield row("strings", arr(["b", "a"]), cats_strings=["a", "b", "c"])
    yield row("strings_unknown", arr([["b"], ["?"]]), cats_strings=["a", "b", "c"])
    yield row("floats", np.array([[1.0], [2.0]], np.float32), cats_int64s=[1, 2, 3])
    yield row("doubles", np.array([[1.0], [2.0]]), cats_int64s=[1, 2, 3])
    yield row("int32", np.array([3, 1], np.int32), cats_int64s=[1, 2, 3])


@op("Normalizer", domain=ML)
def normalizer(v, name):
    for norm in ("MAX", "L1", "L2"):
        yield row(norm, f32(3, 4), norm=norm)
        yield row(norm + "_zero", np.zeros((2, 3), np.float32), norm=norm)


@op("Binarizer", domain=ML)
def binarizer(v, name):
    yield row("default", f32(3, 4))
    yield row("threshold", f32(3, 4), threshold=1.0)


@op("ArrayFeatureExtractor", domain=ML)
def array_feature_extractor(v, name):
    yield row("columns", f32(3, 5), np.array([[0, 3]]))
    yield row("int64", rand(np.int64, 3, 5), np.array([2]))


@op("FeatureVectorizer", domain=ML)
def feature_vectorizer(v, name):
    yield row("two", f32(3, 2), f32(3, 1), inputdimensions=[2, 1])
    yield row("int64", rand(np.int64, 3, 2), rand(np.int64, 3, 3), inputdimensions=[2, 3])


@op("CategoryMapper", domain=ML)
def category_mapper(v, name):
    kw = dict(cats_strings=["a", "b"], cats_int64s=[5, 6])
    yield row("strings", arr([["a", "z"], ["b", "a"]]), **kw)
    yield row("strings_default", arr(["a", "z"]), default_int64=3, **kw)
    yield row("ints", np.array([[5, 9]]), **kw)
    yield row("ints_default", np.array([5, 9]), default_string="other", **kw)


@op("LinearRegressor", domain=ML)
def linear_regressor(v, name):
    x, w, two = f32(4, 3), [0.5, -1.0, 2.0], [0.5, -1.0, 2.0, 1.5, 0.25, -0.75]
    yield row("one", x, coefficients=w, intercepts=[0.25])
    yield row("no_intercept", x, coefficients=w)
    yield row("two", x, coefficients=two, intercepts=[0.25, -1.0], targets=2)
    yield row("vector", x[0], coefficients=w, intercepts=[0.25])
    yield row("softmax", x, coefficients=two, intercepts=[0.25, -1.0], targets=2, post_transform="SOFTMAX")
    yield row("logistic", x, coefficients=two, intercepts=[0.25, -1.0], targets=2, post_transform="LOGISTIC")


@op("LinearClassifier", domain=ML)
def linear_classifier(v, name):
    x, w, two = f32(6, 3), [0.5, -1.0, 2.0], [0.5, -1.0, 2.0, 1.5, 0.25, -0.75]
    three = two + [-1.0, 1.0, 0.5]
    for post in ("NONE", "LOGISTIC", "SOFTMAX"):
        yield row("two_" + post.lower(), x, outs=2, classlabels_ints=[3, 7], coefficients=two, intercepts=[0.25, -1.0], post_transform=post)
        yield row("three_" + post.lower(), x, outs=2, classlabels_ints=[5, 1, 9], coefficients=three, intercepts=[0.25, -1.0, 0.5], multi_class=1, post_transform=post)
    yield row("one_row", x, outs=2, classlabels_ints=[3, 7], coefficients=w, intercepts=[0.25])
    yield row("one_row_logistic", x, outs=2, classlabels_ints=[3, 7], coefficients=w, intercepts=[0.25], post_transform="LOGISTIC")
    yield row("strings", x, outs=2, classlabels_strings=["a", "b", "c"], coefficients=three, intercepts=[0.0, 1.0, -1.0], post_transform="SOFTMAX")
    yield row("strings_one_row", x, outs=2, classlabels_strings=["no", "yes"], coefficients=w, intercepts=[0.5])
    yield row("vector", x[0], outs=2, classlabels_ints=[0, 1], coefficients=two, intercepts=[0.25, -1.0])
    yield row("int64", rand(np.int64, 6, 3), outs=2, classlabels_ints=[0, 1, 2], coefficients=three, intercepts=[0.0, 1.0, -1.0])
    yield row("double", x.astype(np.float64), outs=2, classlabels_ints=[0, 1, 2], coefficients=three, intercepts=[0.0, 1.0, -1.0])
    yield row("ties", np.zeros((2, 3), np.float32), outs=2, classlabels_ints=[4, 2, 1], coefficients=three, intercepts=[0.0, 1.0, 1.0])
