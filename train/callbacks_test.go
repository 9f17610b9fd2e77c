package train_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/metric"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// scripted is a metric whose value by epoch is given: training asks for one, validation for the next.
type scripted struct {
	values []float64 // of the validation
	calls  *int
}

func (scripted) Name() string                    { return "score" }
func (scripted) Update(_, _, _ tensor.Any) error { return nil }
func (scripted) Reset()                          {}
func (scripted) State() []float64                { return []float64{0} }
func (scripted) SetState([]float64) error        { return nil }
func (s scripted) Result() (v float64) {
	if *s.calls%2 == 1 {
		v = s.values[*s.calls/2]
	}
	*s.calls++
	return v
}

// line is a net w*x+b with data that moves w in every epoch.
func line(t testing.TB, o optim.Optimizer, m ...train.Metric) (*train.Trainer, data.Source) {
	t.Helper()
	net, err := nn.Sequential(1, nn.Input{Shape: []int{1}}, &nn.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	tr, err := train.New(net, train.Config{Loss: loss.MeanSquaredError{}, Optimizer: o, Metrics: m})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.Close)
	ds, err := data.New(map[string]tensor.Any{"input": tensor.Must([]float32{1, 2, 3, 4}, 4, 1)}, tensor.Must([]float32{90, 180, 270, 360}, 4, 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	src, err := ds.Batches(data.BatchOptions{Size: 4})
	if err != nil {
		t.Fatal(err)
	}
	return tr, src
}

func weight(tr *train.Trainer) float32 { return tensor.Data[float32](tr.Params()[0].Tensor)[0] }

// TestEarlyStopping follows a given figure; Keras's rules are held by TestKerasFit besides.
func TestEarlyStopping(t *testing.T) {
	nan := math.NaN()
	base := 5.
	for _, c := range []struct {
		name         string
		values       []float64
		es           train.EarlyStopping
		epochs, best int // trained; whose weights are left, -1 for the last one's
	}{
		{"stops", []float64{3, 2, 2.5, 2.1, 1}, train.EarlyStopping{Patience: 2, Mode: "min"}, 4, -1},
		{"restores when stopped", []float64{3, 2, 2.5, 2.1, 1}, train.EarlyStopping{Patience: 2, Mode: "min", RestoreBestWeights: true}, 4, 1},
		{"restores at the end too", []float64{3, 2, 4, 5, 6}, train.EarlyStopping{Patience: 9, Mode: "min", RestoreBestWeights: true}, 5, 1},
		{"max", []float64{1, 2, 1, 1, 9}, train.EarlyStopping{Patience: 2, Mode: "max", RestoreBestWeights: true}, 4, 1},
		{"least difference", []float64{3, 2.95, 2.92, 1, 1}, train.EarlyStopping{Patience: 2, Mode: "min", MinDelta: .1}, 3, -1},
		{"patience 0", []float64{3, 2, 3, 1, 1}, train.EarlyStopping{Mode: "min"}, 3, -1},
		{"baseline", []float64{9, 8, 7, 6, 1}, train.EarlyStopping{Patience: 2, Mode: "min", Baseline: &base, RestoreBestWeights: true}, 5, 4},
		{"baseline not reached", []float64{9, 8, 8, 8, 8}, train.EarlyStopping{Patience: 3, Mode: "min", Baseline: &base, RestoreBestWeights: true}, 3, 1},
		{"start", []float64{0, 3, 4, 5, 6}, train.EarlyStopping{Patience: 2, Mode: "min", StartFromEpoch: 1, RestoreBestWeights: true}, 4, 1},
		{"NaN", []float64{nan, 3, nan, 2, nan}, train.EarlyStopping{Patience: 2, Mode: "min", RestoreBestWeights: true}, 5, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr, src := line(t, optim.SGD{LearningRate: .001}, scripted{c.values, new(int)})
			c.es.Monitor = "val_score"
			var after []float32
			watch := &train.LambdaCallback{OnEpochEnd: func(context.Context, *train.Trainer, train.Epoch) error {
				after = append(after, weight(tr))
				return nil
			}}
			h, err := tr.Fit(context.Background(), src, train.FitOptions{Epochs: 5, Validation: src, Callbacks: []train.Callback{&c.es, watch}})
			if err != nil {
				t.Fatal(err)
			}
			want := after[len(after)-1]
			if c.best >= 0 {
				want = after[c.best]
			}
			if len(h.Epochs) != c.epochs || weight(tr) != want {
				t.Errorf("%d epochs, weight %v of %v; want %d epochs, %v", len(h.Epochs), weight(tr), after, c.epochs, want)
			}
		})
	}
}

// TestBadCallbacks names what is wrong.
func TestBadCallbacks(t *testing.T) {
	for _, c := range []struct {
		c    train.Callback
		want string
	}{
		{&train.EarlyStopping{}, "monitors val_loss, which this training does not compute, since there is no validation data; there are loss, true_positives"},
		{&train.EarlyStopping{Monitor: "lost"}, `did you mean "loss"`},
		{&train.EarlyStopping{Monitor: "true_positives"}, "say mode max or min"},
		{&train.EarlyStopping{Monitor: "loss", Mode: "up"}, `mode "up"; there are auto, min, max`},
		{&train.EarlyStopping{Monitor: "loss", Patience: -1}, "must not be negative"},
		{&train.ReduceLROnPlateau{Monitor: "loss", Factor: 1}, "factor 1, it must be in (0,1)"},
		{&train.LearningRateScheduler{Schedule: func(int, float64) float64 { return math.NaN() }}, "gives NaN for epoch 0"},
		{&train.ModelCheckpoint{Filepath: "a.keras"}, ".onnx"},
		{&train.ModelCheckpoint{Filepath: "{epoch}-{val_loss}.onnx"}, "there is no figure val_loss"},
		{&train.ModelCheckpoint{Filepath: "{loss:s}.onnx"}, `format "s" of loss`},
		{&train.Timer{}, "duration of 0s"},
		{&train.Checkpoint{Path: filepath.Join(t.TempDir(), "none", "c.npz")}, "saving checkpoint"},
	} {
		tr, src := line(t, optim.SGD{}, &metric.TruePositives{})
		if _, err := tr.Fit(context.Background(), src, train.FitOptions{Callbacks: []train.Callback{c.c}}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%T: got %v, want %q", c.c, err, c.want)
		}
	}
}

func TestModelCheckpoint(t *testing.T) {
	dir := t.TempDir()
	all := &train.ModelCheckpoint{Filepath: filepath.Join(dir, "all", "{epoch:02d}-{val_score:.2f}.onnx")}
	best := &train.ModelCheckpoint{Filepath: filepath.Join(dir, "best.npz"), Monitor: "val_score", Mode: "max", SaveBestOnly: true}
	bar := 8.
	never := &train.ModelCheckpoint{Filepath: filepath.Join(dir, "never.onnx"), Monitor: "val_score", Mode: "max", SaveBestOnly: true, InitialValueThreshold: &bar}
	tr, src := line(t, optim.SGD{LearningRate: .001}, scripted{[]float64{1, 7, 3}, new(int)})
	o := train.FitOptions{Epochs: 3, Validation: src, Callbacks: []train.Callback{best, all, never}}
	if _, err := tr.Fit(context.Background(), src, o); err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			got = append(got, rel)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{"all/01-1.00.onnx", "all/02-7.00.onnx", "all/03-3.00.onnx", "best.npz"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	again, _ := line(t, optim.SGD{LearningRate: .001}, scripted{[]float64{0, 0, 0}, new(int)})
	if err := again.LoadCheckpoint(filepath.Join(dir, "best.npz")); err != nil || again.Epoch() != 2 {
		t.Fatalf("the best model is of epoch %d, want 2: %v", again.Epoch(), err)
	}
	// The best value survives: an epoch with 0 does not take the place of 7.
	before, err := os.ReadFile(filepath.Join(dir, "best.npz"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Fit(context.Background(), src, o); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(filepath.Join(dir, "best.npz"))
	if v, _ := best.Best(); err != nil || string(after) != string(before) || v != 7 {
		t.Errorf("after a resume a worse model replaced the best; best %v: %v", v, err)
	}
	if _, err := onnxio.Load(filepath.Join(dir, "all", "01-1.00.onnx")); err != nil {
		t.Error(err)
	}
}

// TestTerminateOnNaN makes NaN in the three parts of a step and in the data.
func TestTerminateOnNaN(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		name string
		x    []float32
		y    []float32
		loss loss.Loss
		opt  optim.Optimizer
		act  string
		want []string
	}{
		{"forward", []float32{1, 2}, []float32{1, 1}, loss.MeanSquaredLogarithmicError{}, optim.SGD{LearningRate: -1}, "log", []string{"log", "forward pass"}},
		{"infinite", []float32{1e30, 2}, []float32{1, 1}, loss.MeanSquaredError{}, optim.SGD{}, "", []string{"loss", "forward pass", "the loss is +Inf"}},
		{"backward", []float32{1e-10, 0}, []float32{1e18, 1e18}, loss.MeanSquaredError{}, optim.SGD{}, "scale", []string{"_grad", "backward pass", "parameter"}},
		{"optimizer", []float32{1, 2}, []float32{1, 1}, loss.MeanSquaredError{}, optim.SGD{LearningRate: 3e38}, "", []string{"optimizer/", "optimizer pass", "parameter"}},
		{"data", []float32{1, float32(math.NaN())}, []float32{1, 1}, loss.MeanSquaredError{}, optim.SGD{}, "", []string{"input input holds NaN in row 1, column 0"}},
		{"target", []float32{1, 2}, []float32{inf, 1}, loss.MeanSquaredError{}, optim.SGD{}, "", []string{"input targets holds an infinite number in row 0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			units := []nn.Layer{&nn.Dense{Units: 1, KernelInitializer: nn.Ones{}, Name: "first"}}
			switch c.act {
			case "log":
				units = append(units, logLayer{})
			case "scale":
				units = append(units, scaleLayer{})
			}
			net, err := nn.Sequential(1, nn.Input{Shape: []int{1}}, units...)
			if err != nil {
				t.Fatal(err)
			}
			tr, err := train.New(net, train.Config{Loss: c.loss, Optimizer: c.opt})
			if err != nil {
				t.Fatal(err)
			}
			defer tr.Close()
			ds, err := data.New(map[string]tensor.Any{"input": tensor.Must(c.x, 2, 1)}, tensor.Must(c.y, 2, 1), nil)
			if err != nil {
				t.Fatal(err)
			}
			src, err := ds.Batches(data.BatchOptions{Size: 2})
			if err != nil {
				t.Fatal(err)
			}
			_, err = tr.Fit(context.Background(), src, train.FitOptions{Epochs: 30, Callbacks: []train.Callback{&train.TerminateOnNaN{}}})
			var nan *train.NaNError
			if !errors.As(err, &nan) {
				t.Fatalf("got %v", err)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("got %v, want %q", err, w)
				}
			}
			if strings.Contains(err.Error(), "\n") || math.IsNaN(float64(weight(tr))) {
				t.Errorf("weight %v after %v", weight(tr), err)
			}
		})
	}
}

type logLayer struct{}

func (logLayer) Build(b *nn.Builder, in ...*nn.Value) []*nn.Value {
	return []*nn.Value{b.Op("Log", in[0])}
}

// scaleLayer is x*1e25, whose gradient overflows.
type scaleLayer struct{}

func (scaleLayer) Build(b *nn.Builder, in ...*nn.Value) []*nn.Value {
	return []*nn.Value{b.Scale(in[0], 1e25)}
}

func TestParseCallback(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"EarlyStopping:monitor=val_auc,mode=max,patience=3,restore_best_weights,baseline=0.5", ""},
		{"early_stopping", ""},
		{"reduce_lr_on_plateau:factor=0.2,patience=0,min_delta=0,cooldown=1,min_lr=1e-5", ""},
		{"model_checkpoint:filepath=a.onnx,save_best_only=true,save_freq=epoch", ""},
		{"model_checkpoint:filepath=a.onnx,save_freq=20", ""},
		{"csv_logger:filename=a.csv,append=True", ""},
		{"terminate_on_nan", ""},
		{"tensorboard:log_dir=x,histogram_freq=1", ""},
		{"timer:duration=10m", ""},
		{"earlystoping", `did you mean "earlystopping"`},
		{"early_stopping:patienc=3", `did you mean "patience"`},
		{"early_stopping:patience=x", "patience=x is not a whole number"},
		{"model_checkpoint:save_freq=often", "neither epoch nor a number of steps"},
		{"reduce_lr_on_plateau:factor=0", "factor=0"},
		{"timer:duration=soon", "as in 10m"},
		{"", "no name"},
	} {
		_, err := train.ParseCallback(c.in)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%q: got %v, want %q", c.in, err, c.want)
		}
	}
}

