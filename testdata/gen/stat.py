"""Statistics of samples and tables by NumPy and SciPy: stat.py OUT.json.gz DATA_DIR"""
import csv
import gzip
import json
import os
import sys

import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(20261128)


def samples():
    """name -> two samples of equal length"""
    x = np.round(rng.normal(5, 1, 300), 4)
    yield "linear", x, np.round(2 * x + rng.normal(0, 1, 300), 4)
    yield "ties", rng.integers(0, 6, 200).astype(float), rng.integers(0, 4, 200).astype(float)
    yield "monotone", x, np.round(np.exp(x), 3)
    yield "heavy tail", np.round(rng.standard_t(1, 250), 3), np.round(rng.normal(0, 3, 250), 3)
    yield "few", np.array([1.0, 4, 2]), np.array([2.0, 2, 5])
    yield "one outlier", np.r_[np.round(rng.uniform(0, 1e-3, 99), 6), 10.0], np.round(rng.uniform(0, 1, 100), 3)
    yield "mostly one value", np.r_[np.zeros(90), np.arange(10)], np.arange(100.0)


def kl(p, q):
    edges = np.histogram_bin_edges(p, "auto")
    a, b = np.histogram(p, edges)[0] / len(p), np.histogram(q, edges)[0] / len(q)
    both = (a > 0) & (b > 0)
    return len(edges) - 1, float((a * np.log(np.divide(a, b, out=np.ones_like(a), where=both), where=both, out=np.zeros_like(a))).sum()), float(a[b == 0].sum())


def sample_case(name, x, y):
    edges = np.histogram_bin_edges(x, "auto")
    bins, d, outside = kl(x, y)
    return {
        "name": name, "x": x.tolist(), "y": y.tolist(),
        "pearson": float(np.corrcoef(x, y)[0, 1]), "spearman": float(stats.spearmanr(x, y)[0]),
        "ranks": stats.rankdata(x).tolist(), "bins": len(edges) - 1, "edges": edges[[0, 1, -1]].tolist(),
        "counts": np.histogram(x, edges)[0].tolist(), "quantiles": np.quantile(x, [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]).tolist(),
        "ks": float(stats.ks_2samp(x, y).statistic), "kl": d, "kl_bins": bins, "kl_outside": outside,
    }


def table_case(path):
    with open(path) as f:
        names, *rows = csv.reader(f)
    a = np.array(rows, float)
    return {
        "file": os.path.basename(path), "names": names, "rows": len(a), "duplicates": len(a) - len({tuple(r) for r in rows}),
        "distinct": [len(set(c)) for c in a.T], "mean": a.mean(0).tolist(), "std": a.std(0, ddof=1).tolist(),
        "quantiles": np.quantile(a, [0, 0.25, 0.5, 0.75, 1], axis=0).T.tolist(),
        "pearson": np.corrcoef(a.T).tolist(), "spearman": np.corrcoef(stats.rankdata(a, axis=0).T).tolist(),
    }


if __name__ == "__main__":
    np.random.seed(0)  # the example of minepy's documentation, whose figures the test holds
    out = {
        "source": "testdata/gen/stat.py", "numpy": np.__version__, "scipy": scipy.__version__,
        "noise": np.random.uniform(-1, 1, 1000).tolist(),
        "samples": [sample_case(*c) for c in samples()],
        "tables": [table_case(os.path.join(sys.argv[2], n)) for n in ("iris.csv", "wine.csv")],
    }
    with gzip.GzipFile(sys.argv[1], "wb", mtime=0) as f:
        f.write(json.dumps(out).encode())
