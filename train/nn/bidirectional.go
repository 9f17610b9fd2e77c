package nn

import "fmt"

// Recurrent is a layer that walks through a series: SimpleRNN, LSTM, GRU.
type Recurrent interface {
	Layer
	recurrence() *recurrence
}

// Bidirectional walks through a series forwards and backwards with two copies of a layer and joins what
// they give; the backward sequence is turned around first.
type Bidirectional struct {
	Name      string
	Layer     Recurrent
	Backward  Recurrent // nil: as Layer, with GoBackwards
	MergeMode string    // concat (default), sum, mul, ave; none gives two outputs
}

// LayerName implements [Named].
func (l *Bidirectional) LayerName() string { return l.Name }

// direction is one of the two copies.
type direction struct {
	r    *recurrence
	name string
}

// LayerName implements [Named].
func (d *direction) LayerName() string { return d.name }

// Build implements [Layer].
func (d *direction) Build(b *Builder, in ...*Value) []*Value { return d.r.build(b, in) }

// Build implements [Layer]. Further inputs are the first states of the forward, then of the backward
// copy.
func (l *Bidirectional) Build(b *Builder, in ...*Value) []*Value {
	if l.Layer == nil {
		b.Fail(fmt.Errorf("Bidirectional needs a Layer"))
		return in[:1]
	}
	forward, backward := l.Layer.recurrence(), l.Layer.recurrence()
	backward.backwards = !backward.backwards
	if l.Backward != nil {
		backward = l.Backward.recurrence()
	}
	if forward.sequences != backward.sequences || forward.backwards == backward.backwards || forward.state != backward.state {
		b.Fail(fmt.Errorf("Bidirectional: the copies must differ in GoBackwards, and agree in ReturnSequences and ReturnState"))
		return in[:1]
	}
	n := (len(in) - 1) / 2
	fs, bs := append([]*Value{in[0]}, in[1:1+n]...), append([]*Value{in[0]}, in[1+n:]...)
	x := b.ApplyAll(b.child(l, "forward", forward), fs...)
	y := b.ApplyAll(b.child(l, "backward", backward), bs...)
	if b.Err() != nil {
		return in[:1]
	}
	f, r := x[0], y[0]
	if forward.sequences {
		r = b.reverse(r)
	}
	states := append(x[1:], y[1:]...)
	out := f
	switch l.MergeMode {
	case "", "concat":
		out = b.Concat(-1, f, r)
	case "sum":
		out = b.Add(f, r)
	case "mul":
		out = b.Mul(f, r)
	case "ave":
		out = b.Scale(b.Add(f, r), .5)
	case "none":
		b.keepMask(f, r)
		return append([]*Value{f, r}, states...)
	default:
		b.Fail(fmt.Errorf("Bidirectional{MergeMode: %q}: there are concat, sum, mul, ave, none", l.MergeMode))
	}
	b.keepMask(f, out)
	return append([]*Value{out}, states...)
}

// child returns the copy of a name, the same whenever the layer is applied.
func (b *Builder) child(of Layer, name string, r *recurrence) Layer {
	key := childKey{of, name}
	if c := b.children[key]; c != nil {
		return c
	}
	c := &direction{r, name}
	b.children[key] = c
	return c
}

type childKey struct {
	of   Layer
	name string
}
