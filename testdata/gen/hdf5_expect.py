"""Records what h5py reads from a file: one line of JSON per object, in the order of a walk."""

import base64
import gzip
import hashlib
import json

import h5py
import numpy as np

KINDS = {"b1": "bool", "i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64", "u1": "uint8",
         "u2": "uint16", "u4": "uint32", "u8": "uint64", "f2": "float16", "f4": "float32", "f8": "float64"}


def store(path, out, read=True):
    """Writes path as .h5.gz and its expectations as .json.gz into the folder out."""
    raw = path.read_bytes()
    name = path.stem
    (out / f"{name}.h5.gz").write_bytes(gzip.compress(raw, 9, mtime=0))
    if not read:
        return
    with h5py.File(path, "r") as f:
        listing = objects(f)
    text = "[\n" + ",\n".join(json.dumps(e, sort_keys=True) for e in listing) + "\n]\n"
    (out / f"{name}.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{name}: {len(raw)} bytes, {(out / f'{name}.h5.gz').stat().st_size} stored, {len(listing)} objects")


def objects(f):
    """Every object once, depth first, members in the order of their names' bytes."""
    seen, out = set(), []

    def visit(path, o):
        oid = h5py.h5o.get_info(o.id).addr
        if oid in seen:
            return
        seen.add(oid)
        out.append(describe(path, o))
        if not isinstance(o, h5py.Group):
            return
        for name in sorted(o, key=lambda s: s.encode()):
            link = o.get(name, getlink=True)
            p = path.rstrip("/") + "/" + name
            if isinstance(link, h5py.SoftLink):
                out.append({"path": p, "link": "soft link", "target": link.path})
            elif isinstance(link, h5py.ExternalLink):
                out.append({"path": p, "link": "external link", "target": f"{link.filename}:{link.path}"})
            else:
                visit(p, o[name])

    visit("/", f["/"])
    return out


def describe(path, o):
    e = {"path": path, "attrs": {}}
    for name in o.attrs:
        a = h5py.h5a.open(o.id, name.encode())
        e["attrs"][name] = value(a.get_type(), a.get_space(), lambda: raw_attr(a))
    if isinstance(o, h5py.Dataset):
        plist = o.id.get_create_plist()
        e["object"] = "dataset"
        e["chunks"] = list(o.chunks) if o.chunks else None
        bad = [plist.get_filter(i)[0] for i in range(plist.get_nfilters()) if plist.get_filter(i)[0] > 3]
        if o.is_virtual:
            return {"path": path, "object": "error", "error": "external", "says": "virtual"}
        if plist.get_external_count():
            return {"path": path, "object": "error", "error": "external", "says": "external storage"}
        if bad:
            e["value"] = {"error": "unsupported", "says": "filter"}
        else:
            e["value"] = value(o.id.get_type(), o.id.get_space(), lambda: raw_dataset(o))
    elif isinstance(o, h5py.Group):
        e["object"] = "group"
    else:
        e["object"] = "datatype"
    return e


def value(tid, space, read):
    """One dataset's or attribute's type, shape and elements."""
    if space.get_simple_extent_type() == h5py.h5s.NULL:
        return {"shape": [0], "null": True}
    shape = list(space.shape)
    base = tid
    while isinstance(base, h5py.h5t.TypeArrayID):
        shape += list(base.get_array_dims())
        base = base.get_super()
    e = {"shape": shape, "big": False}
    if isinstance(base, (h5py.h5t.TypeCompoundID,)) or "Complex" in type(base).__name__:
        return {"error": "unsupported", "says": "compound" if isinstance(base, h5py.h5t.TypeCompoundID) else "complex"}
    if isinstance(base, h5py.h5t.TypeVlenID):
        return {"error": "unsupported", "says": "variable-length"}
    if isinstance(base, h5py.h5t.TypeStringID):
        e["kind"] = "string"
        strings = [s if isinstance(s, bytes) else s.encode() for s in np.asarray(read(), dtype=object).ravel()]
        return with_data(e, b"\0".join(strings))
    e["kind"] = "opaque" if isinstance(base, h5py.h5t.TypeOpaqueID) else \
        "reference" if isinstance(base, h5py.h5t.TypeReferenceID) else "number"
    if e["kind"] == "reference":
        return e
    if e["kind"] == "number":
        order = base.get_order() if not isinstance(base, h5py.h5t.TypeEnumID) else base.get_super().get_order()
        e["big"] = order == h5py.h5t.ORDER_BE and base.get_size() > 1
        try:
            d = base.dtype
        except TypeError:
            d = None
        if d is not None and d.str[1:] in KINDS and base.get_size() == d.itemsize:
            e["dtype"] = KINDS[d.str[1:]]
            if isinstance(base, h5py.h5t.TypeEnumID) and e["dtype"] != "bool":
                e["dtype"] = "enum"
        if isinstance(base, h5py.h5t.TypeIntegerID) and base.get_precision() != 8 * base.get_size():
            e.pop("dtype", None)
    return with_data(e, little(base, read()))


def little(base, array):
    """The elements as bytes, numbers in little-endian order."""
    a = np.ascontiguousarray(array)
    if a.dtype.kind in "iufb":
        a = a.astype(a.dtype.newbyteorder("<"))
    return a.tobytes()


def with_data(e, b):
    if len(b) <= 48:
        e["data"] = base64.b64encode(b).decode()
    else:
        e["sha256"] = hashlib.sha256(b).hexdigest()
    return e


def raw_dataset(o):
    return memory(o.id.get_type(), o.id.shape, lambda a, t: o.id.read(h5py.h5s.ALL, h5py.h5s.ALL, a, t), o)


def raw_attr(a):
    return memory(a.get_type(), a.shape, lambda arr, t: a.read(arr, mtype=t), None)


def memory(tid, shape, read, o):
    """Reads through h5py; types that NumPy lacks are converted by HDF5 to the next that holds them."""
    base = tid
    dims = tuple(shape)
    while isinstance(base, h5py.h5t.TypeArrayID):
        dims += tuple(base.get_array_dims())
        base = base.get_super()
    if isinstance(base, h5py.h5t.TypeStringID) and not base.is_variable_str():
        # In memory as in the file, so that the padding shows; then cut as the type says.
        arr = np.empty(dims, dtype=f"V{base.get_size()}")
        read(arr, tid)
        pad = base.get_strpad()
        cut = {h5py.h5t.STR_NULLTERM: lambda b: b.split(b"\0")[0],
               h5py.h5t.STR_NULLPAD: lambda b: b.rstrip(b"\0"),
               h5py.h5t.STR_SPACEPAD: lambda b: b.rstrip(b" ")}[pad]
        return np.array([cut(x.tobytes()) for x in arr.ravel()] + [None], dtype=object)[:-1]
    if isinstance(base, h5py.h5t.TypeIntegerID) and (base.get_size() not in (1, 2, 4, 8)):
        arr = np.empty(dims, dtype="i8" if base.get_sign() else "u8")
    elif isinstance(base, h5py.h5t.TypeFloatID) and base.get_size() == 2:
        arr = np.empty(dims, dtype="f4" if base.get_fields()[2] == 8 else "f2")
    else:
        arr = np.empty(shape, dtype=tid.dtype)
        read(arr, h5py.h5t.py_create(tid.dtype))
        return arr
    read(arr, h5py.h5t.py_create(arr.dtype))
    return arr
