package keras

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
)

// tfBlocks are the arguments of space_to_batch_nd and its inverse: blocks of so many elements along each of the
// axes after the first, with margins.
type tfBlocks struct {
	size    []int
	margins [][2]int
}

func (a *arguments) tfBlocks(v *ir.Value, margins string) (b tfBlocks, ok bool) {
	b.size = a.ints("block_shape")
	list, _ := a.get(margins).([]any)
	for _, m := range list {
		pair, _ := m.([]any)
		if len(pair) != 2 {
			break
		}
		from, ok1 := whole(pair[0])
		to, ok2 := whole(pair[1])
		if !ok1 || !ok2 || min(from, to) < 0 || max(from, to) > maxWindow {
			break
		}
		b.margins = append(b.margins, [2]int{from, to})
	}
	if a.x.Err() != nil || len(b.size) == 0 || len(b.margins) != len(b.size) || len(b.size) >= v.Fact.Rank() {
		a.fail(margins)
		return b, false
	}
	for _, n := range b.size {
		if n < 1 || n > maxWindow {
			a.fail("block_shape")
			return b, false
		}
	}
	return b, true
}

// rest is the shape of v behind the axes of the blocks.
func (b tfBlocks) rest(x *emit, v *ir.Value) []int {
	var out []int
	for i := len(b.size) + 1; i < v.Fact.Rank(); i++ {
		out = append(out, x.dim(v, i))
	}
	return out
}

// tfSpaceToBatch makes images of every n-th row and column, which follow one another along the batch.
func tfSpaceToBatch(x *emit, a *arguments) []*ir.Value {
	v := a.value("input")
	b, ok := a.tfBlocks(v, "paddings")
	if !ok {
		return one(v)
	}
	n, rest := len(b.size), b.rest(x, v)
	pads := make([]any, v.Fact.Rank())
	for i := range pads {
		if pads[i] = []any{0, 0}; i > 0 && i <= n {
			pads[i] = []any{b.margins[i-1][0], b.margins[i-1][1]}
		}
	}
	v = x.padded(v, pads)
	apart, whole := []int{-1}, []int{-1}
	var perm, spaces []int
	for i, size := range b.size {
		d := x.dim(v, i+1)
		if d%size != 0 {
			a.fail("block_shape")
			return one(v)
		}
		apart, whole = append(apart, d/size, size), append(whole, d/size)
		perm, spaces = append(perm, 2*i+2), append(spaces, 2*i+1)
	}
	perm = append(append(perm, 0), spaces...)
	for i := range rest {
		perm = append(perm, 2*n+1+i)
	}
	v = x.Transpose(x.ReshapeTo(v, append(apart, rest...)...), perm...)
	return one(x.ReshapeTo(v, append(whole, rest...)...))
}

// tfBatchToSpace is the inverse.
func tfBatchToSpace(x *emit, a *arguments) []*ir.Value {
	v := a.value("input")
	b, ok := a.tfBlocks(v, "crops")
	if !ok {
		return one(v)
	}
	n, rest := len(b.size), b.rest(x, v)
	apart, whole := append(append([]int{}, b.size...), -1), []int{-1}
	perm := []int{n}
	for i, size := range b.size {
		d := x.dim(v, i+1)
		apart, whole = append(apart, d), append(whole, d*size)
		perm = append(perm, n+1+i, i)
	}
	for i := range rest {
		perm = append(perm, 2*n+1+i)
	}
	v = x.Transpose(x.ReshapeTo(v, append(apart, rest...)...), perm...)
	v = x.ReshapeTo(v, append(whole, rest...)...)
	for i, m := range b.margins {
		size := x.dim(v, i+1)
		if m[0]+m[1] >= size {
			x.Fail(op.Shapef("%d and %d cut off %d", m[0], m[1], size))
			return one(v)
		}
		if m[0]+m[1] > 0 {
			v = x.Slice(v, i+1, m[0], size-m[1])
		}
	}
	return one(v)
}
