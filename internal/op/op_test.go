package op_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// shape reads dimensions as they print: 2 batch ?.
func shape(t *testing.T, s string) ir.Shape {
	t.Helper()
	out := ir.Shape{}
	for _, d := range strings.Fields(s) {
		var n int
		if _, err := fmt.Sscan(d, &n); err == nil {
			out = append(out, ir.Known(n))
		} else {
			out = append(out, ir.Sym(strings.TrimPrefix(d, "?")))
		}
	}
	return out
}

func fact(t *testing.T, s string) ir.Fact {
	t.Helper()
	return ir.Fact{DType: tensor.Float32, Ranked: s != "any", Shape: shape(t, strings.TrimPrefix(s, "any"))}
}

func TestBroadcast(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"2 3|3", "2 3"},
		{"2 1|1 3", "2 3"},
		{"|2", "2"},
		{"batch 3|batch 1", "batch 3"},
		{"batch 3|1 3", "batch 3"},
		{"batch|4", "4"}, // batch is 1 or 4
		{"batch|other", "?"},
		{"?|?", "?"},
		{"?|1", "?"},
		{"0|1", "0"},
		{"2|any", "any"},
		{"2 3|4", "error"},
		{"0|2", "error"},
	} {
		var facts []ir.Fact
		for _, s := range strings.Split(c.in, "|") {
			facts = append(facts, fact(t, s))
		}
		s, ranked, err := op.Broadcast(facts...)
		switch {
		case c.want == "error":
			if !errors.Is(err, op.ErrShape) {
				t.Errorf("%s: %v, want an ErrShape", c.in, err)
			}
		case err != nil:
			t.Errorf("%s: %v", c.in, err)
		case !ranked && c.want == "any":
		case !ranked || strings.Trim(fmt.Sprint([]ir.Dim(s)), "[]") != c.want:
			t.Errorf("%s: %v, want %s", c.in, s, c.want)
		}
	}
}

func TestResolveAxes(t *testing.T) {
	for _, c := range []struct {
		axes, want []int
		err        string
	}{
		{axes: []int{0, -1}, want: []int{0, 2}},
		{axes: []int{2, 0}, want: []int{2, 0}},
		{axes: nil, want: []int{}},
		{axes: []int{3}, err: "axis 3"},
		{axes: []int{-4}, err: "axis -4"},
		{axes: []int{1, -2}, err: "axis 1 is named twice"},
	} {
		got, err := op.ResolveAxes(c.axes, 3)
		if c.err != "" && (!errors.Is(err, op.ErrShape) || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%v: error %v, want one with %q", c.axes, err, c.err)
		}
		if c.err == "" && (err != nil || !slices.Equal(got, c.want)) {
			t.Errorf("%v: %v, %v; want %v", c.axes, got, err, c.want)
		}
	}
}

// TestSumTo checks which nodes sum a gradient to the shape of what was broadcast: none where there is nothing
// to sum, and some that look at sizes while running where those that decide are not known before.
func TestSumTo(t *testing.T) {
	for _, c := range []struct {
		x, like string
		nodes   string
		want    string
	}{
		{"2 3", "2 3", "", "2 3"},
		{"2 3", "3", "ReduceSum", "3"},
		{"2 3", "2 1", "ReduceSum", "2 1"},
		{"4 2 3", "1 3", "ReduceSum ReduceSum", "1 3"},
		{"batch 3", "batch 3", "", "batch 3"},
		{"batch 3", "3", "ReduceSum", "3"},
		{"? 3", "2 3", "", "? 3"}, // it is 2: like is not 1
		{"batch", "other", "Shape Equal NonZero Squeeze ReduceSum Reshape", "other"},
		{"4", "other", "Shape Equal NonZero Squeeze ReduceSum Reshape", "other"},
		{"?", "?", "Shape Equal NonZero Squeeze ReduceSum Reshape", "?"},
		{"5 4", "other", "ReduceSum Shape Equal NonZero Squeeze ReduceSum Reshape", "other"},
		{"any", "2", "error", ""},
	} {
		g := ir.New("sum")
		b := op.NewBuilder(g, ops.Set())
		y := b.SumTo(g.AddInput("x", fact(t, c.x)), g.AddInput("like", fact(t, c.like)))
		if c.nodes == "error" {
			if !errors.Is(b.Err(), op.ErrShape) {
				t.Errorf("%s to %s: %v, want an ErrShape", c.x, c.like, b.Err())
			}
			continue
		}
		var nodes []string
		for _, n := range g.Nodes {
			nodes = append(nodes, n.Op)
		}
		if got := strings.Trim(fmt.Sprint([]ir.Dim(y.Fact.Shape)), "[]"); b.Err() != nil || strings.Join(nodes, " ") != c.nodes || got != c.want {
			t.Errorf("%s to %s: [%s] by %v, %v; want [%s] by %s", c.x, c.like, got, nodes, b.Err(), c.want, c.nodes)
		}
	}
}

