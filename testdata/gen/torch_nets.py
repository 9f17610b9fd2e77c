"""The small nets of torch_models.py: name -> (module, inputs, loss kind, target)."""
import math

import torch
import torch.nn.functional as F
from torch import nn

B = 4  # rows of a batch


class Lambda(nn.Module):
    def __init__(self, fn):
        super().__init__()
        self.fn = fn

    def forward(self, *x):
        return self.fn(*x)


def seq(*layers):
    return nn.Sequential(*layers)


class Residual(nn.Module):
    def __init__(self, a, b, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.BatchNorm2d(b)
        self.conv2, self.bn2 = nn.Conv2d(b, b, 3, 1, 1, bias=False), nn.BatchNorm2d(b)
        self.short = seq(nn.Conv2d(a, b, 1, stride, bias=False), nn.BatchNorm2d(b)) if stride > 1 or a != b else nn.Identity()

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.short(x))


class InvertedResidual(nn.Module):
    """MobileNet's block with squeeze and excitation."""

    def __init__(self, c, wide):
        super().__init__()
        self.up = seq(nn.Conv2d(c, wide, 1, bias=False), nn.BatchNorm2d(wide), nn.Hardswish())
        self.depth = seq(nn.Conv2d(wide, wide, 3, 1, 1, groups=wide, bias=False), nn.BatchNorm2d(wide), nn.Hardswish())
        self.squeeze = seq(nn.AdaptiveAvgPool2d(1), nn.Conv2d(wide, 2, 1), nn.ReLU(), nn.Conv2d(2, wide, 1), nn.Hardsigmoid())
        self.down = seq(nn.Conv2d(wide, c, 1, bias=False), nn.BatchNorm2d(c))

    def forward(self, x):
        y = self.depth(self.up(x))
        return x + self.down(y * self.squeeze(y))


class Recurrent(nn.Module):
    def __init__(self, kind, bidirectional=False, layers=1):
        super().__init__()
        self.rnn = getattr(nn, kind)(3, 5, layers, batch_first=True, bidirectional=bidirectional)
        self.head = nn.Linear(10 if bidirectional else 5, 3)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])


class TextLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.rnn, self.head = nn.Embedding(11, 4), nn.LSTM(4, 5, batch_first=True), nn.Linear(5, 3)

    def forward(self, ids):
        return self.head(self.rnn(self.embed(ids))[0].mean(1))


class TwoTowers(nn.Module):
    def __init__(self):
        super().__init__()
        self.user, self.item, self.bias = nn.Embedding(9, 4), nn.Embedding(7, 4), nn.Parameter(torch.zeros(1))

    def forward(self, user, item):
        return (self.user(user) * self.item(item)).sum(-1, keepdim=True) + self.bias


