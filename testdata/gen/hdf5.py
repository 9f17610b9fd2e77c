"""Writes the fixtures of convert/hdf5: HDF5 files of every layout, and what h5py reads from them.

    python3 -m venv v && v/bin/pip install h5py==3.12.1 numpy==2.2.6 && v/bin/python testdata/gen/hdf5.py
    python3 -m venv w && w/bin/pip install h5py==3.16.0 numpy==2.4.6 && w/bin/python testdata/gen/hdf5.py

The first (HDF5 1.14.4) writes everything but the files v200_*, the second (HDF5 2.0.0) writes those.
Groups keep their time of creation, so a second run differs in a few bytes.
Every file is stored as NAME.h5.gz beside NAME.json.gz, in convert/hdf5/testdata.
"""

import pathlib
import sys
import tempfile

import h5py

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import hdf5_cases as cases
import hdf5_expect as expect

OUT = pathlib.Path(__file__).parents[2] / "convert" / "hdf5" / "testdata"


def main():
    new = h5py.version.hdf5_version_tuple >= (2, 0, 0)
    if h5py.__version__ not in ("3.12.1", "3.16.0"):
        sys.exit(f"h5py {h5py.__version__} is not one of the pinned versions")
    if new:
        versions = {"v200": ("v200", "v200")}
        some = {"v200": ("types", "chunks", "attrs")}
        single = {}
    else:
        versions = {
            "earliest": ("earliest", "v114"),
            "v108": ("v108", "v108"),
            "v110": ("v110", "v110"),
            "latest": ("latest", "latest"),
        }
        # What is left out is as in another version.
        some = {"v110": ("types", "chunks", "groups"), "latest": ("types",)}
        single = cases.SINGLE
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as tmp:
        tmp = pathlib.Path(tmp)
        for ver, bounds in versions.items():
            for name in some.get(ver, cases.PER_VERSION):
                write = cases.PER_VERSION[name]
                path = tmp / f"{ver}_{name}.h5"
                with h5py.File(path, "w", libver=bounds) as f:
                    write(f, ver)
                expect.store(path, OUT)
        for name, write in single.items():
            path = tmp / f"{name}.h5"
            write(path)
            expect.store(path, OUT, read=name != "bombs")


main()