// TestErrors checks that the first error stays with a builder and names the node, its operator and its inputs.
func TestErrors(t *testing.T) {
	g := ir.New("errors")
	b := op.NewBuilder(g, ops.Set())
	x, y := g.AddInput("x", fact(t, "2 3")), g.AddInput("y", fact(t, "4"))
	b.Do("dense", func() {
		b.Add(b.Add(x, y), x)
		b.Op("Nothing", x)
	})
	want := "infer dense/Add (Add-14) f32[2,3] f32[4]: invalid shape: f32[4] does not broadcast with [2,3]: axis 1 is 4 and 3"
	var at *op.NodeError
	if err := b.Err(); !errors.As(err, &at) || !errors.Is(err, op.ErrShape) || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
	if again := op.Wrap("run", &ir.Node{Name: "outer"}, nil, b.Err()); again != b.Err() {
		t.Errorf("wrapped twice: %v", again)
	}
	if op.Wrap("run", &ir.Node{}, nil, nil) != nil {
		t.Error("nil became an error")
	}
}

func TestUnsupported(t *testing.T) {
	s := ops.Set()
	for _, c := range []struct{ domain, name, want string }{
		{"", "Sofmaxx", "unsupported: operator Sofmaxx (opset 13)"},
		{"", "SOFTMAX", "is Softmax meant?"},
		{"com.example", "Foo", "com.example.Foo"},
	} {
		if err := s.Unsupported(c.domain, c.name, 13); !errors.Is(err, op.ErrUnsupported) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	if s.Lookup("ai.onnx", "Relu") == nil || s.Lookup("", "relu") != nil {
		t.Error("names are exact, and ai.onnx is the empty domain")
	}
	defer func() {
		if recover() == nil {
			t.Error("a set took two operators of one name")
		}
	}()
	op.NewSet(&op.Def{Name: "Twice"}, &op.Def{Name: "Twice"})
}

// TestLower checks which form of an operator an opset means.
func TestLower(t *testing.T) {
	for _, c := range []struct {
		name  string
		opset int
		attrs []ir.Attr
		want  string
	}{
		{"Relu", 13, nil, "Relu-14"},
		{"Softmax", 13, nil, "Softmax-13"},
		{"Relu", 0, nil, "unsupported: operator Relu of opset 0"},
		{"Elu", 13, []ir.Attr{op.Attr("alpha", 2)}, "alpha"}, // an int where a float is due
		{"Elu", 13, []ir.Attr{op.Attr("beta", 2.)}, "beta"},
	} {
		g := ir.New("lower")
		b := op.NewBuilder(g, ops.Set())
		n := &ir.Node{Name: "n", Op: c.name, Attrs: c.attrs, In: []*ir.Value{g.AddInput("x", fact(t, "2 3"))}, Out: []*ir.Value{{}}}
		got := ""
		if _, err := b.Lower(n, c.opset); err != nil {
			got = err.Error()
		} else {
			got = op.OpName(g.Nodes[len(g.Nodes)-1])
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s of opset %d: %s, want %s", c.name, c.opset, got, c.want)
		}
	}
}

// TestOpsetFor checks the lowest opset that says a node.
func TestOpsetFor(t *testing.T) {
	g := ir.New("opset")
	b := op.NewBuilder(g, ops.Set())
	x := g.AddInput("x", fact(t, "2 3"))
	b.Op("Relu", x)
	b.Sum(x, true, 1)
	b.Op("Mish", x)
	for i, want := range []int{6, 1, 18} {
		got, err := ops.Set().OpsetFor(g.Nodes[i])
		if err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", g.Nodes[i].Op, got, err, want)
		}
	}
}

// TestBackwardNames checks that an error of a gradient says which parameter it is in the way of.
func TestBackwardNames(t *testing.T) {
	g := ir.New("backward")
	b := op.NewBuilder(g, ops.Set())
	w := g.AddState("dense/kernel", tensor.Must([]float32{1, 2, 2}, 3))
	y := b.Emit(4, "Unique", []*ir.Value{w})[0]
	loss := b.Sum(y, false)
	_, err := b.Backward(g.Nodes, []op.Seed{{Value: loss, Grad: b.Scalar(loss, 1)}}, []*ir.Value{w})
	if err == nil || !strings.Contains(err.Error(), "on the way to parameter dense/kernel") || !strings.Contains(err.Error(), "Unique") {
		t.Errorf("error %v, want one that names Unique and dense/kernel", err)
	}
}

// TestBackwardAdds checks that a value with several uses gets the sum, and one without a use nothing.
func TestBackwardAdds(t *testing.T) {
	g := ir.New("backward")
	b := op.NewBuilder(g, ops.Set())
	x, z := g.AddInput("x", fact(t, "2")), g.AddInput("z", fact(t, "2"))
	loss := b.Sum(b.Mul(b.Add(x, x), x), false)
	grads, err := b.Backward(g.Nodes, []op.Seed{{Value: loss, Grad: b.Scalar(loss, 1)}}, []*ir.Value{x, z})
	if err != nil || grads[0] == nil || grads[1] != nil {
		t.Fatal(grads, err)
	}
	g.Outputs = grads[:1]
	vals, err := ops.Set().EvalGraph(t.Context(), g, map[*ir.Value]tensor.Any{
		x: tensor.Must([]float32{3, -1}, 2), z: tensor.Must([]float32{0, 0}, 2),
	}, op.Rand{})
	if err != nil {
		t.Fatal(err)
	}
	if got := tensor.Data[float32](vals[grads[0].ID]); !slices.Equal(got, []float32{12, -4}) { // 4x
		t.Errorf("gradient %v, want [12 -4]", got)
	}
}
