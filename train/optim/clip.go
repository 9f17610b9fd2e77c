package optim

// clip limits the gradients, as Keras does: by each one's norm, by the norm of all, or by element.
func (u *update) clip(grads []*Value) {
	switch o := u.o; {
	case o.ClipNorm > 0:
		for i, g := range grads {
			norm := u.Op("Sqrt", u.squares(g))
			grads[i] = u.Div(u.Scale(g, o.ClipNorm), u.Op("Max", norm, u.Scalar(norm, o.ClipNorm)))
		}
	case o.GlobalClipNorm > 0 && len(grads) > 0:
		sum := u.squares(grads[0])
		for _, g := range grads[1:] {
			sum = u.Add(sum, u.Cast(u.squares(g), sum.Fact.DType))
		}
		norm := u.Op("Sqrt", sum)
		scale := u.Op("Min", u.Op("Reciprocal", norm), u.Scalar(norm, 1/o.GlobalClipNorm))
		// A norm that is not finite makes the scale NaN, so that nobody mistakes the result for a step.
		scale = u.Add(u.Scale(scale, o.GlobalClipNorm), u.Sub(norm, norm))
		for i, g := range grads {
			grads[i] = u.Mul(g, u.Cast(scale, g.Fact.DType))
		}
	case o.ClipValue > 0:
		for i, g := range grads {
			grads[i] = u.Op("Clip", g, u.Scalar(g, -o.ClipValue), u.Scalar(g, o.ClipValue))
		}
	}
}

// squares returns the sum of the squares of all elements.
func (u *update) squares(g *Value) *Value { return u.Sum(u.Mul(g, g), false) }
