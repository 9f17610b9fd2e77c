package train_test

import (
	"context"
	"maps"
	"runtime/debug"
	"slices"
	"testing"

	"github.com/onnxtool/onnxtool/internal/race"
	"github.com/onnxtool/onnxtool/models"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// allocNets are layers beside those of the course's models: each net takes rows of [8,6].
var allocNets = map[string][]nn.Layer{
	"lstm":      {&nn.LSTM{Units: 5, ReturnSequences: true, Dropout: .2, RecurrentDropout: .2}, &nn.LSTM{Units: 4}, &nn.Dense{Units: 1}},
	"gru":       {&nn.Bidirectional{Layer: &nn.GRU{Units: 5}}, &nn.Dense{Units: 1}},
	"conv":      {&nn.Conv1D{Filters: 4, KernelSize: 3}, &nn.BatchNormalization{}, &nn.MaxPooling1D{}, &nn.Flatten{}, &nn.Dense{Units: 1}},
	"attention": {&selfAttention{nn.MultiHeadAttention{NumHeads: 2, KeyDim: 4, Dropout: .1}}, &nn.LayerNormalization{}, &nn.GlobalAveragePooling{}, &nn.Dense{Units: 1}},
	"gaussian":  {&nn.GaussianNoise{Stddev: .1}, &nn.GaussianDropout{Rate: .1}, &nn.Flatten{}, &nn.AlphaDropout{Rate: .1}, &nn.Dense{Units: 1, Activation: "selu"}},
}

// selfAttention is attention of a series to itself.
type selfAttention struct{ nn.MultiHeadAttention }

// Build implements [nn.Layer].
func (l *selfAttention) Build(b *nn.Builder, in ...*nn.Value) []*nn.Value {
	return l.MultiHeadAttention.Build(b, in[0], in[0])
}

// BenchmarkSteps are training steps of the course's models and of other nets; after warm-up none allocates.
func BenchmarkSteps(b *testing.B) {
	if race.Enabled {
		b.Skip("the race detector allocates")
	}
	for _, r := range models.All() {
		eachVariant(b, r, func(name string, o models.Options) {
			b.Run(name, func(b *testing.B) {
				task, err := r.Prepare(o)
				if err != nil {
					b.Fatal(err)
				}
				src, err := task.Train.Batches(data.BatchOptions{Size: min(task.Batch, 64)})
				if err != nil {
					b.Fatal(err)
				}
				it, err := src.Epoch(0)
				if err != nil {
					b.Fatal(err)
				}
				defer it.Close()
				batch, err := it.Next()
				if err != nil {
					b.Fatal(err)
				}
				steps(b, task.Net, train.Config{Loss: task.Loss, Optimizer: task.Optimizer, Threads: 1}, batch)
			})
		})
	}
	for _, name := range slices.Sorted(maps.Keys(allocNets)) {
		layers := allocNets[name]
		b.Run(name, func(b *testing.B) {
			builder := nn.NewBuilder(1)
			x := builder.Input(nn.Input{Name: "x", Shape: []int{8, 6}})
			for _, l := range layers {
				x = builder.Apply(l, x)
			}
			net, err := builder.Net(builder.Output("y", x))
			if err != nil {
				b.Fatal(err)
			}
			batch := &data.Batch{Inputs: map[string]tensor.Any{"x": tensor.Zeros[float32](16, 8, 6)}, Target: tensor.Zeros[float32](16, 1), N: 16}
			steps(b, net, train.Config{Loss: loss.MeanSquaredError{}, Optimizer: optim.Adam{}, Threads: 1}, batch)
		})
	}
}

// steps measures steps on one batch and fails where they allocate.
func steps(b *testing.B, net *nn.Net, cfg train.Config, batch *data.Batch) {
	tr, err := train.New(net, cfg)
	if err != nil {
		b.Fatal(err)
	}
	defer tr.Close()
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection empties the kernels' pools
	step := func() {
		if _, _, err := tr.Step(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
	for range 3 {
		step()
	}
	if n := testing.AllocsPerRun(5, step); n != 0 {
		b.Errorf("%v allocations a step", n)
	}
	b.ReportAllocs()
	for b.Loop() {
		step()
	}
}
