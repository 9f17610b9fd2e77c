#!/usr/bin/env python3
"""text.py NODE_ZIP OUT.json.gz: models of ONNX's cases as onnx.printer writes them, by name.

With a third argument, a folder of .txt files that onnxio.Text wrote, it checks instead that onnx.parser
reads each: text.py NODE_ZIP - FOLDER.
"""
import glob, gzip, json, os, sys, zipfile, onnx

z = zipfile.ZipFile(sys.argv[1])
names = [c["name"] for c in json.loads(z.read("index.json"))["cases"]]
if len(sys.argv) > 3:
    bad = 0
    for f in sorted(glob.glob(sys.argv[3] + "/*.txt")):
        try:
            onnx.parser.parse_model(open(f).read())
        except Exception as e:
            bad += 1
            print(os.path.basename(f), str(e)[:300])
    print(bad, "refused")
    sys.exit(bad > 0)
out = {}
for n in names[::9]:
    m = onnx.load_from_string(z.read(n + "/model.onnx"))
    t = onnx.printer.to_text(m)
    if "..." not in t and len(t) < 20000:  # what the printer leaves out
        out[n] = t
doc = {"source": "onnx.printer.to_text of onnx " + onnx.__version__ + "'s node cases", "models": out}
with gzip.GzipFile(sys.argv[2], "wb", mtime=0) as f:
    f.write(json.dumps(doc, sort_keys=True).encode())
