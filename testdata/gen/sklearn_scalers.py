"""scikit-learn's scalers and imputer as JSON, with what they make of some rows: sklearn_scalers.py OUT.json"""
import json
import sys

import numpy as np
import sklearn
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler


def plain(o):
    return {k: (v.tolist() if hasattr(v, "tolist") else v) for k, v in vars(o).items()
            if v is None or isinstance(v, (bool, int, float, str, list, tuple)) or hasattr(v, "tolist")}


rng = np.random.default_rng(7)
x = np.round(rng.normal(size=(12, 4)) * [1, 10, .1, 3] + [0, 50, 2, 0], 3)
x[:, 3] = 5.5  # a constant column
test = np.round(rng.normal(size=(5, 4)) * [2, 20, .2, 3] + [0, 50, 2, 0], 3)
cases = []
for s in [MinMaxScaler(), MinMaxScaler(feature_range=(-1, 2), clip=True), StandardScaler(), StandardScaler(with_mean=False),
          StandardScaler(with_std=False), RobustScaler(), RobustScaler(with_centering=False), MaxAbsScaler()]:
    s.fit(x)
    cases.append({"name": repr(s), "scaler": plain(s), "out": s.transform(test).tolist()})
holes = x.copy()
holes[[0, 3, 5], [1, 1, 2]] = np.nan
imp = SimpleImputer(strategy="median").fit(holes)
rows = test.copy()
rows[[0, 2], [0, 1]] = np.nan
doc = {"source": f"scikit-learn {sklearn.__version__}", "test": test.tolist(), "cases": cases,
       "imputer": json.dumps(plain(imp)), "rows": [[None if np.isnan(v) else v for v in r] for r in rows], "imputed": imp.transform(rows).tolist()}
json.dump(doc, open(sys.argv[1], "w"), separators=(",", ":"))
