package train

import (
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/recipe"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/nn"
)

// rules gives a network what its recipe says beyond the graph: penalties and constraints of its parameters,
// penalties of values, and noise. values are the graph's by their names in the model.
func (x *expansion) rules(net *nn.Net, params map[*ir.Value]stored, values map[string]*ir.Value) {
	for _, p := range net.Params {
		v := x.of[params[p.Value].name]
		if v == nil {
			continue
		}
		held, _ := p.Value.Fact.Static()
		layout := variableLayout{v, held}
		if v.Perm != nil || !slices.Equal(held, v.Shape) {
			p.Layout = layout
		}
		if r := v.Regularizer; r != nil {
			p.Regularizer = regularizerOf(*r)
			if r.Orthogonal != 0 {
				p.Regularizer = viewed{layout, p.Regularizer}
			}
		}
		if v.Constraint != nil {
			p.Constraint = projected{layout, constraintOf(*v.Constraint, len(v.Shape))}
		}
	}
	for _, a := range x.recipe.Activity {
		if v := values[a.Value]; v != nil {
			net.Penalties = append(net.Penalties, activityPenalty(regularizerOf(a.Regularizer), v))
		}
	}
	x.recurrent(net, values)
	x.steps(net, values)
	for i, v := range net.Graph.Outputs {
		if m := values[x.recipe.Masks[v.Name]]; m != nil && m.Fact.DType == tensor.Bool {
			if net.Masks == nil {
				net.Masks = make([]*ir.Value, len(net.Graph.Outputs))
			}
			net.Masks[i] = m
		}
	}
	for name := range x.noise {
		if v := values[name]; v != nil && v.Node != nil && v.Node.Op == "Identity" {
			if net.Forms == nil {
				net.Forms = nn.Forms{}
			}
			net.Forms[v.Node] = nn.Form{Emit: func(b *nn.Builder, of *nn.Value, _ ...*nn.Value) *nn.Value {
				return noisy(b, of, x.noise[name])
			}}
		}
	}
}

// steps lets normalisations inside TimeDistributed take the statistics of each step by itself.
func (x *expansion) steps(net *nn.Net, values map[string]*ir.Value) {
	for name, n := range x.recipe.Steps {
		v := values[name]
		if v == nil || v.Node == nil || v.Node.Domain != "" || v.Node.Op != "BatchNormalization" {
			continue // the graph has been changed there
		}
		if net.Forms == nil {
			net.Forms = nn.Forms{}
		}
		net.Forms[v.Node] = nn.Form{Steps: n}
	}
}

func regularizerOf(r recipe.Regularizer) nn.Regularizer {
	if r.Orthogonal != 0 {
		return nn.OrthogonalRegularizer{Factor: r.Orthogonal, Mode: r.Mode}
	}
	return nn.L1L2{L1: r.L1, L2: r.L2}
}

// constraintOf returns a constraint of a weight with the given number of axes. In a recipe 0 is 0.
func constraintOf(c recipe.Constraint, rank int) nn.Constraint {
	axis := slices.Clone(c.Axis)
	for i, a := range axis {
		if a < 0 {
			axis[i] = a + rank
		}
	}
	literal := func(v float64) float64 {
		if v == 0 {
			return math.SmallestNonzeroFloat64 // 0 itself would stand for the default
		}
		return v
	}
	switch c.Name {
	case "max_norm":
		return nn.MaxNorm{MaxValue: literal(c.Max), Axis: axis}
	case "min_max_norm":
		return nn.MinMaxNorm{MinValue: c.Min, MaxValue: literal(c.Max), Rate: literal(c.Rate), Axis: axis}
	case "unit_norm":
		return nn.UnitNorm{Axis: axis}
	}
	return nn.NonNeg{}
}

// activityPenalty is the penalty of a value over the size of the batch.
func activityPenalty(r nn.Regularizer, v *ir.Value) nn.Penalty {
	return nn.Penalty{Of: []*ir.Value{v}, Emit: func(b *nn.Builder, of ...*nn.Value) *nn.Value {
		n := b.Cast(b.Squeeze(b.Slice(b.Shape(of[0]), 0, 0, 1), 0), of[0].Fact.DType)
		return b.Div(r.Penalty(b, of[0]), n)
	}}
}

// viewed is a regularizer of a variable in the shape of its source.
type viewed struct {
	variableLayout
	reg nn.Regularizer
}

// Penalty implements [nn.Regularizer].
func (r viewed) Penalty(b *nn.Builder, w *nn.Value) *nn.Value {
	return r.reg.Penalty(b, r.View(b, w))
}

// projected is a constraint of a variable in the shape of its source.
type projected struct {
	variableLayout
	con nn.Constraint
}

// Project implements [nn.Constraint].
func (c projected) Project(b *nn.Builder, w *nn.Value) *nn.Value {
	return c.Hold(b, c.con.Project(b, c.View(b, w)))
}

// variableLayout is how a variable is held.
type variableLayout struct {
	v    *recipe.Variable
	held []int // shape
}

func (l variableLayout) parted() []int {
	if l.v.Parted != nil {
		return l.v.Parted
	}
	return l.v.Shape
}

// Rank implements [nn.Layout].
func (l variableLayout) Rank() int { return len(l.v.Shape) }

// Hold implements [nn.Layout].
func (l variableLayout) Hold(b *nn.Builder, y *nn.Value) *nn.Value {
	if l.v.Perm != nil {
		y = b.Transpose(b.ReshapeTo(y, l.parted()...), l.v.Perm...)
	}
	return b.ReshapeTo(y, l.held...)
}

// View implements [nn.Layout].
func (l variableLayout) View(b *nn.Builder, w *nn.Value) *nn.Value {
	v := l.v
	if v.Perm != nil {
		mid, back := make([]int, len(v.Perm)), make([]int, len(v.Perm))
		for i, p := range v.Perm {
			mid[i], back[p] = l.parted()[p], i
		}
		w = b.Transpose(b.ReshapeTo(w, mid...), back...)
	}
	return b.ReshapeTo(w, v.Shape...)
}

// noisy returns what a layer of a recipe makes of a value in training.
func noisy(b *nn.Builder, x *ir.Value, n recipe.Noise) *ir.Value {
	for _, a := range n.Shared {
		if a < 0 || a >= x.Fact.Rank() {
			b.Fail(op.Shapef("noise of layer %s along axis %d of %v", n.Layer, a, x.Fact))
			return x
		}
	}
	return b.Noise(n.Class, x, n.Rate, n.Shared...)
}

// dropout gives the recipe's dropout another ratio, unless that is 0, and reports whether there is any.
func (x *expansion) dropout(ratio float64) bool {
	found := false
	for name, n := range x.noise {
		if n.Class == "Dropout" {
			found = true
			if ratio > 0 {
				n.Rate = ratio
				x.noise[name] = n
			}
		}
	}
	for i := range x.recipe.Recurrent {
		n := &x.recipe.Recurrent[i]
		found = found || n.Rate > 0 || n.StateRate > 0
		if ratio > 0 && n.Rate > 0 {
			n.Rate = ratio
		}
		if ratio > 0 && n.StateRate > 0 {
			n.StateRate = ratio
		}
	}
	return found
}
