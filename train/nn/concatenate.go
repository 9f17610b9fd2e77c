package nn

// Concatenate joins its inputs along an axis.
type Concatenate struct {
	Name string
	Axis int // 0 is Keras's default, the last; the batch axis cannot be joined
}

// LayerName implements [Named].
func (l *Concatenate) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Concatenate) Build(b *Builder, in ...*Value) []*Value {
	axis := l.Axis
	if axis == 0 {
		axis = -1
	}
	return []*Value{b.Concat(axis, in...)}
}
