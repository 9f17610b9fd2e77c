package keras_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/onnxtool/onnxtool/convert/keras"
	"github.com/onnxtool/onnxtool/convert/tokeras"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// bigFile writes a .keras file of 9 MB: a convolution, whose kernel is turned and takes a normalisation in, and
// a dense layer.
func bigFile(t testing.TB) string {
	t.Helper()
	m, err := onnxio.ParseText(`<ir_version: 8, opset_import: ["" : 18]> big (float[batch,256,8,8] x) => (float[batch,2048] y) {
		["conv/Conv"] a = Conv <kernel_shape = [3, 3]> (x, k)
		["norm/BatchNormalization"] b = BatchNormalization (a, g, g, g, g)
		["pool/GlobalAveragePool"] c = GlobalAveragePool (b)
		["flatten/Flatten"] d = Flatten (c)
		["dense/MatMul"] y = MatMul (d, w)
	}`)
	if err != nil {
		t.Fatal(err)
	}
	for name, shape := range map[string][]int{"k": {512, 256, 3, 3}, "g": {512}, "w": {512, 2048}} {
		x := tensor.Zeros[float32](shape...)
		for i := range x.Data() {
			x.Data()[i] = 1 + float32(i%97)/97
		}
		m.Graph.Initializer = append(m.Graph.Initializer, onnxio.FromTensor(name, x))
	}
	path := filepath.Join(t.TempDir(), "big.keras")
	if err := tokeras.Write(path, m); err != nil {
		t.Fatal(err)
	}
	return path
}

// allocated returns the bytes that a conversion allocates, as a multiple of the file's size: what it takes at
// most, garbage included.
func allocated(t testing.TB, path string) float64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := keras.Convert(path, keras.Options{}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc-before.TotalAlloc) / float64(info.Size())
}

// TestMemory holds a conversion to less than three times the file's size.
func TestMemory(t *testing.T) {
	if x := allocated(t, bigFile(t)); x > 3 {
		t.Errorf("a conversion allocates %.2f times the file's size", x)
	}
}

// BenchmarkConvert converts the file of ONNXTOOL_KERAS_FILE, or one of 9 MB.
func BenchmarkConvert(b *testing.B) {
	path := os.Getenv("ONNXTOOL_KERAS_FILE")
	if path == "" {
		path = bigFile(b)
	}
	x := 0.
	for b.Loop() {
		x = allocated(b, path)
	}
	b.ReportMetric(x, "allocated/file")
}
