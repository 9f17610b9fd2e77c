package train

import (
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// kerasWeight is an entry of case.json's weights.
type kerasWeight struct {
	Layer, Name, Path string
	Shape             []int
}

// param returns the name that package nn gives to a weight: the cell of a recurrence is no layer, and the
// copies of Bidirectional are forward and backward.
func (w kerasWeight) param() string {
	parts := strings.Split(w.Path, "/")
	parts = slices.DeleteFunc(parts, func(p string) bool { return strings.HasSuffix(p, "_cell") })
	for i, p := range parts {
		for _, d := range []string{"forward", "backward"} {
			if strings.HasPrefix(p, d+"_") {
				parts[i] = d
			}
		}
	}
	return strings.Join(parts, "/")
}

// ours brings a weight of Keras's to the shape and order that package nn has.
func (w kerasWeight) ours(class string, a tensor.Any) tensor.Any {
	t := a.(*tensor.Tensor[float32])
	shape := t.Shape()
	n := len(shape)
	recurrent := strings.HasSuffix(w.Name, "kernel") && (class == "LSTM" || class == "GRU" || class == "SimpleRNN")
	switch {
	case recurrent || class == "LSTM" && w.Name == "bias":
		gates := map[string][]int{"LSTM": {0, 3, 1, 2}, "GRU": {0, 1, 2}, "SimpleRNN": {0}}[class]
		return gated(t, gates)
	case class == "GRU" && w.Name == "bias" && n == 2:
		return reshaped(t, 1, t.Len())
	case strings.Contains(class, "Attention") && n >= 3 && strings.Contains(w.Path, "attention_output"):
		return reshaped(t, shape[0]*shape[1], t.Len()/(shape[0]*shape[1]))
	case strings.Contains(class, "Attention") && n == 3:
		return reshaped(t, shape[0], shape[1]*shape[2])
	case strings.Contains(class, "Attention") && n == 2:
		return reshaped(t, t.Len())
	case strings.HasPrefix(class, "DepthwiseConv") && w.Name == "kernel" || w.Name == "depthwise_kernel":
		y := transposed(t, append([]int{n - 2, n - 1}, count(n-2)...)...)
		return reshaped(y, append([]int{shape[n-2] * shape[n-1], 1}, shape[:n-2]...)...)
	case strings.Contains(class, "Conv") && strings.HasSuffix(w.Name, "kernel"):
		return transposed(t, append([]int{n - 1, n - 2}, count(n-2)...)...)
	}
	return t
}

// gated turns [n, gates*units] into [1, gates*units, n], a bias into the same order of gates.
func gated(t *tensor.Tensor[float32], gates []int) *tensor.Tensor[float32] {
	shape := t.Shape()
	units := shape[len(shape)-1] / len(gates)
	rows := t.Len() / shape[len(shape)-1]
	out := make([]float32, 0, t.Len())
	for _, g := range gates {
		for u := range units {
			for r := range rows {
				out = append(out, t.Data()[r*len(gates)*units+g*units+u])
			}
		}
	}
	if len(shape) == 1 {
		return tensor.Must(out, shape...)
	}
	return tensor.Must(out, 1, len(gates)*units, rows)
}

func reshaped(t *tensor.Tensor[float32], shape ...int) *tensor.Tensor[float32] {
	return tensor.Must(t.Data(), shape...)
}

func count(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func transposed(t *tensor.Tensor[float32], perm ...int) *tensor.Tensor[float32] {
	shape := make([]int, len(perm))
	for i, p := range perm {
		shape[i] = t.Shape()[p]
	}
	out := tensor.Zeros[float32](shape...)
	from, index := t.Shape().Strides(), make([]int, len(perm))
	for i := range out.Data() {
		at := 0
		for k, p := range perm {
			at += index[k] * from[p]
		}
		out.Data()[i] = t.Data()[at]
		for k := len(perm) - 1; k >= 0; k-- {
			if index[k]++; index[k] < shape[k] {
				break
			}
			index[k] = 0
		}
	}
	return out
}
