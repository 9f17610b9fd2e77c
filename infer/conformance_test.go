package infer_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/internal/cases"
	"github.com/onnxtool/onnxtool/internal/race"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// TestConformance runs ONNX's own cases and those recorded from onnxruntime, planned and plain. An
// operator that the toolkit lacks is counted; an answer that differs fails.
func TestConformance(t *testing.T) {
	files, err := filepath.Glob("../testdata/ort/*.zip")
	if err != nil || len(files) == 0 {
		t.Fatal("no archives", err)
	}
	for _, file := range append(files, "../testdata/onnx/node.zip", "../testdata/onnx/models.zip") {
		a, err := cases.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		passed := 0
		missing := map[string]int{}
		for i := range a.Cases {
			c := &a.Cases[i]
			t.Run(filepath.Base(file)+"/"+c.Name, func(t *testing.T) {
				if why := faulty[c.Name]; why != "" {
					t.Skip(why)
				}
				if race.Enabled && large[c.Name] {
					t.Skip("minutes under the race detector; shufflenet and squeezenet run the same kernels")
				}
				switch err := runCase(t, c); {
				case errors.Is(err, infer.ErrUnsupported), errors.Is(err, cases.ErrNotTensor):
					missing[err.Error()]++
				case err != nil:
					t.Error(err)
				default:
					passed++
				}
			})
		}
		t.Logf("%s: %d of %d cases run", filepath.Base(file), passed, len(a.Cases))
		if testing.Verbose() {
			var list []string
			for m, n := range missing {
				list = append(list, fmt.Sprintf("%4d %s", n, m))
			}
			slices.Sort(list)
			for _, l := range slices.Backward(list) {
				t.Log(l)
			}
		}
	}
}

// faulty lists cases whose recorded answer is wrong, and why.
var faulty = map[string]string{
	"RNN_7_thresholdedrelu":  ortThreshold,
	"RNN_14_thresholdedrelu": ortThreshold,
	"RNN_22_thresholdedrelu": ortThreshold,
	"LRN_13_even":            referenceLRN,
	"LRN_1_even":             referenceLRN,
}

// large has the networks for ImageNet that take above 10^9 operations.
var large = map[string]bool{
	"test_bvlc_alexnet": true, "test_densenet121": true, "test_inception_v1": true, "test_inception_v2": true,
	"test_resnet50": true, "test_vgg19": true, "test_zfnet512": true,
}

const (
	// onnxruntime refuses a window of even size, so ONNX's reference evaluator answered.
	referenceLRN = "onnx 1.23.2's reference LRN walks through as many channels as there are samples (op_lrn.py: range(x.shape[0]))"
	ortThreshold = "onnxruntime's RNN takes 0 for an absent alpha of ThresholdedRelu; ONNX says that defaults are those of the operators: 1"
)

func runCase(t *testing.T, c *cases.Case) error {
	m, err := c.Model()
	if err != nil {
		return err
	}
	for _, plain := range []bool{false, true} {
		s, err := infer.New(m, infer.Options{Threads: 2, Plain: plain})
		if err != nil {
			return err
		}
		defer s.Close()
		for set := range c.Datasets {
			if err := runSet(t, c, m, s, set); err != nil {
				return err
			}
		}
	}
	return nil
}

func runSet(t *testing.T, c *cases.Case, m *onnxio.Model, s *infer.Session, set int) error {
	types := map[string]*onnxio.Type{}
	in := map[string]tensor.Any{}
	wanted := map[string]bool{}
	for _, v := range s.Inputs() {
		wanted[v.Name] = true
	}
	for k, v := range m.Graph.Input {
		types[v.Name] = v.Type
		if !wanted[v.Name] {
			continue
		}
		x, err := c.Value(set, "input", k, v.Type)
		if err != nil {
			return err
		}
		if x == nil && c.Inputs == "ramp" {
			x = cases.Ramp(shapeOf(s.Inputs()[0])...)
		}
		if x != nil {
			in[v.Name] = x
		}
	}
	out, err := s.Run(context.Background(), in)
	if err != nil {
		return err
	}
	for k, v := range m.Graph.Output {
		want, err := c.Value(set, "output", k, v.Type)
		if err != nil || want == nil {
			return err
		}
		if err := same(out[v.Name], want, max(c.RTol, coarse(c.Name)), max(c.ATol, coarseState(c.Name)), c.Compare == "type" || drawn(c.Name)); err != nil {
			t.Errorf("output %s: %v", v.Name, err)
		}
	}
	return nil
}

