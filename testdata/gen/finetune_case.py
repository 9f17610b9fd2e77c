"""Archives of fine-tuning cases: models that another framework trained, data of a related task, and that
framework's own losses on it. Layout: ../README.md."""
import csv
import io
import json
import pathlib
import zipfile

import numpy as np

EPOCH = (1980, 1, 1, 0, 0, 0)
DATA = pathlib.Path(__file__).parent.parent / "data"


class Writer:
    def __init__(self, path, source, versions):
        self.path, self.index, self.files = path, dict(source=source, versions=versions, cases=[]), {}

    def case(self, name, models, arrays, **facts):
        """models: bytes by variant; arrays: NumPy arrays by name."""
        for variant, b in models.items():
            self.files[f"{name}/{variant}.onnx"] = b
        for key, a in arrays.items():
            f = io.BytesIO()
            np.lib.format.write_array(f, np.ascontiguousarray(a), version=(1, 0))
            self.files[f"{name}/{key}.npy"] = f.getvalue()
        self.index["cases"].append(dict(name=name, models=sorted(models), **facts))

    def close(self):
        self.files["index.json"] = json.dumps(self.index, indent=1).encode()
        with zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
            for name in sorted(self.files):
                z.writestr(zipfile.ZipInfo(name, EPOCH), self.files[name], zipfile.ZIP_DEFLATED, 9)


def digits(classes, limit):
    """scikit-learn's digits of some classes: images [n,1,8,8] in [0,1] and class numbers from 0."""
    with open(DATA / "digits.csv") as f:
        rows = list(csv.reader(f))[1:]
    a = np.array(rows, np.float32)
    x, y = a[:, :-1].reshape(-1, 1, 8, 8) / 16, a[:, -1].astype(np.int64)
    keep = np.isin(y, classes)
    x, y = x[keep][:limit], y[keep][:limit]
    return np.ascontiguousarray(x), np.searchsorted(classes, y)
