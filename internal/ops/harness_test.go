package ops

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/onnxtool/onnxtool/internal/autodiff"
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// A row is one application of an operator. Each is checked for: inferred against actual shape and
// type, values against want, results in place against fresh ones, kernel against expansion (where the
// operator has both), and the gradient against central differences (where it has one).
type row struct {
	name   string
	domain string
	op     string
	opset  int // of the node's form; 0 is the newest
	attrs  []ir.Attr
	in     []tensor.Any // nil where absent
	nout   int          // 0 is 1
	want   []tensor.Any // nil entries and a short list are not checked
	err    string       // expected in the error instead
	tol    float64      // relative and absolute; 0 is exact for integers, 1e-6 for floats
	nograd bool         // the gradient is not checked here
}

func runRows(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.op+"/"+r.name, func(t *testing.T) { r.run(t) })
	}
}

func (r row) run(t *testing.T) {
	g := ir.New("test")
	b := op.NewBuilder(g, Set())
	feed := map[*ir.Value]tensor.Any{}
	out, err := r.build(b, feed, r.in)
	if err == nil {
		g.Outputs = out
		var vals []tensor.Any
		if vals, err = Set().EvalGraph(context.Background(), g, feed, op.Rand{}); err == nil {
			r.compare(t, out, vals)
		}
	}
	switch {
	case r.err != "":
		if err == nil {
			t.Fatalf("no error, want one with %q", r.err)
		}
		if !contains(err.Error(), r.err) {
			t.Fatalf("error %q, want one with %q", err, r.err)
		}
		return
	case err != nil:
		t.Fatal(err)
	}
	r.checkConst(t)
	r.checkExpand(t)
	r.checkInPlace(t)
	if !r.nograd {
		checkGradient(t, r)
	}
}

// build appends the node with its inputs as graph inputs.
func (r row) build(b *op.Builder, feed map[*ir.Value]tensor.Any, in []tensor.Any) ([]*ir.Value, error) {
	vals := make([]*ir.Value, len(in))
	for i, x := range in {
		if x == nil {
			continue
		}
		if !x.DType().IsFloat() {
			// Axes and shapes are mostly constants; floats are what a run brings.
			vals[i] = b.Const(x)
			continue
		}
		vals[i] = b.G.AddInput(fmt.Sprintf("in_%d", i), ir.ConstFact(x).Like())
		feed[vals[i]] = x
	}
	n := &ir.Node{Name: r.op, Domain: r.domain, Op: r.op, Attrs: r.attrs, In: vals, Out: make([]*ir.Value, max(1, r.nout))}
	for i := range n.Out {
		n.Out[i] = &ir.Value{}
	}
	opset := r.opset
	if opset == 0 {
		opset = 1 << 20
	}
	return b.Lower(n, opset)
}

func (r row) compare(t *testing.T, out []*ir.Value, vals []tensor.Any) {
	t.Helper()
	for i, v := range out {
		if v == nil {
			continue
		}
		got := vals[v.ID]
		if s, ok := v.Fact.Static(); ok && !s.Equal(got.Shape()) {
			t.Errorf("output %d: inferred shape %v, actual %v", i, s, got.Shape())
		}
		if v.Fact.DType != got.DType() {
			t.Errorf("output %d: inferred type %v, actual %v", i, v.Fact.DType, got.DType())
		}
		if i < len(r.want) && r.want[i] != nil {
			sameTensor(t, fmt.Sprintf("output %d", i), got, r.want[i], r.tol)
		}
	}
}

// checkConst runs the node with every input constant: folding must give what running gives.
func (r row) checkConst(t *testing.T) {
	if len(r.want) == 0 {
		return
	}
	g := ir.New("const")
	b := op.NewBuilder(g, Set())
	vals := make([]*ir.Value, len(r.in))
	for i, x := range r.in {
		if x != nil {
			vals[i] = b.Const(x)
		}
	}
	n := &ir.Node{Name: r.op, Domain: r.domain, Op: r.op, Attrs: r.attrs, In: vals, Out: make([]*ir.Value, max(1, r.nout))}
	for i := range n.Out {
		n.Out[i] = &ir.Value{}
	}
	opset := r.opset
	if opset == 0 {
		opset = 1 << 20
	}
	out, err := b.Lower(n, opset)
	if err != nil {
		t.Errorf("with constant inputs: %v", err)
		return
	}
	for i, v := range out {
		if v != nil && v.Fact.Const != nil && i < len(r.want) && r.want[i] != nil {
			sameTensor(t, fmt.Sprintf("folded output %d", i), v.Fact.Const, r.want[i], r.tol)
		}
	}
}

