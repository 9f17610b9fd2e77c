"""Folders of small images and what Keras's image_dataset_from_directory makes of them.

    python testdata/gen/keras_images.py train/data/images/testdata

Needs keras 3.15 on tensorflow-cpu. Writes images/CLASS/... and expected.json.
"""
import json, os, pathlib, shutil, struct, sys

import keras
import numpy as np
import tensorflow as tf

out = pathlib.Path(sys.argv[1])
root = out / "images"
shutil.rmtree(root, ignore_errors=True)
rng = np.random.default_rng(3)


def encode(name, x):
    h, w, _ = x.shape
    if name.endswith("jpg"):
        return tf.io.encode_jpeg(x, quality=100).numpy()
    if not name.endswith("bmp"):
        return tf.io.encode_png(x).numpy()
    stride = (3 * w + 3) // 4 * 4
    rows = b"".join(x[y, :, ::-1].tobytes().ljust(stride, b"\0") for y in range(h - 1, -1, -1))
    return (b"BM" + struct.pack("<IHHI", 54 + len(rows), 0, 0, 54)
            + struct.pack("<IiiHHIIiiII", 40, w, h, 1, 24, 0, len(rows), 0, 0, 0, 0) + rows)


# Sizes and formats; JPEG is lossy and decoders differ, so its pixels are smooth.
plan = {
    "bird": [("a.png", 7, 5, "RGB"), ("b.png", 6, 6, "RGB"), ("deep/c.png", 4, 9, "L"), ("z.bmp", 5, 8, "RGB")],
    "Ant": [("1.png", 9, 9, "RGBA"), ("10.png", 3, 4, "RGB"), ("2.PNG", 8, 8, "RGB")],
    "cat": [("x.jpg", 16, 16, "RGB"), ("y.png", 12, 10, "RGB"), ("notes.txt", 0, 0, "")],
    ".hidden": [("h.png", 4, 4, "RGB")],
    "empty": [],
}
for c, files in plan.items():
    (root / c).mkdir(parents=True, exist_ok=True)
    for name, h, w, mode in files:
        path = root / c / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not mode:
            path.write_text("no image\n")
            continue
        channels = {"RGB": 3, "RGBA": 4, "L": 1}[mode]
        x = rng.integers(0, 256, (h, w, channels), dtype=np.uint8)
        if name.endswith("jpg"):
            x = np.tile(np.linspace(40, 200, w, dtype=np.uint8)[None, :, None], (h, 1, 3))
        path.write_bytes(encode(name, x))
(root / "empty" / ".gitkeep").write_text("")

cases = []
for kw in [
    dict(shuffle=False),
    dict(shuffle=False, image_size=(6, 11)),
    dict(shuffle=False, image_size=(3, 3), label_mode="categorical"),
    dict(seed=1, validation_split=0.4, subset="training"),
    dict(seed=1, validation_split=0.4, subset="validation"),
    dict(seed=123456, validation_split=0.25, subset="training"),
    dict(shuffle=False, class_names=["cat", "Ant"], label_mode="binary", image_size=(4, 4)),
]:
    args = dict(image_size=(2, 2), batch_size=None) | kw
    ds = keras.utils.image_dataset_from_directory(str(root), **args)
    case = {"args": {k: v for k, v in args.items() if k != "batch_size"}, "classes": ds.class_names,
            "files": [os.path.relpath(p, root) for p in ds.file_paths]}
    if not kw.get("shuffle", True):
        pairs = list(ds)
        case["images"] = [np.round(x.numpy(), 4).ravel().tolist() for x, _ in pairs]
        case["labels"] = [np.ravel(y.numpy()).tolist() for _, y in pairs]
    cases.append(case)
(out / "expected.json").write_text(json.dumps(cases, separators=(",", ":")))
