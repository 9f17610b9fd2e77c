package keras

import (
	"bytes"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/op"
)

// resave is the way out where Python can open what this package cannot.
const (
	resave     = `open it in Python and model.save("model.keras")`
	savedModel = "a SavedModel is a graph of TensorFlow, without layers: " + resave +
		" (tf.keras.models.load_model opens it up to TensorFlow 2.15, tf_keras later)"
)

// foreignHead is how much of a file foreignFile looks at.
const foreignHead = 512

// foreignFile is the error for a file that is no Keras model. What people have in its place most often, a download
// that went wrong or a file of another kind, is told by its first bytes.
func foreignFile(head []byte) error {
	text := strings.ToLower(string(bytes.TrimLeft(head, "\ufeff \t\r\n")))
	what := "neither a .keras archive nor an HDF5 file, nor ONNX (.onnx) or its text form (.onnxtxt, .txt) by its ending"
	switch {
	case len(head) == 0:
		what = "the file is empty"
	case strings.HasPrefix(text, "version https://git-lfs"):
		what = "a pointer of Git LFS to the model, which is not here: git lfs pull fetches it"
	case strings.HasPrefix(text, "<"):
		what = "a web page or other markup, no model: download the file itself"
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		what = "compressed by gzip: unpack it first"
	case len(head) > 1 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5:
		what = "a pickle of Python (joblib and PyTorch write them), which is never loaded: " + resave +
			", or export to ONNX with skl2onnx or torch.onnx"
	case bytes.HasPrefix(head, []byte("\x08\x01\x12")):
		what = savedModel
	case len(head) >= 8 && string(head[4:8]) == "TFL3":
		what = "a TensorFlow Lite model: convert the Keras model that it was made from"
	case len(head) > 8 && head[7] == 0 && head[8] == '{':
		what = "weights in safetensors, without a model: " + resave
	}
	return op.Malformedf("%s", what)
}

// foreignFiles is the error for an archive or folder that has no configuration of Keras: it names what the files
// in it are of, or lists them.
func foreignFiles(p files, missing string) error {
	names := p.names()
	has := func(suffix string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(n, suffix) })
	}
	var what string
	switch {
	case has("saved_model.pb"):
		what = savedModel
	case has(".index") && (has("checkpoint") || has(".data-00000-of-00001")):
		what = `a checkpoint of TensorFlow has weights alone: build the model in Python, model.load_weights and model.save("model.keras")`
	case has("data.pkl"):
		what = "an archive of PyTorch: export to ONNX with torch.onnx"
	case has(".keras") || has(".h5"):
		what = "unpack it: there are " + listNames(p)
	case len(names) == 0:
		what = "no files"
	default:
		what = "there are " + listNames(p)
	}
	return op.Malformedf("%s: %s", missing, what)
}
