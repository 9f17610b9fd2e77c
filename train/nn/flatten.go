package nn

import "github.com/onnxtool/onnxtool/internal/op"

// Flatten joins all axes but the batch's.
type Flatten struct{ Name string }

// LayerName implements [Named].
func (l *Flatten) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *Flatten) Build(b *Builder, in ...*Value) []*Value {
	return []*Value{b.OpA("Flatten", in[0], op.Attr("axis", 1))}
}
