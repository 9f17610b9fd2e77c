"""ConvLSTM, spectrograms, wrappers and crossings: keras_files_rest.py OUT.zip"""
import sys

import numpy as np

from kerasfile import Writer

import keras
import tf_keras

w = Writer(sys.argv[1])
for k, p, forms in ((keras, "", ("keras",)), (tf_keras, "k2_", ("h5",))):
    L = k.layers

    def conv_lstm(name, shape, *layers):
        i = L.Input(shape)
        x = i
        for layer in layers:
            x = layer(x)
        w.add(p + name, k.Model(i, x), forms=forms)

    conv_lstm("conv_lstm1d", (3, 6, 2), L.ConvLSTM1D(2, 3, strides=2))
    conv_lstm("conv_lstm2d", (3, 4, 4, 1), L.ConvLSTM2D(2, 3, padding="same", return_sequences=True), L.BatchNormalization(), L.ConvLSTM2D(2, 2, activation="relu"))
    conv_lstm("conv_lstm3d_back", (2, 3, 3, 3, 1), L.ConvLSTM3D(1, 2, padding="same", return_sequences=True, go_backwards=True, use_bias=False))
    conv_lstm("conv_lstm_dilated", (4, 3, 3, 1), L.ConvLSTM2D(1, 2, return_state=True, dilation_rate=2, padding="same"))
    conv_lstm("conv_lstm_both", (3, 4, 4, 1), L.Bidirectional(L.ConvLSTM2D(1, 3, padding="same", return_sequences=True)))
    i, j = L.Input((2, 4, 4, 1)), L.Input((2, 4, 4, 1))
    _, h, c = L.ConvLSTM2D(2, 3, padding="same", return_state=True)(i)
    w.add(p + "conv_lstm_states", k.Model([i, j], L.ConvLSTM2D(2, 3, padding="same", return_sequences=True)(j, initial_state=[h, c])), forms=forms)
    a, b = L.Input((1,), dtype="int64"), L.Input((1,), dtype="int64")
    numbers = [np.array(n, "int64").reshape(7, 1) for n in ([1, 5, -3, 0, 99999, 12, 2**40], [7, 7, 2, 0, -1, 3, 5])]
    m = k.Model([a, b], [L.HashedCrossing(num_bins=9)((a, b)), L.HashedCrossing(num_bins=1000003)((b, a)), L.HashedCrossing(num_bins=5, output_mode="one_hot")((b, a))])
    w.add(p + "hashed_crossing", m, numbers, forms=forms, fill=False)
    i = L.Input((5,))
    w.add(p + "activation_layer", k.Model(i, L.Dense(3, activation=L.ELU(.5))(L.Dense(4, activation=L.LeakyReLU(.1))(i))), forms=forms)

L = keras.layers
for mode in ("log", "psd", "angle", "stft"):
    i = L.Input((40, 2))
    w.add("stft_" + mode, keras.Model(i, L.STFTSpectrogram(mode=mode, frame_length=16, frame_step=7, fft_length=16, padding="same" if mode == "psd" else "valid",
                                                          expand_dims=mode == "log")(i)), fill=False, forms=("keras", "h5") if mode == "log" else ("keras",))
i = L.Input((4, 4, 2))
x = L.SpectralNormalization(L.Conv2D(3, 2, activation="relu"))(i)
w.add("spectral", keras.Model(i, L.SpectralNormalization(L.Dense(2))(L.Flatten()(x))), forms=("keras", "h5"))
i = L.Input((4,), dtype="int32")
e, f = L.ReversibleEmbedding(10, 4), L.ReversibleEmbedding(10, 4, tie_weights=False, logit_soft_cap=3.)
w.add("reversible_embedding", keras.Model(i, [e(L.Dense(4)(e(i)), reverse=True), f(f(i), reverse=True)]), forms=("keras", "h5"))
i = L.Input((4, 4, 3))
w.add("pipeline", keras.Model(i, L.Pipeline([L.RandomFlip(), L.Rescaling(.5)])(i)), fill=False)
w.close()
