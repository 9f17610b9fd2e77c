# Writes arrays.zip: arrays as NumPy saves them, and JSON that says what each holds.
# Run with NumPy 2: python gen.py, in this folder.
import io, json, zipfile
import numpy as np

rng = np.random.default_rng(7)
arrays = {}
for t in "?bhilqBHILQefdFD":
    for order in "<>":
        dt = np.dtype(t).newbyteorder(order)
        a = rng.integers(0, 2 if t == "?" else 100, (2, 3)).astype(dt)
        if t in "fdFDe":
            a = (a / 8 - 3).astype(dt)
        if t in "FD":
            a = (a + 0.5j * np.arange(6).reshape(2, 3)).astype(dt)
        arrays[f"{dt.kind}{dt.itemsize}_{'le' if order == '<' else 'be'}_{t}"] = a
arrays["fortran"] = np.asfortranarray(np.arange(24, dtype="<f4").reshape(2, 3, 4))
arrays["fortran_text"] = np.asfortranarray(np.array([["a", "bb"], ["ccc", "ñandú"]]))
arrays["scalar"] = np.float64(2.5)
arrays["empty"] = np.zeros((0, 3), "<f4")
arrays["vector"] = np.arange(5)
arrays["text"] = np.array(["", "white", "ñ€😀"])
arrays["text_be"] = np.array(["x", "yz"], dtype=">U2")
arrays["bytes"] = np.array([b"ab", b"c", b""])
arrays["special"] = np.array([np.nan, np.inf, -np.inf, -0.0], "<f4")

out = {}
with zipfile.ZipFile("arrays.zip", "w", zipfile.ZIP_DEFLATED) as z:
    def put(name, data):
        z.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    for version in [(1, 0), (2, 0), (3, 0)]:
        for name, a in arrays.items():
            if version != (1, 0) and name not in ("vector", "text"):
                continue
            b = io.BytesIO()
            np.lib.format.write_array(b, np.asanyarray(a), version=version)
            key = f"{name}_v{version[0]}.npy"
            put(key, b.getvalue())
            flat = np.asarray(a).ravel(order="C")
            if flat.dtype.kind in "US":
                values = [v if isinstance(v, str) else v.decode() for v in flat.tolist()]
            elif flat.dtype.kind == "c":
                values = [str(v) for p in flat for v in (float(p.real), float(p.imag))]
            else:
                values = [str(float(v)) for v in flat]
            out[key] = {"shape": list(np.shape(a)), "kind": flat.dtype.kind, "size": flat.dtype.itemsize, "values": values}
    b = io.BytesIO()
    np.save(b, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    put("bad_object.npy", b.getvalue())
    b = io.BytesIO()
    np.save(b, np.zeros(2, dtype=[("a", "<f4"), ("b", "<i8")]))
    put("bad_record.npy", b.getvalue())
    b = io.BytesIO()
    np.save(b, np.array(["2020-01-01"], dtype="datetime64[D]"))
    put("bad_date.npy", b.getvalue())
    for name, save in ("savez", np.savez), ("savez_compressed", np.savez_compressed):
        b = io.BytesIO()
        save(b, x=np.arange(6, dtype="<f4").reshape(2, 3), y=np.array(["a", "b"]), z=np.int64(7))
        put(name + ".npz", b.getvalue())
    put("want.json", json.dumps(out, indent=0))
