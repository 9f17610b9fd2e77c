"""What the fixtures of convert/hdf5 contain. PER_VERSION is written once for each format version."""

import ctypes
import pathlib
import re

import h5py
import numpy as np
from h5py import h5d, h5p, h5s, h5t

RNG = np.random.default_rng(5)


def libhdf5():
    """The HDF5 library that h5py has loaded, for the calls that h5py does not wrap."""
    maps = pathlib.Path("/proc/self/maps").read_text()
    path = re.search(r"\S*/libhdf5-[^/\s]*", maps).group(0)
    lib = ctypes.CDLL(path)
    for name in ("H5Pset_chunk_opts", "H5Pset_nbit", "H5Pset_shared_mesg_nindexes",
                 "H5Pset_shared_mesg_index", "H5Pset_est_link_info"):
        getattr(lib, name).argtypes = None
    return lib


def low(parent, name, tid, data, layout=None, chunk=None, shape=None, maxshape=None, edit=None, mem=None):
    """Creates a dataset through the low-level interface, with a property list that edit may change."""
    data = np.asarray(data)
    shape = data.shape if shape is None else shape
    plist = h5p.create(h5p.DATASET_CREATE)
    plist.set_obj_track_times(False)
    if layout is not None:
        plist.set_layout(layout)
    if chunk:
        plist.set_chunk(chunk)
    if edit:
        edit(plist)
    space = h5s.create_simple(shape, maxshape) if shape else h5s.create(h5s.SCALAR)
    d = h5d.create(parent.id, name.encode(), tid, space, plist)
    d.write(h5s.ALL, h5s.ALL, data, mtype=mem)
    return h5py.Dataset(d)


# ---- datatypes -------------------------------------------------------------------------------