// checkExpand compares the kernel with the operator's own expansion.
func (r row) checkExpand(t *testing.T) {
	d := Set().Lookup(r.domain, r.op)
	if d.Expand == nil || d.Kernels == nil || r.opset != 0 || len(r.want) == 0 {
		return
	}
	e := *d
	e.Kernels, e.Eval = nil, nil
	e.Types = op.Types{}
	for _, p := range append(append([]op.Param{}, d.In...), d.Out...) {
		e.Types[p.Type] = d.TypesOf(p.Type)
	}
	defs := []*op.Def{&e}
	for _, o := range All {
		if o != d {
			defs = append(defs, o)
		}
	}
	s := op.NewSet(defs...)
	g := ir.New("expand")
	b := op.NewBuilder(g, s)
	feed := map[*ir.Value]tensor.Any{}
	out, err := r.build(b, feed, r.in)
	if err != nil {
		t.Errorf("expansion: %v", err)
		return
	}
	g.Outputs = out
	vals, err := s.EvalGraph(context.Background(), g, feed, op.Rand{})
	if err != nil {
		t.Errorf("expansion: %v", err)
		return
	}
	for i, v := range out {
		if v != nil && i < len(r.want) && r.want[i] != nil {
			sameTensor(t, fmt.Sprintf("expanded output %d", i), vals[v.ID], r.want[i], max(r.tol, 1e-5))
		}
	}
}

// checkGradient holds the emitted gradient of sum(w*output) against central differences in float64.
func checkGradient(t *testing.T, r row) {
	t.Helper()
	if Set().Lookup("", "Mul") == nil {
		t.Skip("gradients need Mul")
	}
	in := make([]tensor.Any, len(r.in))
	for i, x := range r.in {
		in[i] = toFloat64(x)
	}
	g := ir.New("grad")
	b := op.NewBuilder(g, Set())
	feed := map[*ir.Value]tensor.Any{}
	out, err := r.build(b, feed, in)
	if err != nil {
		return // the operator does not take float64
	}
	var wrt []*ir.Value
	for i, v := range g.Inputs {
		_ = i
		if v.Fact.DType == tensor.Float64 && differentiable(r, v) && feed[v].Len() > 0 {
			wrt = append(wrt, v)
		}
	}
	loss := weightedSum(b, out)
	if len(wrt) == 0 || loss == nil {
		return
	}
	grads, err := autodiff.Gradients(b, loss, wrt)
	if err != nil {
		t.Errorf("gradient: %v", err)
		return
	}
	g.Outputs = append([]*ir.Value{loss}, grads...)
	eval := func() []tensor.Any {
		vals, err := Set().EvalGraph(context.Background(), g, feed, op.Rand{})
		if err != nil {
			t.Fatalf("gradient: %v", err)
		}
		return vals
	}
	vals := eval()
	for k, v := range wrt {
		got := tensor.Data[float64](vals[grads[k].ID])
		if !vals[grads[k].ID].Shape().Equal(feed[v].Shape()) {
			t.Errorf("gradient by %s has shape %v, the input %v", v.Name, vals[grads[k].ID].Shape(), feed[v].Shape())
			continue
		}
		x := tensor.Data[float64](feed[v])
		for i := range x {
			if math.IsNaN(x[i]) || math.IsInf(x[i], 0) {
				return // differences say nothing here
			}
		}
		for i := range x {
			const h = 1e-5
			keep := x[i]
			x[i] = keep + h
			up := tensor.Data[float64](eval()[loss.ID])[0]
			x[i] = keep - h
			down := tensor.Data[float64](eval()[loss.ID])[0]
			x[i] = keep
			want := (up - down) / (2 * h)
			if math.Abs(got[i]-want) > 1e-5*(1+math.Abs(want)) {
				t.Errorf("gradient by %s[%d] is %g, central difference %g", v.Name, i, got[i], want)
			}
		}
	}
}

