package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Divergence is the first node whose inputs agree and whose output does not, or why there is none to name.
type Divergence struct {
	Node   string   `json:"node"`
	Op     string   `json:"op"` // with the version in force
	Layer  string   `json:"layer"`
	Inputs []string `json:"inputs,omitempty"` // types and shapes
	Output string   `json:"output,omitempty"`
	Index  []int    `json:"index,omitempty"` // of the first element outside the tolerance
	Got    string   `json:"got,omitempty"`
	Want   string   `json:"want,omitempty"`
	// Against is whose intermediate values were compared with.
	Against string `json:"against"`
	// Vanishes says that the outputs agree as soon as intermediate values are exposed: then it is not an
	// operator by itself that is wrong, but how several are fused or share memory.
	Vanishes bool   `json:"vanishes,omitempty"`
	Note     string `json:"note,omitempty"`
	Dump     string `json:"dump,omitempty"` // the folder with the node as a case
}

// String returns it in a line.
func (d *Divergence) String() string {
	var parts []string
	if d.Node != "" {
		text := fmt.Sprintf("at fault is node %s (%s)", d.Node, d.Op)
		if d.Output != "" {
			text = fmt.Sprintf("first differs at node %s (%s) %s: %s%v is %s, %s has %s",
				d.Node, d.Op, strings.Join(d.Inputs, " "), d.Output, d.Index, d.Got, d.Against, d.Want)
		}
		if d.Layer != "" {
			text = fmt.Sprintf("layer %s: %s", d.Layer, text)
		}
		parts = append(parts, text)
	}
	if d.Vanishes {
		parts = append(parts, "the fault vanishes when intermediate values are exposed: look at fusions and shared memory")
	}
	if d.Note != "" {
		parts = append(parts, d.Note)
	}
	if d.Dump != "" {
		parts = append(parts, "the node is in "+d.Dump)
	}
	return strings.Join(parts, "; ")
}

// chunkSize is how many values are exposed at once, so that a large model's need not all be in memory.
const chunkSize = 256

// maxSingle bounds how many values are exposed one by one where exposing many makes a fault vanish.
const maxSingle = 200

// bisection looks for the first diverging node of one failed sample.
type bisection struct {
	c      *check
	s      sample
	bad    []string // outputs that differ
	want   map[string]tensor.Any
	source source
	state  map[string]agreement
	// vanished counts chunks of values whose exposure makes the outputs agree.
	vanished int
}

type agreement int

const (
	unknown agreement = iota
	agrees
	differs
)

// source gives the reference's intermediate values, as many of the wanted ones as it has.
type source struct {
	name   string
	values func(ctx context.Context, names []string) (map[string]tensor.Any, error)
	layers map[string]string // the layers whose arrays are given, by value: see layerArrays
}

// bisect fills in the report's first divergence. What goes wrong on the way becomes a note: the verdict
// stands already.
func (c *check) bisect(ctx context.Context, s sample, bad []string) {
	d := &Divergence{}
	c.report.FirstDivergence = d
	src, note := c.source(s)
	d.Against, d.Note = src.name, note
	if src.values == nil {
		return
	}
	b := &bisection{c: c, s: s, bad: bad, source: src, state: map[string]agreement{}}
	var err error
	if b.want = s.want; b.want == nil {
		b.want, err = c.answers(ctx, s.inputs)
	}
	if err == nil {
		err = b.search(ctx, d)
	}
	if err != nil {
		d.addNote("the search ended early: " + oneLine(err))
	}
	if c.kind == "model" {
		c.blame(d)
	}
}

func (d *Divergence) addNote(text string) {
	if d.Note != "" {
		d.Note += "; "
	}
	d.Note += text
}

// random returns a node that outputs depend on and that draws random numbers, nil if there is none.
func (c *check) random(outputs []string) *onnxio.Node {
	made := map[string]*onnxio.Node{}
	for _, n := range c.model.Graph.Node {
		if n != nil {
			for _, name := range n.Output {
				made[name] = n
			}
		}
	}
	seen := map[*onnxio.Node]bool{nil: true}
	todo := append([]string(nil), outputs...)
	for len(todo) > 0 {
		n := made[todo[len(todo)-1]]
		todo = todo[:len(todo)-1]
		if seen[n] {
			continue
		}
		seen[n] = true
		if drawsRandom(n) {
			return n
		}
		todo = append(todo, reads(n)...)
	}
	return nil
}

