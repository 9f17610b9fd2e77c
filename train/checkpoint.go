package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/onnxtool/onnxtool/internal/atomicfile"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// A checkpoint is an .npz file: each parameter as param/<name>, each optimizer slot as slot/<name>, the
// history's rows, what callbacks remember as callback/<callback>/<name>, where an epoch stands that has not
// ended, and the array "progress", one string of JSON with what else a training needs to go on.
const (
	paramPrefix    = "param/"
	slotPrefix     = "slot/"
	callbackPrefix = "callback/"
	historyKey     = "history"
	progressKey    = "progress"
)

type progress struct {
	Format       int      `json:"format"`
	Steps        int64    `json:"steps"`
	Epoch        int      `json:"epoch"`
	LearningRate float64  `json:"learning_rate"`
	InitialRate  float64  `json:"initial_learning_rate"`
	Manual       bool     `json:"learning_rate_set,omitempty"`
	Seed         uint64   `json:"seed"`
	Optimizer    string   `json:"optimizer"`
	Figures      []string `json:"figures"` // the history's names
}

// checkpointFormat is raised when a checkpoint changes in a way that older readers would misread.
const checkpointFormat = 2

// SaveCheckpoint writes everything that Fit needs to go on: parameters, optimizer slots, progress, what the
// callbacks of a running Fit remember, and within an epoch its position. The file is replaced whole or not
// at all. A callback that calls it should be the last one.
func (t *Trainer) SaveCheckpoint(path string) error {
	arrays, err := t.checkpoint()
	if err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error { return data.WriteNPZ(w, arrays) })
}

// checkpoint returns what a checkpoint holds.
func (t *Trainer) checkpoint() (map[string]tensor.Any, error) {
	if err := t.made(); err != nil {
		return nil, err
	}
	p, err := json.Marshal(progress{
		Format: checkpointFormat, Steps: t.steps, Epoch: t.epoch, LearningRate: t.rate, InitialRate: t.cfg.Optimizer.Rate(),
		Manual: t.manual, Seed: t.cfg.Seed, Optimizer: t.cfg.Optimizer.Name(), Figures: t.history.Names,
	})
	if err != nil {
		return nil, err
	}
	arrays := map[string]tensor.Any{progressKey: tensor.Vector(string(p))}
	for _, v := range t.Params() {
		arrays[paramPrefix+v.Name] = v.Tensor
	}
	for name, s := range t.slots {
		arrays[slotPrefix+name] = s
	}
	rows := tensor.Zeros[float64](len(t.history.Epochs), len(t.history.Names))
	for i, e := range t.history.Epochs {
		copy(rows.Data()[i*len(t.history.Names):], e)
	}
	arrays[historyKey] = rows
	for i, key := range stateKeys(t.callbacks) {
		if c, ok := t.callbacks[i].(StateCallback); ok {
			addState(arrays, key, c.State())
		}
	}
	for key, s := range t.pending {
		addState(arrays, key, s)
	}
	if t.within != nil {
		if err := t.within.save(t, arrays); err != nil {
			return nil, err
		}
	}
	return arrays, nil
}

func addState(arrays map[string]tensor.Any, key string, s map[string]tensor.Any) {
	for name, v := range s {
		arrays[callbackPrefix+key+"/"+name] = v
	}
}

// stateKeys names callbacks by their types and, from the second of a type on, by a number.
func stateKeys(callbacks []Callback) []string {
	keys := make([]string, len(callbacks))
	seen := map[string]int{}
	for i, c := range callbacks {
		name := fmt.Sprintf("%T", c)
		name = name[strings.LastIndexByte(name, '.')+1:]
		keys[i] = name
		if n := seen[name]; n > 0 {
			keys[i] = fmt.Sprintf("%s_%d", name, n)
		}
		seen[name]++
	}
	return keys
}

// LoadCheckpoint brings the trainer to where the one was that wrote the file. The network, the optimizer and
// the seed must be the same, and in the Fit that follows data, metrics and callbacks. A learning rate in the
// optimizer that is not the one the file was made with takes effect; else the rate is the file's.
func (t *Trainer) LoadCheckpoint(path string) error {
	if err := t.made(); err != nil {
		return err
	}
	arrays, err := data.LoadNPZ(path, data.ArrayOptions{})
	if err != nil {
		return err
	}
	if err := t.load(arrays); err != nil {
		return fmt.Errorf("checkpoint %s: %w", path, err)
	}
	return nil
}

