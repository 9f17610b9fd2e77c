"""Attention layers and their masks: keras_files_attention.py OUT.zip"""
import sys

from kerasfile import Writer, rng

import keras
import numpy as np
import tf_keras

w = Writer(sys.argv[1])
BOTH = ((keras, "", "keras"), (tf_keras, "_k2", "h5"))
T, S, D = 5, 4, 6


def graph(name, make, both=True, **kw):
    for k, suffix, form in BOTH if both else BOTH[:1]:
        a, b = make(k, k.layers)
        w.add(name + suffix, k.Model(a, b), forms=(form,), **kw)


def self_attention(**kw):
    def make(k, l, **more):
        a = k.Input((T, D))
        return a, l.MultiHeadAttention(2, 3, **kw)(a, a)
    return make


graph("mha_self", self_attention())
graph("mha_dropout", self_attention(dropout=.2, value_dim=4, output_shape=5))
graph("mha_no_bias", self_attention(use_bias=False))


def cross(k, l):
    a, b, c = k.Input((T, D)), k.Input((S, 3)), k.Input((S, 4))
    return [a, b, c], list(l.MultiHeadAttention(2, 3)(a, b, key=c, return_attention_scores=True))
graph("mha_cross_scores", cross)


def causal(scores):
    def make(k, l):
        a = k.Input((None, D))
        y = l.MultiHeadAttention(2, 3)(a, a, use_causal_mask=True, return_attention_scores=scores)
        return a, list(y) if scores else y
    return make
graph("mha_causal", causal(False))
graph("mha_causal_scores", causal(True))


def with_mask(scores):
    def make(k, l):
        a, b, m = k.Input((T, D)), k.Input((S, D)), k.Input((T, S), dtype="bool")
        y = l.MultiHeadAttention(2, 3)(a, b, attention_mask=m, return_attention_scores=scores)
        return [a, b, m], list(y) if scores else y
    return make
for scores in (False, True):
    n = "mha_mask" + "_scores" * scores
    m = rng(n).randint(0, 2, (7, T, S)).astype("bool")
    m[3, 2] = False
    graph(n, with_mask(scores), inputs=[rng(n + i).standard_normal((7, z, D)).astype("float32") for i, z in (("a", T), ("b", S))] + [m])


tokens = np.maximum(rng("tokens").randint(0, 6, (7, T)), np.eye(1, T, dtype=int)).astype("float32")


def attended(make):
    def both(k, l):
        a = k.Input((T, D))
        b = k.Input((S, D))
        return [a, b], make(l, a, b)
    return both
graph("attention", attended(lambda l, a, b: l.Attention()([a, b])))
graph("attention_scale", attended(lambda l, a, b: l.Attention(use_scale=True)([a, b, b])))
graph("attention_concat", attended(lambda l, a, b: l.Attention(use_scale=True, score_mode="concat")([a, b])))
graph("attention_causal_scores", attended(lambda l, a, b: list(l.Attention()([a, b], return_attention_scores=True, use_causal_mask=True))))
graph("additive", attended(lambda l, a, b: l.AdditiveAttention()([a, b])))
graph("additive_plain", attended(lambda l, a, b: l.AdditiveAttention(use_scale=False, dropout=.1)([a, b])))


def masked(make):
    def both(k, l):
        a = k.Input((T,))
        e = l.Embedding(9, D, mask_zero=True)(a)
        return a, make(l, e)
    return both
for name, make in {
    "mha_padding": lambda l, e: l.MultiHeadAttention(2, 3)(e, e),
    "mha_padding_lstm": lambda l, e: l.LSTM(3)(l.MultiHeadAttention(2, 3, dropout=.1)(e, e)),
    "attention_padding": lambda l, e: l.Attention()([e, e]),
    "additive_padding": lambda l, e: l.LSTM(3)(l.AdditiveAttention()([e, e])),
}.items():
    for k, suffix, form in BOTH:
        a, b = masked(make)(k, k.layers)
        w.add(name + suffix, k.Model(a, b), forms=(form,), inputs=[tokens])

graph("gqa", attended(lambda l, a, b: l.GroupQueryAttention(3, 4, 2)(a, b)), both=False)
graph("gqa_scores_causal", attended(lambda l, a, b: list(l.GroupQueryAttention(3, 4, 2, use_bias=False)(a, b, return_attention_scores=True, use_causal_mask=True))), both=False)
graph("gqa_gate", attended(lambda l, a, b: l.GroupQueryAttention(3, 4, 1, use_gate=True, sliding_window=2)(a, b)), both=False)
graph("mha_gate", attended(lambda l, a, b: l.MultiHeadAttention(2, 3, use_gate=True, sliding_window=2)(a, b)), both=False)
w.close()
