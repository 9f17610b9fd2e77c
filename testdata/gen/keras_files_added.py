"""Losses and metrics that add_loss and add_metric gave a model of Keras 2: keras_files_added.py OUT.zip"""
import sys

from kerasfile import Writer

import tf_keras

w = Writer(sys.argv[1])
L, K = tf_keras.layers, tf_keras.backend
x = L.Input((6,))
h = L.Dense(5, "relu")(x)
mean, log_var = L.Dense(2, name="mean")(h), L.Dense(2, name="log_var")(h)
encoder = tf_keras.Model(x, [mean, log_var, mean + K.exp(.5 * log_var)], name="encoder")
z = L.Input((2,))
decoder = tf_keras.Model(z, L.Dense(6, "sigmoid")(z), name="decoder")
out = decoder(encoder(x)[2])
vae = tf_keras.Model(x, out)
divergence = -.5 * K.sum(1 + log_var - K.square(mean) - K.exp(log_var), axis=-1)
vae.add_loss(K.mean(6 * tf_keras.losses.binary_crossentropy(x, out) + L.Lambda(lambda t: t)(divergence)))
vae.add_metric(divergence, name="divergence", aggregation="mean")
w.add("k2_added_loss", vae, forms=("h5", "keras"))
w.close()
