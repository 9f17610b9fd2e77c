"""Parquet files of one table in every form that pyarrow and fastparquet write, and what is in them.

    pip install pyarrow==26.0.1 pandas==3.1.1 fastparquet==2026.9.0
    python parquet.py ../../train/data/parquet/testdata ../../train/data/tablefile/testdata

expected.json: for each column its kind in Go and its values as text, null where one is missing.
patients.csv, patients.parquet: one table, made up, in the form of the course's heart_disease.csv.
"""
import datetime as dt
import decimal
import json
import os
import sys
import uuid

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

N = 70
out = sys.argv[1]
os.makedirs(out, exist_ok=True)
rng = np.random.default_rng(4)


def nulls(values, every):
    return [None if every and i % every == 1 else v for i, v in enumerate(values)]


def table():
    """The columns, and what a reader is to make of each."""
    ints = rng.integers(-1000, 1000, N)
    floats = rng.normal(size=N)
    words = [["red", "green", "blue", "", "naïve"][i] for i in rng.integers(0, 5, N)]
    day = dt.date(2019, 2, 27)
    at = dt.datetime(2019, 3, 31, 23, 59, 59)
    utc = dt.timezone.utc
    cols = {}

    def add(name, kind, values, type, text=str):
        cols[name] = (pa.array(values, type), kind, [None if v is None or v != v else text(v) for v in values])

    add("bool", "integer", nulls([bool(v) for v in ints > 0], 0), pa.bool_(), lambda v: str(int(v)))
    add("bool_null", "integer", nulls([bool(v) for v in ints > 0], 9), pa.bool_(), lambda v: str(int(v)))
    for t, span in [("int8", 127), ("int16", 1 << 14), ("int32", 1 << 30), ("int64", 1 << 60), ("uint8", 255), ("uint16", 1 << 16), ("uint32", 1 << 32), ("uint64", 1 << 63)]:
        low = 0 if t[0] == "u" else -span
        add(t, "integer", nulls([int(v) for v in rng.integers(low, span, N)], 7), getattr(pa, t)())
    add("required", "integer", [int(v) for v in range(N)], pa.int64())
    add("half", "float", nulls([np.float16(v) for v in floats], 11), pa.float16(), lambda v: repr(float(v)))
    add("float", "float", nulls([float(np.float32(v)) for v in floats], 6), pa.float32(), repr)
    add("double", "float", nulls([float(v) for v in floats[:-1]] + [float("inf")], 5), pa.float64(), repr)
    add("nan", "float", [float("nan") if i % 8 == 0 else float(i) for i in range(N)], pa.float64(), repr)
    for name, digits in [("decimal32", 7), ("decimal64", 16), ("decimal128", 30)]:
        with decimal.localcontext() as c:
            c.prec = 60
            v = [decimal.Decimal(int(x)).scaleb(digits - 6) + decimal.Decimal(int(x)).scaleb(-2) for x in ints]
        add(name, "float", nulls(v, 10), pa.decimal128(digits, 2), lambda v: repr(float(v)))
    add("text", "string", nulls(words, 4), pa.string())
    add("long", "string", nulls(["prefix shared by all of them " + w * 3 + str(i) for i, w in enumerate(words)], 0), pa.string())
    add("category", "string", nulls(words, 6), pa.string())
    cols["category"] = (cols["category"][0].dictionary_encode(), *cols["category"][1:])
    add("date", "string", nulls([day + dt.timedelta(int(v)) for v in ints * 40], 8), pa.date32(), lambda v: v.isoformat())
    for unit, step in [("ms", 1000), ("us", 1), ("ns", 1000)]:
        v = [at + dt.timedelta(microseconds=int(x) * step) for x in ints]
        # Python prints six digits of a second or none, the reader as few as there are.
        add("time_" + unit, "string", nulls(v, 9), pa.timestamp(unit), lambda v: str(v).rstrip("0") if v.microsecond else str(v))
    add("instant", "string", [at.replace(tzinfo=utc) + dt.timedelta(seconds=int(x)) for x in ints], pa.timestamp("us", "UTC"))
    add("clock", "string", nulls([(at + dt.timedelta(seconds=int(x))).time() for x in ints], 9), pa.time64("us"))
    add("empty", "float", [None] * N, pa.null())
    return cols


