package train_test

import (
	"context"
	"testing"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/optim"
)

// scaled is y = sigmoid(relu((x-mean)·w1 + b1)·w2) at opset 9, as old exporters wrote it.
const scaled = `<ir_version: 4, opset_import: ["" : 9], producer_name: "someone">
net (float[N,2] x) => (float[N,1] y) <float[2] mean = {0.5, 0.5}, float[2,4] w1 = {1,-1,0.5,0.2, 0.3,1,-0.5,0.7}, float[4] b1 = {0.1,0.1,0.1,0.1}, float[1] b2 = {0.1}>
{
   c = Sub (x, mean)
   h = MatMul (c, w1)
   a = Add (h, b1)
   r = Relu (a)
   w2 = Constant <value = float[4,1] {0.5, -0.5, 0.5, 0.5}> ()
   m = MatMul (r, w2)
   o = Add (m, b2)
   y = Sigmoid (o)
}`

func TestImport(t *testing.T) {
	m, err := onnxio.ParseText(scaled)
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.Must([]float32{0, 0, 0, 1, 1, 0, 1, 1}, 4, 2)
	y := tensor.Must([]float32{0, 1, 1, 0}, 4, 1)
	ds, err := data.New(map[string]tensor.Any{"x": x}, y, nil)
	if err != nil {
		t.Fatal(err)
	}
	src, err := ds.Batches(data.BatchOptions{Size: 3})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		opt     train.ImportOptions
		trained []string
	}{
		{"default", train.ImportOptions{}, []string{"w1", "b1", "w2", "b2"}},
		{"head", train.ImportOptions{Freeze: []string{"*"}, Unfreeze: []string{"w2"}}, []string{"w2"}},
		{"scaler too", train.ImportOptions{Unfreeze: []string{"mean"}}, []string{"mean", "w1", "b1", "w2", "b2"}},
	} {
		t.Run(c.name, func(t *testing.T) { fineTune(t, m, c.opt, src, x, c.trained) })
	}
	if _, err := train.Import(m, train.ImportOptions{Freeze: []string{"nosuch"}}); err == nil {
		t.Error("a pattern that matches nothing is no error")
	}
}

func fineTune(t *testing.T, m *onnxio.Model, o train.ImportOptions, src data.Source, x tensor.Any, trained []string) {
	im, err := train.Import(m, o)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := train.New(im.Net, train.Config{Loss: loss.BinaryCrossentropy{}, Optimizer: optim.Adam{LearningRate: .05}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	h, err := tr.Fit(context.Background(), src, train.FitOptions{Epochs: 30})
	if err != nil {
		t.Fatal(err)
	}
	if l := h.Column("loss"); l[29] >= l[0] {
		t.Errorf("the loss went from %v to %v", l[0], l[29])
	}
	tuned, err := im.Model(tr)
	if err != nil {
		t.Fatal(err)
	}
	changed := map[string]bool{}
	for _, n := range trained {
		changed[n] = true
	}
	for i, init := range tuned.Graph.Initializer {
		was, err := m.Graph.Initializer[i].Value()
		if err != nil {
			t.Fatal(err)
		}
		now, err := init.Value()
		if err != nil {
			t.Fatal(err)
		}
		if same := string(tensor.Bytes(was)) == string(tensor.Bytes(now)); same == changed[init.Name] {
			t.Errorf("%s: unchanged %v, trained %v", init.Name, same, changed[init.Name])
		}
	}
	if tuned.ProducerName != "someone" || tuned.OpsetImport[0].Version != 9 {
		t.Error("the document has changed beside its weights")
	}
	s, err := infer.New(tuned, infer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, err := s.Run(context.Background(), map[string]tensor.Any{"x": x})
	if err != nil {
		t.Fatal(err)
	}
	want, err := tr.Predict(context.Background(), map[string]tensor.Any{"x": x})
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range tensor.Data[float32](want[0]) {
		if got := tensor.Data[float32](out["y"])[i]; got != v {
			t.Errorf("row %d is %v in the file, %v in the trainer", i, got, v)
		}
	}
}
