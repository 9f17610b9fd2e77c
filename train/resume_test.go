package train_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/metric"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

// job is a training with everything that a checkpoint has to hold: dropout, running statistics, an optimizer
// with slots, moving averages, shuffled data with a short last batch, callbacks that remember.
type job struct {
	dir     string
	epochs  int
	threads int
	freq    int           // of the checkpoint, in steps
	every   time.Duration // of the checkpoint
	stops   bool          // early
	more    []train.Callback
}

const jobExamples = 90

func (j job) source(t testing.TB, from, n int) data.Source {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(from), 5))
	x, y := tensor.Zeros[float32](n, 4), tensor.Zeros[float32](n, 1)
	for i := range n {
		sum := float32(0)
		for k := range 4 {
			v := float32(r.NormFloat64())
			x.Data()[i*4+k] = v
			sum += v * float32(k-1)
		}
		if sum+float32(r.NormFloat64()) > 0 {
			y.Data()[i] = 1
		}
	}
	ds, err := data.New(map[string]tensor.Any{"input": x}, y, nil)
	if err != nil {
		t.Fatal(err)
	}
	src, err := ds.Batches(data.BatchOptions{Size: 16, Shuffle: from == 0, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func (j job) trainer(t testing.TB) *train.Trainer {
	t.Helper()
	net, err := nn.Sequential(1, nn.Input{Shape: []int{4}}, &nn.Dense{Units: 12, Activation: "relu"},
		&nn.BatchNormalization{}, &nn.Dropout{Rate: .3}, &nn.Dense{Units: 1, Activation: "sigmoid"})
	if err != nil {
		t.Fatal(err)
	}
	tr, err := train.New(net, train.Config{
		Loss: loss.BinaryCrossentropy{}, Seed: 7, Threads: j.threads,
		Optimizer: optim.Adam{LearningRate: .05, AMSGrad: true, Options: optim.Options{UseEMA: true, EMAMomentum: .9, GradientAccumulationSteps: 2}},
		Metrics:   []train.Metric{&metric.Auto{}, &metric.AUC{}, &metric.ExactAUC{}, &metric.F1Score{}, &metric.Precision{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.Close)
	return tr
}

func (j job) options(t testing.TB) train.FitOptions {
	o := train.FitOptions{Epochs: j.epochs, Validation: j.source(t, 1000, 50)}
	o.Callbacks = []train.Callback{
		&train.ReduceLROnPlateau{Factor: .5, Patience: 1, Cooldown: 1},
		&train.LearningRateScheduler{Schedule: func(epoch int, rate float64) float64 { return rate * .97 }},
		&train.Checkpoint{Path: filepath.Join(j.dir, "checkpoint.npz"), SaveFreq: j.freq, Every: j.every},
		&train.ModelCheckpoint{Filepath: filepath.Join(j.dir, "best.onnx"), SaveBestOnly: true, Monitor: "val_exact_auc"},
		&train.CSVLogger{Filename: filepath.Join(j.dir, "log.csv")},
	}
	if j.stops {
		o.Callbacks = append(o.Callbacks, &train.EarlyStopping{Patience: 2, RestoreBestWeights: true})
	}
	o.Callbacks = append(o.Callbacks, j.more...)
	return o
}

// run trains, from the checkpoint where there is one, and returns what came out as text: history, files and
// every bit of every parameter.
func (j job) run(t testing.TB, ctx context.Context, resume bool) (string, error) {
	t.Helper()
	tr := j.trainer(t)
	if path := filepath.Join(j.dir, "checkpoint.npz"); resume {
		if err := tr.LoadCheckpoint(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	h, err := tr.Fit(ctx, j.source(t, 0, jobExamples), j.options(t))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := h.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	for _, p := range tr.Params() {
		fmt.Fprintf(&b, "%s %x\n", p.Name, tensor.Bytes(p.Tensor))
	}
	for _, name := range []string{"best.onnx", "log.csv"} {
		file, err := os.ReadFile(filepath.Join(j.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %x\n", name, file)
	}
	return b.String(), nil
}

// TestThreads trains with other numbers of goroutines: every bit is the same.
func TestThreads(t *testing.T) {
	want := ""
	for _, n := range []int{1, 2, 5} {
		got, err := job{dir: t.TempDir(), epochs: 4, threads: n, stops: true}.run(t, context.Background(), false)
		if err != nil {
			t.Fatal(err)
		}
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("with %d threads the result differs", n)
		}
	}
}

var errCrash = errors.New("crash")

// TestResume lets a training crash at each of its steps, and twice: the resumed one ends as if nothing had
// happened.
func TestResume(t *testing.T) {
	for _, stops := range []bool{false, true} {
		j := job{dir: t.TempDir(), epochs: 4, stops: stops}
		want, err := j.run(t, context.Background(), false)
		if err != nil {
			t.Fatal(err)
		}
		for _, freq := range []int{0, 1, 4} {
			for _, at := range []int64{1, 6, 15} { // the first step, an epoch's last, one within
				j.dir, j.freq, j.threads = t.TempDir(), freq, int(at%3)
				for crash := range 2 {
					j.more = []train.Callback{&train.LambdaCallback{OnBatchEnd: func(_ context.Context, tr *train.Trainer, _ train.Progress) error {
						if tr.Steps() == at+int64(crash)*4 {
							return errCrash
						}
						return nil
					}}}
					if _, err := j.run(t, context.Background(), crash > 0); err != nil && !errors.Is(err, errCrash) {
						t.Fatal(err)
					}
				}
				j.more = nil
				got, err := j.run(t, context.Background(), true)
				if err != nil {
					t.Fatal(err)
				}
				if got != want {
					t.Fatalf("early stopping %v, a checkpoint every %d steps: after a crash at step %d the result differs\n%.600s\nwant\n%.600s", stops, freq, at, got, want)
				}
			}
		}
	}
}

// TestCancel cancels within an epoch, and once during validation, then goes on in the same process and in
// another one.
func TestCancel(t *testing.T) {
	j := job{dir: t.TempDir(), epochs: 4}
	want, err := j.run(t, context.Background(), false)
	if err != nil {
		t.Fatal(err)
	}
	j.dir = t.TempDir()
	ctx, cancel := context.WithCancelCause(context.Background())
	j.more = []train.Callback{&train.LambdaCallback{OnBatchEnd: func(_ context.Context, tr *train.Trainer, p train.Progress) error {
		if tr.Steps() == 12 { // the epoch's last step: what is left is the validation
			cancel(errCrash)
		}
		return nil
	}}}
	if _, err := j.run(t, ctx, false); !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	j.more = []train.Callback{&train.Timer{Duration: time.Nanosecond}} // one step
	tr := j.trainer(t)
	if err := tr.LoadCheckpoint(filepath.Join(j.dir, "checkpoint.npz")); err != nil {
		t.Fatal(err)
	}
	if tr.Steps() != 12 || tr.Epoch() != 1 {
		t.Errorf("the checkpoint is of epoch %d, step %d, want 1, 12", tr.Epoch(), tr.Steps())
	}
	if _, err := tr.Fit(context.Background(), j.source(t, 0, jobExamples), j.options(t)); err != nil {
		t.Fatal(err)
	}
	if tr.Steps() != 12 || tr.Epoch() != 2 { // the time is up when the epoch ends
		t.Errorf("the timer left epoch %d, step %d, want 2, 12", tr.Epoch(), tr.Steps())
	}
	j.more = nil
	got, err := j.run(t, context.Background(), true)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("after two interruptions the result differs\n%.600s\nwant\n%.600s", got, want)
	}
}

// TestOtherData goes on with other data after an interruption: the epoch begins again.
func TestOtherData(t *testing.T) {
	j := job{threads: 1}
	tr := j.trainer(t)
	stop := &train.LambdaCallback{OnBatchEnd: func(_ context.Context, tr *train.Trainer, _ train.Progress) error {
		tr.Interrupt()
		return nil
	}}
	if _, err := tr.Fit(context.Background(), j.source(t, 0, jobExamples), train.FitOptions{Epochs: 1, Callbacks: []train.Callback{stop}}); err != nil || tr.Steps() != 1 {
		t.Fatalf("%d steps: %v", tr.Steps(), err)
	}
	if _, err := tr.Fit(context.Background(), j.source(t, 0, 32), train.FitOptions{Epochs: 1}); err != nil || tr.Steps() != 3 || tr.Epoch() != 1 {
		t.Errorf("%d steps, %d epochs, want 3 and 1: %v", tr.Steps(), tr.Epoch(), err)
	}
}

// TestMismatchedCheckpoint loads checkpoints of other trainings.
func TestMismatchedCheckpoint(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "c.npz")
	ds, err := data.New(map[string]tensor.Any{"input": tensor.Zeros[float32](8, 2)}, tensor.Zeros[float32](8, 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	batches := func(size int) data.Source {
		s, err := ds.Batches(data.BatchOptions{Size: size})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	trainer := func(units int, o optim.Optimizer, seed uint64, m ...train.Metric) *train.Trainer {
		net, err := nn.Sequential(1, nn.Input{Shape: []int{2}}, &nn.Dense{Units: units}, &nn.Dense{Units: 1})
		if err != nil {
			t.Fatal(err)
		}
		tr, err := train.New(net, train.Config{Loss: loss.MeanSquaredError{}, Optimizer: o, Seed: seed, Metrics: m})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(tr.Close)
		return tr
	}
	stop := &train.LambdaCallback{OnBatchEnd: func(_ context.Context, tr *train.Trainer, _ train.Progress) error {
		if tr.Steps() == 5 {
			tr.Interrupt()
		}
		return nil
	}}
	early := &train.EarlyStopping{Monitor: "loss"}
	fit := train.FitOptions{Epochs: 3, Callbacks: []train.Callback{early, stop, &train.Checkpoint{Path: path}}}
	if _, err := trainer(3, optim.Adam{}, 1).Fit(context.Background(), batches(2), fit); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		tr    *train.Trainer
		batch int
		o     train.FitOptions
		want  string
	}{
		{trainer(4, optim.Adam{}, 1), 2, fit, "param/dense/kernel is f32[2,3], the network has f32[2,4]"},
		{trainer(3, optim.SGD{}, 1), 2, fit, "made with optimizer adam, the training has sgd"},
		{trainer(3, optim.Adam{}, 2), 2, fit, "made with seed 1, the training has 2"},
		{trainer(3, optim.Adam{}, 1, &metric.MeanSquaredError{}), 2, fit, "resume with the same metrics"},
		{trainer(3, optim.Adam{}, 1), 8, fit, "are data and batch size the same?"},
		{trainer(3, optim.Adam{}, 1), 2, train.FitOptions{Epochs: 3, Callbacks: []train.Callback{&train.EarlyStopping{}}, Validation: batches(2)}, "resume with the same metrics"},
	} {
		err := c.tr.LoadCheckpoint(path)
		if err == nil {
			_, err = c.tr.Fit(context.Background(), batches(c.batch), c.o)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
	if err := trainer(3, optim.Adam{}, 1).LoadCheckpoint(filepath.Join(dir, "none.npz")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	tr := trainer(3, optim.Adam{LearningRate: .5}, 1)
	if err := tr.LoadCheckpoint(path); err != nil || math.Abs(tr.LearningRate()-.5) > 1e-12 {
		t.Errorf("a learning rate that is changed on purpose is %v: %v", tr.LearningRate(), err)
	}
}
