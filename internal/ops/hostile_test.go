package ops

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// TestHostile applies every operator to random inputs and attributes, most of them nonsense: each must
// answer or return an error, at open, binding and run, and never panic.
func TestHostile(t *testing.T) {
	rounds := 300
	if s, err := strconv.Atoi(os.Getenv("HOSTILE_ROUNDS")); err == nil {
		rounds = s
	}
	for _, d := range All {
		rnd := rand.New(rand.NewPCG(2, 9))
		for i := range rounds {
			tryNode(t, d, rnd, i)
		}
	}
}

var hostileShapes = []tensor.Shape{{}, {0}, {1}, {2}, {3}, {2, 3}, {3, 2}, {0, 2}, {1, 1, 2}, {2, 2, 2}, {1, 4, 2, 2}, {2, 1, 3, 3}}

var hostileStrings = []string{"", "none", "add", "mul", "max", "constant", "reflect", "edge", "linear", "nearest", "cubic", "SAME_UPPER", "VALID", "forward", "a", "ab,cd->ef", "\xff"}

func pick[T any](r *rand.Rand, s []T) T { return s[r.IntN(len(s))] }

func hostileInt(r *rand.Rand) int64 {
	if r.IntN(8) == 0 {
		return pick(r, []int64{math.MinInt64, math.MaxInt64, 1 << 40, -1 << 40, 1 << 31})
	}
	return r.Int64N(7) - 3
}

func hostileAttr(r *rand.Rand, d op.AttrDef) (ir.Attr, bool) {
	ints := func() []int64 {
		s := make([]int64, r.IntN(5))
		for i := range s {
			s[i] = hostileInt(r)
		}
		return s
	}
	switch d.Kind {
	case op.IntKind:
		return ir.Attr{Name: d.Name, Value: hostileInt(r)}, true
	case op.FloatKind:
		return ir.Attr{Name: d.Name, Value: pick(r, []float32{0, 1, -1, .5, 1e30, float32(math.NaN()), float32(math.Inf(1))})}, true
	case op.StringKind:
		if s, ok := d.Default.(string); ok && r.IntN(2) == 0 {
			return ir.Attr{Name: d.Name, Value: s}, true
		}
		return ir.Attr{Name: d.Name, Value: pick(r, hostileStrings)}, true
	case op.IntsKind:
		return ir.Attr{Name: d.Name, Value: ints()}, true
	case op.FloatsKind:
		s := []float32{}
		for _, v := range ints() {
			s = append(s, float32(v))
		}
		return ir.Attr{Name: d.Name, Value: s}, true
	case op.StringsKind:
		return ir.Attr{Name: d.Name, Value: hostileStrings[:r.IntN(4)]}, true
	case op.TensorKind:
		return ir.Attr{Name: d.Name, Value: hostileTensor(r, pick(r, []tensor.DType{tensor.Float32, tensor.Int64, tensor.String, tensor.Bool, tensor.Float16}))}, true
	}
	return ir.Attr{}, false
}

func hostileTensor(r *rand.Rand, d tensor.DType) tensor.Any {
	x, err := tensor.Alloc(d, pick(r, hostileShapes))
	if err != nil {
		panic(err)
	}
	switch x := x.(type) {
	case *tensor.Tensor[string]:
		for i := range x.Data() {
			x.Data()[i] = pick(r, []string{"", "1", "-2.5", "abc", "\xff"})
		}
	case *tensor.Tensor[int64]:
		for i := range x.Data() {
			x.Data()[i] = hostileInt(r)
		}
	case *tensor.Tensor[int32]:
		for i := range x.Data() {
			x.Data()[i] = int32(hostileInt(r))
		}
	case *tensor.Tensor[bool]:
		for i := range x.Data() {
			x.Data()[i] = r.IntN(2) == 0
		}
	case *tensor.Tensor[float32]:
		for i := range x.Data() {
			x.Data()[i] = pick(r, []float32{0, 1, -1, 2.5, 1e30, float32(math.NaN())})
		}
	default:
		for i := range tensor.Bytes(x) {
			tensor.Bytes(x)[i] = byte(r.IntN(4)) // within every type's range
		}
	}
	return x
}

