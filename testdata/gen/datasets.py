#!/usr/bin/env python3
"""scikit-learn's small data sets as CSV, the class or target last.

    python datasets.py ../data

breast_cancer.csv is also what package models embeds: models/data/breast_cancer.csv is the same file.
"""
import csv
import sys

import sklearn
from sklearn import datasets

SETS = {
    "breast_cancer": (datasets.load_breast_cancer, "Breast Cancer Wisconsin (Diagnostic), Wolberg, Street and Mangasarian 1995, UCI; target 0 malignant, 1 benign"),
    "digits": (datasets.load_digits, "Optical Recognition of Handwritten Digits (test part), Alpaydin and Kaynak 1998, UCI; 8 x 8 pixels of 0..16; target the digit"),
    "wine": (datasets.load_wine, "Wine recognition, Forina and others 1988, UCI; target the cultivar 0..2"),
    "iris": (datasets.load_iris, "Iris, Fisher 1936; target 0 setosa, 1 versicolor, 2 virginica"),
    "diabetes": (lambda: datasets.load_diabetes(scaled=False), "Diabetes, Efron, Hastie, Johnstone and Tibshirani 2004 (Least Angle Regression), unscaled; target disease progression after one year"),
}


def column(name):
    name = name.replace(" (cm)", "_cm").replace("/", "_over_")
    return name.replace(" ", "_")


def number(x):
    return str(int(x)) if float(x).is_integer() else repr(float(x))


def write(path, d):
    with open(path, "w", newline="") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow([column(n) for n in d.feature_names] + ["target"])
        for x, y in zip(d.data, d.target):
            w.writerow([number(v) for v in x] + [number(y)])


def main(out):
    lines = ["# Sources", f"Written by testdata/gen/datasets.py from scikit-learn {sklearn.__version__} (BSD-3-Clause; the data are public).", ""]
    lines += ["| file | rows x columns | source |", "|---|---|---|"]
    for name, (load, source) in SETS.items():
        d = load()
        write(f"{out}/{name}.csv", d)
        lines.append(f"| {name}.csv | {d.data.shape[0]} x {d.data.shape[1] + 1} | {source} |")
    with open(f"{out}/SOURCES.md", "w") as f:
        f.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
