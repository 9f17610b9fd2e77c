#!/usr/bin/env python3
"""Fine-tuning of a Keras CNN: fitted on one task, as a .keras file and exported by tf2onnx.

    python keras_finetune.py ../finetune/keras.zip
"""
import os
import sys
import tempfile

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")

import numpy as np
import keras
import onnx
import tensorflow as tf
import tf2onnx

import finetune_case


def build():
    return keras.Sequential([
        keras.Input((8, 8, 1), name="image"),
        keras.layers.Conv2D(8, 3, padding="same", use_bias=False), keras.layers.BatchNormalization(), keras.layers.Activation("relu"),
        keras.layers.Conv2D(12, 3, padding="same", activation="relu"), keras.layers.MaxPooling2D(),
        keras.layers.SeparableConv2D(16, 3, padding="same", activation="relu"),
        keras.layers.GlobalAveragePooling2D(name="pooled"), keras.layers.Dropout(0.2),
        keras.layers.Dense(16, activation="relu"), keras.layers.Dense(5, activation="softmax"),
    ])


def main(path):
    keras.utils.set_random_seed(5)
    x, y = finetune_case.digits([0, 1, 2, 3, 4], 900)
    net = build()
    net.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    net.fit(x.transpose(0, 2, 3, 1), y, epochs=20, verbose=0)
    print("accuracy", net.evaluate(x.transpose(0, 2, 3, 1), y, verbose=0)[1])
    call = tf.function(lambda image: net(image, training=False), input_signature=[tf.TensorSpec([None, 8, 8, 1], tf.float32, name="image")])
    model, _ = tf2onnx.convert.from_function(call, input_signature=call.input_signature, opset=13)
    onnx.checker.check_model(model)
    print([n.op_type for n in model.graph.node])
    x2, y2 = finetune_case.digits([5, 6, 7, 8, 9], 240)
    w = finetune_case.Writer(path, "testdata/gen/keras_finetune.py", dict(keras=keras.__version__, tf2onnx=tf2onnx.__version__))
    w.case("cnn", {"tf2onnx": model.SerializeToString()}, {"in/image": x2.transpose(0, 2, 3, 1), "target": y2}, inputs=["image"])
    with tempfile.TemporaryDirectory() as d:
        net.save(d + "/cnn.keras")
        w.files["cnn/cnn.keras"] = open(d + "/cnn.keras", "rb").read()
    w.close()


if __name__ == "__main__":
    main(sys.argv[1])
