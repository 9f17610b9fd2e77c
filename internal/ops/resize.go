package ops

import (
	"slices"
	"unsafe"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// opResize scales the axes by interpolation: nearest, linear or cubic, each axis after the other. The
// coordinates are computed in float32, as onnxruntime does. In mode nearest all types are taken, else
// floats and integers (computed in float32 and truncated).
//
// The gradient multiplies dy along each axis with the transposed interpolation matrix.
var opResize = &op.Def{
	Name: "Resize", Since: 19,
	Doc: "The input scaled along its axes by interpolation.",
	In: []op.Param{
		op.In("X", "T1", op.Differentiable), op.Opt("roi", "T2", op.NoRule), op.Opt("scales", "float", op.NoRule), op.Opt("sizes", "int64", op.Zero),
	},
	Out:     []op.Param{op.Out("Y", "T1")},
	Attrs:   attrsResize18,
	Types:   op.Types{"T2": op.FloatsIEEE},
	On:      "T1",
	Infer:   inferResize,
	Kernels: resizeKernels,
	Grad:    gradResize,
	Old: []op.Version{
		{Since: 18},
		{Since: 13, Attrs: attrsResize11},
		{
			Since: 11, Types: op.Types{"T1": op.AllClassic}, Attrs: attrsResize11,
			In: []op.Param{
				op.In("X", "T1", op.Differentiable), op.In("roi", "T2", op.NoRule), op.In("scales", "float", op.NoRule), op.Opt("sizes", "int64", op.Zero),
			},
		},
		{
			Since: 10, Types: op.Types{"T": op.AllClassic}, Attrs: []op.AttrDef{op.Str("mode", "nearest")},
			In:  []op.Param{op.In("X", "T", op.Differentiable), op.In("scales", "float", op.NoRule)},
			Out: outT("Y"),
			Expand: func(b *op.Builder, n *op.Node) []*ir.Value {
				return emitUpsample(b, n, n.Node.In[1])
			},
		},
	},
}

var (
	attrsResize11 = []op.AttrDef{
		op.Str("coordinate_transformation_mode", "half_pixel"), op.Float("cubic_coeff_a", -.75), op.Int("exclude_outside", 0),
		op.Float("extrapolation_value", 0), op.Str("mode", "nearest"), op.Str("nearest_mode", "round_prefer_floor"),
	}
	attrsResize18 = append([]op.AttrDef{
		op.Int("antialias", 0), op.May("axes", op.IntsKind), op.Str("keep_aspect_ratio_policy", "stretch"),
	}, attrsResize11...)
)

// emitUpsample says what Resize 10 and Upsample do: asymmetric coordinates and, in mode nearest, what
// onnxruntime makes of it: rounded up along an axis that shrinks, else down.
func emitUpsample(b *op.Builder, n *op.Node, scales *ir.Value) []*ir.Value {
	x, mode := n.Node.In[0], n.Str("mode")
	resize := func(x, scales *ir.Value, rounding string) *ir.Value {
		return b.Emit(1, "Resize", []*ir.Value{x, nil, scales}, op.Attr("mode", mode),
			op.Attr("coordinate_transformation_mode", "asymmetric"), op.Attr("nearest_mode", rounding))[0]
	}
	switch mode {
	case "bilinear", "linear":
		mode = "linear"
		return []*ir.Value{resize(x, scales, "floor")}
	case "nearest":
	default:
		b.Fail(op.Malformedf("mode is %q, expected nearest or linear", mode))
		return []*ir.Value{x}
	}
	known := tensor.Data[float32](scales.Fact.Const)
	if scales.Fact.Const == nil {
		b.Fail(op.Unsupportedf("mode nearest with scales that are not constant before opset 11"))
		return []*ir.Value{x}
	}
	up, down, shrinks := slices.Clone(known), slices.Clone(known), false
	for i, s := range known {
		up[i], down[i] = max(s, 1), min(s, 1)
		shrinks = shrinks || s < 1
	}
	y := resize(x, b.Const(tensor.Vector(up...)), "floor")
	if shrinks {
		y = resize(y, b.Const(tensor.Vector(down...)), "ceil")
	}
	return []*ir.Value{y}
}

func inferResize(n *op.Node) error {
	for _, a := range []struct {
		name string
		have []string
	}{
		{"mode", []string{"nearest", "linear", "cubic"}},
		{"nearest_mode", []string{"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}},
		{"coordinate_transformation_mode", []string{
			"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize",
		}},
	} {
		if !slices.Contains(a.have, n.Str(a.name)) {
			return op.Unsupportedf("%s %q", a.name, n.Str(a.name))
		}
	}
	x := n.In(0)
	if n.Str("mode") != "nearest" && (x.DType == tensor.String || x.DType == tensor.Bool || x.DType == tensor.Complex64 || x.DType == tensor.Complex128) {
		return op.Unsupportedf("mode %s of %v", n.Str("mode"), x.DType)
	}
	if n.Str("coordinate_transformation_mode") == "tf_crop_and_resize" && !given(n, 1) {
		return op.Malformedf("tf_crop_and_resize needs the input roi")
	}
	if !x.Ranked {
		return nil
	}
	_, out, err := resizings(n)
	if err != nil {
		return err
	}
	n.SetShape(0, out)
	return nil
}

// resizeKernels has for each type its move by size, for mode nearest, and where it is a number what
// converts it to the float that is computed with and back.
var resizeKernels = func() op.Kernels {
	nearest := moved(types13, bindNearest[uint8], bindNearest[uint16], bindNearest[uint32], bindNearest[uint64], bindNearest[wide16], bindNearest[string])
	filter := map[tensor.DType]op.Bind{
		tensor.Float32: bindResize[float32, float32](nil, nil), tensor.Float64: bindResize[float64, float64](nil, nil),
		tensor.Float16:  bindResize(eachElem(tensor.Half.Float32), eachElem(tensor.ToHalf)),
		tensor.BFloat16: bindResize(eachElem(tensor.BHalf.Float32), eachElem(tensor.ToBHalf)),
		tensor.Int8:     resizeInts[int8](), tensor.Int16: resizeInts[int16](), tensor.Int32: resizeInts[int32](), tensor.Int64: resizeInts[int64](),
		tensor.Uint8: resizeInts[uint8](), tensor.Uint16: resizeInts[uint16](), tensor.Uint32: resizeInts[uint32](), tensor.Uint64: resizeInts[uint64](),
	}
	out := op.Kernels{}
	for d, move := range nearest {
		out[d] = func(n *op.Node) (op.Kernel, error) {
			list, _, err := resizings(n)
			switch {
			case err != nil:
				return nil, err
			case n.OutShape(0).Len() == 0:
				return func(*op.Call) error { return nil }, nil
			case list == nil:
				return nil, op.Unsupportedf("a Resize whose scales, sizes or roi are not known")
			case n.Str("mode") == "nearest":
				return move(n)
			}
			return filter[d](n)
		}
	}
	return out
}()

func resizeInts[T tensor.Integer]() op.Bind {
	return bindResize(kernel.Convert[float32, T], kernel.TruncTo[T, float32])
}

// resizeMaps returns the tables of [kernel.NewPad] that take each element from the one at its index,
// the constant outside. Axes behind the last one listed are whole.
func resizeMaps(shape tensor.Shape, by map[int]taps) (maps [][]int, inner int) {
	last := -1
	for a := range by {
		last = max(last, a)
	}
	for a := range last + 1 {
		stride := shape[a+1:].Len()
		m := make([]int, 0, shape[a])
		if t, ok := by[a]; ok {
			for i, k := range t.index {
				if t.outside != nil && t.outside[i] {
					m = append(m, -1)
				} else {
					m = append(m, k*stride)
				}
			}
		} else {
			for k := range shape[a] {
				m = append(m, k*stride)
			}
		}
		maps = append(maps, m)
	}
	return maps, shape[last+1:].Len()
}

func bindNearest[T any](n *op.Node) (op.Kernel, error) {
	list, _, err := resizings(n)
	if err != nil {
		return nil, err
	}
	by := map[int]taps{}
	for _, r := range list {
		if r.changes(n.Str("coordinate_transformation_mode")) {
			by[r.axis] = axisTaps(n, r)
		}
	}
	value, err := extrapolated(n)
	if err != nil {
		return nil, err
	}
	maps, inner := resizeMaps(n.InShape(0), by)
	k := kernel.NewPad[T](maps, inner)
	v := words[T](value)[0]
	return func(c *op.Call) error {
		k.Run(c.Pool, words[T](c.Out[0]), words[T](c.In[0]), v)
		return nil
	}, nil
}

// extrapolated returns extrapolation_value in the input's type: the zero value for what is no number.
func extrapolated(n *op.Node) (tensor.Any, error) {
	d := n.In(0).DType
	t, err := tensor.Alloc(d, tensor.Shape{1})
	if err != nil || d == tensor.String || d == tensor.Complex64 || d == tensor.Complex128 {
		return t, err
	}
	b := castBuffers.Get().(*castBuffer)
	defer castBuffers.Put(b)
	b.f[0] = float64(n.Float("extrapolation_value"))
	castWriters(d, castOptions{saturate: true})(t, 0, 1, b, asFloat)
	return t, nil
}

// bindResize binds interpolation in F, with in and out converting from and to the elements' type; nil
// where that is F.
func bindResize[T tensor.Elem, F tensor.Float](in func(d []F, x []T), out func(d []T, x []F)) op.Bind {
	return func(n *op.Node) (op.Kernel, error) {
		list, _, err := resizings(n)
		if err != nil {
			return nil, err
		}
		p := newResizePasses[F](n, list)
		p.value = F(n.Float("extrapolation_value"))
		var load *kernel.Unary[F, T]
		var store *kernel.Unary[T, F]
		if in != nil {
			load, store = kernel.NewUnary(in), kernel.NewUnary(out)
		}
		var z F
		n.Scratch(2 * p.most * int(unsafe.Sizeof(z)))
		return func(c *op.Call) error {
			both := unsafe.Slice((*F)(unsafe.Pointer(unsafe.SliceData(c.Scratch))), 2*p.most)
			a, b := both[:p.most], both[p.most:]
			if load == nil {
				p.run(c.Pool, words[F](c.Out[0]), words[F](c.In[0]), a, b)
				return nil
			}
			x, d := op.Arg[T](c, 0), op.Result[T](c, 0)
			load.Run(c.Pool, a[:len(x)], x)
			store.Run(c.Pool, d, p.run(c.Pool, nil, a[:len(x)], b, a)[:len(d)])
			return nil
		}, nil
	}
}

// resizePasses are the interpolations along one axis after the other, and what fills the outside.
type resizePasses[F tensor.Float] struct {
	passes []*kernel.Interpolate[F]
	sizes  []int // of the passes' results
	most   int   // the largest of them and the input
	mask   *kernel.Pad[F]
	value  F
}

func newResizePasses[F tensor.Float](n *op.Node, list []resizing) *resizePasses[F] {
	shape := n.InShape(0).Clone()
	p := &resizePasses[F]{most: shape.Len()}
	outside := map[int]taps{}
	for _, r := range list {
		if !r.changes(n.Str("coordinate_transformation_mode")) {
			continue
		}
		t := axisTaps(n, r)
		p.passes = append(p.passes, kernel.NewInterpolate[F](shape[:r.axis].Len(), r.in, shape[r.axis+1:].Len(), r.out, t.index, t.weight))
		shape[r.axis] = r.out
		p.sizes = append(p.sizes, shape.Len())
		p.most = max(p.most, shape.Len())
		if t.outside != nil {
			own := make([]int, r.out)
			for i := range own {
				own[i] = i
			}
			outside[r.axis] = taps{index: own, outside: t.outside}
		}
	}
	if len(outside) > 0 {
		maps, inner := resizeMaps(shape, outside)
		p.mask = kernel.NewPad[F](maps, inner)
	}
	return p
}

// run fills d from x with a and b as memory; without d it returns where in them the result is.
func (p *resizePasses[F]) run(pool *kernel.Pool, d, x, a, b []F) []F {
	for i, k := range p.passes {
		to := a[:p.sizes[i]]
		if d != nil && p.mask == nil && i == len(p.passes)-1 {
			to = d
		}
		k.Run(pool, to, x)
		x, a, b = to, b, a
	}
	switch {
	case p.mask != nil:
		if d == nil {
			d = a[:len(x)]
		}
		p.mask.Run(pool, d, x, p.value)
	case d == nil:
		return x
	case len(p.passes) == 0:
		copy(d, x)
	}
	return d
}

func gradResize(g *op.Grad) {
	list, _, err := resizings(g.Node)
	if err == nil && list == nil {
		err = op.Unsupportedf("the gradient of a Resize whose scales, sizes, roi or axes are not known")
	}
	if err != nil {
		g.Fail(err)
		return
	}
	d, rank := g.DOut(0), g.In(0).Fact.Rank()
	for _, r := range list {
		if !r.changes(g.Node.Str("coordinate_transformation_mode")) {
			continue
		}
		m := g.Cast(g.Const(axisTaps(g.Node, r).matrix(r.in, r.out)), d.Fact.DType)
		if r.axis == rank-1 {
			d = g.MatMul(d, m)
			continue
		}
		perm := make([]int, rank)
		for i := range perm {
			perm[i] = i
		}
		perm[r.axis], perm[rank-1] = rank-1, r.axis
		d = g.Transpose(g.MatMul(g.Transpose(d, perm...), m), perm...)
	}
	g.Set(0, d)
}
