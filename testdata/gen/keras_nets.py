"""Data and optimizers that the Keras tables share."""
import zlib

import keras
import numpy as np

K = keras.optimizers


def rng(name):
    return np.random.default_rng(zlib.crc32(name.encode()))


def uniform(name, *shape, lo=-1.0, hi=1.0):
    return rng(name).uniform(lo, hi, shape).astype(np.float32)


def classes(name, n, k):
    return rng(name + "classes").integers(0, k, n)


def one_hot(labels, k):
    return np.eye(k, dtype=np.float32)[labels]


def excluded(optimizer, names):
    optimizer.exclude_from_weight_decay(var_names=names)
    optimizer.fixture_extra = dict(exclude_from_weight_decay=names)
    return optimizer


# One of each optimizer, for the layer tables: name -> maker.
EVERY = {
    "sgd": lambda: K.SGD(0.05),
    "momentum": lambda: K.SGD(0.02, momentum=0.9),
    "nesterov": lambda: K.SGD(0.02, momentum=0.9, nesterov=True),
    "rmsprop": lambda: K.RMSprop(0.002),
    "adam": lambda: K.Adam(0.005),
    "amsgrad": lambda: K.Adam(0.005, amsgrad=True),
    "adamw": lambda: K.AdamW(0.005, weight_decay=0.01),
    "nadam": lambda: K.Nadam(0.005),
    "adamax": lambda: K.Adamax(0.005),
    "adagrad": lambda: K.Adagrad(0.05),
    "adadelta": lambda: K.Adadelta(1.0),
    "ftrl": lambda: K.Ftrl(0.05),
    "lion": lambda: K.Lion(0.001),
    "lamb": lambda: K.Lamb(0.005),
}
# The same with smaller steps, for nets whose kinks (ReLU after batch normalisation) make curves part.
GENTLE = {
    **EVERY,
    "adam": lambda: K.Adam(0.001),
    "amsgrad": lambda: K.Adam(0.001, amsgrad=True),
    "adamw": lambda: K.AdamW(0.001, weight_decay=0.01),
    "nadam": lambda: K.Nadam(0.001),
    "adamax": lambda: K.Adamax(0.001),
    "lion": lambda: K.Lion(0.0002),
    "lamb": lambda: K.Lamb(0.001),
}
FEW = {k: EVERY[k] for k in ("sgd", "adam")}

# Every option of every optimizer.
OPTIONS = {
    **EVERY,
    "sgd_default": lambda: K.SGD(),
    "sgd_weight_decay": lambda: K.SGD(0.05, weight_decay=0.02),
    "sgd_clipnorm": lambda: K.SGD(0.1, clipnorm=0.05),
    "sgd_clipvalue": lambda: K.SGD(0.1, clipvalue=0.01),
    "sgd_global_clipnorm": lambda: K.SGD(0.1, global_clipnorm=0.1),
    "sgd_accumulate": lambda: K.SGD(0.1, momentum=0.5, gradient_accumulation_steps=3),
    "adam_default": lambda: K.Adam(),
    "adam_betas": lambda: K.Adam(0.01, beta_1=0.8, beta_2=0.95, epsilon=1e-3),
    "adam_clipnorm": lambda: K.Adam(0.01, clipnorm=0.02, epsilon=1e-2),
    "adam_weight_decay": lambda: K.Adam(0.01, weight_decay=0.05),
    "adam_accumulate": lambda: K.Adam(0.01, gradient_accumulation_steps=4),
    "adamw_default": lambda: K.AdamW(),
    "adamw_exclude": lambda: excluded(K.AdamW(0.005, weight_decay=0.1), ["bias"]),
    "adamw_amsgrad": lambda: K.AdamW(0.005, weight_decay=0.1, amsgrad=True),
    "rmsprop_default": lambda: K.RMSprop(),
    "rmsprop_rho": lambda: K.RMSprop(0.002, rho=0.7, epsilon=1e-4),
    "rmsprop_momentum": lambda: K.RMSprop(0.001, momentum=0.8),
    "rmsprop_centered": lambda: K.RMSprop(0.002, centered=True, epsilon=1e-3),
    "rmsprop_centered_momentum": lambda: K.RMSprop(0.001, rho=0.8, momentum=0.5, centered=True, epsilon=1e-3),
    "nadam_default": lambda: K.Nadam(),
    "nadam_betas": lambda: K.Nadam(0.01, beta_1=0.8, beta_2=0.95),
    "adamax_default": lambda: K.Adamax(),
    "adamax_betas": lambda: K.Adamax(0.01, beta_1=0.8, beta_2=0.95),
    "adagrad_default": lambda: K.Adagrad(),
    "adagrad_start": lambda: K.Adagrad(0.1, initial_accumulator_value=0.5, epsilon=1e-3),
    "adagrad_clipnorm": lambda: K.Adagrad(0.1, clipnorm=0.05),
    "adadelta_default": lambda: K.Adadelta(),
    "adadelta_rho": lambda: K.Adadelta(0.5, rho=0.8, epsilon=1e-4),
    "ftrl_default": lambda: K.Ftrl(),
    "ftrl_l1": lambda: K.Ftrl(0.1, l1_regularization_strength=0.01),
    "ftrl_l2": lambda: K.Ftrl(0.1, l2_regularization_strength=0.05, beta=0.5),
    "ftrl_shrinkage": lambda: K.Ftrl(0.1, l2_shrinkage_regularization_strength=0.02),
    "ftrl_power": lambda: K.Ftrl(0.1, learning_rate_power=-0.7, initial_accumulator_value=0.3),
    "lion_default": lambda: K.Lion(),
    "lion_betas": lambda: K.Lion(0.001, beta_1=0.8, beta_2=0.9, weight_decay=0.1),
    "lamb_default": lambda: K.Lamb(),
    "lamb_weight_decay": lambda: K.Lamb(0.005, beta_1=0.8, beta_2=0.99, weight_decay=0.05),
}

S = K.schedules
SCHEDULES = {
    "exponential": lambda: K.SGD(S.ExponentialDecay(0.1, 20, 0.7)),
    "exponential_staircase": lambda: K.SGD(S.ExponentialDecay(0.1, 20, 0.7, staircase=True)),
    "inverse_time": lambda: K.SGD(S.InverseTimeDecay(0.1, 1, 0.1), momentum=0.001),
    "inverse_time_staircase": lambda: K.SGD(S.InverseTimeDecay(0.1, 15, 0.5, staircase=True)),
    "piecewise": lambda: K.SGD(S.PiecewiseConstantDecay([10, 50, 70], [0.1, 0.05, 0.2, 0.01])),
    "polynomial": lambda: K.SGD(S.PolynomialDecay(0.1, 60, 0.01, power=2.0)),
    "polynomial_cycle": lambda: K.SGD(S.PolynomialDecay(0.1, 32, 0.01, cycle=True)),
    "cosine": lambda: K.SGD(S.CosineDecay(0.1, 60, alpha=0.1)),
    "cosine_warmup": lambda: K.Adam(S.CosineDecay(0.0, 60, alpha=0.1, warmup_target=0.02, warmup_steps=20)),
    "cosine_restarts": lambda: K.SGD(S.CosineDecayRestarts(0.1, 20, t_mul=1.5, m_mul=0.8, alpha=0.05)),
}
