package train

import "github.com/onnxtool/onnxtool/onnxio/tensor"

// snapshot is a trainer between two steps. It keeps its memory from one time to the next.
type snapshot struct {
	params []tensor.Any
	slots  map[string]tensor.Any
	steps  int64
	epoch  int
	rate   float64
	manual bool
}

// take copies the trainer's state. The optimizer's slots must exist, as after a step or stepPass.
func (s *snapshot) take(t *Trainer) error {
	s.steps, s.epoch, s.rate, s.manual = t.steps, t.epoch, t.rate, t.manual
	if s.slots == nil {
		s.slots = map[string]tensor.Any{}
		s.params = make([]tensor.Any, len(t.net.Params))
	}
	for i, p := range t.net.Params {
		v := t.params[p.Value]
		if s.params[i] == nil {
			s.params[i] = tensor.CloneAny(v)
		} else if err := tensor.Copy(s.params[i], v); err != nil {
			return err
		}
	}
	for name, v := range t.slots {
		if s.slots[name] == nil {
			s.slots[name] = tensor.CloneAny(v)
		} else if err := tensor.Copy(s.slots[name], v); err != nil {
			return err
		}
	}
	return nil
}

// restore brings the trainer back.
func (s *snapshot) restore(t *Trainer) error {
	t.steps, t.epoch, t.rate, t.manual = s.steps, s.epoch, s.rate, s.manual
	for i, p := range t.net.Params {
		if err := tensor.Copy(t.params[p.Value], s.params[i]); err != nil {
			return err
		}
	}
	for name, v := range s.slots {
		if err := tensor.Copy(t.slots[name], v); err != nil {
			return err
		}
	}
	return nil
}