class Block(nn.Module):
    """A transformer block written out, pre-norm or post-norm, causal or not."""

    def __init__(self, d=8, heads=2, causal=False, pre=False):
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(d, d) for _ in range(4))
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.up, self.down = nn.Linear(d, 2 * d), nn.Linear(2 * d, d)
        self.heads, self.causal, self.pre = heads, causal, pre

    def attend(self, x):
        b, t, d = x.shape
        q, k, v = (f(x).reshape(b, t, self.heads, d // self.heads).transpose(1, 2) for f in (self.q, self.k, self.v))
        s = q @ k.transpose(-1, -2) / math.sqrt(d // self.heads)
        if self.causal:
            s = s.masked_fill(torch.ones(t, t, dtype=torch.bool).triu(1), float("-inf"))
        return self.o((s.softmax(-1) @ v).transpose(1, 2).reshape(b, t, d))

    def forward(self, x):
        if self.pre:
            x = x + self.attend(self.n1(x))
            return x + self.down(F.gelu(self.up(self.n2(x)), approximate="tanh"))
        x = self.n1(x + self.attend(x))
        return self.n2(x + self.down(F.gelu(self.up(x))))


class Encoder(nn.Module):
    """Token and position embeddings, two blocks, masked mean, head: the shape of a MiniLM."""

    def __init__(self):
        super().__init__()
        self.token, self.position = nn.Embedding(13, 8), nn.Parameter(torch.randn(5, 8) * 0.1)
        self.blocks, self.head = seq(Block(), Block()), nn.Linear(8, 3)

    def forward(self, ids, mask):
        h = self.blocks(self.token(ids) + self.position)
        m = mask.unsqueeze(-1)
        return self.head((h * m).sum(1) / m.sum(1))


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.token, self.position = nn.Embedding(13, 8), nn.Embedding(5, 8)
        self.block, self.norm = Block(causal=True, pre=True), nn.LayerNorm(8)

    def forward(self, ids):
        h = self.norm(self.block(self.token(ids) + self.position(torch.arange(ids.shape[1]))))
        return h @ self.token.weight.transpose(0, 1)  # tied weights


class VAE(nn.Module):
    """The noise of the reparameterisation is an input; outputs: reconstruction logits, mu, log variance."""

    def __init__(self):
        super().__init__()
        self.enc, self.mu, self.logvar = nn.Linear(12, 8), nn.Linear(8, 2), nn.Linear(8, 2)
        self.dec, self.out = nn.Linear(2, 8), nn.Linear(8, 12)

    def forward(self, x, noise):
        h = F.relu(self.enc(x))
        mu, logvar = self.mu(h), self.logvar(h)
        return self.out(F.relu(self.dec(mu + (logvar / 2).exp() * noise))), mu, logvar


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(1, 3, 3, padding=1), nn.Conv2d(3, 4, 3, padding=1)
        self.up, self.c, self.out = nn.ConvTranspose2d(4, 3, 2, 2), nn.Conv2d(6, 3, 3, padding=1), nn.Conv2d(3, 1, 1)

    def forward(self, x):
        a = F.relu(self.a(x))
        b = F.relu(self.b(F.max_pool2d(a, 2)))
        return self.out(F.relu(self.c(torch.cat([a, self.up(b)], 1))))


class Mixer(nn.Module):
    def __init__(self):
        super().__init__()
        self.n1, self.n2, self.tokens, self.channels = nn.LayerNorm(6), nn.LayerNorm(6), nn.Linear(4, 4), nn.Linear(6, 6)
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        x = x + F.gelu(self.tokens(self.n1(x).transpose(1, 2))).transpose(1, 2)
        return self.head((x + F.gelu(self.channels(self.n2(x)))).mean(1))


class Gated(nn.Module):
    """RMS normalisation, SwiGLU, a learned scale: a modern feed-forward block."""

    def __init__(self):
        super().__init__()
        self.norm, self.gate, self.up, self.down = nn.RMSNorm(6), nn.Linear(6, 8, bias=False), nn.Linear(6, 8, bias=False), nn.Linear(8, 6, bias=False)
        self.scale, self.head = nn.Parameter(torch.full((6,), 0.5)), nn.Linear(6, 2)

    def forward(self, x):
        h = self.norm(x)
        return self.head(x + self.scale * self.down(F.silu(self.gate(h)) * self.up(h)))


def r(*shape):
    return torch.randn(*shape)


def nets():
    """Yields (name, module, inputs, loss, target). Random numbers: the caller seeds before each."""
    labels = lambda k=3, *s: torch.randint(0, k, (B, *s))
    yield "mlp", lambda: seq(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 6), nn.Tanh(), nn.Linear(6, 3)), lambda: [r(B, 5)], "cross_entropy", labels
    yield "mlp_regression", lambda: seq(nn.Linear(5, 8), nn.GELU(), nn.LayerNorm(8), nn.Linear(8, 2)), lambda: [r(B, 5)], "mse", lambda: r(B, 2)
    yield "mlp_binary", lambda: seq(nn.Linear(5, 8), nn.SiLU(), nn.Linear(8, 1)), lambda: [r(B, 5)], "bce_logits", lambda: labels(2)[:, None].float()
    yield "mlp_activations", lambda: seq(nn.Linear(5, 8), nn.ELU(), nn.Linear(8, 8), nn.SELU(), nn.Linear(8, 8), nn.LeakyReLU(0.1), nn.Linear(8, 8), nn.PReLU(),
                                         nn.Linear(8, 8), nn.Softplus(), nn.Linear(8, 8), nn.Mish(), nn.Linear(8, 3)), lambda: [r(B, 5)], "cross_entropy", labels
    yield "cnn", lambda: seq(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 4, 2), nn.ReLU(), nn.Flatten(), nn.Linear(16, 3)), lambda: [r(B, 1, 8, 8)], "cross_entropy", labels
    yield "cnn_average", lambda: seq(nn.Conv2d(2, 4, 3, 2, 1), nn.ReLU(), nn.AvgPool2d(2, count_include_pad=False), nn.Flatten(), nn.Linear(16, 3)), lambda: [r(B, 2, 8, 8)], "cross_entropy", labels
    yield "resnet", lambda: seq(nn.Conv2d(1, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), Residual(4, 4, 1), Residual(4, 6, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 3)), lambda: [r(B, 1, 6, 6)], "cross_entropy", labels
    yield "mobilenet", lambda: seq(nn.Conv2d(2, 4, 3, 2, 1, bias=False), nn.BatchNorm2d(4), nn.ReLU6(), InvertedResidual(4, 8), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)), lambda: [r(B, 2, 8, 8)], "cross_entropy", labels
    yield "unet", UNet, lambda: [r(B, 1, 6, 6)], "bce_logits", lambda: (r(B, 1, 6, 6) > 0).float()
    yield "conv1d_dilated", lambda: seq(nn.ConstantPad1d((4, 0), 0.0), nn.Conv1d(2, 4, 3, dilation=2), nn.ReLU(), nn.Conv1d(4, 3, 2, groups=1), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(3, 3)), lambda: [r(B, 2, 9)], "cross_entropy", labels
    yield "conv3d", lambda: seq(nn.Conv3d(1, 2, 2), nn.ReLU(), nn.MaxPool3d(2), nn.Flatten(), nn.Linear(2, 2)), lambda: [r(B, 1, 3, 3, 3)], "mse", lambda: r(B, 2)
    yield "autoencoder", lambda: seq(nn.Linear(12, 4), nn.ReLU(), nn.Linear(4, 12)), lambda: [torch.rand(B, 12)], "bce_logits", lambda: torch.rand(B, 12)
    yield "autoencoder_conv", lambda: seq(nn.Conv2d(1, 3, 3, 2, 1), nn.ReLU(), nn.ConvTranspose2d(3, 2, 3, 2, 1, 1), nn.ReLU(), nn.ConvTranspose2d(2, 1, 3, 1, 1)), lambda: [r(B, 1, 6, 6)], "mse", lambda: r(B, 1, 6, 6)
    yield "upsampling", lambda: seq(nn.Conv2d(1, 3, 3, padding=1), nn.Upsample(scale_factor=2, mode="nearest"), nn.Conv2d(3, 2, 3, padding=1), nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(2, 1, 1)), lambda: [r(B, 1, 3, 3)], "mse", lambda: r(B, 1, 12, 12)
    yield "vae", VAE, lambda: [torch.rand(B, 12), r(B, 2)], "vae", lambda: (torch.rand(B, 12) > 0.5).float()
    yield "group_norm", lambda: seq(nn.Conv2d(2, 6, 3, padding=1), nn.GroupNorm(3, 6), nn.SiLU(), nn.Conv2d(6, 2, 1), nn.InstanceNorm2d(2, affine=True), nn.Flatten(), nn.Linear(32, 3)), lambda: [r(B, 2, 4, 4)], "cross_entropy", labels
    for kind in ("RNN", "LSTM", "GRU"):
        yield kind.lower(), lambda kind=kind: Recurrent(kind), lambda: [r(B, 6, 3)], "cross_entropy", labels
    yield "lstm_bidirectional", lambda: Recurrent("LSTM", True), lambda: [r(B, 6, 3)], "cross_entropy", labels
    yield "gru_stacked", lambda: Recurrent("GRU", layers=2), lambda: [r(B, 6, 3)], "cross_entropy", labels
    yield "text_lstm", TextLSTM, lambda: [labels(11, 6)], "cross_entropy", labels
    yield "two_towers", TwoTowers, lambda: [labels(9), labels(7)], "bce_logits", lambda: labels(2)[:, None].float()
    yield "encoder", Encoder, lambda: [labels(13, 5), (torch.arange(5)[None] < torch.tensor([[5], [3], [4], [1]])).float()], "cross_entropy", labels
    yield "decoder", Decoder, lambda: [labels(13, 5)], "cross_entropy_tokens", lambda: labels(13, 5)
    yield "transformer_layer", lambda: nn.TransformerEncoderLayer(8, 2, 16, 0.0, batch_first=True), lambda: [r(B, 5, 8)], "mse", lambda: r(B, 5, 8)
    yield "mixer", Mixer, lambda: [r(B, 4, 6)], "cross_entropy", labels
    yield "gated", Gated, lambda: [r(B, 6)], "mse", lambda: r(B, 2)
    yield "einsum", lambda: EinsumNet(), lambda: [r(B, 4, 3)], "mse", lambda: r(B, 4, 2)


class EinsumNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.w, self.a = nn.Parameter(torch.randn(3, 2) * 0.4), nn.Parameter(torch.randn(4, 4) * 0.4)

    def forward(self, x):
        return torch.einsum("ts,bsi,io->bto", self.a.softmax(-1), x, self.w)
