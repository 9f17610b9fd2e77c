package keras

import (
	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// pixelLevels are the values of a pixel that ContrastLimitedAdaptiveHistogramEqualization tells apart.
const pixelLevels = 256

// equalizer is what ContrastLimitedAdaptiveHistogramEqualization knows of images with their channels in front.
type equalizer struct {
	x          *emit
	grid, tile []int // tiles along height and width, pixels of one
	channels   int
	limit      float64
}

// equalizedTiles maps each pixel by the distribution of the pixels in its tile, and between the middles of
// tiles by those around it in proportion. Where a level is too frequent, what is over is shared by all.
func equalizedTiles(x *emit) []*ir.Value {
	x.noCall()
	for _, k := range []string{"factor", "bounding_box_format", "seed"} {
		x.layer.get(k)
	}
	first, kind := x.channelsFirst(), x.in[0].Fact.DType
	e := &equalizer{x: x, grid: x.layer.ints("tile_grid_size", 2), limit: x.layer.num("clip_limit", 4)}
	if e.grid == nil {
		e.grid = []int{8, 8}
	}
	ends := x.numbers("value_range", 0)
	if len(ends) == 1 {
		ends = []float64{0, 255}
	}
	alone := x.in[0].Fact.Rank() == 3
	v := x.float(x.in[0])
	if alone {
		v = x.Unsqueeze(v, 0)
	}
	if x.Err() != nil || v.Fact.Rank() != 4 || len(e.grid) != 2 || min(e.grid[0], e.grid[1]) < 1 || len(ends) != 2 || ends[0] >= ends[1] {
		x.Fail(argument("tile_grid_size", e.grid))
		return x.in[:1]
	}
	v = x.toFront(v, first)
	size := []int{x.dim(v, 2), x.dim(v, 3)}
	e.channels = x.dim(v, 1)
	if x.Err() != nil || max(size[0], size[1], e.grid[0], e.grid[1]) > maxImage {
		x.Fail(argument("tile_grid_size", e.grid))
		return x.in[:1]
	}
	own := ends[0] != 0 || ends[1] != 255
	if own {
		v = x.Scale(x.Div(x.AddScalar(v, -ends[0]), x.Scalar(v, ends[1]-ends[0])), 255)
	}
	for i, n := range size {
		t := (n + e.grid[i] - 1) / e.grid[i]
		e.tile = append(e.tile, t)
		if more := t*e.grid[i] - n; more > 0 { // mirrored at the end
			if more > n {
				x.Fail(op.Unsupportedf("%d tiles of %d pixels", e.grid[i], n))
				return x.in[:1]
			}
			at := append(count(n), make([]int, more)...)
			for k := range more {
				at[n+k] = n - 1 - k
			}
			v = x.Gather(v, x.Ints(at...), i+2)
		}
	}
	pixels := x.Cast(x.Op("Clip", v, x.Scalar(v, 0), x.Scalar(v, pixelLevels-1)), tensor.Int64)
	y := e.between(pixels, e.distributions(pixels))
	if own {
		y = x.AddScalar(x.Scale(y, (ends[1]-ends[0])/255), ends[0])
	}
	y = x.Op("Slice", y, x.Ints(0, 0), x.Ints(size...), x.Ints(2, 3))
	if y = x.fromFront(y, first); alone {
		y = x.Squeeze(y, 0)
	}
	return one(x.Cast(y, kind))
}

// distributions are where each level lies, from 0 to 255, in each tile: (batch, channels, tiles, tiles, levels).
func (e *equalizer) distributions(pixels *ir.Value) *ir.Value {
	x, n := e.x, e.tile[0]*e.tile[1]
	v := x.ReshapeTo(pixels, -1, e.channels, e.grid[0], e.tile[0], e.grid[1], e.tile[1])
	v = x.ReshapeTo(x.Transpose(v, 0, 1, 2, 4, 3, 5), -1, n)
	counts := x.scattered(v, x.Expand(x.Const(tensor.Scalar[float32](1)), x.Shape(v)), pixelLevels, "add")
	if e.limit > 0 {
		kept := x.Op("Min", counts, x.Scalar(counts, e.limit*float64(n)/pixelLevels))
		over := x.Sum(x.Sub(counts, kept), true, 1)
		counts = x.Add(kept, x.Scale(over, 1./pixelLevels))
	}
	sums := x.Op("CumSum", counts, x.Const(tensor.Scalar(int64(1))))
	least := x.Reduce("ReduceMin", sums, true, 1)
	span := x.Sub(x.Scalar(least, float64(n)), least)
	none := x.Op("Equal", span, x.Scalar(span, 0))
	y := x.Div(x.Scale(x.Sub(sums, least), 255), x.Where(none, x.Scalar(span, 1), span))
	y = x.Op("Clip", y, x.Scalar(y, 0), x.Scalar(y, 255))
	return x.ReshapeTo(y, -1, e.channels, e.grid[0], e.grid[1], pixelLevels)
}

// between maps pixels by the distributions of the four tiles whose middles are around them.
func (e *equalizer) between(pixels, maps *ir.Value) *ir.Value {
	x := e.x
	var near, far [2][]int
	var part [2]*ir.Value
	for i, n := range e.grid {
		size := e.tile[i] * n
		w := make([]float64, size)
		for p := range size {
			at := float32(float32(p)-float32(e.tile[i])/2)/float32(e.tile[i]) + 1
			k := int(at)
			w[p] = float64(at - float32(k))
			// There is a copy of the first tile in front, and of the last one behind.
			near[i] = append(near[i], min(max(k-1, 0), n-1))
			far[i] = append(far[i], min(max(min(k+1, n+1)-1, 0), n-1))
		}
		shape := []int{size, 1}[:2-i]
		t, err := numbers(w, tensor.Float32, shape...)
		if err != nil {
			x.Fail(err)
			return pixels
		}
		part[i] = x.Const(t)
	}
	flat := x.ReshapeTo(maps, -1, e.channels, e.grid[0]*e.grid[1]*pixelLevels)
	read := func(rows, columns []int) *ir.Value {
		start := make([]int, 0, len(rows)*len(columns))
		for _, r := range rows {
			for _, c := range columns {
				start = append(start, (r*e.grid[1]+c)*pixelLevels)
			}
		}
		at := x.Add(x.ReshapeTo(pixels, -1, e.channels, len(start)), x.Ints(start...))
		y := x.Emit(1, "GatherElements", []*ir.Value{flat, at}, op.Attr("axis", 2))[0]
		return x.ReshapeTo(y, -1, e.channels, len(rows), len(columns))
	}
	mixed := func(a, b, w *ir.Value) *ir.Value { return x.Add(x.Mul(a, x.Sub(x.Scalar(w, 1), w)), x.Mul(b, w)) }
	top := mixed(read(near[0], near[1]), read(near[0], far[1]), part[1])
	bottom := mixed(read(far[0], near[1]), read(far[0], far[1]), part[1])
	return mixed(top, bottom, part[0])
}
