package data

import (
	"math"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func specs(s ...InputSpec) []InputSpec { return s }

func one(name string, d tensor.DType) InputSpec { return InputSpec{name, d, tensor.Shape{1}} }

func TestMapColumns(t *testing.T) {
	f := tensor.Float32
	tests := []struct {
		name  string
		names string
		specs []InputSpec
		opts  MapOptions
		want  string // columns in order, or part of the error after !
	}{
		{"by name", "a b y", specs(one("b", f), one("a", tensor.String)), MapOptions{}, "b a"},
		{"a vector of rank 1", "a y", specs(InputSpec{"a", f, nil}), MapOptions{}, "a"},
		{"a column for two inputs", "a y", specs(one("a", f), InputSpec{"a", f, nil}), MapOptions{}, "a"},
		{"numbered", "y x_0 x_1 z", specs(InputSpec{"x", f, tensor.Shape{2}}, one("z", f)), MapOptions{}, "x_0 x_1 z"},
		{"indexed", "x[0] x[1]", specs(InputSpec{"x", f, tensor.Shape{2}}), MapOptions{}, "x[0] x[1]"},
		{"row-major", "x_3 x_2 x_1 x_0", specs(InputSpec{"x", f, tensor.Shape{2, 2}}), MapOptions{}, "x_0 x_1 x_2 x_3"},
		{"in the order of the file", "b a y", specs(InputSpec{"x", f, tensor.Shape{2}}), MapOptions{Ignore: []string{"y"}}, "b a"},
		{"named", "a b y", specs(InputSpec{"x", f, tensor.Shape{2}}), MapOptions{Columns: []string{"b", "a"}}, "b a"},
		{"missing", "alcohl ph", specs(one("alcohol", f), one("colour", f)), MapOptions{}, `!alcohl`},
		{"missing, second", "alcohl ph", specs(one("alcohol", f), one("colour", f)), MapOptions{}, `!nor for colour`},
		{"missing numbers", "x_0 z", specs(InputSpec{"x", f, tensor.Shape{2}}, one("z", f)), MapOptions{}, "!no columns x_0 to x_1"},
		{"too many", "a b c", specs(InputSpec{"x", f, tensor.Shape{2}}), MapOptions{}, "!takes 2 columns, the table has 3"},
		{"too few named", "a b c", specs(InputSpec{"x", f, tensor.Shape{2}}), MapOptions{Columns: []string{"a"}}, "!takes 2 columns, 1 are named"},
		{"named but unknown", "a b c", specs(InputSpec{"x", f, tensor.Shape{1}}), MapOptions{Columns: []string{"d"}}, `!no column "d"`},
		{"named for two inputs", "a b", specs(one("a", f), one("b", f)), MapOptions{Columns: []string{"a"}}, "!a model of one input"},
		{"huge row", "a", specs(InputSpec{"x", f, tensor.Shape{math.MaxInt, math.MaxInt}}), MapOptions{}, "!no table holds"},
		{"empty row", "a", specs(InputSpec{"x", f, tensor.Shape{0}}), MapOptions{}, "!no table holds"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, err := MapColumns(strings.Fields(test.names), test.specs, test.opts)
			if fault, ok := strings.CutPrefix(test.want, "!"); ok {
				if err == nil || !strings.Contains(err.Error(), fault) {
					t.Fatalf("error %v, want one with %q", err, fault)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(m.Columns(), " "); got != test.want {
				t.Errorf("columns %s, want %s", got, test.want)
			}
		})
	}
}

func TestColumnMapInputs(t *testing.T) {
	const csv = "code,n,f,b,y\n007,1,.5,true,1\nNA,2,NA,False,0\n"
	inputs := specs(one("code", tensor.String), InputSpec{"n", tensor.Int64, nil}, one("f", tensor.Float32), one("b", tensor.Bool))
	m, err := MapColumns([]string{"code", "n", "f", "b", "y"}, inputs, MapOptions{})
	if err != nil {
		t.Fatal(err)
	}
	table, err := ReadCSV(strings.NewReader(csv), CSVOptions{Columns: m.Columns(), Kinds: m.Kinds()})
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.Inputs(table)
	if err != nil {
		t.Fatal(err)
	}
	if s := tensor.Data[string](got["code"]); s[0] != "007" || s[1] != "" {
		t.Errorf("code = %q", s)
	}
	if !got["n"].Shape().Equal(tensor.Shape{2}) || !got["f"].Shape().Equal(tensor.Shape{2, 1}) {
		t.Errorf("shapes %v %v", got["n"].Shape(), got["f"].Shape())
	}
	if f := tensor.Data[float32](got["f"]); f[0] != .5 || f[1] == f[1] {
		t.Errorf("f = %v", f)
	}
	if b := tensor.Data[bool](got["b"]); !b[0] || b[1] {
		t.Errorf("b = %v", b)
	}
}

func TestColumnMapMissingInteger(t *testing.T) {
	m, err := MapColumns([]string{"n"}, specs(one("n", tensor.Int64)), MapOptions{})
	if err != nil {
		t.Fatal(err)
	}
	table, err := ReadCSV(strings.NewReader("n\n4\n\"\"\n"), CSVOptions{Kinds: m.Kinds()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Inputs(table); err == nil || !strings.Contains(err.Error(), "fill it") {
		t.Errorf("error %v for a missing integer", err)
	}
	if _, err := table.FillText(map[string]string{"n": "x"}); err == nil {
		t.Error("no error for a fill value that is no integer")
	}
	filled, err := table.FillText(map[string]string{"n": "-1"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.Inputs(filled)
	if err != nil {
		t.Fatal(err)
	}
	if v := tensor.Data[int64](got["n"]); v[1] != -1 {
		t.Errorf("n = %v", v)
	}
}
