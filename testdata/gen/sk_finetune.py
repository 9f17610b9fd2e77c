#!/usr/bin/env python3
"""Fine-tuning of scikit-learn's classifiers: networks fitted on one task, exported by skl2onnx.

    python sk_finetune.py ../finetune/sklearn.zip
"""
import sys
import warnings

import numpy as np
import onnx
import skl2onnx
import sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import finetune_case


def main(path):
    w = finetune_case.Writer(path, "testdata/gen/sk_finetune.py", dict(sklearn=sklearn.__version__, skl2onnx=skl2onnx.__version__))
    x, y = finetune_case.digits([0, 1, 2, 3, 4], 900)
    x = x.reshape(-1, 64)
    ground = dict(hidden_layer_sizes=(24, 12), max_iter=60, random_state=3)
    nets = {
        "mlp": (MLPClassifier(**ground), y),
        "mlp_strings": (make_pipeline(StandardScaler(), MLPClassifier(activation="tanh", **ground)), np.array(["zero", "one", "two", "three", "four"])[y]),
        "mlp_binary": (MLPClassifier(activation="logistic", **{**ground, "max_iter": 200}), y > 1),
    }
    x2, y2 = finetune_case.digits([5, 6, 7, 8, 9], 240)
    for name, (net, labels) in nets.items():
        net.fit(x, labels)
        models = {}
        for variant, options in (("model", {}), ("arrays", {"zipmap": False})):
            last = net[-1] if hasattr(net, "steps") else net
            m = skl2onnx.to_onnx(net, initial_types=[("X", FloatTensorType([None, 64]))], options={id(last): options} if options else None, target_opset=17)
            onnx.checker.check_model(m)
            models[variant] = m.SerializeToString()
        w.case(name, models, {"in/X": x2.reshape(-1, 64), "target": y2}, inputs=["X"])
        print(name, net.score(x, labels), [n.op_type for n in m.graph.node])
    w.close()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1])
