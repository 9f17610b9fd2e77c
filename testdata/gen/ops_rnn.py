"""Tables: RNN, LSTM and GRU."""
import numpy as np

from opcase import DTYPES, f32, op, rand, row, types_of

T, B, I, H = 4, 2, 3, 3
GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}
TOL = (1e-4, 1e-5)


def weights(name, d=1, dtype=np.float32):
    n = GATES[name]
    return rand(dtype, d, n * H, I, lo=-0.8, hi=0.8), rand(dtype, d, n * H, H, lo=-0.8, hi=0.8)


def bias(name, d=1):
    return f32(d, 2 * GATES[name] * H, lo=-0.5, hi=0.5)


@op("RNN", "LSTM", "GRU")
def recurrent(v, name):
    outs = 3 if name == "LSTM" else 2
    x = f32(T, B, I)

    def case(tag, *ins, **kw):
        return row(tag, *ins, outs=outs, hidden_size=H, tol=TOL, **kw)

    yield case("plain", x, *weights(name))
    yield case("bias", x, *weights(name), bias(name))
    yield case("lengths", x, *weights(name), bias(name), np.array([2, 4], np.int32))
    yield case("initial", x, *weights(name), bias(name), None, *([f32(1, B, H)] * (outs - 1)))
    yield case("reverse", x, *weights(name), bias(name), direction="reverse")
    yield case("reverse_lengths", x, *weights(name), bias(name), np.array([2, 4], np.int32), direction="reverse")
    yield case("bidirectional", x, *weights(name, 2), bias(name, 2), direction="bidirectional")
    yield case("bidirectional_lengths", x, *weights(name, 2), bias(name, 2), np.array([3, 1], np.int32), *([f32(2, B, H)] * (outs - 1)), direction="bidirectional")
    yield case("clip", 3 * x, *weights(name), bias(name), clip=0.5)
    yield case("one_step", f32(1, B, I), *weights(name), bias(name))
    if v >= 14:
        yield case("batch_first", f32(B, T, I), *weights(name), bias(name), layout=1)
    yield from activations(name, x, case)
    if name == "LSTM":
        yield case("peepholes", x, *weights(name), bias(name), None, f32(1, B, H), f32(1, B, H), f32(1, 3 * H))
        yield case("input_forget", x, *weights(name), bias(name), input_forget=1)
    if name == "GRU":
        yield case("reset_after", x, *weights(name), bias(name), linear_before_reset=1)
        yield case("reset_after_bidirectional", x, *weights(name, 2), bias(name, 2), np.array([3, 1], np.int32), direction="bidirectional", linear_before_reset=1)
    for t in types_of(name, v):
        if t != "float":
            yield row(t, rand(DTYPES[t], T, B, I), *weights(name, dtype=DTYPES[t]), outs=outs, hidden_size=H, newest=True)


def activations(name, x, case):
    """The activation functions, with their parameters."""
    sets = {
        "RNN": (["Relu"], ["Sigmoid"], ["LeakyRelu"], ["Affine"], ["ScaledTanh"], ["HardSigmoid"], ["Elu"], ["Softsign"], ["Softplus"], ["ThresholdedRelu"]),
        "LSTM": (["Sigmoid", "Relu", "Tanh"], ["HardSigmoid", "Tanh", "Softsign"]),
        "GRU": (["Sigmoid", "Relu"], ["HardSigmoid", "Softsign"]),
    }[name]
    for a in sets:
        yield case("_".join(a).lower(), x, *weights(name), bias(name), activations=a)
    if name == "RNN":
        yield case("leaky_alpha", x, *weights(name), bias(name), activations=["LeakyRelu"], activation_alpha=[0.3])
        yield case("affine_alpha_beta", x, *weights(name), bias(name), activations=["Affine"], activation_alpha=[0.5], activation_beta=[0.25])
        yield case("two_directions", x, *weights(name, 2), bias(name, 2), activations=["Tanh", "Relu"], direction="bidirectional")
    else:
        first = ["HardSigmoid"] + ["Tanh"] * (2 if name == "LSTM" else 1)
        yield case("hard_sigmoid_attrs", x, *weights(name), bias(name), activations=first, activation_alpha=[1 / 6], activation_beta=[0.5])