// search compares intermediate values, chunk by chunk in the order of the graph.
func (b *bisection) search(ctx context.Context, d *Divergence) error {
	var chunk []*onnxio.Node
	var names []string
	flush := func() (bool, error) {
		n, err := b.chunk(ctx, chunk, names, d)
		chunk, names = nil, nil
		if n == nil || err != nil {
			return false, err
		}
		return true, b.describe(ctx, n, d)
	}
	for _, n := range b.c.model.Graph.Node {
		if n == nil {
			continue
		}
		chunk = append(chunk, n)
		for _, name := range n.Output {
			if name != "" {
				names = append(names, name)
			}
		}
		if len(names) >= chunkSize {
			if found, err := flush(); found || err != nil {
				return err
			}
		}
	}
	if found, err := flush(); found || err != nil {
		return err
	}
	if b.vanished > 0 {
		d.Vanishes = true
		return b.singly(ctx, d)
	}
	return b.unfound(ctx, d)
}

// chunk exposes the outputs of some nodes and returns the first node at fault among them, nil if none is.
func (b *bisection) chunk(ctx context.Context, nodes []*onnxio.Node, names []string, d *Divergence) (*onnxio.Node, error) {
	if len(names) == 0 {
		return nil, nil
	}
	got, err := b.candidate(ctx, append(names[:len(names):len(names)], b.bad...))
	if err != nil {
		return nil, err
	}
	ref, err := b.source.values(ctx, names)
	if err != nil {
		return nil, err
	}
	still := false
	for _, name := range b.bad {
		still = still || got[name] == nil || !Compare(name, got[name], b.want[name], b.c.o.Tolerances).Agrees()
	}
	if !still {
		b.vanished++
	}
	for _, n := range nodes {
		if b.faulty(n, got, ref, d) {
			d.Vanishes = !still
			return n, nil
		}
	}
	return nil, nil
}

// faulty compares a node's outputs, and reports whether one differs though no input is known to.
func (b *bisection) faulty(n *onnxio.Node, got, ref map[string]tensor.Any, d *Divergence) bool {
	innocent := false
	for _, in := range reads(n) {
		innocent = innocent || b.state[in] == differs
	}
	for _, name := range n.Output {
		if name == "" || got[name] == nil || ref[name] == nil {
			continue
		}
		want, layer := ref[name], b.source.layers[name]
		if layer != "" {
			if want = arranged(got[name], want, b.c.o.Tolerances); want == nil {
				continue
			}
		}
		diff := Compare(name, got[name], want, b.c.o.Tolerances)
		if diff.Agrees() {
			b.state[name] = agrees
			continue
		}
		b.state[name] = differs
		if innocent {
			continue
		}
		d.Node, d.Op, d.Layer = nodeName(n), opName(b.c.model, n), b.c.layerAt(n, layer)
		d.Output, d.Index, d.Got, d.Want = name, diff.First, diff.Got, diff.Want
		if diff.Reason != "" {
			d.Got, d.Want = got[name].DType().String()+got[name].Shape().String(), want.DType().String()+want.Shape().String()
		}
		return true
	}
	return false
}

// candidate returns the candidate's values of those names that it can give.
func (b *bisection) candidate(ctx context.Context, names []string) (map[string]tensor.Any, error) {
	return exposed(ctx, b.c.o.Candidate, b.c.model, unique(names), b.s.inputs)
}

func unique(names []string) []string {
	seen := map[string]bool{}
	var list []string
	for _, n := range names {
		if !seen[n] {
			seen[n] = true
			list = append(list, n)
		}
	}
	return list
}

