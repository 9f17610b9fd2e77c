package train

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/metric"
)

// position is where an epoch stands that has begun and not ended.
type position struct {
	batches  int     // done
	examples int     // of the epoch, -1 where not known
	mean     average // of the loss
	live     bool    // batches are running: the metrics hold their states themselves
	metrics  [][]float64
	err      error // why the metrics' states cannot be kept
	loaded   bool  // from a checkpoint
}

// states returns the metrics' states.
func (p *position) states(t *Trainer) ([][]float64, error) {
	if !p.live {
		return p.metrics, p.err
	}
	var out [][]float64
	for _, m := range t.metrics() {
		s, ok := metric.State(m)
		if !ok {
			return nil, fmt.Errorf("train: metric %s has no methods State and SetState, so that nothing can be saved within an epoch", m.Name())
		}
		out = append(out, s)
	}
	return out, nil
}

// leave keeps the metrics' states, before something else uses the metrics.
func (p *position) leave(t *Trainer) {
	p.metrics, p.err = p.states(t)
	p.live = false
}

// skip walks past the batches that are done.
func (p *position) skip(ctx context.Context, it data.Iterator) error {
	examples := 0
	for range p.batches {
		b, err := next(ctx, it)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		examples += b.N
	}
	if examples != p.mean.n {
		return fmt.Errorf("it was left after %d examples in %d batches, which now have %d: are data and batch size the same?", p.mean.n, p.batches, examples)
	}
	return nil
}

// The arrays of a checkpoint that was made within an epoch.
const (
	withinKey    = "within"  // batches, examples, the loss's sum and count
	metricPrefix = "metric/" // by the metric's place
)

// save adds the position to a checkpoint.
func (p *position) save(t *Trainer, arrays map[string]tensor.Any) error {
	states, err := p.states(t)
	if err != nil {
		return err
	}
	arrays[withinKey] = tensor.Vector(float64(p.batches), float64(p.examples), p.mean.sum, float64(p.mean.n))
	for i, s := range states {
		arrays[fmt.Sprint(metricPrefix, i)] = tensor.Vector(s...)
	}
	return nil
}

// loadPosition reads the position of a checkpoint, nil where it was made between epochs.
func loadPosition(arrays map[string]tensor.Any) (*position, error) {
	if arrays[withinKey] == nil {
		return nil, nil
	}
	v := tensor.Data[float64](arrays[withinKey])
	if len(v) != 4 {
		return nil, errors.New("array within does not have 4 numbers")
	}
	p := &position{batches: int(v[0]), examples: int(v[1]), mean: average{v[2], int(v[3])}, loaded: true}
	if p.batches < 0 || p.examples < -1 || p.mean.n < 0 {
		return nil, fmt.Errorf("array within holds %v", v)
	}
	for i := 0; ; i++ {
		a := arrays[fmt.Sprint(metricPrefix, i)]
		if a == nil {
			return p, nil
		}
		p.metrics = append(p.metrics, tensor.Data[float64](a))
	}
}
