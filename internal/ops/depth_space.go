package ops

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// opDepthToSpace moves blocks of blocksize^2 channels into squares of the plane. The channels are
// taken as [block, block, channel] in mode DCR, as [channel, block, block] in mode CRD.
var opDepthToSpace = &op.Def{
	Name: "DepthToSpace", Since: 28,
	Doc:    "Blocks of channels moved into the plane.",
	In:     inT("input"),
	Out:    outT("output"),
	Attrs:  attrsDepthSpace,
	Types:  op.Types{"T": types13},
	Expand: expandDepthToSpace,
	Old: []op.Version{
		{Since: 13, Expand: expandDepthToSpace},
		{Since: 11, Types: op.Types{"T": op.AllClassic}, Expand: expandDepthToSpace},
		{Since: 1, Types: op.Types{"T": op.AllClassic}, Attrs: attrsDepthSpace[:1], Expand: expandDepthToSpace},
	},
}

// opSpaceToDepth moves squares of blocksize^2 elements of the plane into channels, which become
// [block, block, channel] in mode DCR, [channel, block, block] in mode CRD.
var opSpaceToDepth = &op.Def{
	Name: "SpaceToDepth", Since: 28,
	Doc:    "Squares of the plane moved into channels.",
	In:     inT("input"),
	Out:    outT("output"),
	Attrs:  attrsDepthSpace,
	Types:  op.Types{"T": types13},
	Expand: expandSpaceToDepth,
	Old: []op.Version{
		{Since: 13, Attrs: attrsDepthSpace[:1], Expand: expandSpaceToDepth},
		{Since: 1, Types: op.Types{"T": op.AllClassic}, Attrs: attrsDepthSpace[:1], Expand: expandSpaceToDepth},
	},
}

var attrsDepthSpace = []op.AttrDef{op.Need("blocksize", op.IntKind), op.Str("mode", "DCR")}

// depthSpace returns the block size and whether channels come before blocks.
func depthSpace(b *op.Builder, n *op.Node) (block int, crd, ok bool) {
	x := n.In(0)
	block = n.Int("blocksize")
	switch m := n.Str("mode"); {
	case m != "" && m != "DCR" && m != "CRD":
		b.Fail(op.Malformedf("mode is %q, expected DCR or CRD", m))
	case block < 1 || block > 1<<20:
		b.Fail(op.Malformedf("blocksize is %d", block))
	case len(x.Shape) != 4:
		b.Fail(op.Shapef("the input is %v, expected [batch, channels, height, width]", x))
	default:
		return block, m == "CRD", true
	}
	return 0, false, false
}

// divided returns the size of an axis over k, as a vector of one element.
func divided(b *op.Builder, x *ir.Value, axis, k int) *ir.Value {
	if size, ok := x.Fact.Shape[axis].Int(); ok {
		if size%k != 0 {
			b.Fail(op.Shapef("axis %d of %v is no multiple of %d", axis, x.Fact, k))
		}
		return b.Ints(size / k)
	}
	return b.Div(sizeOfAxis(b, x, axis), b.Ints(k))
}

// multiplied returns the size of an axis times k, as a vector of one element.
func multiplied(b *op.Builder, x *ir.Value, axis, k int) *ir.Value {
	if size, ok := x.Fact.Shape[axis].Int(); ok {
		return b.Ints(size * k)
	}
	return b.Mul(sizeOfAxis(b, x, axis), b.Ints(k))
}

func expandDepthToSpace(b *op.Builder, n *op.Node) []*ir.Value {
	x := n.Node.In[0]
	k, crd, ok := depthSpace(b, n)
	if !ok {
		return []*ir.Value{x}
	}
	batch, plane := sizeOfAxis(b, x, 0), b.OpA("Shape", x, op.Attr("start", 2))
	channels, blocks := divided(b, x, 1, k*k), b.Ints(k, k)
	shape, perm := []*ir.Value{batch, blocks, channels, plane}, []int{0, 3, 4, 1, 5, 2}
	if crd {
		shape, perm = []*ir.Value{batch, channels, blocks, plane}, []int{0, 1, 4, 2, 5, 3}
	}
	y := b.Transpose(b.Reshape(x, b.Concat(0, shape...)), perm...)
	return []*ir.Value{b.Reshape(y, b.Concat(0, batch, channels, multiplied(b, x, 2, k), multiplied(b, x, 3, k)))}
}

func expandSpaceToDepth(b *op.Builder, n *op.Node) []*ir.Value {
	x := n.Node.In[0]
	k, crd, ok := depthSpace(b, n)
	if !ok {
		return []*ir.Value{x}
	}
	front := b.OpA("Shape", x, op.Attr("end", 2))
	h, w, block := divided(b, x, 2, k), divided(b, x, 3, k), b.Ints(k)
	perm := []int{0, 3, 5, 1, 2, 4}
	if crd {
		perm = []int{0, 1, 3, 5, 2, 4}
	}
	y := b.Transpose(b.Reshape(x, b.Concat(0, front, h, block, w, block)), perm...)
	return []*ir.Value{b.Reshape(y, b.Concat(0, sizeOfAxis(b, x, 0), multiplied(b, x, 1, k*k), h, w))}
}
