"""Writes ../floats.txt.gz with numpy and ml_dtypes: what narrow floats convert to and from.

Run in this folder: python floats.py. Lines, numbers in hexadecimal:
  decode TYPE CODE BITS          the code's value, as a float32
  encode TYPE SAT BITS CODE      a float32 converted, SAT s (saturating, onnx's reference) or n
  odd64 TYPE BITS CODE           a float64 converted directly
  hash TYPE decode|encode SHA    SHA-256 of all codes decoded (little-endian float32, NaN as 7fc00000),
                                 of 2^20 float32 encoded, whose bits are i * 4093 mod 2^32
Converting a NaN gives whichever NaN a machine likes, so NaN is left out of the hashes of encode.
"""

import gzip
import hashlib

import ml_dtypes
import numpy as np
from onnx import numpy_helper

SMALL = {
    "f8e4m3fn": (ml_dtypes.float8_e4m3fn, 8), "f8e4m3fnuz": (ml_dtypes.float8_e4m3fnuz, 8),
    "f8e5m2": (ml_dtypes.float8_e5m2, 8), "f8e5m2fnuz": (ml_dtypes.float8_e5m2fnuz, 8),
    "f6e2m3": (ml_dtypes.float6_e2m3fn, 6), "f6e3m2": (ml_dtypes.float6_e3m2fn, 6),
    "f4e2m1": (ml_dtypes.float4_e2m1fn, 4),
}
WIDE = {"f16": np.float16, "bf16": ml_dtypes.bfloat16}


def bits(x):
    return np.asarray(x, np.float32).view(np.uint32)


def values(dtype, n):
    dt = np.uint8 if n <= 8 else np.uint16
    return np.arange(2**n, dtype=np.uint32).astype(dt).view(dtype).astype(np.float32)


def inputs(dtype, n):
    """All values, what lies halfway between neighbours, the float32 next to both, and special ones."""
    v = np.unique(values(dtype, n))
    v = v[np.isfinite(v)]
    mid = (v[1:].astype(np.float64) + v[:-1]) / 2
    top = v[-1] + (v[-1] - v[-2]) / 2 * np.array([0.5, 1, 2, 3], np.float64)
    x = np.concatenate([v, mid, top, -top, [v[-1] * 2, 1e30, -1e30, 3.4e38, 1e-30, 1e-45, -1e-45, 0.0, -0.0]])
    x = x.astype(np.float32)
    near = np.concatenate([x, np.nextafter(x, np.float32(np.inf)), np.nextafter(x, np.float32(-np.inf))])
    rng = np.random.default_rng(1)
    some = rng.integers(0, 2**32, 200, dtype=np.uint32).view(np.float32)
    special = np.array([np.inf, -np.inf, np.nan], np.float32)
    near = np.concatenate([near, some[~np.isnan(some)], special, -special[2:]])
    return np.unique(near.view(np.uint32)).view(np.float32)


def small(out):
    for name, (dtype, n) in SMALL.items():
        for code, b in enumerate(bits(values(dtype, n))):
            out.append(f"decode {name} {code:x} {b:x}")
        x = inputs(dtype, n)
        for sat in "sn":
            if sat == "s" and n == 8:
                y = numpy_helper.saturate_cast(x, np.dtype(dtype))
            else:
                y = x.astype(dtype)
            for b, c in zip(bits(x), y.view(np.uint8)):
                out.append(f"encode {name} {sat} {b:x} {int(c) & (2**n - 1):x}")


def e8m0(out):
    for code, b in enumerate(bits(values(ml_dtypes.float8_e8m0fnu, 8))):
        out.append(f"decode f8e8m0 {code:x} {b:x}")


def wide(out):
    for name, dtype in WIDE.items():
        v = values(dtype, 16)
        v[np.isnan(v)] = np.nan
        out.append(f"hash {name} decode {hashlib.sha256(v.astype('<f4').tobytes()).hexdigest()}")
        x = (np.arange(2**20, dtype=np.uint64) * 4093).astype(np.uint32).view(np.float32)
        y = x[~np.isnan(x)].astype(dtype).view(np.uint16)
        out.append(f"hash {name} encode {hashlib.sha256(y.astype('<u2').tobytes()).hexdigest()}")
        rng = np.random.default_rng(2)
        h = rng.integers(0, 2**15 - 2**10, 100).astype(np.uint16)
        a, b = h.view(dtype).astype(np.float64), (h + 1).astype(np.uint16).view(dtype).astype(np.float64)
        mid = (a + b) / 2
        for d in np.concatenate([mid, np.nextafter(mid, 1e300), np.nextafter(mid, 0), -np.nextafter(mid, 0)]):
            code = direct(d, dtype)
            out.append(f"odd64 {name} {np.float64(d).view(np.uint64):x} {code:x}")


def direct(d, dtype):
    """The nearest number by comparison: ml_dtypes converts float64 by way of float32."""
    codes = np.arange(0x7f80 if dtype is not np.float16 else 0x7c00, dtype=np.uint16)
    v = codes.view(dtype).astype(np.float64)
    at = np.searchsorted(v, abs(d))
    best = min((c for c in (at - 1, at) if 0 <= c < len(v)), key=lambda c: (abs(v[c] - abs(d)), c & 1))
    return int(best) | (0x8000 if d < 0 else 0)


if __name__ == "__main__":
    lines = []
    small(lines)
    e8m0(lines)
    wide(lines)
    with open("../floats.txt.gz", "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as f:
        f.write(("\n".join(lines) + "\n").encode())
    print(len(lines), "lines")
