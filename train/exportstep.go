package train

import (
	"encoding/json"
	"fmt"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/lower"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/internal/rewrite"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/train/data"
)

// StepModel returns one training step as an ONNX model of standard operators: forward pass, backward
// pass and optimizer. Any runtime trains with it in a plain loop.
//
// Its inputs are the network's, targets, sample_weight where the batch has one, learning_rate, step
// (an int64 scalar: the number of steps done), every parameter and every optimizer slot by name, and
// noise/<node> for each random draw. Its outputs are loss, the prediction (with Config.More then <output>_loss of
// each output and the further predictions), and for each parameter and slot its next value, with the suffix /next. The metadata entry onnxtool.step, a JSON document, lists
// which output feeds which input, the slots' initial values and the noise's distributions.
//
// The batch says what targets and weights look like; its size does not matter. Only where the number of turns
// of a recurrence depends on other sizes of the inputs, the step is for those that the batch has.
func (t *Trainer) StepModel(b *data.Batch) (*onnxio.Model, error) {
	if err := t.made(); err != nil {
		return nil, err
	}
	cfg := t.cfg.withoutMetrics()
	cfg.noiseInputs = true
	g, _, err := stepFor(t.net, cfg, b)
	if err != nil {
		return nil, err
	}
	if err := rewrite.Fold(g.g, ops.Set()); err != nil {
		return nil, err
	}
	var doc stepDoc
	for _, v := range g.g.Inputs {
		if n, ok := g.noise[v]; ok {
			doc.Noise = append(doc.Noise, stepNoise{v.Name, n})
		}
	}
	for _, s := range statesOf(g) {
		for out, st := range g.updates {
			if st == s {
				doc.Updates = append(doc.Updates, stepUpdate{Output: out.Name, Input: s.Name, Slot: g.isSlot(s), Initial: g.initial(s)})
			}
		}
		s.Kind = ir.Input
		g.g.Inputs = append(g.g.Inputs, s)
	}
	g.g.Rename(g.g.Outputs[0], "loss")
	for i, name := range t.lossNames() {
		g.g.Rename(g.g.Outputs[2+i], name)
	}
	m, err := lower.Raise(g.g, ops.Set(), lower.RaiseOptions{Producer: "onnxtool", Version: Version})
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	m.MetadataProps = onnxio.SetMetadata(m.MetadataProps, stepKey, string(text))
	m.DocString = fmt.Sprintf("One training step (%s, %s): feed each output that ends in /next to the input without the suffix.", cfg.Loss.Name(), cfg.Optimizer.Name())
	return m, nil
}

// stepKey is the key of the metadata that describe an exported step.
const stepKey = "onnxtool.step"

// stepDoc is the metadata of an exported step.
type stepDoc struct {
	Updates []stepUpdate `json:"updates"`
	Noise   []stepNoise  `json:"noise,omitempty"`
}

type stepUpdate struct {
	Output  string  `json:"output"`
	Input   string  `json:"input"`
	Slot    bool    `json:"slot,omitempty"`
	Initial float32 `json:"initial"` // of a slot
}

type stepNoise struct {
	Input string `json:"input"`
	Draw  string `json:"draw"` // the operator whose output the input stands for
}

// statesOf returns the graph's states in a fixed order: parameters as the nodes meet them, then slots.
func statesOf(g *graph) []*ir.Value {
	var out []*ir.Value
	seen := map[*ir.Value]bool{}
	for _, n := range g.g.Nodes {
		for _, v := range n.In {
			if v != nil && v.Kind == ir.State && !seen[v] {
				seen[v] = true
				out = append(out, v)
			}
		}
	}
	return out
}

func (g *graph) isSlot(s *ir.Value) bool {
	for _, o := range g.slots {
		if o.state == s {
			return true
		}
	}
	return false
}

func (g *graph) initial(s *ir.Value) float32 {
	for _, o := range g.slots {
		if o.state == s {
			return o.initial
		}
	}
	return 0
}
