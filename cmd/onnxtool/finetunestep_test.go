package main

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/onnxtool/onnxtool/infer/ort"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// TestFinetuneStep trains an epoch, goes on from its checkpoint with the exported step on onnxruntime, as
// docs/export-step.md has it in Python, and holds the parameters against those of a resumed training. Classes have
// weights, and the LSTM's biases are parameters that the file does not have.
func TestFinetuneStep(t *testing.T) {
	if err := ort.Available(); err != nil {
		if os.Getenv("ONNXTOOL_REQUIRE_ORT") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	const rows, batch = 24, 4
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	arrays := map[string]tensor.Any{"x": tensor.Zeros[float32](rows, 5, 2), "y": tensor.Zeros[float32](rows, 1)}
	y := tensor.Data[float32](arrays["y"])
	for i := range y {
		y[i] = float32(i * i % 5 % 2)
	}
	for i, x := 0, tensor.Data[float32](arrays["x"]); i < len(x); i++ {
		x[i] = float32(math.Sin(float64(i * i)))
	}
	save(t, in("d.npz"), arrays)
	m, err := onnxio.ParseText(`<ir_version: 8, opset_import: ["" : 17]>
net (float[N,5,2] x) => (float[N,1] p) <float[1,8,2] w = {0.1,0.2,-0.3,0.4,0.5,-0.6,0.7,0.8,-0.1,0.2,0.3,-0.4,0.5,0.6,-0.7,0.8}, float[1,8,2] r = {0.8,-0.7,0.6,0.5,-0.4,0.3,0.2,-0.1,0.8,0.7,-0.6,0.5,0.4,-0.3,0.2,0.1}, float[1,16] b = {1,0,1,0,0,0,1,0,0,0,0,0,0,0,0,0}, float[2,1] k = {1,-1}>
{
   t = Transpose <perm = [1, 0, 2]> (x)
   s, h = LSTM <hidden_size = 2> (t, w, r, b)
   a = Constant <value_ints = [0]> ()
   f = Squeeze (h, a)
   l = MatMul (f, k)
   p = Sigmoid (l)
}`)
	if err != nil {
		t.Fatal(err)
	}
	if err := onnxio.Save(in("net.onnx"), m, onnxio.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	tune := func(more ...string) {
		t.Helper()
		args := []string{"finetune", in("net.onnx"), "--data", in("d.npz"), "--target", "y", "--loss", "bce", "--batch", "4", "--shuffle=false",
			"--lr", "0.01", "--class-weight", "0=1,1=3", "--checkpoint", in("c.npz"), "-o", in("t.onnx")}
		if code, _, msg := call(t, append(args, more...)...); code != 0 {
			t.Fatalf("exit %d: %s", code, msg)
		}
	}
	tune("--export-step", in("step.onnx"))
	got := goOn(t, in("step.onnx"), in("c.npz"), rows/batch, func(n int) map[string]tensor.Any {
		x, y := tensor.Zeros[float32](batch, 5, 2), tensor.Zeros[float32](batch, 1)
		copy(x.Data(), tensor.Data[float32](arrays["x"])[n*batch*10:])
		copy(y.Data(), tensor.Data[float32](arrays["y"])[n*batch:])
		weights := tensor.Zeros[float32](batch)
		for i, class := range y.Data() {
			weights.Data()[i] = 1 + 2*class
		}
		return map[string]tensor.Any{"x": x, "targets": y, "sample_weight": weights}
	})
	tune("--epochs", "2", "--resume")
	want, err := data.LoadNPZ(in("c.npz"), data.ArrayOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range got {
		w := tensor.Data[float32](want[name])
		for i, v := range tensor.Data[float32](x) {
			if math.Abs(float64(v-w[i])) > 1e-5 {
				t.Errorf("%s[%d] is %v on onnxruntime, ours %v", name, i, v, w[i])
			}
		}
	}
}

// goOn does steps of an exported step from a checkpoint and returns the states by their names in the checkpoint.
func goOn(t *testing.T, step, checkpoint string, steps int, batch func(n int) map[string]tensor.Any) map[string]tensor.Any {
	t.Helper()
	m, err := onnxio.Load(step)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Updates []struct {
			Output, Input string
			Slot          bool
		}
	}
	var progress struct {
		Steps        int64
		LearningRate float32 `json:"learning_rate"`
	}
	saved, err := data.LoadNPZ(checkpoint, data.ArrayOptions{})
	if err != nil {
		t.Fatal(err)
	}
	text, _ := onnxio.Metadata(m.MetadataProps, "onnxtool.step")
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(tensor.Data[string](saved["progress"])[0]), &progress); err != nil {
		t.Fatal(err)
	}
	s, err := ort.New(m, ort.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	state, keys := map[string]tensor.Any{}, map[string]string{}
	for _, u := range doc.Updates {
		keys[u.Input] = "param/" + u.Input
		if u.Slot {
			keys[u.Input] = "slot/" + u.Input
		}
		state[u.Input] = saved[keys[u.Input]]
	}
	for n := range steps {
		feed := batch(n)
		feed["step"], feed["learning_rate"] = tensor.Scalar(progress.Steps+int64(n)), tensor.Scalar(progress.LearningRate)
		maps.Copy(feed, state)
		out, err := s.Run(t.Context(), feed)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range doc.Updates {
			state[u.Input] = out[u.Output]
		}
	}
	named := map[string]tensor.Any{}
	for input, x := range state {
		named[keys[input]] = x
	}
	return named
}

func save(t *testing.T, path string, arrays map[string]tensor.Any) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := data.WriteNPZ(f, arrays); err != nil {
		t.Fatal(err)
	}
}
