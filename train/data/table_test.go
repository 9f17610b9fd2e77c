package data

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func sample(t testing.TB) *Table {
	t.Helper()
	tab, err := ReadCSV(strings.NewReader("f,i,s\n1.5,1,red\n,2,\n-2.5,,white\n4,4,red\n"), CSVOptions{Name: "w.csv"})
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func must(t testing.TB) func(tab *Table, err error) *Table {
	return func(tab *Table, err error) *Table {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return tab
	}
}

func TestTable(t *testing.T) {
	tab, ok := sample(t), must(t)
	for _, c := range []struct {
		name string
		tab  *Table
		want string
	}{
		{"whole", tab, "f:float=1.5,_,-2.5,4 | i:integer=1,2,_,4 | s:string=red,_,white,red"},
		{"select", ok(tab.Select("s", "f")), "s:string=red,_,white,red | f:float=1.5,_,-2.5,4"},
		{"drop", ok(tab.Drop("f", "s")), "i:integer=1,2,_,4"},
		{"take", tab.Take([]int{3, 0, 3}), "f:float=4,1.5,4 | i:integer=4,1,4 | s:string=red,red,red"},
		{"slice", tab.Slice(1, 3), "f:float=_,-2.5 | i:integer=2,_ | s:string=_,white"},
		{"no rows", tab.Slice(2, 2), "f:float= | i:integer= | s:string="},
		{"complete", ok(tab.DropMissing()), "f:float=1.5,4 | i:integer=1,4 | s:string=red,red"},
		{"complete in one", ok(tab.DropMissing("i")), "f:float=1.5,_,4 | i:integer=1,2,4 | s:string=red,_,red"},
		{"filter", tab.Filter(func(r int) bool { return r%2 == 1 }), "f:float=_,4 | i:integer=2,4 | s:string=_,red"},
		{"with", ok(tab.With(Ints("i", []int64{9, 8, 7, 6}, nil), Floats("new", []float64{1, 2, 3, 4}))),
			"f:float=1.5,_,-2.5,4 | i:integer=9,8,7,6 | s:string=red,_,white,red | new:float=1,2,3,4"},
	} {
		if got := show(c.tab); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	if got := tab.Take([]int{2, 0}); got.Line(0) != 4 || got.Line(1) != 2 {
		t.Errorf("lines %d and %d after taking", got.Line(0), got.Line(1))
	}
	plain, err := NewTable(Floats("a", []float64{1}))
	if err != nil || plain.Line(0) != 0 || !plain.Has("a") || plain.Has("b") {
		t.Errorf("a table of no file: %v", err)
	}
}

func TestTableErrors(t *testing.T) {
	tab := sample(t)
	first := func(_ any, err error) error { return err }
	for _, c := range []struct {
		err  error
		want string
	}{
		{first(tab.Select("f", "x")), `w.csv: malformed data: no column "x" among ["f" "i" "s"]`},
		{first(tab.Select("f", "f")), `columns 1 and 2 are both named "f"`},
		{first(tab.Drop("x")), `no column "x"`},
		{first(tab.DropMissing("x")), `no column "x"`},
		{first(tab.With(Floats("x", nil))), "column f has 4 rows, column x has 0"},
		{first(NewTable(Floats("a", nil), Ints("a", nil, nil))), `columns 1 and 2 are both named "a"`},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("got %v, want %s", c.err, c.want)
		}
	}
}

func TestColumnAs(t *testing.T) {
	tab := sample(t)
	f, i, s := tab.Columns()[0], tab.Columns()[1], tab.Columns()[2]
	for _, c := range []struct {
		col  *Column
		kind Kind
		want string
	}{
		{f, Float, "f:float=1.5,_,-2.5,4"},
		{f, Int, `w.csv:2: column f: 1.5 is not an integer of 64 bits`},
		{f, String, "f:string=1.5,_,-2.5,4"},
		{i, Float, "i:float=1,2,_,4"},
		{i, String, "i:string=1,2,_,4"},
		{s, Float, `w.csv:2: column s: "red" is not a number`},
		{s, Int, `w.csv:2: column s: "red" is not an integer`},
		{s, 7, "column s: no such kind: Kind(7)"},
		{Floats("x", []float64{3, math.NaN()}), Int, "x:integer=3,_"},
		{Floats("x", []float64{math.Inf(1)}), Int, "column x: row 0: +Inf is not an integer of 64 bits"},
		{Floats("x", []float64{1 << 63}), Int, "column x: row 0: 9.223372036854776e+18 is not an integer of 64 bits"},
		{Strings("x", []string{" 1.5", "2"}, nil), Float, "x:float=1.5,2"},
		{Strings("x", []string{"1", ""}, []bool{false, true}), Int, "x:integer=1,_"},
	} {
		got := ""
		if d, err := c.col.As(c.kind); err != nil {
			got = err.Error()
		} else {
			got = show(must(t)(NewTable(d)))
		}
		if got != c.want {
			t.Errorf("%s as %v: got %s, want %s", c.col.Name(), c.kind, got, c.want)
		}
	}
}

func TestFillAndCodes(t *testing.T) {
	tab := sample(t)
	f, i, s := tab.Columns()[0], tab.Columns()[1], tab.Columns()[2]
	for _, c := range []struct {
		col  *Column
		v    any
		want string
	}{
		{f, 0.5, "f:float=1.5,0.5,-2.5,4"},
		{f, 7, "f:float=1.5,7,-2.5,4"},
		{i, 7, "i:integer=1,2,7,4"},
		{s, "rosé", "s:string=red,rosé,white,red"},
		{i, 0.5, "column i: cannot fill values of kind integer with 0.5 (float64)"},
		{s, 1, "column s: cannot fill values of kind string with 1 (int64)"},
	} {
		got := ""
		if d, err := c.col.Fill(c.v); err != nil {
			got = err.Error()
		} else {
			got = show(must(t)(NewTable(d)))
		}
		if got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	for _, c := range []struct {
		col           *Column
		codes, labels string
	}{
		{f, "[1 -1 0 2]", "f:float=-2.5,1.5,4"},
		{i, "[0 1 -1 2]", "i:integer=1,2,4"},
		{s, "[0 -1 1 0]", "s:string=red,white"},
	} {
		codes, classes := c.col.Codes()
		if got := show(must(t)(NewTable(classes))); fmt.Sprint(codes) != c.codes || got != c.labels {
			t.Errorf("codes %v of %s, want %s of %s", codes, got, c.codes, c.labels)
		}
	}
	if v := i.Valid(); !slices.Equal(v, []bool{true, true, false, true}) {
		t.Errorf("valid: %v", v)
	}
	if r := s.Rename("t"); r.Name() != "t" || s.Name() != "s" {
		t.Error("renaming")
	}
}

func TestTensors(t *testing.T) {
	tab := sample(t)
	full := must(t)(tab.DropMissing())
	bools := Strings("b", []string{"True", "false", "1"}, nil)
	for _, c := range []struct {
		name string
		make func() (tensor.Any, error)
		want string
	}{
		{"f32 with NaN", func() (tensor.Any, error) { return tab.Tensor(tensor.Float32, "f", "i") }, "f32[4,2] [1.5 1 NaN 2 -2.5 NaN 4 4]"},
		{"f64", func() (tensor.Any, error) { return tab.Columns()[0].Tensor(tensor.Float64) }, "f64[4] [1.5 NaN -2.5 4]"},
		{"all", func() (tensor.Any, error) { return must(t)(full.Drop("s")).Tensor(tensor.Float32) }, "f32[2,2] [1.5 1 4 4]"},
		{"strings", func() (tensor.Any, error) { return full.Tensor(tensor.String, "s", "i") }, "string[2,2] [red 1 red 4]"},
		{"i64", func() (tensor.Any, error) { return full.Tensor(tensor.Int64, "i") }, "i64[2,1] [1 4]"},
		{"u8", func() (tensor.Any, error) { return full.Columns()[1].Tensor(tensor.Uint8) }, "u8[2] [1 4]"},
		{"bool", func() (tensor.Any, error) { return bools.Tensor(tensor.Bool) }, "bool[3] [1 0 1]"},
		{"missing integer", func() (tensor.Any, error) { return tab.Tensor(tensor.Int64, "i") },
			"w.csv:4: column i: a missing value (1 of 4) has no form in i64: fill it or drop the row"},
		{"missing text", func() (tensor.Any, error) { return tab.Tensor(tensor.String, "s") },
			"w.csv:3: column s: a missing value (1 of 4) has no form in string: fill it or drop the row"},
		{"text as number", func() (tensor.Any, error) { return tab.Tensor(tensor.Float32, "f", "s") }, `w.csv:2: column s: "red" is not a number`},
		{"f32 range", func() (tensor.Any, error) { return Floats("x", []float64{1e300}).Tensor(tensor.Float32) },
			"column x: row 0: 1e+300 is out of the range of 32-bit numbers"},
		{"u8 range", func() (tensor.Any, error) { return Ints("x", []int64{256}, nil).Tensor(tensor.Uint8) }, "column x: row 0: 256 is out of the range of u8"},
		{"u64 range", func() (tensor.Any, error) { return Ints("x", []int64{-1}, nil).Tensor(tensor.Uint64) }, "column x: row 0: -1 is out of the range of u64"},
		{"i8 range", func() (tensor.Any, error) { return Ints("x", []int64{128}, nil).Tensor(tensor.Int8) }, "column x: row 0: 128 is out of the range of i8"},
		{"bool text", func() (tensor.Any, error) { return Strings("x", []string{"yes"}, nil).Tensor(tensor.Bool) }, `column x: row 0: "yes" is neither true nor false`},
		{"type", func() (tensor.Any, error) { return tab.Tensor(tensor.Complex64, "f") }, "column f: no conversion from float to c64"},
		{"no type", func() (tensor.Any, error) { return tab.Columns()[0].Tensor(tensor.Undefined) }, "column f: tensor: no such element type: ?"},
	} {
		got := ""
		if a, err := c.make(); err != nil {
			got = err.Error()
		} else {
			got = describe(a) + " " + fmt.Sprint(values(a))
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestTableDataset(t *testing.T) {
	full := must(t)(sample(t).DropMissing())
	d, err := full.Dataset(Roles{Inputs: []string{"s", "f", "i"}, Target: "i", Weight: "f"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := showDataset(d), "f=f32[2,1][1.5 4] i=i64[2,1][1 4] s=string[2,1][red red] target=f32[2,1][1 4] weight=f32[2][1.5 4]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, r := range []Roles{{}, {Inputs: []string{"x"}}, {Inputs: []string{"f"}, Target: "s"}, {Inputs: []string{"f"}, Weight: "x"}, {Inputs: []string{"f"}, Target: "x"}} {
		if _, err := full.Dataset(r); err == nil {
			t.Errorf("%+v is no error", r)
		}
	}
	var p *ParseError
	if _, err := full.Dataset(Roles{Inputs: []string{"f"}, Target: "s"}); !errors.As(err, &p) || p.Line != 2 {
		t.Errorf("got %v", err)
	}
}

// showDataset renders a dataset's tensors.
func showDataset(d *Dataset) string {
	var parts []string
	for _, name := range d.Names() {
		parts = append(parts, name+"="+describe(d.Inputs()[name])+fmt.Sprint(values(d.Inputs()[name])))
	}
	if d.Target() != nil {
		parts = append(parts, "target="+describe(d.Target())+fmt.Sprint(values(d.Target())))
	}
	if d.Weight() != nil {
		parts = append(parts, "weight="+describe(d.Weight())+fmt.Sprint(values(d.Weight())))
	}
	return strings.Join(parts, " ")
}