def numbers(d):
    info = np.iinfo(d) if d.kind in "iu" else None
    if info:
        return np.array([info.min, 0, 1, info.max, 7, info.max // 3], dtype=d)
    big = np.finfo(d).max
    return np.array([0, -0.0, 1.5, -big, np.inf, np.finfo(d).smallest_subnormal], dtype=d)


def odd_types():
    """Numbers that NumPy has no dtype for, with the dtype they are written from."""
    out = {}
    for order, suffix in ((h5t.ORDER_LE, "le"), (h5t.ORDER_BE, "be")):
        b = (h5t.IEEE_F32LE if suffix == "le" else h5t.IEEE_F32BE).copy()
        b.set_fields(15, 7, 8, 0, 7)
        b.set_precision(16)
        b.set_size(2)
        b.set_ebias(127)
        out["bfloat16_" + suffix] = (b, np.array([0, 1, -2.5, 3e38, np.inf, 1e-40], dtype="f4"))
        i = (h5t.STD_I32LE if suffix == "le" else h5t.STD_I32BE).copy()
        i.set_precision(24)
        i.set_size(3)
        out["int24_" + suffix] = (i, np.array([-(1 << 23), -1, 0, 1, 5, (1 << 23) - 1], dtype="i8"))
        u = (h5t.STD_U16LE if suffix == "le" else h5t.STD_U16BE).copy()
        u.set_precision(12)
        u.set_offset(2)
        out["uint12_" + suffix] = (u, np.array([0, 1, 4095, 77, 2048, 9], dtype="u2"))
    return out


def types(f, ver):
    layouts = {"compact": dict(layout=h5d.COMPACT), "contiguous": dict(layout=h5d.CONTIGUOUS),
               "chunked": dict(layout=h5d.CHUNKED, chunk=(4,))}
    for lname, lay in layouts.items():
        g = f.create_group(lname)
        for code in "i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8".split():
            for order in "<>":
                d = np.dtype(order + code)
                low(g, KIND[code] + ("_be" if order == ">" else "_le"), h5t.py_create(d, logical=True), numbers(d.newbyteorder("=")), **lay)
        for name, (tid, data) in odd_types().items():
            low(g, name, tid, data, mem=h5t.py_create(data.dtype), **lay)
        low(g, "bool", h5t.py_create(np.dtype(bool), logical=True), np.array([True, False, True, True, False, True]), **lay)
        low(g, "opaque", h5t.py_create(np.dtype("V2")), np.frombuffer(b"abcdefghijkl", dtype="V2"), **lay)
        e = h5py.enum_dtype({"RED": 0, "GREEN": 1, "BLUE": 42}, basetype="i2")
        low(g, "enum", h5t.py_create(e, logical=True), np.array([42, 0, 1, 1, 0, 42], dtype=e), **lay)
        be = h5py.enum_dtype({"A": -5, "B": 700}, basetype=">i4")
        low(g, "enum_be", h5t.py_create(be, logical=True), np.array([-5, 700, 700, -5, -5, 700], dtype=be), **lay)
        low(g, "array", h5t.array_create(h5t.IEEE_F32BE, (2, 3)), np.arange(36, dtype="f4").reshape(6, 2, 3),
            shape=(6,), mem=h5t.array_create(h5t.NATIVE_FLOAT, (2, 3)), **lay)
        for pad, pname in ((h5t.STR_NULLTERM, "nullterm"), (h5t.STR_NULLPAD, "nullpad"), (h5t.STR_SPACEPAD, "spacepad")):
            s = h5t.C_S1.copy()
            s.set_size(6)
            s.set_strpad(pad)
            low(g, "string_" + pname, s, np.array([b"", b"a", b"ab\0", b"hello", b"x y", b" z"], dtype="S6"),
                mem=h5t.py_create(np.dtype("S6")), **lay)
        for cset, text in (("utf-8", ["", "a", "ä€𝄞", "word", "x" * 100, "z"]),
                           ("ascii", [b"one", b"two", b"", b"four", b"five", b"six"])):
            d = h5py.string_dtype(cset)
            low(g, "vlen_" + cset, h5t.py_create(d, logical=True), np.array(text, dtype=object), mem=h5t.py_create(d), **lay)
    g = f.create_group("others")
    g["complex"] = np.array([1 + 2j, 3], dtype="c8")
    g["compound"] = np.zeros(3, dtype=[("a", "<i2"), ("b", ">f8", (2,)), ("c", "S3")])
    g.create_dataset("ragged", (2,), dtype=h5py.vlen_dtype("i4"))[0] = [1, 2, 3]
    g.create_dataset("reference", data=np.array([f.ref, g.ref], dtype=h5py.ref_dtype))
    for name, data in (("scalar", np.float32(2.5)), ("text", "one text"), ("bytes", np.bytes_(b"fixed")),
                       ("truth", np.True_), ("empty", np.zeros((0, 3), "f4"))):
        g[name] = data
    g["null"] = h5py.Empty("f8")
    g.create_dataset("strings2d", data=np.array([["a", "bb"], ["ccc", "d"]], dtype=object), dtype=h5py.string_dtype())
    f["named_f4"] = np.dtype(">f4")
    f["named_str"] = h5py.string_dtype()
    g.create_dataset("committed", data=np.arange(4), dtype=f["named_f4"])
    g.create_dataset("committed_text", data=["p", "q"], dtype=f["named_str"])


KIND = {"i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64", "u1": "uint8", "u2": "uint16",
        "u4": "uint32", "u8": "uint64", "f2": "float16", "f4": "float32", "f8": "float64"}


# ---- chunks ----------------------------------------------------------------------------------

FILTERS = {"plain": {}, "gzip": dict(compression="gzip"), "shuffle": dict(shuffle=True),
           "fletcher": dict(fletcher32=True), "all": dict(compression="gzip", shuffle=True, fletcher32=True)}


def chunks(f, ver):
    small = np.arange(7 * 5, dtype="<i2").reshape(7, 5)
    for name, kw in FILTERS.items():
        g = f.create_group(name)
        g.create_dataset("single", data=small, chunks=(7, 5), **kw)
        g.create_dataset("fixed", data=small, chunks=(3, 2), **kw)
        g.create_dataset("fixed_be", data=small.astype(">f8"), chunks=(3, 2), **kw)
        g.create_dataset("fixed_max", data=small, chunks=(3, 2), maxshape=(20, 11), **kw)
        g.create_dataset("ext0", data=small, chunks=(2, 3), maxshape=(None, 5), **kw)
        g.create_dataset("ext1", data=small, chunks=(2, 3), maxshape=(11, None), **kw)
        if name in ("plain", "all"):
            g.create_dataset("ext_many", data=np.arange(300, dtype="u2"), chunks=(1,), maxshape=(None,), **kw)
        g.create_dataset("tree", data=small, chunks=(3, 2), maxshape=(None, None), **kw)
        g.create_dataset("cube", data=np.arange(4 * 5 * 6, dtype="f4").reshape(4, 5, 6), chunks=(3, 5, 2), **kw)
        g.create_dataset("rows", data=np.arange(40, dtype="f4").reshape(10, 4), chunks=(4, 4), **kw)
        g.create_dataset("wide", data=np.arange(6, dtype="f4"), chunks=(100,), maxshape=(None,), **kw)
        d = g.create_dataset("holes", (9, 9), "f4", chunks=(2, 2), fillvalue=-1.5, **kw)
        d[3:5, 3:5] = 7
        d = g.create_dataset("shrunk", data=np.arange(50, dtype="i4"), chunks=(4,), maxshape=(None,), **kw)
        d.resize((13,))
    g = f.create_group("indexes")
    old = ver in ("earliest", "v108")
    n = 10 if old else 50
    g.create_dataset("paged", (n, 50), "u1", chunks=(1, 2), data=(np.arange(50 * n) % 251).reshape(n, 50))
    d = g.create_dataset("paged_holes", (5000,), "u1", chunks=(1,), fillvalue=9)
    d[[3, 1500, 4999]] = [1, 2, 3]
    g.create_dataset("deep_tree", data=np.arange(900, dtype="u2").reshape(30, 30), chunks=(1, 1), maxshape=(None, None))
    g.create_dataset("deep_tree_gzip", data=np.arange(196, dtype="u2").reshape(14, 14), chunks=(1, 1),
                     maxshape=(None, None), compression="gzip")
    d = g.create_dataset("ext_super", (300000,), "u1", chunks=(1,), maxshape=(None,), fillvalue=3)
    for i in (0, 5, 300, 131071 + 4, 140000, 200000, 299999):
        d[i] = i % 200 + 4
    early = lambda p: p.set_alloc_time(h5d.ALLOC_TIME_EARLY)
    low(g, "implicit", h5t.STD_I16BE, small, layout=h5d.CHUNKED, chunk=(3, 2), edit=early)
    low(g, "implicit_max", h5t.STD_I16LE, small, layout=h5d.CHUNKED, chunk=(3, 2), maxshape=(9, 13), edit=early)
    edge = lambda p: (p.set_deflate(6), libhdf5().H5Pset_chunk_opts(ctypes.c_int64(p.id), ctypes.c_uint(2)))
    if not old:
        low(g, "raw_edges", h5t.STD_I32LE, small.astype("i4"), layout=h5d.CHUNKED, chunk=(3, 2), edit=edge)
        low(g, "raw_edges_tree", h5t.STD_I32LE, small.astype("i4"), layout=h5d.CHUNKED, chunk=(3, 2),
            maxshape=(h5s.UNLIMITED, h5s.UNLIMITED), edit=edge)
    g = f.create_group("fills")
    for name, value in (("zero", 0), ("value", 2.5), ("nan", np.nan)):
        g.create_dataset(name, (3, 2), "f4", fillvalue=value)
        g.create_dataset(name + "_be", (3, 2), ">f8", fillvalue=value, chunks=(2, 2))
    g.create_dataset("text", (2,), "S3", fillvalue=b"abc")
    g.create_dataset("vlen", (2,), h5py.string_dtype(), chunks=(1,))
    g.create_dataset("never", (4,), "i4", chunks=(2,), fill_time="never")[:2] = 5
    del g["never"]
    g = f.create_group("filters")
    g.create_dataset("lzf", data=np.zeros(50), compression="lzf")
    g.create_dataset("scaleoffset", data=np.arange(50), scaleoffset=0, chunks=(10,))
    nbit = lambda p: libhdf5().H5Pset_nbit(ctypes.c_int64(p.id))
    low(g, "nbit", h5t.STD_I32LE, np.arange(8, dtype="i4"), layout=h5d.CHUNKED, chunk=(4,), edit=nbit)


# ---- attributes ------------------------------------------------------------------------------

def attributes(f, ver):
    a = f.attrs
    for code, kind in KIND.items():
        a[kind] = np.array(3, dtype="<" + code)
        a[kind + "_be"] = np.array([1, 2], dtype=">" + code)
    a["text"] = "vlen text"
    a["utf8"] = "Grüße €"
    a["fixed"] = np.bytes_(b"fixed text")
    a["bool"] = True
    a["bools"] = np.array([True, False])
    a["strings"] = ["a", "bc", ""]
    a["fixed_strings"] = np.array([b"layer_1", b"dense"])
    a["empty"] = h5py.Empty("S10")
    a["no_names"] = np.array([])
    a["matrix"] = np.arange(6, dtype="f4").reshape(2, 3)
    a["complex"] = 1 + 2j
    a["ref"] = f.ref
    g = f.create_group("few")
    for i in range(8):
        g.attrs[f"a{i}"] = i
    g = f.create_group("nine")
    for i in range(9):
        g.attrs[f"a{i}"] = i
    g = f.create_group("many", track_order=True)
    for i in range(300):
        g.attrs[f"name {i}"] = np.int16(i)
    d = f.create_dataset("on_data", data=np.arange(3))
    for i in range(20):
        d.attrs[f"key{i}"] = f"value {i}"
    f["type"] = np.dtype("i4")
    f["type"].attrs["on"] = "a type"
    f.create_group("committed").attrs.create("x", 7, dtype=f["type"])
    g = f.create_group("keras")
    names = [f"block_{i}/conv2d_{i}/kernel:0".encode() + b"_" * 250 for i in range(500)]
    parts = np.array_split(names, 3)
    for i, p in enumerate(parts):
        g.attrs[f"weight_names{i}"] = p.tolist()
    g.attrs["model_config"] = '{"class_name": "Sequential", "config": "' + "x" * 70000 + '"}'
    if ver != "earliest":
        g = f.create_group("large")
        g.attrs["huge"] = np.arange(20000, dtype=">i4") // 500
        g.attrs["huge too"] = np.zeros(70001, dtype="u1")
        for i in range(14):
            g.attrs[f"part {i}"] = np.full(60000, i, dtype="u1")


# ---- groups ----------------------------------------------------------------------------------

def groups(f, ver):
    f.create_group("empty")
    g = f.create_group("some")
    g["x"], g["y"] = 1, 2.5
    for n, name in ((9, "nine"), (700, "many")):
        g = f.create_group(name)
        first = g.create_group("member 0000")
        for i in range(1, n):
            g[f"member {i:04}"] = first if i % 5 else np.float32(i) if i % 100 == 0 else first
    g = f.create_group("ordered", track_order=True)
    for name in ("zeta", "alpha", "mid"):
        g[name] = np.int32(len(name))
    g = f.create_group("ordered_many", track_order=True)
    for i in range(30):
        g[f"k{29 - i:02}"] = np.int8(i)
    g = f.create_group("names")
    for name in ("ü€𝄞", "with space", "dot.", "kernel:0", "..", "n" * 300):
        g[name] = np.int16(len(name))
    g = f.create_group("deep")
    for i in range(40):
        g = g.create_group(f"level{i}")
    g["bottom"] = 40
    g = f.create_group("links")
    g["to_x"] = h5py.SoftLink("/some/x")
    g["to_some"] = h5py.SoftLink("../some")
    g["relative"] = h5py.SoftLink("inner/value")
    g.create_group("inner")["value"] = 11
    g["via"] = h5py.SoftLink("/links/folder")
    g["folder"] = h5py.SoftLink("inner")
    g["dangling"] = h5py.SoftLink("/nowhere/at/all")
    g["loop"] = h5py.SoftLink("/links/loop")
    g["ping"], g["pong"] = h5py.SoftLink("pong"), h5py.SoftLink("ping")
    for i in range(20):
        g[f"hop{i}"] = h5py.SoftLink(f"hop{i + 1}")
    g["hop20"] = 5
    g["outside"] = h5py.ExternalLink("/etc/passwd", "/a/b")
    g["self"] = g
    g["root"] = f["/"]


PER_VERSION = {"types": types, "chunks": chunks, "attrs": attributes, "groups": groups}


# ---- files of one kind each ------------------------------------------------------------------

def refused(path):
    with h5py.File(path, "w", libver="latest") as f:
        layout = h5py.VirtualLayout(shape=(4,), dtype="f4")
        layout[:] = h5py.VirtualSource("/etc/other.h5", "data", shape=(4,))
        f.create_virtual_dataset("virtual", layout)
        f.create_dataset("external", (4,), "u1", external=[("/etc/passwd", 0, 4)])
        f.create_group("a/b/c")["link"] = h5py.ExternalLink("/etc/passwd", "x")
        f["fine"] = 1


def user_block(path):
    with h5py.File(path, "w", userblock_size=1024) as f:
        content(f)
    with open(path, "r+b") as b:
        b.write(b"not HDF5 yet")


def content(f, maxshape=(None,)):
    f["x"] = np.arange(5, dtype="f4")
    f["s"] = ["a", "b"]
    f["g/c"] = np.arange(6).reshape(2, 3)
    f.create_dataset("z", data=np.arange(30), chunks=(7,), compression="gzip", maxshape=maxshape)
    f.attrs["text"] = "hello"
    for i in range(12):
        f["g"].attrs[f"n{i}"] = i
        f[f"h/{i}"] = i


def sized(offset, length, libver):
    def write(path):
        fcpl = h5p.create(h5p.FILE_CREATE)
        fcpl.set_sizes(offset, length)
        fapl = h5p.create(h5p.FILE_ACCESS)
        fapl.set_libver_bounds(*libver)
        fid = h5py.h5f.create(str(path).encode(), h5py.h5f.ACC_TRUNC, fcpl, fapl)
        with h5py.File(fid) as f:
            content(f, maxshape=(35,))  # HDF5 itself fails on unlimited dimensions in short lengths
    return write


def shared(path):
    """Messages that several objects share, in the file's own heap."""
    lib = libhdf5()
    fcpl = h5p.create(h5p.FILE_CREATE)
    hid = ctypes.c_int64(fcpl.id)
    lib.H5Pset_shared_mesg_nindexes(hid, ctypes.c_uint(2))
    lib.H5Pset_shared_mesg_index(hid, ctypes.c_uint(0), ctypes.c_uint(0x0002 | 0x0008 | 0x0020 | 0x0800), ctypes.c_uint(8))
    lib.H5Pset_shared_mesg_index(hid, ctypes.c_uint(1), ctypes.c_uint(0x1000), ctypes.c_uint(8))
    fapl = h5p.create(h5p.FILE_ACCESS)
    fapl.set_libver_bounds(h5py.h5f.LIBVER_LATEST, h5py.h5f.LIBVER_LATEST)
    fid = h5py.h5f.create(str(path).encode(), h5py.h5f.ACC_TRUNC, fcpl, fapl)
    with h5py.File(fid) as f:
        for i in range(30):
            d = f.create_dataset(f"d{i:02}", data=np.arange(6, dtype=">f4").reshape(2, 3) + i % 3, chunks=(2, 2),
                                 compression="gzip", fillvalue=1.25)
            d.attrs["same"] = "the same text for all of them"
            d.attrs["own"] = i
        g = f.create_group("dense")
        for i in range(20):
            g.attrs[f"a{i}"] = np.arange(10)


def superblock1(path):
    """A chunk B-tree of another width makes the superblock version 1."""
    fcpl = h5p.create(h5p.FILE_CREATE)
    libhdf5().H5Pset_istore_k(ctypes.c_int64(fcpl.id), ctypes.c_uint(8))
    fid = h5py.h5f.create(str(path).encode(), h5py.h5f.ACC_TRUNC, fcpl)
    with h5py.File(fid) as f:
        content(f)
        f.create_dataset("many", data=np.arange(400, dtype="u2"), chunks=(1,))


def tiny(libver):
    """As many structures in as few bytes as can be: the seeds of fuzzing."""
    def write(path):
        with h5py.File(path, "w", libver=libver) as f:
            f["x"] = np.arange(3, dtype=">f4")
            f.create_dataset("c", data=np.arange(6, dtype="u1").reshape(2, 3), chunks=(1, 2), shuffle=True, compression="gzip")
            if libver == "earliest":
                f.attrs["s"] = ["a", "b"]
                return
            f.create_dataset("e", data=np.arange(3, dtype="u1"), chunks=(1,), maxshape=(None,))
            g = f.create_group("g")
            for i in range(9):
                g.attrs[f"a{i}"] = np.int8(i)
                g[f"l{i}"] = h5py.SoftLink("/x")
    return write


def bombs(path):
    """Small files of large shapes. h5py is not asked to read them."""
    with h5py.File(path, "w") as f:
        f.create_dataset("shape", (1 << 40,), "f4", chunks=(1024,), compression="gzip")
        f.create_dataset("shape_late", (1 << 20, 1 << 20), "f8")
        f.create_dataset("shape_strings", (1 << 30,), h5py.string_dtype())
        f.create_dataset("many_chunks", (1 << 34,), "u1", chunks=(1,))
        d = f.create_dataset("chunk", (10,), "f4", chunks=(1 << 26,), maxshape=(None,), compression="gzip")
        d[3] = 1
        d = f.create_dataset("ratio", (1 << 26,), "u1", chunks=(1 << 20,), compression="gzip")
        d[:] = 0
        d = f.create_dataset("slivers", (60, 1), "u1", chunks=(1, 1 << 20), maxshape=(60, None), compression="gzip")
        d[:] = 1
        f["fine"] = 1


V18, LATEST = h5py.h5f.LIBVER_V18, h5py.h5f.LIBVER_LATEST
EARLY = h5py.h5f.LIBVER_EARLIEST
SINGLE = {
    "refused": refused, "userblock": user_block, "shared": shared, "superblock1": superblock1,
    "bombs": bombs, "tiny_old": tiny("earliest"), "tiny_new": tiny("latest"),
    "sizes44_earliest": sized(4, 4, (EARLY, LATEST)), "sizes44_latest": sized(4, 4, (LATEST, LATEST)),
    "sizes48_v108": sized(4, 8, (V18, V18)), "sizes84_earliest": sized(8, 4, (EARLY, LATEST)),
}
