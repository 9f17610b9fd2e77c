package data

import (
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// rowShape returns the shape of a tensor that has n rows like t's.
func rowShape(t tensor.Any, n int) tensor.Shape {
	s := t.Shape().Clone()
	s[0] = n
	return s
}

// width returns the number of elements in a row.
func width(t tensor.Any) int { return t.Shape()[1:].Len() }

// span returns rows lo up to hi of a tensor, over its memory.
func span(t tensor.Any, lo, hi int) tensor.Any {
	w, shape := width(t), rowShape(t, hi-lo)
	var out tensor.Any
	var err error
	if s := tensor.Data[string](t); t.DType() == tensor.String {
		out, err = tensor.New(s[lo*w:hi*w:hi*w], shape...)
	} else {
		size := w * t.DType().Size()
		out, err = tensor.View(t.DType(), shape, tensor.Bytes(t)[lo*size:hi*size:hi*size])
	}
	if err != nil {
		panic(err) // t has these rows
	}
	return out
}

// gather copies the rows with the given numbers to the start of dst, which has such rows and room for them.
func gather(dst, src tensor.Any, rows []int) {
	w := width(src)
	if src.DType() == tensor.String {
		from, to := tensor.Data[string](src), tensor.Data[string](dst)
		for i, r := range rows {
			copy(to[i*w:(i+1)*w], from[r*w:(r+1)*w])
		}
		return
	}
	size := w * src.DType().Size()
	from, to := tensor.Bytes(src), tensor.Bytes(dst)
	for i, r := range rows {
		copy(to[i*size:(i+1)*size], from[r*size:(r+1)*size])
	}
}

// allocRows returns a zeroed tensor with n rows like t's.
func allocRows(t tensor.Any, n int) tensor.Any {
	out, err := tensor.Alloc(t.DType(), rowShape(t, n))
	if err != nil {
		panic(err) // n is below the rows of a tensor that exists, or a batch's size, which New has checked
	}
	return out
}
