"""Trains the dense variational autoencoder of `onnxtool train vae` in PyTorch and prints minus the ELBO per image.

The net, its initial distribution (Glorot uniform, zero biases), Adam with epsilon 1e-7, batches of 128, the warm-up
of the divergence's weight over three epochs and the evaluation (one draw of the code for each test image) are those
of models/vae.go; the random numbers are not. Run once for docs/course.md:

    OMP_NUM_THREADS=1 python torch_vae.py /usr/share/datasets/fashion-mnist --epochs 10 --seed 0
"""
import argparse
import gzip
import os

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

WARM_UP = 3  # epochs
BATCH = 128


def images(folder, part):
    with gzip.open(os.path.join(folder, part + "-images-idx3-ubyte.gz")) as f:
        raw = np.frombuffer(f.read(), np.uint8, offset=16)
    return torch.from_numpy(raw.reshape(-1, 784).astype(np.float32) / 255)


class VAE(nn.Module):
    def __init__(self, latent=2):
        super().__init__()
        self.hidden = nn.Linear(784, 256)
        self.mu = nn.Linear(256, latent)
        self.log_var = nn.Linear(256, latent)
        self.decoder = nn.Linear(latent, 256)
        self.pixels = nn.Linear(256, 784)
        for m in self.children():
            nn.init.xavier_uniform_(m.weight)
            nn.init.zeros_(m.bias)

    def forward(self, x):
        h = F.relu(self.hidden(x))
        mu, log_var = self.mu(h), self.log_var(h)
        z = mu + torch.exp(log_var / 2) * torch.randn_like(mu)
        return torch.sigmoid(self.pixels(F.relu(self.decoder(z)))), mu, log_var


def loss(x, out, beta):
    y, mu, log_var = out
    y = y.clamp(1e-7, 1 - 1e-7)
    cross_entropy = F.binary_cross_entropy(y, x, reduction="sum") / len(x)
    divergence = -0.5 * (1 + log_var - mu**2 - log_var.exp()).sum() / len(x)
    return cross_entropy + beta * divergence


def main():
    p = argparse.ArgumentParser()
    p.add_argument("folder")
    p.add_argument("--epochs", type=int, default=10)
    p.add_argument("--seed", type=int, default=0)
    a = p.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(a.seed)
    train, test = images(a.folder, "train"), images(a.folder, "t10k")
    net = VAE()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, eps=1e-7)
    warm_up = WARM_UP * -(-len(train) // BATCH)
    step = 0
    for epoch in range(a.epochs):
        for rows in torch.randperm(len(train)).split(BATCH):
            x = train[rows]
            optimizer.zero_grad()
            loss(x, net(x), min(1, step / warm_up)).backward()
            optimizer.step()
            step += 1
        with torch.no_grad():
            value = loss(test, net(test), 1).item()
        print(f"epoch {epoch + 1}/{a.epochs}  val_loss {value:.4f}", flush=True)


if __name__ == "__main__":
    main()
