package keras

import (
	"math"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// fuse joins what a convolution does with what stands before and behind it: zeros put around its input
// become its pads, and a BatchNormalization of its output becomes part of its kernel and bias. A product of
// two matrices and the bias added to it are one Gemm. A Reshape takes a Transpose behind it that changes no
// element's place.
func fuse(b *op.Builder, outs []output, t *training) {
	f := &fusion{b: b, train: t, uses: map[*ir.Value]int{}}
	for _, n := range b.G.Nodes {
		for _, v := range n.In {
			f.uses[v]++
		}
	}
	for _, v := range values(outs) {
		f.uses[v]++
	}
	gone := map[*ir.Node]bool{}
	for _, n := range b.G.Nodes {
		switch {
		case n.Op == "Transpose":
			gone[n] = f.reshaped(n)
		case n.Op == "Conv":
			f.padded(n)
		case n.Op == "BatchNormalization":
			gone[n] = f.normalized(n)
		case n.Op == "Add":
			gone[n] = f.biased(n)
		}
	}
	var kept []*ir.Node
	for _, n := range b.G.Nodes {
		if !gone[n] {
			kept = append(kept, n)
		}
	}
	b.G.Nodes = kept
	b.G.Prune(values(outs)...)
}

type fusion struct {
	b     *op.Builder
	train *training
	uses  map[*ir.Value]int
}

// padded takes a Pad of zeros around the axes in space into a convolution's own pads.
func (f *fusion) padded(conv *ir.Node) {
	pad := conv.In[0].Node
	if pad == nil || pad.Op != "Pad" || f.uses[pad.Out[0]] != 1 || conv.Attr("auto_pad") != nil {
		return
	}
	if mode, ok := pad.Attr("mode").(string); ok && mode != "constant" || len(pad.In) > 2 {
		return // a value given might not be 0
	}
	put, ok := constInts(pad.In[1])
	rank := conv.In[0].Fact.Rank()
	if !ok || len(put) != 2*rank || put[0] != 0 || put[1] != 0 || put[rank] != 0 || put[rank+1] != 0 {
		return
	}
	pads := append(append([]int{}, put[2:rank]...), put[rank+2:]...)
	if own, ok := conv.Attr("pads").([]int64); ok {
		for i, n := range own {
			pads[i] += int(n)
		}
	}
	for _, n := range pads {
		if n < 0 {
			return
		}
	}
	conv.SetAttr("pads", op.Attr("pads", pads).Value)
	conv.In[0] = pad.In[0]
}

// reshaped takes a Transpose that moves axes of size 1 alone into the Reshape before it.
func (f *fusion) reshaped(n *ir.Node) bool {
	r, perm := n.In[0].Node, permOf(n)
	if r == nil || r.Op != "Reshape" || f.uses[r.Out[0]] != 1 || r.Attr("allowzero") != nil || len(perm) == 0 || perm[0] != 0 {
		return false
	}
	shape, ok := constInts(r.In[1])
	if !ok || len(shape) != len(perm) {
		return false
	}
	out, long := make([]int, len(perm)), []int{}
	for i, p := range perm {
		out[i] = shape[p]
		if i > 0 && shape[p] == 0 {
			return false
		}
		if shape[p] != 1 {
			long = append(long, p)
		}
	}
	if !slices.IsSorted(long) {
		return false
	}
	c := make([]int64, len(out))
	for i, k := range out {
		c[i] = int64(k)
	}
	v := f.b.G.AddConst(r.In[1].Name, tensor.Vector(c...))
	if f.uses[r.In[1]] == 1 {
		f.b.G.Rename(v, r.In[1].Name)
	}
	r.In = []*ir.Value{r.In[0], v}
	f.uses[v] = 1
	o := n.Out[0]
	r.Out[0], o.Node, o.Index = o, r, 0
	return true
}

// biased makes x·kernel + bias of matrices one Gemm.
func (f *fusion) biased(add *ir.Node) bool {
	y, bias := add.In[0], add.In[1]
	if bias.Kind != ir.Const {
		y, bias = bias, y
	}
	product := y.Node
	if product == nil || product.Op != "MatMul" || f.uses[y] != 1 || bias.Kind != ir.Const {
		return false
	}
	a, k := product.In[0].Fact, product.In[1].Fact
	if a.DType != tensor.Float32 || a.Rank() != 2 || k.Rank() != 2 || bias.Fact.Rank() != 1 || bias.Fact.Shape[0] != k.Shape[1] {
		return false
	}
	product.Op = "Gemm"
	if layer, own := strings.CutSuffix(product.Name, "MatMul"); own {
		product.Name = layer + "Gemm"
	}
	product.In = append(product.In, bias)
	out := add.Out[0]
	product.Out[0], out.Node, out.Index = out, product, 0
	return true
}

// normalized takes a BatchNormalization into the convolution before it:
//
//	gamma/sqrt(variance+epsilon)*(kernel*x + bias - mean) + beta
//
// The products are formed in float64.
func (f *fusion) normalized(n *ir.Node) bool {
	conv := n.In[0].Node
	if conv == nil || conv.Op != "Conv" || f.uses[conv.Out[0]] != 1 || n.Attr("training_mode") != nil {
		return false
	}
	kernel, ok := conv.In[1].Data.(*tensor.Tensor[float32])
	if !ok || conv.In[1].Kind != ir.Const || f.uses[conv.In[1]] != 1 {
		return false
	}
	var p [4][]float32
	for i, v := range n.In[1:5] {
		t, ok := v.Data.(*tensor.Tensor[float32])
		if !ok || v.Kind != ir.Const || f.uses[v] != 1 {
			return false
		}
		p[i] = t.Data()
	}
	filters := kernel.Shape()[0]
	var bias []float32
	if len(conv.In) > 2 && conv.In[2] != nil {
		t, ok := conv.In[2].Data.(*tensor.Tensor[float32])
		if !ok || conv.In[2].Kind != ir.Const {
			return false
		}
		bias = t.Data()
	}
	eps, _ := n.Attr("epsilon").(float32)
	momentum, _ := n.Attr("momentum").(float32)
	for i := range filters {
		if s := math.Abs(float64(p[0][i])) / math.Sqrt(float64(p[3][i])+float64(eps)); !(s > 1e-20 && s < 1e20) {
			return false // the kernel could not be told from the product any more
		}
	}
	before := fold{conv: conv, kernel: conv.In[1], gamma: n.In[1], beta: n.In[2], mean: n.In[3], variance: n.In[4], epsilon: eps, momentum: momentum, steps: f.train.steps[n]}
	if bias != nil {
		before.bias = conv.In[2]
	}
	k, c := tensor.Zeros[float32](kernel.Shape()...), tensor.Zeros[float32](filters)
	each := kernel.Len() / max(filters, 1)
	for i := range filters {
		scale := float64(p[0][i]) / math.Sqrt(float64(p[3][i])+float64(eps))
		for j := i * each; j < (i+1)*each; j++ {
			k.Data()[j] = float32(float64(kernel.Data()[j]) * scale)
		}
		shift := -float64(p[2][i])
		if bias != nil {
			shift += float64(bias[i])
		}
		c.Data()[i] = float32(shift*scale + float64(p[1][i]))
	}
	kv := f.b.G.AddConst("kernel", k)
	name := conv.In[1].Name
	f.b.G.Rename(kv, name)
	conv.In[1] = kv
	f.uses[kv] = 1
	cv := f.b.G.AddConst(n.In[2].Name, c)
	if len(conv.In) > 2 && conv.In[2] != nil && f.uses[conv.In[2]] == 1 {
		f.b.G.Rename(cv, conv.In[2].Name)
	}
	conv.In = []*ir.Value{conv.In[0], kv, cv}
	f.uses[cv] = 1
	out := n.Out[0]
	conv.Out[0], out.Node, out.Index = out, conv, 0
	f.train.parts[kv] = f.train.partsOf(before.kernel)
	f.train.folds = append(f.train.folds, before)
	return true
}
