package train_test

import (
	"math"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
)

// TestImportSignature imports models with what PyTorch's newer exporter says of parameters and buffers.
func TestImportSignature(t *testing.T) {
	const text = `<ir_version: 10, opset_import: ["" : 18]>
net (float[N,2] x) => (float[N,2] y) <float[2] centre = {1,2}, float[2,2] val_1 = {1,-1,0.5,0.2}, float[2] table = {0.1,0.3}, float[2] val_2 = {0.2,0.4}, float[1] gate = {0.5}, float[2,2] w = {0.3,0.5,-0.5,1}> {
   c = Sub (x, centre)
   h = MatMul (c, val_1)
   r = Mul (h, table)
   s = Add (r, val_2)
   g = Mul (s, gate)
   y = MatMul (g, w)
}`
	for _, c := range []struct{ name, signature, want string }{
		{"none", "", "val_1 table val_2 w"},
		{"all named", "p_centre: PARAMETER target='centre'\np_gate: PARAMETER target='gate'\np_w: PARAMETER target='w'\np_l: PARAMETER target='l.weight'\nb_table: BUFFER target='table' persistent=True\nx: USER_INPUT", "centre val_1 gate w"},
		{"one is missing", "p_w: PARAMETER target='w'\np_l: PARAMETER target='l.weight'\np_b: PARAMETER target='b'\nb_table: BUFFER target='table' persistent=True\nx: USER_INPUT", "val_1 val_2 w"},
	} {
		m := parse(t, text)
		m.ProducerName = "pytorch"
		if c.signature != "" {
			m.Graph.MetadataProps = []*onnxio.StringStringEntry{{Key: "pkg.torch.export.ExportedProgram.graph_signature", Value: "\n# inputs\n" + c.signature + "\n"}}
		}
		if got := parameters(t, m); got != c.want {
			t.Errorf("%s: parameters %s, want %s", c.name, got, c.want)
		}
	}
}

// parameters lists the names of what is trained of a model.
func parameters(t *testing.T, m *onnxio.Model) string {
	t.Helper()
	im, err := train.Import(m, train.ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range im.Net.Params {
		names = append(names, p.Value.Name)
	}
	return strings.Join(names, " ")
}

// TestImportWaves imports a model in which tables are added and multiplied: those of sines and cosines are no weights.
func TestImportWaves(t *testing.T) {
	const rows, columns = 9, 4
	for _, c := range []struct {
		name   string
		at     func(row, column int) float64
		weight bool
	}{
		{"cosines of rotary positions", func(r, c int) float64 { return math.Cos(float64(r) * math.Pow(.3, float64(c%2))) }, false},
		{"sines of rotary positions", func(r, c int) float64 { return math.Sin(float64(r) * math.Pow(.3, float64(c%2))) }, false},
		{"both in turn", func(r, c int) float64 {
			return math.Sin(float64(r)*math.Pow(.1, float64(c/2)) + float64(c%2)*math.Pi/2)
		}, false},
		{"learnt", func(r, c int) float64 { return .1 * float64((r*7+c*3)%5) }, true},
		{"learnt from zeros", func(r, c int) float64 { return .001 * float64(r*c) }, true},
		{"ones", func(r, c int) float64 { return 1 }, true},
	} {
		m := parse(t, `<ir_version: 8, opset_import: ["" : 17]>
net (float[N,9,2] x) => (float[N,9,4] y) <float[2,4] w = {1,-1,0.5,0.2,0.3,0.5,-0.5,1}, float[1] table = {0}> {
   h = MatMul (x, w)
   y = Mul (h, table)
}`)
		v := make([]float32, rows*columns)
		for i := range v {
			v[i] = float32(c.at(i/columns, i%columns))
		}
		m.Graph.Initializer[1] = onnxio.FromTensor("table", tensor.Must(v, 1, rows, columns))
		want := "w"
		if c.weight {
			want = "w table"
		}
		if got := parameters(t, m); got != want {
			t.Errorf("%s: parameters %s, want %s", c.name, got, want)
		}
	}
}
