package keras

import (
	"math"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// sampleOperations adds those that read images between their pixels.
func sampleOperations(m map[string]operation, image imageFunction) {
	image("affine_transform", "transform interpolation fill_mode fill_value data_format", func(x *emit, a *arguments, v *ir.Value, first bool) *ir.Value {
		t := x.float(a.value("transform"))
		return x.toFront(x.projected(x.fromFront(v, !first), t, a), !first)
	})
	image("perspective_transform", "start_points end_points interpolation fill_value data_format", func(x *emit, a *arguments, v *ir.Value, first bool) *ir.Value {
		start, end := a.points("start_points"), a.points("end_points")
		if len(start) != len(end) || x.Err() != nil {
			a.fail("end_points")
			return v
		}
		flat := make([]float64, 0, len(start))
		for i := 0; i+8 <= len(start); i += 8 {
			h, ok := homography(start[i:i+8], end[i:i+8])
			if !ok {
				a.fail("end_points")
			}
			flat = append(flat, h[:]...)
		}
		t, err := numbers(flat, tensor.Float32, len(start)/8, 8)
		if err != nil {
			x.Fail(err)
			return v
		}
		return x.toFront(x.projected(x.fromFront(v, !first), x.Const(t), a), !first)
	})
	m["scale_and_translate"] = operation{"images output_shape scale translation spatial_dims method antialias", scaleAndTranslate}
	m["map_coordinates"] = operation{"inputs coordinates order fill_mode fill_value", mapCoordinates}
}

// points returns the corners of quadrangles, which have to be constants: x and y of four each.
func (a *arguments) points(key string) []float64 {
	var flat []float64
	switch v := a.get(key).(type) {
	case *tensor.Tensor[float32]:
		for _, n := range v.Data() {
			flat = append(flat, float64(n))
		}
	case []any:
		t, err := constantOf(v, tensor.Float64)
		if d, ok := t.(*tensor.Tensor[float64]); ok && err == nil {
			flat = d.Data()
		}
	}
	if len(flat) == 0 || len(flat)%8 != 0 {
		a.x.Fail(op.Unsupportedf("%s that are no constant", key))
	}
	return flat
}

// homography solves for the projection that takes the four points of end to those of start.
func homography(start, end []float64) (h [8]float64, ok bool) {
	var m [8][9]float64
	for i := range 4 {
		sx, sy, ex, ey := start[2*i], start[2*i+1], end[2*i], end[2*i+1]
		m[2*i] = [9]float64{ex, ey, 1, 0, 0, 0, -sx * ex, -sx * ey, sx}
		m[2*i+1] = [9]float64{0, 0, 0, ex, ey, 1, -sy * ex, -sy * ey, sy}
	}
	for c := range 8 { // Gauss and Jordan
		best := c
		for r := c + 1; r < 8; r++ {
			if math.Abs(m[r][c]) > math.Abs(m[best][c]) {
				best = r
			}
		}
		m[c], m[best] = m[best], m[c]
		if m[c][c] == 0 {
			return h, false
		}
		for r := range 8 {
			if r == c {
				continue
			}
			f := m[r][c] / m[c][c]
			for k := c; k < 9; k++ {
				m[r][k] -= f * m[c][k]
			}
		}
	}
	for i := range h {
		h[i] = m[i][8] / m[i][i]
	}
	return h, true
}

// projected reads each pixel of images (batch, height, width, channels) from where a projection (8) or one for
// each image, as TensorFlow's ImageProjectiveTransform has it, takes its place.
func (x *emit) projected(v, t *ir.Value, a *arguments) *ir.Value {
	h, w := x.dim(v, 1), x.dim(v, 2)
	if x.Err() != nil || h < 1 || w < 1 || h*w > 1<<24 || t.Fact.Rank() < 1 || t.Fact.Rank() > 2 {
		a.fail("transform")
		return v
	}
	if t.Fact.Rank() == 1 {
		t = x.Unsqueeze(t, 0)
	}
	columns, rows := tensor.Zeros[float32](1, h*w), tensor.Zeros[float32](1, h*w)
	for i := range h * w {
		columns.Data()[i], rows.Data()[i] = float32(i%w), float32(i/w)
	}
	xs, ys := x.Const(columns), x.Const(rows)
	line := func(i int) *ir.Value { // t[i]·x + t[i+1]·y
		return x.Add(x.Mul(x.Slice(t, 1, i, i+1), xs), x.Mul(x.Slice(t, 1, i+1, i+2), ys))
	}
	k := x.AddScalar(line(6), 1)
	at := []*ir.Value{x.Div(x.Add(line(3), x.Slice(t, 1, 5, 6)), k), x.Div(x.Add(line(0), x.Slice(t, 1, 2, 3)), k)}
	mode := a.text("fill_mode", "constant")
	s := &sampler{x: x, image: x.ReshapeTo(v, 0, h*w, x.dim(v, 3)), size: []int{h, w}, fill: a.num("fill_value", 0)}
	for i, n := range s.size {
		at[i] = x.folded(at[i], n, mode)
		if at[i] == nil {
			a.fail("fill_mode")
			return v
		}
		// A projection that differs for the images or not is one for each of them.
		at[i] = x.Add(at[i], x.Mul(x.Cast(x.Unsqueeze(x.upTo(x.sizeOf(v, 0)), 1), tensor.Float32), x.Scalar(at[i], 0)))
	}
	var y *ir.Value
	switch how := a.text("interpolation", "bilinear"); how {
	case "nearest":
		half := func(v *ir.Value) *ir.Value { // away from zero
			return x.Mul(x.Op("Sign", v), x.Op("Floor", x.AddScalar(x.Op("Abs", v), .5)))
		}
		y = s.read(half(at[0]), half(at[1]))
	case "bilinear":
		y = s.bilinear(at[0], at[1])
	default:
		a.fail("interpolation")
		return v
	}
	return x.Cast(x.Reshape(y, x.Shape(v)), v.Fact.DType)
}

// folded brings coordinates outside of an axis of n pixels back to it, as TensorFlow does; nil for an unknown mode.
func (x *emit) folded(v *ir.Value, n int, mode string) *ir.Value {
	zero, last := x.Scalar(v, 0), x.Scalar(v, float64(n-1))
	switch mode {
	case "constant":
		return v
	case "nearest":
	case "reflect":
		turn := 2 * float64(n)
		v = x.Sub(v, x.Scale(x.Op("Floor", x.Scale(v, 1/turn)), turn))
		v = x.Where(x.Op("Less", v, x.Scalar(v, float64(n))), v, x.Sub(x.Scalar(v, turn-1), v))
	case "wrap":
		if n == 1 {
			return x.Mul(v, zero)
		}
		turns := x.Op("Floor", x.Scale(x.Op("Abs", v), 1/float64(n-1)))
		before := x.Add(v, x.Scale(x.AddScalar(turns, 1), float64(n)))
		after := x.Sub(v, x.Scale(turns, float64(n)))
		v = x.Where(x.Op("Less", v, zero), before, x.Where(x.Op("Greater", v, last), after, v))
	default:
		return nil
	}
	return x.Op("Clip", v, zero, last)
}

// sampler reads pixels of images (batch, height·width, channels) at rows and columns (batch, n).
type sampler struct {
	x     *emit
	image *ir.Value
	size  []int
	fill  float64
}

// read returns the pixels at whole coordinates; fill outside.
func (s *sampler) read(row, column *ir.Value) *ir.Value {
	x := s.x
	var inside *ir.Value
	at := []*ir.Value{row, column}
	for i, v := range at {
		last := x.Scalar(v, float64(s.size[i]-1))
		in := x.Op("And", x.Op("GreaterOrEqual", v, x.Scalar(v, 0)), x.Op("LessOrEqual", v, last))
		if at[i] = x.Cast(x.Where(in, v, x.Scalar(v, 0)), tensor.Int64); inside == nil {
			inside = in
		} else {
			inside = x.Op("And", inside, in)
		}
	}
	place := x.Unsqueeze(x.Add(x.Scale(at[0], float64(s.size[1])), at[1]), 2)
	y := x.float(x.Emit(1, "GatherND", []*ir.Value{s.image, place}, op.Attr("batch_dims", 1))[0])
	return x.Where(x.Unsqueeze(inside, 2), y, x.Scalar(y, s.fill))
}

func (s *sampler) bilinear(row, column *ir.Value) *ir.Value {
	x := s.x
	top, left := x.Op("Floor", row), x.Op("Floor", column)
	down, right := x.Unsqueeze(x.Sub(row, top), 2), x.Unsqueeze(x.Sub(column, left), 2)
	mixed := func(row *ir.Value) *ir.Value {
		a, b := s.read(row, left), s.read(row, x.AddScalar(left, 1))
		return x.Add(x.Mul(a, x.Sub(x.Scalar(right, 1), right)), x.Mul(b, right))
	}
	return x.Add(x.Mul(mixed(top), x.Sub(x.Scalar(down, 1), down)), x.Mul(mixed(x.AddScalar(top, 1)), down))
}

// mapCoordinates reads an array at coordinates (rank, ...), between the elements in proportion or at the nearest.
func mapCoordinates(x *emit, a *arguments) []*ir.Value {
	v, at := a.value("inputs"), a.asValue("coordinates", a.get("coordinates"), nil)
	rank, order, mode := v.Fact.Rank(), a.integer("order", 1), a.text("fill_mode", "constant")
	if order < 0 || order > 1 || rank < 1 || rank > 8 || x.dim(at, 0) != rank {
		a.fail("order")
		return one(v)
	}
	if !slices.Contains([]string{"constant", "nearest", "mirror", "reflect", "wrap"}, mode) {
		a.fail("fill_mode")
		return one(v)
	}
	at = x.float(at)
	fill := a.num("fill_value", 0)
	type corner struct{ place, inside, weight *ir.Value }
	corners := []corner{{}}
	for axis := range rank {
		c := x.Gather(at, x.Const(tensor.Scalar(int64(axis))), 0)
		size := x.sizeOf(v, axis)
		ends := []corner{{place: x.Op("Round", c)}}
		if order == 1 {
			low := x.Op("Floor", c)
			up := x.Sub(c, low)
			ends = []corner{{place: low, weight: x.Sub(x.Scalar(up, 1), up)}, {place: x.AddScalar(low, 1), weight: up}}
		}
		var next []corner
		for _, e := range ends {
			place, inside := x.wrapped(x.Cast(e.place, tensor.Int64), size, mode)
			for _, k := range corners {
				n := corner{place: place, inside: inside, weight: e.weight}
				if k.place != nil {
					n.place = x.Add(x.Mul(k.place, size), place)
				}
				if k.inside != nil {
					n.inside = x.Op("And", k.inside, inside)
				}
				if k.weight != nil {
					n.weight = x.Mul(k.weight, e.weight)
				}
				next = append(next, n)
			}
		}
		corners = next
	}
	flat := x.ReshapeTo(x.float(v), -1)
	var sum *ir.Value
	for _, c := range corners {
		y := x.Gather(flat, c.place, 0)
		if c.inside != nil {
			y = x.Where(c.inside, y, x.Scalar(y, fill))
		}
		if c.weight != nil {
			y = x.Mul(y, c.weight)
		}
		if sum == nil {
			sum = y
		} else {
			sum = x.Add(sum, y)
		}
	}
	if !isFloat(v.Fact.DType) {
		sum = x.Cast(x.Op("Round", sum), v.Fact.DType)
	}
	return one(sum)
}

// wrapped brings indices back to an axis of n elements as Keras's map_coordinates does; inside says which were
// in it where the mode asks for that.
func (x *emit) wrapped(v, n *ir.Value, mode string) (at, inside *ir.Value) {
	zero, last := x.Scalar(v, 0), x.AddScalar(n, -1)
	switch mode {
	case "constant":
		inside = x.Op("And", x.Op("GreaterOrEqual", v, zero), x.Op("Less", v, n))
	case "wrap":
		return x.Op("Mod", v, n), nil
	case "mirror", "reflect":
		turn := x.Scale(n, 2)
		rest := x.Op("Mod", x.Op("Abs", v), turn)
		back := x.Sub(turn, rest)
		if mode == "reflect" {
			back = x.AddScalar(back, -1)
		}
		v = x.Where(x.Op("Less", rest, n), rest, back)
	}
	return x.Op("Max", x.Op("Min", v, last), zero), inside
}
