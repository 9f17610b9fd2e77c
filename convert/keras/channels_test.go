package keras_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/convert/keras"
	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// TestChannelsInFront converts networks with the channels of their images in front: the numbers are Keras's, and the
// Transposes at the edges are gone.
func TestChannelsInFront(t *testing.T) {
	z, err := zip.OpenReader("../../testdata/kerasfiles/layout.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, name := range []string{"channel_shuffle", "convnext", "mixer", "scaled"} {
		t.Run(name, func(t *testing.T) {
			file, arrays := member(t, &z.Reader, name+"/model.keras"), member(t, &z.Reader, name+"/io.npz")
			values, err := data.ReadNPZ(bytes.NewReader(arrays), int64(len(arrays)), data.ArrayOptions{})
			if err != nil {
				t.Fatal(err)
			}
			read := func(o keras.Options) *onnxio.Model {
				m, err := keras.Read(bytes.NewReader(file), int64(len(file)), o)
				if err != nil {
					t.Fatal(err)
				}
				return m
			}
			last := read(keras.Options{})
			var o keras.Options
			for _, v := range last.Graph.Input {
				if len(v.Type.TensorType.Shape.Dim) == 4 {
					o.InputsAsNCHW = append(o.InputsAsNCHW, v.Name)
				}
			}
			for _, v := range last.Graph.Output {
				if len(v.Type.TensorType.Shape.Dim) == 4 {
					o.OutputsAsNCHW = append(o.OutputsAsNCHW, v.Name)
				}
			}
			m := read(o)
			if a, b := transposes(last), transposes(m); b >= a {
				t.Errorf("%d Transposes, %d with the channels in front", a, b)
			}
			for _, f := range onnxio.Check(m) {
				t.Errorf("check: %v", f)
			}
			s, err := infer.New(m, infer.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			in := map[string]tensor.Any{}
			for i, v := range s.Inputs() {
				in[v.Name] = inFront(values[fmt.Sprintf("in_%d", i)])
			}
			out, err := s.Run(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range s.Outputs() {
				got, want := tensor.Data[float32](out[v.Name]), tensor.Data[float32](inFront(values[fmt.Sprintf("out_%d", i)]))
				for k := range want {
					if !(math.Abs(float64(got[k]-want[k])) <= 1e-5+1e-4*math.Abs(float64(want[k]))) {
						t.Fatalf("output %s, element %d: %v, want %v", v.Name, k, got[k], want[k])
					}
				}
			}
		})
	}
}

// TestChannelsOfNothing names inputs and outputs that cannot be turned.
func TestChannelsOfNothing(t *testing.T) {
	z, err := zip.OpenReader("../../testdata/kerasfiles/layout.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	file := member(t, &z.Reader, "convnext/model.keras")
	for _, c := range []struct {
		o    keras.Options
		want string
	}{
		{keras.Options{InputsAsNCHW: []string{"nothing"}}, `no input "nothing"`},
		{keras.Options{OutputsAsNCHW: []string{"nothing"}}, `no output "nothing"`},
	} {
		_, err := keras.Read(bytes.NewReader(file), int64(len(file)), c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
}

func transposes(m *onnxio.Model) int {
	n := 0
	for _, node := range m.Graph.Node {
		if node.OpType == "Transpose" {
			n++
		}
	}
	return n
}

// inFront returns images with their channels in front, and anything else as it is.
func inFront(t tensor.Any) tensor.Any {
	s := t.Shape()
	if s.Rank() != 4 {
		return t
	}
	from := tensor.Data[float32](t)
	to := make([]float32, 0, len(from))
	for b := range s[0] {
		for c := range s[3] {
			for i := range s[1] * s[2] {
				to = append(to, from[(b*s[1]*s[2]+i)*s[3]+c])
			}
		}
	}
	return tensor.Must(to, s[0], s[3], s[1], s[2])
}
