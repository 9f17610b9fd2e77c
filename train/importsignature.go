package train

import (
	"math"
	"regexp"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// signature is what PyTorch's newer exporter says of the module that it has exported: which initializers are its
// parameters and which its buffers. Both keep the names that they have in the module, but for those that were
// transposed or cut when the graph was optimized.
type signature struct {
	parameters, buffers map[string]bool
	folded              bool // the parameters that are missing are among the kernels without a name
}

// signatureKey is the key of a graph's metadata.
const signatureKey = "pkg.torch.export.ExportedProgram.graph_signature"

var signatureLine = regexp.MustCompile(`(?m): (PARAMETER|BUFFER) target='([^']*)'`)

// signatureOf returns the signature of a model, nil where it has none.
func signatureOf(m *onnxio.Model) *signature {
	text, ok := onnxio.Metadata(m.Graph.MetadataProps, signatureKey)
	if !ok {
		return nil
	}
	s := &signature{parameters: map[string]bool{}, buffers: map[string]bool{}}
	for _, line := range signatureLine.FindAllStringSubmatch(text, -1) {
		if line[1] == "PARAMETER" {
			s.parameters[line[2]] = true
		} else {
			s.buffers[line[2]] = true
		}
	}
	if len(s.parameters) == 0 {
		return nil
	}
	return s
}

// count finds out whether kernels account for all parameters that are no initializers under their own names.
func (s *signature) count(m *onnxio.Model, list []*candidate, names func(*candidate) string) {
	if s == nil {
		return
	}
	missing := len(s.parameters)
	for _, t := range m.Graph.Initializer {
		if t != nil && s.parameters[t.Name] {
			missing--
		}
	}
	for _, c := range list {
		if name := names(c); name != "" && c.role == weight && !s.parameters[name] && !s.buffers[name] {
			missing--
		}
	}
	s.folded = missing <= 0
}

// role returns what an initializer is, given what it seems to be.
func (s *signature) role(name string, guess role) role {
	switch {
	case s == nil || guess == statistic:
	case s.parameters[name]:
		return weight
	case s.buffers[name], guess == beside && s.folded:
		return plain
	}
	return guess
}

// waves reports whether a table holds sines or cosines of its row's number times a frequency of each column, as for
// positions: each column begins with 0 or 1 and keeps to the formula of the double angle.
func waves(t tensor.Any) bool {
	shape := t.Shape()
	if shape.Rank() < 2 || !t.DType().IsFloat() {
		return false
	}
	rows, columns := shape[shape.Rank()-2], shape[shape.Rank()-1]
	if rows < 3 || rows*columns != t.Len() {
		return false
	}
	wide, err := data.As(t, tensor.Float64)
	if err != nil {
		return false
	}
	v, moves := tensor.Data[float64](wide), false
	for c := range columns {
		at := func(row int) float64 { return v[row*columns+c] }
		start := at(0)
		if start != 0 && start != 1 {
			return false
		}
		for row := 1; row < rows; row++ {
			x := at(row)
			moves = moves || math.Abs(x-start) > .3
			if 2*row >= rows {
				continue
			}
			double, want := at(2*row), 2*x*x-1
			if start == 0 {
				double, want = double*double, 4*x*x*(1-x*x)
			}
			if math.Abs(double-want) > 1e-2 {
				return false
			}
		}
	}
	return moves
}
