package train

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/infer/ort"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// TestStepModelOnONNXRuntime trains 20 steps with the exported step on onnxruntime, feeding outputs
// back as its metadata says, and holds the parameters against our own training.
func TestStepModelOnONNXRuntime(t *testing.T) {
	if err := ort.Available(); err != nil {
		if os.Getenv("ONNXTOOL_REQUIRE_ORT") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	for _, o := range []optim.Optimizer{optim.SGD{Momentum: .9, Nesterov: true}, optim.Adam{AMSGrad: true}, optim.RMSprop{Centered: true, Momentum: .5}} {
		t.Run(o.Name(), func(t *testing.T) { trainOnORT(t, o) })
	}
}

func trainOnORT(t *testing.T, o optim.Optimizer) {
	b := nn.NewBuilder(4)
	id := b.Input(nn.Input{Name: "id", Shape: []int{1}, DType: tensor.Int64})
	x := b.Input(nn.Input{Name: "x", Shape: []int{5}})
	e := b.Apply(&nn.Flatten{}, b.Apply(&nn.Embedding{InputDim: 7, OutputDim: 3}, id))
	h := b.Apply(&nn.Dense{Units: 12, Activation: "relu", KernelRegularizer: nn.L1L2{L1: .01, L2: .01}}, b.Apply(&nn.Concatenate{}, e, x))
	h = b.Apply(&nn.Dropout{Rate: .3}, h)
	net, err := b.Net(b.Output("y", b.Apply(&nn.Dense{Units: 1, Activation: "sigmoid"}, h)))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := New(net, Config{Loss: loss.BinaryCrossentropy{}, Optimizer: o, noiseInputs: true})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	r := rand.New(rand.NewPCG(1, 1))
	const rows = 6
	batch := func() *data.Batch {
		ids, xs, ys, ws := tensor.Zeros[int64](rows, 1), tensor.Zeros[float32](rows, 5), tensor.Zeros[float32](rows, 1), tensor.Zeros[float32](rows)
		for i := range rows {
			ids.Data()[i], ys.Data()[i], ws.Data()[i] = r.Int64N(7), float32(r.IntN(2)), r.Float32()+.5
		}
		for i := range xs.Data() {
			xs.Data()[i] = float32(r.NormFloat64())
		}
		return &data.Batch{Inputs: map[string]tensor.Any{"id": ids, "x": xs}, Target: ys, Weight: ws, N: rows}
	}
	first := batch()
	m, err := tr.StepModel(first)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ort.New(m, ort.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	state, doc := initialState(t, m, tr)
	for step := range 20 {
		bt := batch()
		feed := map[string]tensor.Any{"targets": bt.Target, "sample_weight": bt.Weight, "learning_rate": tensor.Scalar(float32(tr.LearningRate())), "step": tensor.Scalar(int64(step))}
		for _, n := range doc.Noise {
			u := tensor.Zeros[float32](rows, 12)
			for i := range u.Data() {
				u.Data()[i] = r.Float32()
			}
			bt.Inputs[n.Input] = u
		}
		for name, v := range bt.Inputs {
			feed[name] = v
		}
		for name, v := range state {
			feed[name] = v
		}
		out, err := s.Run(context.Background(), feed)
		if err != nil {
			t.Fatal(err)
		}
		want, _, err := tr.Step(context.Background(), bt)
		if err != nil {
			t.Fatal(err)
		}
		if got := float64(tensor.Data[float32](out["loss"])[0]); math.Abs(got-want) > 1e-5 {
			t.Fatalf("loss of step %d is %v on onnxruntime, ours %v", step, got, want)
		}
		for _, u := range doc.Updates {
			state[u.Input] = out[u.Output]
		}
	}
	for _, p := range tr.Params() {
		got := tensor.Data[float32](state[p.Name])
		for i, v := range tensor.Data[float32](p.Tensor) {
			if math.Abs(float64(v-got[i])) > 1e-5 {
				t.Fatalf("%s[%d] is %v on onnxruntime, ours %v", p.Name, i, got[i], v)
			}
		}
	}
}

// initialState reads the metadata and returns what the first step is fed.
func initialState(t *testing.T, m *onnxio.Model, tr *Trainer) (map[string]tensor.Any, stepDoc) {
	t.Helper()
	text, _ := onnxio.Metadata(m.MetadataProps, "onnxtool.step")
	var doc stepDoc
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	state := map[string]tensor.Any{}
	for _, p := range tr.Params() {
		state[p.Name] = tensor.CloneAny(p.Tensor)
	}
	for _, u := range doc.Updates {
		if !u.Slot {
			continue
		}
		param := u.Input[:strings.LastIndexByte(u.Input, '/')]
		s := tensor.Zeros[float32](state[param].Shape()...)
		for i := range s.Data() {
			s.Data()[i] = u.Initial
		}
		state[u.Input] = s
	}
	return state, doc
}