// hostileNode makes a node of some version with types that mostly fit.
func hostileNode(d *op.Def, r *rand.Rand) (*ir.Node, []tensor.Any) {
	s := pick(r, d.Schemas())
	n := &ir.Node{Name: "n", Domain: d.Domain, Op: d.Name, Version: s.Since}
	var in []tensor.Any
	types := map[string]tensor.DType{}
	for _, p := range s.In {
		for range 1 + r.IntN(2) {
			if p.Optional && r.IntN(2) == 0 {
				n.In, in = append(n.In, nil), append(in, nil)
				break
			}
			dt, ok := tensor.ParseDType(p.Type)
			if list := s.Types[p.Type]; !ok && len(list) > 0 {
				if dt, ok = types[p.Type]; !ok {
					dt = pick(r, list)
					types[p.Type] = dt
				}
			}
			if dt == tensor.Undefined {
				dt = tensor.Float32
			}
			n.In, in = append(n.In, &ir.Value{}), append(in, hostileTensor(r, dt))
			if !p.Variadic {
				break
			}
		}
	}
	for _, a := range s.Attrs {
		if a.Required || r.IntN(3) == 0 {
			if v, ok := hostileAttr(r, a); ok {
				n.Attrs = append(n.Attrs, v)
			}
		}
	}
	for range 1 + r.IntN(max(1, len(s.Out))) {
		n.Out = append(n.Out, &ir.Value{})
	}
	return n, in
}

func tryNode(t *testing.T, d *op.Def, r *rand.Rand, round int) {
	n, in := hostileNode(d, r)
	describe := func() string {
		s := fmt.Sprintf("%s-%d round %d", d.Name, n.Version, round)
		for _, a := range n.Attrs {
			s += fmt.Sprintf(" %s=%v", a.Name, a.Value)
		}
		for _, x := range in {
			if x == nil {
				s += " -"
			} else {
				s += fmt.Sprintf(" %v", x)
				if x.DType() == tensor.Int64 {
					s += fmt.Sprint(tensor.Data[int64](x))
				}
			}
		}
		return s
	}
	defer func() {
		if e := recover(); e != nil {
			t.Errorf("%s: panic: %v", describe(), e)
		}
	}()
	// Lowered with constant inputs, with known shapes, or with symbolic ones.
	b := op.NewBuilder(ir.New("g"), Set())
	for i, x := range in {
		if x == nil {
			continue
		}
		f := ir.ConstFact(x).Like()
		switch round % 3 {
		case 0:
			n.In[i] = b.Const(x)
			continue
		case 1:
			for k := range f.Shape {
				f.Shape[k] = ir.Sym(fmt.Sprintf("s%d_%d", i, k))
			}
		}
		n.In[i] = b.G.AddInput("x", f)
	}
	inferred, err := b.Lower(n, n.Version)
	if err != nil || n.Version != d.Since {
		return
	}
	for i, got := range runBounded(n, in) {
		if got != nil && inferred[i] != nil {
			if e := contradicts(inferred[i].Fact, got); e != "" {
				t.Errorf("%s: output %d: %s", describe(), i, e)
			}
		}
	}
}

// contradicts says where an inferred fact is not true of a result.
func contradicts(f ir.Fact, got tensor.Any) string {
	if f.DType != tensor.Undefined && f.DType != got.DType() {
		return fmt.Sprintf("inferred type %v, actual %v", f.DType, got.DType())
	}
	if !f.Ranked {
		return ""
	}
	wrong := len(f.Shape) != got.Shape().Rank()
	for i := 0; !wrong && i < len(f.Shape); i++ {
		v, known := f.Shape[i].Int()
		wrong = known && v != got.Shape()[i]
	}
	if wrong {
		return fmt.Sprintf("inferred shape %v, actual %v", f.Shape, got.Shape())
	}
	if v, ok := op.Ints(got); ok && f.Elems != nil {
		for i, d := range f.Elems {
			if k, known := d.Int(); known && (i >= len(v) || k != v[i]) {
				return fmt.Sprintf("inferred elements %v, actual %v", f.Elems, v)
			}
		}
	}
	return ""
}

// runBounded resolves, binds and runs a node unless its outputs are large.
func runBounded(n *ir.Node, in []tensor.Any) []tensor.Any {
	facts := make([]ir.Fact, len(in))
	for i, x := range in {
		if x != nil {
			facts[i] = ir.ConstFact(x)
		}
	}
	r, err := Set().Resolve(n, facts)
	if err != nil {
		return nil
	}
	for i := range n.Out {
		s, ok := r.Out(i).Static()
		if size, valid := s.Size(); ok && (!valid || size > 1<<20) {
			return nil
		}
	}
	out, _ := Set().Eval(n, in)
	return out
}
