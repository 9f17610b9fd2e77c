"""Variational autoencoders in PyTorch with given noise: loss, its parts and every gradient, then twenty steps of Adam.

    python torch_vae_steps.py ../torch/vae.json.gz

cases[]: name, beta (the weight of the divergence), x, noise [steps, n, latent], params (layer/kernel and layer/bias as
train/nn holds them), loss, reconstruction (the cross-entropy), divergence, gradients by parameter (all of the first
step), losses (of each step). Computed in float64.
"""
import gzip
import json
import sys

import torch
from torch import nn
from torch.nn import functional as F

N, LATENT, STEPS = 8, 3, 20


class VAE(nn.Module):
    """Inverts train/vae_test.go: images are channels-last between layers."""

    def __init__(self):
        super().__init__()
        self.mu, self.log_var = nn.Linear(self.features, LATENT), nn.Linear(self.features, LATENT)

    def forward(self, x, noise):
        h = self.encode(x)
        mu, log_var = self.mu(h), self.log_var(h)
        return self.decode(mu + torch.exp(log_var / 2) * noise), mu, log_var


class Dense(VAE):
    features = 10

    def __init__(self):
        super().__init__()
        self.encoder, self.decoder, self.pixels = nn.Linear(36, 10), nn.Linear(LATENT, 9), nn.Linear(9, 36)

    def encode(self, x):
        return F.relu(self.encoder(x.flatten(1)))

    def decode(self, z):
        return torch.sigmoid(self.pixels(F.relu(self.decoder(z)))).view(-1, 6, 6, 1)


class Conv(VAE):
    features = 6

    def __init__(self):
        super().__init__()
        self.encoder_1, self.encoder_2 = nn.Conv2d(1, 3, 3, stride=2), nn.Conv2d(3, 4, 3, stride=2)
        self.encoder_3, self.decoder_1 = nn.Linear(16, 6), nn.Linear(LATENT, 16)
        self.decoder_2, self.decoder_3 = nn.ConvTranspose2d(4, 4, 3, stride=2), nn.ConvTranspose2d(4, 3, 3, stride=2)
        self.pixels = nn.ConvTranspose2d(3, 1, 3, padding=1)

    def encode(self, x):
        x = x.permute(0, 3, 1, 2)
        for conv in (self.encoder_1, self.encoder_2):
            x = F.relu(conv(F.pad(x, (0, 1, 0, 1))))  # "same" for even sizes, a window of 3 and strides of 2
        return F.relu(self.encoder_3(x.permute(0, 2, 3, 1).flatten(1)))

    def decode(self, z):
        x = F.relu(self.decoder_1(z)).view(-1, 2, 2, 4).permute(0, 3, 1, 2)
        for conv in (self.decoder_2, self.decoder_3):
            x = F.relu(conv(x)[:, :, :-1, :-1])
        return torch.sigmoid(self.pixels(x)).permute(0, 2, 3, 1)


def parts(x, out):
    y, mu, log_var = out
    cross_entropy = F.binary_cross_entropy(y, x, reduction="sum") / len(x)
    divergence = -0.5 * (1 + log_var - mu**2 - log_var.exp()).sum() / len(x)
    return cross_entropy, divergence


def rounded(v):
    return [float(f"{e:.9g}") for e in v.detach().numpy().ravel()]


def held(net, value):
    """The parameters' values by their names and in the order of elements of train/nn."""
    out = {}
    for name, p in net.named_parameters():
        layer, kind = name.split(".")
        v = value(p)
        if kind == "weight" and isinstance(getattr(net, layer), nn.Linear):
            v = v.T
        out[f"{layer}/{'kernel' if kind == 'weight' else 'bias'}"] = rounded(v)
    return out


def case(name, net, size, beta):
    net = net.double()
    with torch.no_grad():
        for p in net.parameters():  # biases too, and all of them numbers of float32
            p.copy_((torch.rand(p.shape) - 0.4).float() * (1 if p.dim() == 1 else 2 * p[0].numel() ** -0.5))
            p.copy_(p.float())
    x = torch.rand(N, size, size, 1).float().double()
    noise = torch.randn(STEPS, N, LATENT).float().double()
    c = dict(name=name, beta=beta, size=size, x=rounded(x), noise=rounded(noise), params=held(net, lambda p: p), losses=[])
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01, eps=1e-12)
    for step in range(STEPS):
        optimizer.zero_grad()
        reconstruction, divergence = parts(x, net(x, noise[step]))
        loss = reconstruction + beta * divergence
        loss.backward()
        c["losses"].append(loss.item())
        if step == 0:
            c.update(loss=loss.item(), reconstruction=reconstruction.item(), divergence=divergence.item(), gradients=held(net, lambda p: p.grad))
        optimizer.step()
    return c


def main(path):
    torch.manual_seed(11)
    torch.set_num_threads(1)
    cases = [case("dense", Dense(), 6, 0.25), case("dense beta 4", Dense(), 6, 4.0), case("conv", Conv(), 8, 2.5)]
    doc = dict(source=f"testdata/gen/torch_vae_steps.py, PyTorch {torch.__version__}", cases=cases)
    with open(path, "wb") as f, gzip.GzipFile(fileobj=f, mode="wb", mtime=0) as z:
        z.write(json.dumps(doc, separators=(",", ":")).encode())


if __name__ == "__main__":
    main(sys.argv[1])