// coarse returns the tolerance of cases that need one: those in float64 whose answers ONNX's reference
// computed in float32 or with the constants of an expansion in float32, and attention in half types,
// whose sums it rounds at each step: two units in the last place.
func coarse(name string) float64 {
	switch {
	case name == "Erf_13_double", name == "Gelu_20_double", name == "HardSwish_22_double":
		return 1e-6
	case strings.HasPrefix(name, "test_attention") && strings.Contains(name, "_bf16"):
		return 0x1p-6
	case strings.HasPrefix(name, "test_attention") && strings.Contains(name, "_fp16"):
		return 0x1p-9
	}
	return 0
}

// coarseState returns the absolute tolerance of recurrent cases in bfloat16, whose states ONNX's
// reference rounds after every operation of every step.
func coarseState(name string) float64 {
	if name == "LSTM_22_bfloat16" || name == "GRU_22_bfloat16" {
		return 0x1p-7
	}
	return 0
}

func shapeOf(v infer.ValueInfo) []int {
	var s []int
	for _, d := range v.Shape {
		s = append(s, d.Size)
	}
	return s
}

// drawn reports whether one of ONNX's own cases holds random numbers, which are NumPy's there.
func drawn(name string) bool {
	return strings.HasPrefix(name, "test_bernoulli") ||
		strings.HasPrefix(name, "test_training_dropout") && !strings.Contains(name, "zero_ratio")
}

func same(got, want tensor.Any, rtol, atol float64, typeOnly bool) error {
	if got.DType() != want.DType() || !got.Shape().Equal(want.Shape()) {
		return fmt.Errorf("is %v%v, want %v%v", got.DType(), got.Shape(), want.DType(), want.Shape())
	}
	if typeOnly {
		return nil
	}
	if s, ok := want.(*tensor.Tensor[string]); ok {
		if !slices.Equal(tensor.Data[string](got), s.Data()) {
			return fmt.Errorf("is %q, want %q", tensor.Data[string](got), s.Data())
		}
		return nil
	}
	if !want.DType().IsFloat() && want.DType() != tensor.Complex64 && want.DType() != tensor.Complex128 {
		if string(tensor.Bytes(got)) != string(tensor.Bytes(want)) {
			return fmt.Errorf("is %v, want %v", tensor.Bytes(got), tensor.Bytes(want))
		}
		return nil
	}
	g, w := floats(got), floats(want)
	for i := range g {
		if g[i] == w[i] || math.IsNaN(g[i]) && math.IsNaN(w[i]) {
			continue
		}
		if !(math.Abs(g[i]-w[i]) <= atol+rtol*math.Abs(w[i])) {
			return fmt.Errorf("element %d of %v is %v, want %v", i, want.Shape(), g[i], w[i])
		}
	}
	return nil
}

func floats(t tensor.Any) []float64 {
	switch t := t.(type) {
	case *tensor.Tensor[float32]:
		return widen(t.Data(), func(v float32) float64 { return float64(v) })
	case *tensor.Tensor[float64]:
		return t.Data()
	case *tensor.Tensor[tensor.Half]:
		return widen(t.Data(), func(v tensor.Half) float64 { return float64(v.Float32()) })
	case *tensor.Tensor[tensor.BHalf]:
		return widen(t.Data(), func(v tensor.BHalf) float64 { return float64(v.Float32()) })
	case *tensor.Tensor[tensor.F8E5M2]: // it has several NaNs
		return widen(t.Data(), func(v tensor.F8E5M2) float64 { return float64(v.Float32()) })
	}
	return widen(tensor.Bytes(t), func(v byte) float64 { return float64(v) })
}

func widen[T any](s []T, f func(T) float64) []float64 {
	out := make([]float64, len(s))
	for i, v := range s {
		out[i] = f(v)
	}
	return out
}