// exposed runs a model with values exposed: all of the names where that can be done, else those that can
// be had one by one.
func exposed(ctx context.Context, b Backend, m *onnxio.Model, names []string, inputs map[string]tensor.Any) (map[string]tensor.Any, error) {
	r, err := b.Open(m, names)
	if err != nil {
		if names = possible(b, m, names); len(names) == 0 {
			return nil, fmt.Errorf("no intermediate value can be exposed: %w", err)
		}
		if r, err = b.Open(m, names); err != nil {
			return nil, err
		}
	}
	defer r.Close()
	return r.Run(ctx, inputs)
}

// possible returns the names that a backend can expose; a sequence, for one, cannot be.
func possible(b Backend, m *onnxio.Model, names []string) []string {
	if r, err := b.Open(m, names); err == nil {
		r.Close()
		return names
	}
	if len(names) == 1 {
		return nil
	}
	half := len(names) / 2
	return append(possible(b, m, names[:half:half]), possible(b, m, names[half:])...)
}

// singly exposes one value at a time, which changes a fused graph the least, until one differs.
func (b *bisection) singly(ctx context.Context, d *Divergence) error {
	tries := 0
	for _, n := range b.c.model.Graph.Node {
		if n == nil {
			continue
		}
		for _, name := range n.Output {
			if name == "" {
				continue
			}
			if tries++; tries > maxSingle {
				d.addNote(fmt.Sprintf("the first %d values were exposed one by one, and none differed", maxSingle))
				return nil
			}
			got, err := b.candidate(ctx, []string{name})
			if err != nil {
				continue // it cannot be exposed
			}
			ref, err := b.source.values(ctx, []string{name})
			if err != nil {
				return err
			}
			b.state = map[string]agreement{}
			if b.faulty(n, got, ref, d) {
				d.addNote("found by exposing this value alone")
				return b.describe(ctx, n, d)
			}
		}
	}
	return nil
}

// unfound says what is known where no node diverges.
func (b *bisection) unfound(ctx context.Context, d *Divergence) error {
	if b.c.kind == "recorded" || b.c.kind == "npz" {
		ref, err := b.source.values(ctx, b.bad)
		got, err2 := b.candidate(ctx, b.bad)
		same := err == nil && err2 == nil
		for _, name := range b.bad {
			same = same && ref[name] != nil && got[name] != nil && Compare(name, got[name], ref[name], b.c.o.Tolerances).Agrees()
		}
		if same {
			d.addNote(fmt.Sprintf("%s agrees with the candidate: it is the %s answer that differs", b.source.name, b.c.kind))
			if n := b.byOutputs(got, d); n != nil {
				b.source.values = func(context.Context, []string) (map[string]tensor.Any, error) { return b.want, nil }
				return b.describe(ctx, n, d)
			}
			return nil
		}
	}
	d.addNote("no single node diverges: each stays inside the tolerance where its inputs do, or its values cannot be compared")
	return nil
}

// byOutputs names the node that makes an output which differs, where all that it reads is known to agree:
// inputs, constants and other outputs. It is all that recorded answers can tell of a node.
func (b *bisection) byOutputs(got map[string]tensor.Any, d *Divergence) *onnxio.Node {
	known := map[string]bool{}
	for name := range b.s.inputs {
		known[name] = true
	}
	for name := range constantsOf(b.c.model.Graph) {
		known[name] = true
	}
	for name := range b.want {
		known[name] = known[name] || !slices.Contains(b.bad, name)
	}
	for _, n := range b.c.model.Graph.Node {
		if n == nil || slices.ContainsFunc(reads(n), func(name string) bool { return !known[name] }) {
			continue
		}
		for _, name := range n.Output {
			if len(n.Input) == 0 && n.OpType == "Constant" {
				known[name] = true
			}
			if !slices.Contains(b.bad, name) {
				continue
			}
			diff := Compare(name, got[name], b.want[name], b.c.o.Tolerances)
			d.Node, d.Op, d.Layer, d.Against = nodeName(n), opName(b.c.model, n), layerOf(n), "the "+b.c.kind+" answer"
			d.Output, d.Index, d.Got, d.Want = name, diff.First, diff.Got, diff.Want
			return n
		}
	}
	return nil
}