// TestTrials runs the two ways to see whether a training works at all.
func TestTrials(t *testing.T) {
	dir := t.TempDir()
	j := job{dir: dir, epochs: 5}
	tr := j.trainer(t)
	o := j.options(t)
	o.FastDevRun = true
	h, err := tr.Fit(context.Background(), j.source(t, 0, jobExamples), o)
	if files, _ := os.ReadDir(dir); err != nil || tr.Steps() != 1 || len(h.Epochs) != 1 || len(files) != 0 {
		t.Errorf("a fast run did %d steps, %d epochs and wrote %d files: %v", tr.Steps(), len(h.Epochs), len(files), err)
	}
	tr = j.trainer(t)
	seen := map[string]bool{}
	watch := &train.LambdaCallback{OnBatchBegin: func(_ context.Context, _ *train.Trainer, b *data.Batch) error {
		seen[fmt.Sprint(tensor.Data[float32](b.Inputs["input"]))] = true
		return nil
	}}
	if _, err := tr.Fit(context.Background(), j.source(t, 0, jobExamples), train.FitOptions{Epochs: 3, OverfitBatches: 2, Callbacks: []train.Callback{watch}}); err != nil || tr.Steps() != 6 || len(seen) != 2 {
		t.Errorf("%d steps on %d batches, want 6 on 2: %v", tr.Steps(), len(seen), err)
	}
}