def main():
    cols = table()
    t = pa.table({k: v[0] for k, v in cols.items()})
    t = t.cast(pa.schema([f.with_nullable(f.name not in ("required", "long")) for f in t.schema]))
    expected = [{"name": k, "kind": v[1], "values": v[2]} for k, v in cols.items()]
    with open(os.path.join(out, "expected.json"), "w") as f:
        json.dump({"source": f"pyarrow {pa.__version__}, pandas {pd.__version__}", "columns": expected}, f, indent=0, ensure_ascii=False)
        f.write("\n")

    def write(name, table=t, **how):
        pq.write_table(table, os.path.join(out, name + ".parquet"), **how)

    small = dict(row_group_size=32, data_page_size=64, write_batch_size=8)
    for codec in ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]:
        version = "2.0" if codec in ("snappy", "zstd") else "1.0"
        write(codec + "_v" + version[0], compression=codec, data_page_version=version)
    write("pages_v1", compression="snappy", data_page_version="1.0", **small)
    write("pages_v2", compression="gzip", data_page_version="2.0", **small)
    write("plain_v1", use_dictionary=False, compression="none", data_page_version="1.0")
    encodings = {}
    for f in t.schema:
        if f.type in (pa.bool_(),):
            encodings[f.name] = "RLE"
        elif pa.types.is_floating(f.type) and f.type != pa.float16():
            encodings[f.name] = "BYTE_STREAM_SPLIT"
        elif f.type in (pa.string(), pa.decimal128(30, 2)):
            encodings[f.name] = "DELTA_BYTE_ARRAY"
        elif f.type not in (pa.float16(), pa.null(), pa.decimal128(7, 2), pa.decimal128(16, 2)) and not pa.types.is_dictionary(f.type):
            encodings[f.name] = "DELTA_BINARY_PACKED"
    for version in ["1", "2"]:
        write("delta_v" + version, use_dictionary=False, column_encoding=encodings, compression="zstd", data_page_version=version + ".0", **small)
    lengths = {n: "DELTA_LENGTH_BYTE_ARRAY" for n in ("text", "long")} | {"half": "BYTE_STREAM_SPLIT", "int32": "BYTE_STREAM_SPLIT"}
    write("lengths_v2", use_dictionary=False, column_encoding=lengths, compression="none", data_page_version="2.0")
    write("old_types", version="1.0", use_deprecated_int96_timestamps=False, coerce_timestamps="us", allow_truncated_timestamps=True,
          table=t.select(["int32", "int64", "text", "date", "time_us", "decimal64"]))
    write("int96", table=t.select(["time_ms", "time_us", "time_ns"]), use_deprecated_int96_timestamps=True)
    write("no_rows", table=t.slice(0, 0))

    nested = pa.table({
        "id": pa.array([1, 2, 3]),
        "tags": pa.array([["a"], [], None]),
        "place": pa.array([{"x": 1, "y": 2.5}] * 3),
        "counts": pa.array([[("a", 1)], [], []], pa.map_(pa.string(), pa.int64())),
        "bytes": pa.array([b"a", b"\xff", b"b"]),
        "last": pa.array([1.5, 2.5, None]),
        "key": pa.array([uuid.UUID(int=i).bytes for i in range(3)], pa.binary(16)),
    })
    write("nested", table=nested)

    frame = pd.DataFrame({"x": [1.5, 2.5, 3.5, 4.5], "c": pd.Categorical(["b", "a", "b", None]), "when": pd.date_range("2020-01-01", periods=4, freq="36h")})
    frame.iloc[[1, 3, 0]].to_parquet(os.path.join(out, "pandas.parquet"))
    frame = frame.astype({"when": "datetime64[ns]"})  # fastparquet takes microseconds for nanoseconds
    frame.to_parquet(os.path.join(out, "fastparquet.parquet"), engine="fastparquet", compression="zstd", times="int96")


def patients(folder):
    n = 120
    whole = {k: rng.integers(lo, hi, n) for k, lo, hi in [
        ("age", 29, 78), ("chest_pain", 1, 5), ("resting_blood_pressure", 94, 201), ("serum_cholestoral", 126, 565), ("fasting_blood_sugar", 0, 2),
        ("resting_electro", 0, 3), ("max_heart_rate", 71, 203), ("exer_angina", 0, 2), ("slope", 1, 4), ("num_vessels_flour", 0, 4), ("thal", 3, 8)]}
    t = pd.DataFrame(whole)
    t["oldpeak"] = rng.normal(size=n)
    t["gender"] = pd.Categorical(np.where(rng.random(n) < .6, "male", "female"))
    ill = t.chest_pain + t.exer_angina * 2 + t.oldpeak + rng.normal(size=n) > 4
    t["has_heart_disease"] = np.where(ill, "yes", "no")
    t["label"] = ill.astype("int8")
    t["ill"] = ill
    t.loc[7, "oldpeak"] = None
    t.to_csv(os.path.join(folder, "patients.csv"), index=False)
    t.to_parquet(os.path.join(folder, "patients.parquet"), row_group_size=50)


main()
os.makedirs(sys.argv[2], exist_ok=True)
patients(sys.argv[2])
