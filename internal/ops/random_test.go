package ops

import (
	"context"
	"math"
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// draw runs one node and returns its output.
func draw(t *testing.T, name string, rand op.Rand, a []ir.Attr, in ...tensor.Any) tensor.Any {
	t.Helper()
	g := ir.New("random")
	b := op.NewBuilder(g, Set())
	vals := make([]*ir.Value, len(in))
	for i, x := range in {
		vals[i] = b.Const(x)
	}
	out := b.Emit(1, name, vals, a...)
	if b.Err() != nil {
		t.Fatal(b.Err())
	}
	v, err := Set().EvalGraph(context.Background(), g, nil, rand)
	if err != nil {
		t.Fatal(err)
	}
	return v[out[0].ID]
}

func moments(x []float64) (mean, deviation float64) {
	var sum, sq float64
	for _, v := range x {
		sum += v
		sq += v * v
	}
	n := float64(len(x))
	return sum / n, math.Sqrt(sq/n - sum/n*sum/n)
}

func TestRandom(t *testing.T) {
	const n = 50000
	shape := at("shape", []int{n})
	like := ramp(n)
	for _, c := range []struct {
		name            string
		attrs           []ir.Attr
		in              []tensor.Any
		mean, deviation float64
	}{
		{"RandomNormal", attrs(shape, at("mean", 2.0), at("scale", 3.0)), nil, 2, 3},
		{"RandomNormal", attrs(shape, at("dtype", tensor.Float64)), nil, 0, 1},
		{"RandomNormal", attrs(shape, at("dtype", tensor.Float16)), nil, 0, 1},
		{"RandomNormalLike", attrs(at("dtype", tensor.BFloat16)), ins(like), 0, 1},
		{"RandomUniform", attrs(shape, at("low", -1.0), at("high", 1.0)), nil, 0, math.Sqrt(1. / 3)},
		{"RandomUniform", attrs(shape, at("dtype", tensor.Float64)), nil, .5, math.Sqrt(1. / 12)},
		{"RandomUniformLike", nil, ins(like), .5, math.Sqrt(1. / 12)},
	} {
		one := draw(t, c.name, op.Rand{Seed: 1}, c.attrs, c.in...)
		x := tensor.Data[float64](castTo(t, one, tensor.Float64))
		mean, deviation := moments(x)
		if math.Abs(mean-c.mean) > .05 || math.Abs(deviation-c.deviation) > .05 {
			t.Errorf("%s %v: mean %g, deviation %g", c.name, c.attrs, mean, deviation)
		}
		same := func(r op.Rand, more ...ir.Attr) bool {
			y := draw(t, c.name, r, append(more, c.attrs...), c.in...)
			return string(tensor.Bytes(y)) == string(tensor.Bytes(one))
		}
		if !same(op.Rand{Seed: 1}) || same(op.Rand{Seed: 2}) || same(op.Rand{Seed: 1, Step: 1}) {
			t.Errorf("%s: the numbers are not a function of seed and step", c.name)
		}
		if one = draw(t, c.name, op.Rand{Seed: 1}, append(attrs(at("seed", 5.0)), c.attrs...), c.in...); !same(op.Rand{Seed: 2}, at("seed", 5.0)) {
			t.Errorf("%s: the attribute seed does not decide", c.name)
		}
	}
}

func TestRandomRows(t *testing.T) {
	runRows(t, []row{
		{name: "opset 7", op: "RandomNormal", opset: 7, attrs: attrs(at("shape", []int{2, 3}))},
		{name: "negative", op: "RandomNormal", attrs: attrs(at("shape", []int{-1})), err: "size -1"},
		{name: "ints", op: "RandomUniform", attrs: attrs(at("shape", []int{1}), at("dtype", tensor.Int32)), err: "does not give"},
		{name: "bfloat16 at opset 7", op: "RandomUniform", opset: 7, attrs: attrs(at("shape", []int{1}), at("dtype", tensor.BFloat16)), err: "does not give"},
		{name: "like ints", op: "RandomUniformLike", in: ins(i32([]int32{1}, 1)), err: "does not give"},
		{name: "like strings", op: "RandomNormalLike", attrs: attrs(at("dtype", 1)), in: ins(tensor.Vector("a"))},
		{name: "empty", op: "RandomNormal", attrs: attrs(at("shape", []int{0, 2})), want: ins(ramp(0, 2))},
		{name: "certain", op: "Bernoulli", in: ins(f32([]float32{0, 1, 0, 1}, 2, 2)), want: ins(f32([]float32{0, 1, 0, 1}, 2, 2)), nograd: true},
		{name: "to int", op: "Bernoulli", opset: 15, attrs: attrs(at("dtype", tensor.Int64)), in: ins(f32([]float32{0, 1}, 2)), want: ins(i64([]int64{0, 1}, 2)), nograd: true},
		{name: "half", op: "Bernoulli", in: ins(tensor.Vector(tensor.ToHalf(1))), want: ins(tensor.Vector(tensor.ToHalf(1)))},
		{name: "certain", op: "Multinomial", attrs: attrs(at("sample_size", 3)), in: ins(f32([]float32{-1e9, 5, -1e9, -1e9, -1e9, 0}, 2, 3)), want: ins(i32([]int32{1, 1, 1, 2, 2, 2}, 2, 3)), nograd: true},
		{name: "no probability", op: "Multinomial", in: ins(f32([]float32{float32(math.NaN())}, 1, 1)), err: "row 0 holds no probabilities"},
		{name: "rank", op: "Multinomial", in: ins(ramp(2)), err: "expected [batch, classes]"},
	})
}

func TestBernoulliMultinomial(t *testing.T) {
	p := rowsOf(20000, .25)
	if mean, _ := moments(tensor.Data[float64](castTo(t, draw(t, "Bernoulli", op.Rand{}, nil, p), tensor.Float64))); math.Abs(mean-.25) > .02 {
		t.Errorf("Bernoulli: mean %g", mean)
	}
	x := f32([]float32{float32(math.Log(1)), float32(math.Log(3))}, 1, 2)
	y := draw(t, "Multinomial", op.Rand{}, attrs(at("sample_size", 20000)), x)
	if mean, _ := moments(tensor.Data[float64](castTo(t, y, tensor.Float64))); math.Abs(mean-.75) > .02 {
		t.Errorf("Multinomial: mean %g", mean)
	}
}

func TestDropout(t *testing.T) {
	yes, no := tensor.Scalar(true), tensor.Scalar(false)
	x := f32([]float32{1, 2, 3, 4, 5, 6, 7, 8}, 2, 4)
	all := tensor.Must([]bool{true, true, true, true, true, true, true, true}, 2, 4)
	half := tensor.Scalar[float32](.5)
	runRows(t, []row{
		{name: "inference", op: "Dropout", nout: 2, in: ins(x), want: ins(x, all)},
		{name: "inference, told so", op: "Dropout", nout: 2, in: ins(x, half, no), want: ins(x, all)},
		{name: "training, ratio 0", op: "Dropout", nout: 2, in: ins(x, tensor.Scalar[float64](0), yes), want: ins(x, all)},
		{name: "training", op: "Dropout", nout: 2, in: ins(x, half, yes)},
		{name: "training, default ratio", op: "Dropout", nout: 2, in: ins(x, nil, yes)},
		{name: "opset 7", op: "Dropout", opset: 7, nout: 2, attrs: attrs(at("ratio", .1)), in: ins(x), want: ins(x, castBools(t, all))},
		{name: "opset 10", op: "Dropout", opset: 10, nout: 2, in: ins(x), want: ins(x, all)},
		{name: "half", op: "Dropout", opset: 12, in: ins(tensor.Vector(tensor.ToHalf(2))), want: ins(tensor.Vector(tensor.ToHalf(2)))},
		{name: "no mask", op: "Dropout", in: ins(x, half, yes), nograd: true},
		{name: "ratio", op: "Dropout", in: ins(x, tensor.Scalar[float32](1), yes), err: "expected a number in [0,1)"},
	})
}

func castBools(t *testing.T, x tensor.Any) tensor.Any { return castTo(t, x, tensor.Float32) }

// TestDropoutThreads checks rate, scale, mask, and that threads change nothing.
func TestDropoutThreads(t *testing.T) {
	const n = 100000
	node := &ir.Node{Name: "d", Op: "Dropout", In: []*ir.Value{{}, {}, {}}, Out: []*ir.Value{{}, {}}}
	in := ins(ones(n), tensor.Scalar[float32](.25), tensor.Scalar(true))
	r, err := Set().Resolve(node, []ir.Fact{ir.ConstFact(in[0]).Like(), ir.ConstFact(in[1]), ir.ConstFact(in[2])})
	if err != nil {
		t.Fatal(err)
	}
	k, err := r.Bind()
	if err != nil {
		t.Fatal(err)
	}
	var first []float32
	for _, threads := range []int{1, 3} {
		pool := kernel.NewPool(threads)
		defer pool.Close()
		y, mask := tensor.Zeros[float32](n), tensor.Zeros[bool](n)
		c := &op.Call{In: in, Out: []tensor.Any{y, mask}, Pool: pool, Rand: op.Rand{Seed: 9}}
		if err := k(c); err != nil {
			t.Fatal(err)
		}
		kept := 0
		for i, v := range y.Data() {
			if mask.Data()[i] != (v != 0) || v != 0 && v != float32(1/.75) {
				t.Fatalf("element %d is %g, mask %v", i, v, mask.Data()[i])
			}
			if v != 0 {
				kept++
			}
			if first != nil && v != first[i] {
				t.Fatalf("element %d depends on the threads", i)
			}
		}
		if math.Abs(float64(kept)/n-.75) > .01 {
			t.Errorf("%d of %d kept", kept, n)
		}
		first = y.Data()
	}
}
