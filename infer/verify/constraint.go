package verify

import (
	"math"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// constraint is what the graph demands of an input's elements.
type constraint struct {
	lo, hi  int64    // whole numbers in [lo,hi); none where hi is 0
	ints    []int64  // elements to choose from, those of a table's keys
	strings []string // the same for strings
}

func (c *constraint) bound(lo, hi int64) {
	if hi <= lo {
		return
	}
	if c.hi == 0 && c.lo == 0 {
		c.lo, c.hi = lo, hi
		return
	}
	if lo, hi = max(c.lo, lo), min(c.hi, hi); lo < hi {
		c.lo, c.hi = lo, hi
	}
}

// tracer follows values through a graph to the operators that index tables with them.
type tracer struct {
	functions map[[2]string]*onnxio.Function
	constants map[string]*onnxio.Tensor
	shapes    map[string][]*onnxio.Dimension
	dims      map[string]int
	steps     int // bounds the work on graphs made to be followed without end
}

// maxTrace is how many visits of nodes one input is worth.
const maxTrace = 100000

func newTracer(m *onnxio.Model, dims map[string]int) *tracer {
	t := &tracer{functions: map[[2]string]*onnxio.Function{}, constants: map[string]*onnxio.Tensor{},
		shapes: map[string][]*onnxio.Dimension{}, dims: dims}
	for _, f := range m.Functions {
		if f != nil {
			t.functions[[2]string{onnxio.NormalDomain(f.Domain), f.Name}] = f
		}
	}
	t.learn(m.Graph)
	return t
}

// learn notes a graph's constants and the shapes that it declares.
func (t *tracer) learn(g *onnxio.Graph) {
	for _, x := range g.Initializer {
		if x != nil {
			t.constants[x.Name] = x
		}
	}
	for _, n := range g.Node {
		if n != nil && n.OpType == "Constant" && len(n.Output) == 1 && n.Attr("value") != nil && n.Attr("value").T != nil {
			t.constants[n.Output[0]] = n.Attr("value").T
		}
	}
	for _, list := range [][]*onnxio.ValueInfo{g.ValueInfo, g.Input, g.Output} {
		for _, v := range list {
			if v != nil && v.Type != nil && v.Type.TensorType != nil && v.Type.TensorType.Shape != nil {
				t.shapes[v.Name] = v.Type.TensorType.Shape.Dim
			}
		}
	}
}

// shape returns what is known of a value's shape: -1 where a dimension is not known, nil where nothing is.
func (t *tracer) shape(name string) []int64 {
	if c := t.constants[name]; c != nil {
		return c.Dims
	}
	known, ok := t.shapes[name]
	if !ok {
		return nil
	}
	shape := make([]int64, len(known))
	for i, d := range known {
		shape[i] = -1
		if d == nil {
			continue
		}
		if n, ok := d.Value(); ok {
			shape[i] = n
		} else if n, ok := t.dims[d.Param()]; ok && d.Param() != "" {
			shape[i] = int64(n)
		}
	}
	return shape
}

// follow collects what the users of a value demand of its elements, which are off by offset from the
// elements of the input that is asked about.
func (t *tracer) follow(nodes []*onnxio.Node, name string, offset int64, c *constraint) {
	for _, n := range nodes {
		if t.steps++; t.steps > maxTrace {
			return
		}
		if n == nil {
			continue
		}
		for _, a := range n.Attribute {
			if a != nil && a.G != nil {
				t.learn(a.G)
				t.follow(a.G.Node, name, offset, c)
			}
		}
		for i, in := range n.Input {
			if in == name && name != "" {
				t.use(nodes, n, i, offset, c)
			}
		}
	}
}

// use looks at a node that reads the value as its input i.
func (t *tracer) use(nodes []*onnxio.Node, n *onnxio.Node, i int, offset int64, c *constraint) {
	domain := onnxio.NormalDomain(n.Domain)
	if f := t.functions[[2]string{domain, n.OpType}]; f != nil {
		if i < len(f.Input) {
			t.follow(f.Node, f.Input[i], offset, c)
		}
		return
	}
	if domain == "ai.onnx.ml" {
		t.useML(n, i, offset, c)
		return
	}
	if domain != "" {
		return
	}
	switch n.OpType {
	case "Identity", "Cast", "CastLike", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Transpose", "Slice", "Expand", "Tile", "Dropout", "Floor", "Round", "Ceil", "Pad":
		if i == 0 {
			t.followOutputs(nodes, n, offset, c)
		}
	case "Concat", "Split":
		if n.OpType == "Concat" || i == 0 {
			t.followOutputs(nodes, n, offset, c)
		}
	case "Add", "Sub":
		if k, ok := t.scalar(n, 1-i); ok && (i == 0 || n.OpType == "Add") {
			if n.OpType == "Sub" {
				k = -k
			}
			t.followOutputs(nodes, n, offset+k, c)
		}
	case "Gather", "GatherElements", "ScatterElements":
		if i == 1 {
			t.indexed(n, offset, c)
		} else if i == 0 && n.OpType != "ScatterElements" {
			t.followOutputs(nodes, n, offset, c)
		}
	case "GatherND", "ScatterND":
		if i == 1 {
			t.indexedND(n, offset, c)
		}
	case "OneHot":
		if depth, ok := t.scalar(n, 1); ok && i == 0 {
			c.bound(-offset, depth-offset)
		}
	}
}

func (t *tracer) followOutputs(nodes []*onnxio.Node, n *onnxio.Node, offset int64, c *constraint) {
	for k, out := range n.Output {
		if k > 0 && n.OpType != "Split" {
			break // Dropout's mask
		}
		t.follow(nodes, out, offset, c)
	}
}

// scalar returns the value of a constant whole number that is input i of a node.
func (t *tracer) scalar(n *onnxio.Node, i int) (int64, bool) {
	if i < 0 || i >= len(n.Input) || t.constants[n.Input[i]] == nil {
		return 0, false
	}
	v, err := t.constants[n.Input[i]].Value()
	if err != nil || v.Len() != 1 {
		return 0, false
	}
	if x := tensor.Data[int64](v); x != nil {
		return x[0], x[0] > -math.MaxInt32 && x[0] < math.MaxInt32
	}
	if x := tensor.Data[int32](v); x != nil {
		return int64(x[0]), true
	}
	if x := tensor.Data[float32](v); x != nil && x[0] == float32(int32(x[0])) {
		return int64(x[0]), true
	}
	return 0, false
}

// indexed is for operators that index one axis of their first input.
func (t *tracer) indexed(n *onnxio.Node, offset int64, c *constraint) {
	shape := t.shape(n.Input[0])
	axis := int64(0)
	if a := n.Attr("axis"); a != nil {
		axis = a.I
	}
	if axis < 0 {
		axis += int64(len(shape))
	}
	if axis >= 0 && axis < int64(len(shape)) && shape[axis] > 0 {
		c.bound(-offset, shape[axis]-offset)
	}
}

// indexedND is for operators whose indices reach several axes: the smallest of them is the bound.
func (t *tracer) indexedND(n *onnxio.Node, offset int64, c *constraint) {
	shape, indices := t.shape(n.Input[0]), t.shape(n.Input[1])
	from := int64(0)
	if a := n.Attr("batch_dims"); a != nil {
		from = a.I
	}
	if len(indices) == 0 || from < 0 {
		return
	}
	to := from + indices[len(indices)-1]
	for axis := from; axis < to && axis < int64(len(shape)); axis++ {
		if shape[axis] > 0 {
			c.bound(-offset, shape[axis]-offset)
		}
	}
}

// useML is for the operators that look their input up in a list.
func (t *tracer) useML(n *onnxio.Node, i int, offset int64, c *constraint) {
	if i != 0 {
		return
	}
	switch n.OpType {
	case "LabelEncoder", "OneHotEncoder", "CategoryMapper", "DictVectorizer":
	default:
		return
	}
	for _, a := range n.Attribute {
		if a == nil {
			continue
		}
		switch a.Name {
		case "keys_strings", "cats_strings", "classes_strings":
			for _, s := range a.Strings {
				c.strings = append(c.strings, string(s))
			}
		case "keys_int64s", "cats_int64s":
			for _, k := range a.Ints {
				c.ints = append(c.ints, k-offset)
			}
		case "keys_tensor":
			t.keys(a.T, offset, c)
		}
	}
}

func (t *tracer) keys(m *onnxio.Tensor, offset int64, c *constraint) {
	if m == nil {
		return
	}
	v, err := m.Value()
	if err != nil {
		return
	}
	c.strings = append(c.strings, tensor.Data[string](v)...)
	for _, k := range tensor.Data[int64](v) {
		c.ints = append(c.ints, k-offset)
	}
}
