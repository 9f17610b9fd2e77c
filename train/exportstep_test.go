package train_test

import (
	"encoding/json"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/infer/ort"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// needORT skips a test where there is no onnxruntime, or fails it where there has to be one.
func needORT(t *testing.T) {
	t.Helper()
	if err := ort.Available(); err != nil {
		if os.Getenv("ONNXTOOL_REQUIRE_ORT") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

// TestStepModelOnONNXRuntime trains a net with an embedding, dropout, penalties and sample weights.
func TestStepModelOnONNXRuntime(t *testing.T) {
	needORT(t)
	for _, o := range []optim.Optimizer{
		optim.SGD{Momentum: .9, Nesterov: true}, optim.Adam{AMSGrad: true}, optim.RMSprop{Centered: true, Momentum: .5},
		optim.Adafactor{LearningRate: .05}, optim.Muon{LearningRate: .02}, optim.ScheduleFreeAdamW{LearningRate: .02, WarmupSteps: 5},
	} {
		t.Run(o.Name(), func(t *testing.T) {
			cfg := train.Config{Loss: loss.BinaryCrossentropy{}, Optimizer: o}
			cfg.FeedNoise()
			tr, err := train.New(smallNet(t), cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer tr.Close()
			trainOnORT(t, tr, o, randomBatches())
		})
	}
}

func smallNet(t *testing.T) *nn.Net {
	t.Helper()
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
	return net
}

func randomBatches() func() *data.Batch {
	r := rand.New(rand.NewPCG(1, 1))
	const rows = 6
	return func() *data.Batch {
		ids, xs, ys, ws := tensor.Zeros[int64](rows, 1), tensor.Zeros[float32](rows, 5), tensor.Zeros[float32](rows, 1), tensor.Zeros[float32](rows)
		for i := range rows {
			ids.Data()[i], ys.Data()[i], ws.Data()[i] = r.Int64N(7), float32(r.IntN(2)), r.Float32()+.5
		}
		for i := range xs.Data() {
			xs.Data()[i] = float32(r.NormFloat64())
		}
		return &data.Batch{Inputs: map[string]tensor.Any{"id": ids, "x": xs}, Target: ys, Weight: ws, N: rows}
	}
}

// exported is a training step on onnxruntime with the states that it is fed.
type exported struct {
	run    *ort.Session
	shapes map[string]tensor.Shape // of its inputs, -1 for the batch
	state  map[string]tensor.Any
	doc    stepDoc
	noise  *rand.Rand
}

// stepDoc is the metadata of an exported step.
type stepDoc struct {
	Updates []struct {
		Output, Input string
		Slot          bool
		Initial       float32
	}
	Noise []struct{ Input, Draw string }
}

func newExported(t *testing.T, tr *train.Trainer, like *data.Batch) *exported {
	t.Helper()
	m, err := tr.StepModel(like)
	if err != nil {
		t.Fatal(err)
	}
	e := &exported{shapes: map[string]tensor.Shape{}, state: map[string]tensor.Any{}, noise: rand.New(rand.NewPCG(3, 5))}
	if e.run, err = ort.New(m, ort.Options{Threads: 1}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.run.Close() })
	text, _ := onnxio.Metadata(m.MetadataProps, "onnxtool.step")
	if err := json.Unmarshal([]byte(text), &e.doc); err != nil {
		t.Fatal(err)
	}
	for _, v := range e.run.Inputs() {
		shape := tensor.Shape{}
		for _, d := range v.Shape {
			shape = append(shape, d.Size)
		}
		e.shapes[v.Name] = shape
	}
	for _, p := range tr.Params() {
		e.state[p.Name] = tensor.CloneAny(p.Tensor)
	}
	for _, u := range e.doc.Updates {
		if u.Slot {
			slot := tensor.Zeros[float32](e.shapes[u.Input]...)
			for i := range slot.Data() {
				slot.Data()[i] = u.Initial
			}
			e.state[u.Input] = slot
		}
	}
	return e
}

// draw puts noise into a batch.
func (e *exported) draw(b *data.Batch) {
	for _, n := range e.doc.Noise {
		shape := e.shapes[n.Input].Clone()
		for i, d := range shape {
			if d < 0 {
				shape[i] = b.N
			}
		}
		x := tensor.Zeros[float32](shape...)
		for i := range x.Data() {
			if x.Data()[i] = e.noise.Float32(); strings.HasPrefix(n.Draw, "RandomNormal") {
				x.Data()[i] = float32(e.noise.NormFloat64())
			}
		}
		b.Inputs[n.Input] = x
	}
}

// step does one and returns the loss before it.
func (e *exported) step(t *testing.T, b *data.Batch, rate float64, steps int64) float64 {
	t.Helper()
	feed := map[string]tensor.Any{"targets": b.Target, "learning_rate": tensor.Scalar(float32(rate)), "step": tensor.Scalar(steps)}
	if b.Weight != nil {
		feed["sample_weight"] = b.Weight
	}
	maps.Copy(feed, b.Inputs)
	maps.Copy(feed, e.state)
	for name := range feed { // what the step does not read, such as a parameter of a layer left out
		if _, ok := e.shapes[name]; !ok {
			delete(feed, name)
		}
	}
	out, err := e.run.Run(t.Context(), feed)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range e.doc.Updates {
		e.state[u.Input] = out[u.Output]
	}
	return float64(tensor.Data[float32](out["loss"])[0])
}

// trainOnORT trains 20 steps with the exported step on onnxruntime, feeding outputs back as its metadata says and
// the same noise to both, and holds the parameters against our own training.
func trainOnORT(t *testing.T, tr *train.Trainer, o optim.Optimizer, next func() *data.Batch) {
	t.Helper()
	b := next()
	e := newExported(t, tr, b)
	for step := range 20 {
		if step > 0 {
			b = next()
		}
		e.draw(b)
		got := e.step(t, b, optim.RateAt(o, tr.LearningRate(), tr.Steps()), tr.Steps())
		want, _, err := tr.Step(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got-want) > 1e-5*max(1, math.Abs(want)) {
			t.Fatalf("loss of step %d is %v on onnxruntime, ours %v", step, got, want)
		}
	}
	worst := 0.0
	for _, p := range tr.Params() {
		got := tensor.Data[float32](e.state[p.Name])
		for i, v := range tensor.Data[float32](p.Tensor) {
			if d := math.Abs(float64(v - got[i])); d > worst {
				worst = d
				if d > 1e-5 {
					t.Errorf("%s[%d] is %v on onnxruntime, ours %v", p.Name, i, got[i], v)
				}
			}
		}
	}
	t.Logf("%d noise inputs, largest difference %.2g", len(e.doc.Noise), worst)
}
