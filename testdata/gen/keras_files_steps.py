"""Recurrent layers with activations that ONNX's operators lack, and mel spectrograms: keras_files_steps.py OUT.zip"""
import sys

from kerasfile import Writer

import keras
import tf_keras

w = Writer(sys.argv[1])
for k, p, forms in ((keras, "", ("keras",)), (tf_keras, "k2_", ("h5",))):
    L = k.layers

    def case(name, layer):
        i = L.Input((4, 3))
        w.add(p + name, k.Model(i, layer(i)), forms=forms)

    case("rnn_gelu", L.SimpleRNN(3, activation="gelu", return_sequences=True))
    case("lstm_swish", L.LSTM(3, activation="swish", recurrent_activation="hard_sigmoid", return_state=True, return_sequences=True))
    case("gru_softmax", L.GRU(3, activation="softmax", go_backwards=True, return_sequences=True))
    case("gru_selu_before", L.GRU(3, activation="selu", reset_after=False, use_bias=False))
    case("both_selu", L.Bidirectional(L.LSTM(2, activation="selu", recurrent_activation="softmax")))
L = keras.layers
i = L.Input((300,))
w.add("mel", keras.Model(i, L.MelSpectrogram(fft_length=64, sequence_stride=40, num_mel_bins=6, sampling_rate=4000, top_db=1000)(i)), fill=False)
i = L.Input((2, 300))
m = L.MelSpectrogram(fft_length=64, sequence_length=50, sequence_stride=40, num_mel_bins=6, window="hamming", power_to_db=False, mag_exp=1.)
w.add("mel_magnitude", keras.Model(i, m(i)), fill=False, forms=("keras", "h5"))
w.close()
