package nn_test

import (
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/train/nn"
)

// build is a layer of what a function emits.
type build struct {
	f func(b *nn.Builder, x *nn.Value) *nn.Value
}

func (l *build) Build(b *nn.Builder, in ...*nn.Value) []*nn.Value { return []*nn.Value{l.f(b, in[0])} }

// sized is a layer that is no pointer and cannot be compared.
type sized []int

func (sized) Build(_ *nn.Builder, in ...*nn.Value) []*nn.Value { return in }

// TestMisuse holds that networks which make no sense are errors that say why.
func TestMisuse(t *testing.T) {
	param := func(shape []int, init nn.Initializer) nn.Layer {
		return &build{func(b *nn.Builder, x *nn.Value) *nn.Value { return b.Add(x, b.Param("w", shape, init).Value) }}
	}
	foreign := nn.NewBuilder(2).Input(nn.Input{Shape: []int{4}})
	for _, c := range []struct {
		name string
		out  func(b *nn.Builder, x *nn.Value) *nn.Value
		want string
	}{
		{"no layer", func(b *nn.Builder, x *nn.Value) *nn.Value { return b.Apply(nil, x) }, "it must be a pointer"},
		{"no pointer", func(b *nn.Builder, x *nn.Value) *nn.Value { return b.Apply(sized{1}, x) }, "a layer is nn_test.sized: it must be a pointer"},
		{"no input", func(b *nn.Builder, _ *nn.Value) *nn.Value { return b.Apply(&nn.Dense{Units: 1}) }, "layer dense: it has no input"},
		{"input nil", func(b *nn.Builder, _ *nn.Value) *nn.Value { return b.Apply(&nn.Dense{Units: 1}, nil) }, "layer dense: an input is nil"},
		{"output nil", func(*nn.Builder, *nn.Value) *nn.Value { return nil }, "an output is nil"},
		{"named output nil", func(b *nn.Builder, _ *nn.Value) *nn.Value { return b.Output("y", nil) }, "output y is nil"},
		{"another's value", func(b *nn.Builder, x *nn.Value) *nn.Value { return b.Add(x, foreign) }, "is not of this network"},
		{"another's output", func(*nn.Builder, *nn.Value) *nn.Value { return foreign }, "is not of this network"},
		{"no initializer", func(b *nn.Builder, x *nn.Value) *nn.Value { return b.Apply(param([]int{4}, nil), x) }, "parameter w has no initializer"},
		{"size below 0", func(b *nn.Builder, x *nn.Value) *nn.Value { return b.Apply(param([]int{-4}, nn.Zeros{}), x) }, "parameter w has the shape [-4]"},
		{"too large", func(b *nn.Builder, x *nn.Value) *nn.Value {
			return b.Apply(param([]int{1 << 30, 1 << 30}, nn.Zeros{}), x)
		}, "parameter w has the shape"},
	} {
		b := nn.NewBuilder(1)
		x := b.Input(nn.Input{Shape: []int{4}})
		if _, err := b.Net(c.out(b, x)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
}
