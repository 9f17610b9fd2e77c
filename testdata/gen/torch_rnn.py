"""ONNX's RNN, LSTM and GRU written step by step in PyTorch, with ONNX's gate order and layouts."""
import torch


def directions(x, direction, run):
    """run(d, sequence) -> (outputs [T,B,H], last states) per direction; joins them as ONNX does."""
    ways = {"forward": [0], "reverse": [1], "bidirectional": [0, 1]}[direction]
    ys, lasts = [], []
    for d, backwards in enumerate(ways):
        y, last = run(d, x.flip(0) if backwards else x)
        ys.append(y.flip(0) if backwards else y)
        lasts.append(last)
    return (torch.stack(ys, 1), *(torch.stack(s) for s in zip(*lasts)))


def rnn(x, w, r, b, _, h0, direction):
    size = h0.shape[-1]

    def run(d, seq):
        h, out = h0[d], []
        for t in seq:
            h = torch.tanh(t @ w[d].T + h @ r[d].T + b[d, :size] + b[d, size:])
            out.append(h)
        return torch.stack(out), (h,)

    return directions(x, direction, run)


def lstm(x, w, r, b, _, h0, c0, direction):
    size = h0.shape[-1]

    def run(d, seq):
        h, c, out = h0[d], c0[d], []
        for t in seq:
            i, o, f, g = (t @ w[d].T + h @ r[d].T + b[d, : 4 * size] + b[d, 4 * size :]).chunk(4, -1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            out.append(h)
        return torch.stack(out), (h, c)

    return directions(x, direction, run)


def gru(x, w, r, b, _, h0, direction, linear_before_reset):
    size = h0.shape[-1]

    def run(d, seq):
        h, out = h0[d], []
        wz, wr, wh = w[d].chunk(3)
        rz, rr, rh = r[d].chunk(3)
        bz, br, bh, cz, cr, ch = b[d].chunk(6)
        for t in seq:
            z = (t @ wz.T + h @ rz.T + bz + cz).sigmoid()
            reset = (t @ wr.T + h @ rr.T + br + cr).sigmoid()
            inner = reset * (h @ rh.T + ch) if linear_before_reset else (reset * h) @ rh.T + ch
            h = (1 - z) * (t @ wh.T + bh + inner).tanh() + z * h
            out.append(h)
        return torch.stack(out), (h,)

    return directions(x, direction, run)
