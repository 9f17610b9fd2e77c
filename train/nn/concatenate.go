package nn

import "fmt"

// Concatenate joins its inputs along an axis.
type Concatenate struct {
	Name string
	Axis int // 0 is Keras's default, the last; the batch axis cannot be joined
}

// LayerName implements [Named].
func (l *Concatenate) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Concatenate) Build(b *Builder, in ...*Value) []*Value {
	if len(in) == 0 {
		b.Fail(fmt.Errorf("Concatenate takes inputs, got none"))
		return []*Value{{}}
	}
	axis, rank := l.Axis, in[0].Fact.Rank()
	if axis <= 0 {
		if axis == 0 {
			axis = -1
		}
		axis += rank
	}
	var y *Value
	if axis == rank-1 {
		first := 0
		for _, x := range in {
			if b.first[x] != nil && x.Fact.Rank() == rank {
				first++
			}
		}
		if first == len(in) {
			y = b.together(in, func(xs []*Value) *Value { return b.Concat(1, xs...) })
		}
	}
	if y == nil {
		y = b.Concat(axis, in...)
	}
	if axis != 1 || rank < 3 {
		b.SetMask(y, b.joinMasks(in))
	}
	return []*Value{y}
}