// load takes a checkpoint. After an error the trainer is as it was.
func (t *Trainer) load(arrays map[string]tensor.Any) error {
	p, err := t.readProgress(arrays)
	if err != nil {
		return err
	}
	h, err := readHistory(arrays, p)
	if err != nil {
		return err
	}
	within, err := loadPosition(arrays)
	if err != nil {
		return err
	}
	if err := t.fits(arrays); err != nil {
		return err
	}
	if err := t.take(arrays); err != nil {
		return err
	}
	t.steps, t.epoch, t.rate, t.manual = p.Steps, p.Epoch, p.LearningRate, p.Manual
	if initial := t.cfg.Optimizer.Rate(); initial != p.InitialRate {
		t.rate = initial
	}
	t.history, t.within, t.resumed = h, within, true
	t.pending = map[string]map[string]tensor.Any{}
	for name, a := range arrays {
		if rest, ok := strings.CutPrefix(name, callbackPrefix); ok {
			key, field, _ := strings.Cut(rest, "/")
			if t.pending[key] == nil {
				t.pending[key] = map[string]tensor.Any{}
			}
			t.pending[key][field] = a
		}
	}
	return nil
}

// readProgress reads the text of a checkpoint and holds it against the training.
func (t *Trainer) readProgress(arrays map[string]tensor.Any) (progress, error) {
	text := tensor.Data[string](arrays[progressKey])
	var p progress
	if len(text) != 1 {
		return p, fmt.Errorf("no array %q: not a checkpoint", progressKey)
	}
	if err := json.Unmarshal([]byte(text[0]), &p); err != nil {
		return p, fmt.Errorf("array %q: %w", progressKey, err)
	}
	finite := func(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
	switch {
	case p.Format != checkpointFormat:
		return p, fmt.Errorf("format %d, expected %d: it was made by another version", p.Format, checkpointFormat)
	case p.Optimizer != t.cfg.Optimizer.Name():
		return p, fmt.Errorf("it was made with optimizer %s, the training has %s", p.Optimizer, t.cfg.Optimizer.Name())
	case p.Seed != t.cfg.Seed:
		return p, fmt.Errorf("it was made with seed %d, the training has %d", p.Seed, t.cfg.Seed)
	case p.Steps < 0 || p.Epoch < 0 || !finite(p.LearningRate) || !finite(p.InitialRate):
		return p, fmt.Errorf("%d steps, %d epochs, learning rate %v: not a checkpoint", p.Steps, p.Epoch, p.LearningRate)
	}
	return p, nil
}

func readHistory(arrays map[string]tensor.Any, p progress) (History, error) {
	h := History{Names: p.Figures}
	a, ok := arrays[historyKey].(*tensor.Tensor[float64])
	if !ok || a.Shape().Rank() != 2 || a.Shape()[1] != len(p.Figures) {
		return h, errors.New("its history does not fit its figures")
	}
	for i := range a.Shape()[0] {
		h.Epochs = append(h.Epochs, a.Data()[i*len(p.Figures):(i+1)*len(p.Figures)])
	}
	return h, nil
}

// fits reports the first array of a checkpoint that is missing, or not as the network has it.
func (t *Trainer) fits(arrays map[string]tensor.Any) error {
	known := map[string]bool{}
	for _, v := range t.Params() {
		known[v.Name] = true
		if err := fitsArray(arrays, paramPrefix+v.Name, v.Tensor); err != nil {
			return err
		}
	}
	for name := range arrays {
		if n, ok := strings.CutPrefix(name, paramPrefix); ok && !known[n] {
			return fmt.Errorf("the network has no parameter %s", n)
		}
		if n, ok := strings.CutPrefix(name, slotPrefix); ok && t.slots[n] != nil {
			if err := fitsArray(arrays, name, t.slots[n]); err != nil {
				return err
			}
		}
	}
	return nil
}

// fitsArray reports how an array differs from the tensor that it is for.
func fitsArray(arrays map[string]tensor.Any, name string, want tensor.Any) error {
	a := arrays[name]
	if a == nil {
		return fmt.Errorf("it has no array %s, which the network needs", name)
	}
	if a.DType() != want.DType() || !a.Shape().Equal(want.Shape()) {
		return fmt.Errorf("%s is %v%v, the network has %v%v", name, a.DType(), a.Shape(), want.DType(), want.Shape())
	}
	return nil
}

// take copies the parameters and slots of a checkpoint, which are known to fit.
func (t *Trainer) take(arrays map[string]tensor.Any) error {
	for _, v := range t.Params() {
		if err := tensor.Copy(v.Tensor, arrays[paramPrefix+v.Name]); err != nil {
			return err
		}
	}
	for name, a := range arrays {
		n, ok := strings.CutPrefix(name, slotPrefix)
		switch {
		case !ok:
		case t.slots[n] == nil: // no step has been built yet
			t.slots[n] = tensor.CloneAny(a)
		default:
			if err := tensor.Copy(t.slots[n], a); err != nil {
				return err
			}
		}
	}
	return nil
}
