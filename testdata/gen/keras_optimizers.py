#!/usr/bin/env python3
"""Training curves of the optimizers that look at a parameter's shape or first value: Adafactor, Muon, ScheduleFreeAdamW.

    python keras_optimizers.py ../keras/optimizers.zip [part of a case's name]
"""
from keras_case import Case, main  # first: it chooses the backend
import keras
from keras import layers as L
from keras_nets import K, S, classes, excluded, one_hot, rng, uniform

N = 32  # rows of every data set: four batches of eight
EVERY = {
    "adafactor": lambda: K.Adafactor(0.02),
    "muon": lambda: K.Muon(0.01),
    "schedule_free": lambda: K.ScheduleFreeAdamW(0.01),
}
OPTIONS = {
    **EVERY,
    "adafactor_default": lambda: K.Adafactor(),
    "adafactor_options": lambda: K.Adafactor(0.05, beta_2_decay=-0.6, epsilon_1=1e-8, epsilon_2=0.1, clip_threshold=0.7, relative_step=False),
    "adafactor_accumulate": lambda: K.Adafactor(0.05, weight_decay=0.05, gradient_accumulation_steps=3),
    "muon_default": lambda: K.Muon(),
    "muon_options": lambda: K.Muon(0.02, momentum=0.8, nesterov=False, ns_steps=3, rms_rate=None, weight_decay=None, adam_lr_ratio=0.3,
                                   adam_beta_1=0.8, adam_beta_2=0.95, epsilon=1e-4, adam_weight_decay=0.1),
    "muon_exclude": lambda: K.Muon(0.02, exclude_layers=["^out/"], muon_a=3.0, muon_b=-3.2, muon_c=1.2, clipnorm=0.05),
    "muon_decay": lambda: excluded(K.Muon(0.02, weight_decay=0.1, adam_weight_decay=0.2), ["bias"]),
    "schedule_free_default": lambda: K.ScheduleFreeAdamW(),
    "schedule_free_options": lambda: K.ScheduleFreeAdamW(0.02, beta_1=0.8, beta_2=0.95, epsilon=1e-4, warmup_steps=10, weight_decay=0.05),
    "schedule_free_schedule": lambda: K.ScheduleFreeAdamW(S.CosineDecay(0.02, 60), global_clipnorm=0.1),
    "schedule_free_accumulate": lambda: K.ScheduleFreeAdamW(0.02, weight_decay=0.05, gradient_accumulation_steps=3),
    "schedule_free_ema": lambda: K.ScheduleFreeAdamW(0.02, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=7),
}


def mlp():
    i = keras.Input((6,), name="x")
    h = L.Dense(8, activation="tanh", name="hidden")(i)
    h = L.Dense(5, activation="tanh", name="second", kernel_constraint=keras.constraints.MaxNorm(1.5))(h)
    return keras.Model(i, L.Dense(3, activation="softmax", name="out")(h))


def conv():
    i = keras.Input((6, 6, 2), name="x")
    h = L.Conv2D(4, 3, activation="tanh", name="conv")(i)
    h = L.Conv2DTranspose(3, 3, strides=2, activation="tanh", name="up")(h)
    h = L.Flatten(name="flatten")(L.MaxPooling2D(3, name="pool")(h))
    return keras.Model(i, L.Dense(3, activation="softmax", name="out")(h))


def recurrent():
    i = keras.Input((5,), dtype="int32", name="ids")
    h = L.Embedding(9, 4, name="embedding")(i)
    h = L.LSTM(5, return_sequences=True, name="lstm")(h)
    h = L.GRU(3, name="gru")(h)
    return keras.Model(i, L.Dense(3, activation="softmax", name="out")(h))


def table():
    y, cce = one_hot(classes("optimizers2", N, 3), 3), keras.losses.CategoricalCrossentropy
    yield Case("optimizers_shape", mlp, uniform("optimizers2", N, 6), y, cce(), OPTIONS, tags=["optimizer"])
    yield Case("optimizers_conv", conv, uniform("optimizers3", N, 6, 6, 2), y, cce(), EVERY, tags=["optimizer", "conv"])
    yield Case("optimizers_recurrent", recurrent, rng("optimizers4").integers(0, 9, (N, 5)), y, cce(),
               {**EVERY, "muon_embeddings": lambda: K.Muon(0.01, exclude_embeddings=False)}, tags=["optimizer", "lstm", "gru", "embedding"])


if __name__ == "__main__":
    main(__file__, table, lambda case: (1, 2, 50, 51) if case.name == "optimizers_shape" else ())
