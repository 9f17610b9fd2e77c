package verify

import (
	"fmt"
	"slices"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// channelsLast is a network of images as convert writes it: channels are in front between a Transpose and
// the end, and the convolution c1 gives what the BatchNormalization behind it made.
func channelsLast(t *testing.T) *onnxio.Model {
	t.Helper()
	m, err := onnxio.ParseText(`<ir_version: 9, opset_import: ["" : 18]>
g (float[batch,5,4,3] x) => (float[batch,2] g) {
	a = Transpose <perm = [0, 3, 1, 2]> (x)
	b = Conv (a, k1)
	c = Relu (b)
	d = Conv (c, k2)
	e = GlobalAveragePool (d)
	g = Flatten (e)
}`)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []*tensor.Tensor[float32]{tensor.Zeros[float32](4, 3, 3, 3), tensor.Zeros[float32](2, 4, 1, 1)} {
		for j := range k.Data() {
			k.Data()[j] = float32(j*j%13)/8 - .7
		}
		m.Graph.Initializer = append(m.Graph.Initializer, onnxio.FromTensor(fmt.Sprintf("k%d", len(m.Graph.Initializer)+1), k))
	}
	names := map[string]string{"a": "c1/Transpose", "b": "b1/BatchNormalization", "c": "r1/Relu", "d": "sub/c2/Conv", "e": "g/GlobalAveragePool", "g": "g"}
	layers := []string{"c1", "c1", "r1", "sub/c2", "g", "g"}
	for i, n := range m.Graph.Node {
		n.Name = layers[i] + "/" + n.OpType
		n.MetadataProps = onnxio.SetMetadata(n.MetadataProps, "layer", layers[i])
		for _, list := range [][]string{n.Input, n.Output} {
			for j, v := range list {
				if names[v] != "" {
					list[j] = names[v]
				}
			}
		}
	}
	return m
}

// TestLayerArrays plants a fault behind each node in turn: arrays with Keras's order of axes name its layer.
func TestLayerArrays(t *testing.T) {
	m := channelsLast(t)
	s, err := Go(1).Open(m, []string{"b1/BatchNormalization", "r1/Relu", "sub/c2/Conv", "g"})
	if err != nil {
		t.Fatal(err)
	}
	in, err := RandomInputs(m, s.Inputs(), 1, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Run(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	last := func(name string) tensor.Any {
		v := got[name].(*tensor.Tensor[float32])
		n := v.Shape()
		return transposed(v, []int{0, 2, 3, 1}, tensor.Shape{n[0], n[2], n[3], n[1]})
	}
	path := save(t, m)
	for _, c := range []struct{ value, array, layer string }{
		{"b1/BatchNormalization", "c2", "c1 with b1"},
		{"r1/Relu", "c2", "r1"},
		{"sub/c2/Conv", "c2", "sub/c2"},
		{"sub/c2/Conv", "sub/c2", "sub/c2"},
		{"sub/c2/Conv", "sub", "sub"},
		{"g/GlobalAveragePool", "c2", "g"},
	} {
		arrays := map[string]tensor.Any{
			"in_0": in["x"], "out_0": got["g"], "c1": last("b1/BatchNormalization"), "b1": last("b1/BatchNormalization"),
			"r1": last("r1/Relu"), c.array: last("sub/c2/Conv"),
		}
		r := runOne(t, Options{Candidate: wrong(c.value, false), Reference: Reference{Kind: "npz", Arrays: arrays}, Bisector: Go(1)}, path)
		if d := r.FirstDivergence; r.Verdict != Failed || d == nil || d.Layer != c.layer {
			t.Errorf("%s, array %s: %s, %+v, want layer %s", c.value, c.array, r.Verdict, d, c.layer)
		}
	}
}

// TestArranged holds an array against a value with the same numbers in another order of axes.
func TestArranged(t *testing.T) {
	numbers := func(shape ...int) *tensor.Tensor[float32] {
		v := tensor.Zeros[float32](shape...)
		for i := range v.Data() {
			v.Data()[i] = float32(i*i%97) + 1
		}
		return v
	}
	image, film := numbers(2, 5, 4, 3), numbers(2, 3, 4, 5, 2)
	other := numbers(2, 3, 5, 4)
	other.Data()[0] = -1
	for _, c := range []struct {
		name      string
		got, want tensor.Any
		fits, ok  bool // an order fits, and agrees
	}{
		{"the same", image, image, true, true},
		{"channels in front", transposed(image, []int{0, 3, 1, 2}, tensor.Shape{2, 3, 5, 4}), image, true, true},
		{"time in front", transposed(numbers(2, 6, 3), []int{1, 0, 2}, tensor.Shape{6, 2, 3}), numbers(2, 6, 3), true, true},
		{"equal sizes", transposed(numbers(3, 3, 3), []int{0, 2, 1}, tensor.Shape{3, 3, 3}), numbers(3, 3, 3), true, true},
		{"steps in the batch", transposed(film, []int{0, 1, 4, 2, 3}, tensor.Shape{6, 2, 4, 5}), film, true, true},
		{"axes of size 1", numbers(2, 1, 6), numbers(2, 6, 1), true, true},
		{"other numbers", other, image, true, false},
		{"other sizes, as many", numbers(2, 60), image, false, false},
		{"another size", numbers(2, 3, 5, 3), image, true, false},
		{"another type", image, tensor.Zeros[float64](2, 5, 4, 3), false, false},
		{"bytes", tensor.Zeros[uint8](2, 3), tensor.Zeros[uint8](2, 1, 3), true, true},
		{"words", tensor.Must([]string{"a", "b"}, 2, 1), tensor.Must([]string{"a", "b"}, 2), true, true},
	} {
		var tol Tolerances
		a := arranged(c.got, c.want, tol)
		if (a != nil) != c.fits || a != nil && Compare("", c.got, a, tol).Agrees() != c.ok {
			t.Errorf("%s: %v, want fits %v, agrees %v", c.name, a, c.fits, c.ok)
		}
	}
	many := numbers(slices.Repeat([]int{2}, 9)...)
	if a := arranged(many, many, Tolerances{}); a == nil || !Compare("", many, a, Tolerances{}).Agrees() {
		t.Errorf("nine axes: %v", a)
	}
}
