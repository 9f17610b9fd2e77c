"""Networks whose layers want their channels now first, now last, with the Transposes there may be: keras_files_layout.py OUT.zip"""
import sys

from kerasfile import Writer

import keras
import tf_keras

w = Writer(sys.argv[1])
L = keras.layers


def shuffled(x, groups=2):
    h, v, c = x.shape[1:]
    x = L.Reshape((h, v, groups, c // groups))(x)
    return L.Reshape((h, v, c))(L.Permute((1, 2, 4, 3))(x))


# ShuffleNet: the channels are put in another order between two convolutions, by one Transpose.
i = L.Input((6, 6, 3))
x = L.DepthwiseConv2D(3, padding="same")(shuffled(L.Conv2D(8, 1, activation="relu")(i)))
x = L.Conv2D(4, 1)(shuffled(L.Add()([x, L.Conv2D(8, 1)(i)]), 4))
w.add("channel_shuffle", keras.Model(i, L.GlobalAveragePooling2D()(x)), transposes=3)

# MLP-Mixer: two Transposes a block, around the layers along the patches.
i = L.Input((8, 8, 3))
x = L.Reshape((16, 6))(L.Conv2D(6, 2, strides=2)(i))
for _ in range(2):
    y = L.Permute((2, 1))(L.Dense(16)(L.Dense(5, activation="gelu")(L.Permute((2, 1))(L.LayerNormalization()(x)))))
    x = L.Add()([x, y])
    x = L.Add()([x, L.Dense(6)(L.Dense(5, activation="gelu")(L.LayerNormalization()(x)))])
w.add("mixer", keras.Model(i, L.Dense(3)(L.GlobalAveragePooling1D()(L.LayerNormalization()(x)))), transposes=6)

# ConvNeXt: two a block, around LayerNormalization and Dense, one less where a LayerNormalization follows the block.
i = L.Input((8, 8, 3))
x = L.LayerNormalization(epsilon=1e-6)(L.Conv2D(4, 2, strides=2)(i))
for stage in range(2):
    if stage:
        x = L.Conv2D(6, 2, strides=2)(L.LayerNormalization(epsilon=1e-6)(x))
    for _ in range(2):
        c = x.shape[-1]
        y = L.LayerNormalization(epsilon=1e-6)(L.DepthwiseConv2D(3, padding="same")(x))
        x = L.Add()([x, L.Dense(c)(L.Dense(4 * c, activation="gelu")(y))])
w.add("convnext", keras.Model(i, L.LayerNormalization()(L.GlobalAveragePooling2D()(x))), transposes=11)

# A factor for each channel and one for each place: both come to where the channels are first.
i = L.Input((6, 6, 3))
x = L.Conv2D(4, 3)(i)
x = L.Multiply()([x, L.Reshape((1, 1, 4))(L.Dense(4, activation="sigmoid")(L.GlobalMaxPooling2D()(x)))])
x = L.Multiply()([x, L.Conv2D(1, 3, padding="same", activation="sigmoid")(x)])
w.add("scaled", keras.Model(i, L.Conv2D(2, 3)(x)), transposes=2)

# Layers of a network along frames of a number that is not known: nothing between them.
for k, p, forms in ((keras, "", ("keras",)), (tf_keras, "k2_", ("h5",))):
    L = k.layers
    i = L.Input((None, 8, 8, 2))
    x = L.TimeDistributed(L.Conv2D(4, 3, activation="relu"))(i)
    x = L.TimeDistributed(L.MaxPooling2D())(L.TimeDistributed(L.BatchNormalization())(x))
    x = L.TimeDistributed(L.GlobalAveragePooling2D())(x)
    w.add(p + "frames", k.Model(i, L.LSTM(3)(x)), forms=forms, transposes=2)
w.close()