// differentiable reports whether the operator has a rule for the input that v is.
func differentiable(r row, v *ir.Value) bool {
	var i int
	fmt.Sscanf(v.Name, "in_%d", &i)
	d := Set().Lookup(r.domain, r.op)
	params := d.In
	for k := range d.Old {
		if o := &d.Old[k]; r.opset != 0 && o.Since <= r.opset && o.In != nil {
			params = o.In
			break
		}
	}
	p := params[min(i, len(params)-1)]
	return p.Grad == op.Differentiable
}

// weightedSum returns sum(w*v) over the float64 outputs, with fixed random weights.
func weightedSum(b *op.Builder, out []*ir.Value) *ir.Value {
	rnd := rand.New(rand.NewPCG(1, 2))
	var loss *ir.Value
	for _, v := range out {
		if v == nil || v.Fact.DType != tensor.Float64 {
			continue
		}
		s, ok := v.Fact.Static()
		if !ok {
			continue
		}
		w := tensor.Zeros[float64](s...)
		for i := range w.Data() {
			w.Data()[i] = rnd.Float64() + .5
		}
		one := b.Sum(b.Mul(v, b.Const(w)), false)
		if loss == nil {
			loss = one
		} else {
			loss = b.Add(loss, one)
		}
	}
	return loss
}

func toFloat64(x tensor.Any) tensor.Any {
	if f, ok := x.(*tensor.Tensor[float32]); ok {
		d := make([]float64, f.Len())
		for i, v := range f.Data() {
			d[i] = float64(v)
		}
		return tensor.Must(d, f.Shape()...)
	}
	if f, ok := x.(*tensor.Tensor[float64]); ok {
		return f.Clone()
	}
	return x
}

func sameTensor(t *testing.T, what string, got, want tensor.Any, tol float64) {
	t.Helper()
	if got.DType() != want.DType() || !got.Shape().Equal(want.Shape()) {
		t.Errorf("%s is %v%v, want %v%v", what, got.DType(), got.Shape(), want.DType(), want.Shape())
		return
	}
	switch w := want.(type) {
	case *tensor.Tensor[float32]:
		for i, v := range tensor.Data[float32](got) {
			if !near(float64(v), float64(w.Data()[i]), max(tol, 1e-6)) {
				t.Errorf("%s[%d] is %v, want %v", what, i, v, w.Data()[i])
			}
		}
	case *tensor.Tensor[float64]:
		for i, v := range tensor.Data[float64](got) {
			if !near(v, w.Data()[i], max(tol, 1e-9)) {
				t.Errorf("%s[%d] is %v, want %v", what, i, v, w.Data()[i])
			}
		}
	case *tensor.Tensor[string]:
		for i, v := range tensor.Data[string](got) {
			if v != w.Data()[i] {
				t.Errorf("%s[%d] is %q, want %q", what, i, v, w.Data()[i])
			}
		}
	default:
		if string(tensor.Bytes(got)) != string(tensor.Bytes(want)) {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
}

func near(a, b, tol float64) bool {
	if a == b || math.IsNaN(a) && math.IsNaN(b) {
		return true
	}
	return math.Abs(a-b) <= tol*(1+math.Abs(b))
}

func contains(s, sub string) bool {
	for i := 0; i+len(sub) <= len(s); i++ {
		if s[i:i+len(sub)] == sub {
			return true
		}
	}
	return false
}

// f32 and friends write tensors in tables.
func f32(data []float32, shape ...int) tensor.Any { return tensor.Must(data, shape...) }
func f64(data []float64, shape ...int) tensor.Any { return tensor.Must(data, shape...) }
func i64(data []int64, shape ...int) tensor.Any   { return tensor.Must(data, shape...) }
func i32(data []int32, shape ...int) tensor.Any   { return tensor.Must(data, shape...) }
