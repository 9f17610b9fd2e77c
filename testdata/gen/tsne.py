"""t-SNE by scikit-learn, exact: tsne.py OUT.json.gz"""
import gzip
import json
import sys

import numpy as np
import sklearn
from scipy.spatial.distance import pdist, squareform
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.manifold import _t_sne

rng = np.random.default_rng(20261128)


def rows():
    """name -> rows, perplexity"""
    yield "groups", np.concatenate([rng.normal(c, 1, (30, 6)) for c in (0, 4, 9)]), 12.0
    yield "a line", np.outer(np.arange(40.0), [1, 2, -1]) + rng.normal(0, .2, (40, 3)), 30.0
    yield "twins", np.repeat(rng.normal(0, 3, (15, 4)), 2, axis=0), 5.0


cases = []
for name, x, perplexity in rows():
    x = np.round(x, 3)
    start = PCA(2, svd_solver="full").fit_transform(x)
    start = np.round(start / start[:, 0].std() * 1e-4, 9)
    p = _t_sne._joint_probabilities(squareform(pdist(x, "sqeuclidean")), perplexity, 0)
    # the way of the first steps: a small rate keeps it from being chaotic
    y, _, _ = _t_sne._gradient_descent(
        _t_sne._kl_divergence, start.ravel(), 0, 40, n_iter_check=50, n_iter_without_progress=250,
        momentum=.5, learning_rate=2.0, args=[p * 12, 1, len(x), 2])
    whole = TSNE(perplexity=perplexity, method="exact", init=start, max_iter=1000).fit(x)
    cases.append({
        "name": name, "perplexity": perplexity, "rows": x.tolist(), "starts": start.tolist(),
        "affinities": np.round(squareform(p)[:3], 12).tolist(),
        "after_40": np.round(y.reshape(-1, 2), 13).tolist(), "divergence": float(whole.kl_divergence_),
    })
with open(sys.argv[1], "wb") as f, gzip.GzipFile(fileobj=f, mode="wb", mtime=0, filename="") as z:
    z.write(json.dumps({"versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__}, "cases": cases}).encode())
