package tensor

// Floats returns the elements of any tensor of numbers or booleans as floats of one type: false is 0, true 1,
// and what the type cannot hold is rounded. Where the elements have that type already, it is the tensor's own
// memory. It is false for strings, complex numbers
// and elements of less than a byte.
func Floats[F float32 | float64](t Any) ([]F, bool) {
	switch t := t.(type) {
	case *Tensor[F]:
		return t.data, true
	case *Tensor[float32]:
		return floatsOf[F](t.data), true
	case *Tensor[float64]:
		return floatsOf[F](t.data), true
	case *Tensor[int64]:
		return floatsOf[F](t.data), true
	case *Tensor[int32]:
		return floatsOf[F](t.data), true
	case *Tensor[int16]:
		return floatsOf[F](t.data), true
	case *Tensor[int8]:
		return floatsOf[F](t.data), true
	case *Tensor[uint64]:
		return floatsOf[F](t.data), true
	case *Tensor[uint32]:
		return floatsOf[F](t.data), true
	case *Tensor[uint16]:
		return floatsOf[F](t.data), true
	case *Tensor[uint8]:
		return floatsOf[F](t.data), true
	case *Tensor[bool]:
		out := make([]F, len(t.data))
		for i, v := range t.data {
			if v {
				out[i] = 1
			}
		}
		return out, true
	case *Tensor[Half]:
		return oddFloats[F](t.data), true
	case *Tensor[BHalf]:
		return oddFloats[F](t.data), true
	case *Tensor[F8E4M3FN]:
		return oddFloats[F](t.data), true
	case *Tensor[F8E4M3FNUZ]:
		return oddFloats[F](t.data), true
	case *Tensor[F8E5M2]:
		return oddFloats[F](t.data), true
	case *Tensor[F8E5M2FNUZ]:
		return oddFloats[F](t.data), true
	}
	return nil, false
}

func floatsOf[F float32 | float64, T Number](in []T) []F {
	out := make([]F, len(in))
	for i, v := range in {
		out[i] = F(v)
	}
	return out
}

func oddFloats[F float32 | float64, T interface{ Float32() float32 }](in []T) []F {
	out := make([]F, len(in))
	for i, v := range in {
		out[i] = F(v.Float32())
	}
	return out
}
