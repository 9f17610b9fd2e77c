"""Steps that are not known before, several axes of attention, unshared convolutions, pictures: keras_files_more.py OUT.zip"""
import sys

import numpy as np

from kerasfile import Writer

import keras
import tf_keras

w = Writer(sys.argv[1])
uint8 = np.random.RandomState(0).randint(0, 256, (7, 6, 5, 3)).astype("uint8")
pixels = uint8.astype("float32")
tokens = np.array([[3, 1, 2, 0, 0], [1, 0, 0, 0, 0], [0, 2, 0, 5, 0], [4, 4, 4, 4, 4], [0, 0, 0, 0, 0], [0, 0, 1, 2, 3], [5, 0, 5, 0, 5]], "int32")

for k, p, forms in ((keras, "", ("keras",)), (tf_keras, "k2_", ("h5",))):
    L = k.layers

    def case(name, shape, layer, inputs=None, dtype=None, **kw):
        i = L.Input(shape, dtype=dtype)
        w.add(p + name, k.Model(i, layer(i)), inputs, forms=forms, **kw)

    steps = dict(loops=True)  # those of the layer are a Scan

    case("conv_lstm1d_any", (None, 5, 2), L.ConvLSTM1D(2, 3, return_state=True, return_sequences=True, padding="same"), **steps)
    case("conv_lstm2d_any", (None, 4, 4, 1), L.ConvLSTM2D(2, 3, padding="same", activation="relu", strides=2), **steps)
    case("conv_lstm2d_any_back", (None, 4, 4, 1), L.ConvLSTM2D(2, 3, return_sequences=True, go_backwards=True), **steps)
    case("conv_lstm2d_any_both", (None, 4, 4, 1), L.Bidirectional(L.ConvLSTM2D(1, 3, padding="same", return_sequences=True, recurrent_activation="sigmoid")), **steps)
    case("conv_lstm3d_any", (None, 3, 3, 3, 1), L.ConvLSTM3D(1, 2, padding="same"), **steps)
    i, m = L.Input((None, 3, 3, 1)), L.Input((None,), dtype="bool")
    on = np.arange(6)[None] % 7 < np.arange(1, 8)[:, None]
    on[4] = [True, False, True, True, False, False]
    y = L.ConvLSTM2D(2, 2, padding="same", return_sequences=True)(i, mask=m)
    w.add(p + "conv_lstm2d_any_mask", k.Model([i, m], y), [np.random.RandomState(1).standard_normal((7, 6, 3, 3, 1)).astype("float32"), on], forms=forms, **steps)

    case("rnn_gelu_any", (None, 3), L.SimpleRNN(3, activation="gelu", return_sequences=True), **steps)
    case("lstm_swish_any", (None, 3), L.LSTM(3, activation="swish", return_state=True, return_sequences=True), **steps)
    case("gru_softmax_any", (None, 3), L.GRU(3, activation="softmax", go_backwards=True, return_sequences=True), **steps)
    case("gru_before_any", (None, 3), L.GRU(3, activation="selu", reset_after=False), **steps)
    case("lstm_selu_long", (140, 2), L.LSTM(2, activation="selu"), **steps)
    i = L.Input((None,), dtype="int32")
    x = L.Embedding(6, 3, mask_zero=True)(i)
    w.add(p + "masked_softmax_any", k.Model(i, [L.LSTM(3, activation="softmax", return_sequences=True)(x), L.Bidirectional(L.GRU(2, activation="swish"))(x)]), [tokens], forms=forms, **steps)
    i = L.Input(batch_shape=(7, 4, 3))
    x = L.LSTM(3, stateful=True, return_sequences=True)(i)
    w.add(p + "stateful", k.Model(i, L.GRU(2, stateful=True)(x)), forms=forms, batches=(7,))

    i, j = L.Input((3, 4, 5)), L.Input((3, 2, 5))
    w.add(p + "attention_axis", k.Model([i, j], L.MultiHeadAttention(2, 3, attention_axes=(2,))(i, j)), forms=forms)
    i, j = L.Input((3, 4, 5)), L.Input((2, 3, 5))
    w.add(p + "attention_axes", k.Model([i, j], [L.MultiHeadAttention(2, 3, attention_axes=(1, 2))(i, j), L.MultiHeadAttention(2, 3, value_dim=2)(i, i)]), forms=forms)
    i = L.Input((None, 4, 5))
    w.add(p + "attention_axis_any", k.Model(i, L.MultiHeadAttention(2, 3, attention_axes=(1,), output_shape=7)(i, i)), forms=forms)
    i = L.Input((5,), dtype="int32")
    x = L.Embedding(6, 4, mask_zero=True)(i)
    y = L.Add()([x, L.MultiHeadAttention(2, 3)(x, x)])
    y = L.LayerNormalization()(y)
    w.add(p + "attention_residual", k.Model(i, [y, L.MultiHeadAttention(2, 3)(query=y, value=y, key=y), L.GlobalAveragePooling1D()(y)]), [tokens], forms=forms)

    for mode, kw in (("bilinear", {}), ("nearest", {}), ("bilinear_crop", dict(crop_to_aspect_ratio=True))):
        case("resizing_uint8_" + mode, (6, 5, 3), L.Resizing(4, 7, interpolation=mode.split("_")[0], **kw), [uint8], "uint8")
    case("random_crop", (6, 5, 3), L.RandomCrop(4, 3), [pixels])
    i, j = L.Input((4,), dtype="int32"), L.Input((4,))
    numbers = [np.random.RandomState(2).randint(0, 5, (7, 4)).astype("int32"), np.random.RandomState(3).uniform(0, 2, (7, 4)).astype("float32")]
    w.add(p + "count_weights", k.Model([i, j], L.CategoryEncoding(5, output_mode="count")(i, count_weights=j)), numbers, forms=forms)

L = keras.layers
i = L.Input((6, 5, 3))
w.add("auto_contrast", keras.Model(i, [L.AutoContrast()(i), L.AutoContrast(value_range=(-1, 300))(i)]), [pixels], fill=False)
w.add("colours", keras.Model(i, L.Rescaling(.5)(L.Solarization()(L.Equalization()(i)))), [pixels], fill=False)
L = tf_keras.layers
i = L.Input((4, 3))
x = L.LSTM(3, time_major=True, return_sequences=True)(i)
w.add("k2_time_major", tf_keras.Model(i, [L.Bidirectional(L.GRU(2, time_major=True, return_sequences=True))(x), L.SimpleRNN(2, time_major=True)(x)]), forms=("h5",), batches=(7,))
for n, kw in enumerate((dict(), dict(implementation=2), dict(implementation=3), dict(implementation=2, padding="same"), dict(implementation=3, padding="same", strides=2))):
    i = L.Input((7, 2))
    w.add(f"k2_local1d_{n}", tf_keras.Model(i, L.LocallyConnected1D(3, 3, activation="relu", **{"strides": 1, **kw})(i)), forms=("h5",))
    i = L.Input((5, 4, 2))
    w.add(f"k2_local2d_{n}", tf_keras.Model(i, L.LocallyConnected2D(2, (2, 3), **{"strides": (2, 1), **kw})(i)), forms=("h5",))
    i = L.Input((2, 5, 4))
    w.add(f"k2_local2d_first_{n}", tf_keras.Model(i, L.LocallyConnected2D(3, 2, data_format="channels_first", **kw)(i)), forms=("h5",))
w.close()
