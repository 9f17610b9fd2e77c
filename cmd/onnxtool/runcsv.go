package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/internal/atomicfile"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/data/tablefile"
)

// maxRows is how many rows of a table one run gets, where the model leaves it open.
const maxRows = 4096

// csvRun is a table on its way through a model.
type csvRun struct {
	runner infer.Runner
	inputs map[string]tensor.Any // of all rows
	rows   int
	batch  int  // rows of one run
	fixed  bool // the model wants exactly that many
}

// runCSV computes predictions for a table and writes them beside its columns.
func runCSV(ctx context.Context, e env, r infer.Runner, f *runFlags) error {
	c, err := newCSVRun(r, f)
	if err != nil {
		return err
	}
	out, err := c.run(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", f.csv, err)
	}
	if f.json {
		return writeOutputsJSON(e.out, r.Outputs(), out)
	}
	// Read again, as text: what is written beside the predictions is what the file says, to the letter.
	raw, err := rawTable(f.csv)
	if err != nil {
		return err
	}
	if f.out == "" {
		return c.write(e.out, raw, out)
	}
	path := f.out
	if !strings.EqualFold(filepath.Ext(path), ".csv") {
		path = filepath.Join(path, "predictions.csv")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	if err := atomicfile.Write(path, func(w io.Writer) error { return c.write(w, raw, out) }); err != nil {
		return err
	}
	fmt.Fprintf(e.err, "%d predictions are in %s\n", c.rows, path)
	return nil
}

// rawTable reads a table as nothing but text.
func rawTable(path string) (*data.Table, error) {
	names, err := tablefile.Names(path)
	if err != nil {
		return nil, err
	}
	kinds := map[string]data.Kind{}
	for _, name := range names {
		kinds[name] = data.String
	}
	return tablefile.Load(path, data.CSVOptions{Kinds: kinds, Missing: []string{}})
}

func newCSVRun(r infer.Runner, f *runFlags) (*csvRun, error) {
	names, err := tablefile.Names(f.csv)
	if err != nil {
		return nil, err
	}
	c := &csvRun{runner: r, batch: maxRows}
	features := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(f.ignore, n) })
	specs, err := c.specs(features, f.columns)
	if err != nil {
		return nil, err
	}
	columns, err := data.MapColumns(names, specs, data.MapOptions{Columns: f.columns, Ignore: f.ignore})
	if err != nil {
		return nil, fmt.Errorf("%s: %w; --columns names those for a model with one input", f.csv, err)
	}
	t, err := tablefile.Load(f.csv, data.CSVOptions{Kinds: columns.Kinds()})
	if err == nil {
		t, err = t.FillText(f.fill.values)
	}
	if err != nil {
		return nil, err
	}
	c.rows = t.Rows()
	if c.inputs, err = columns.Inputs(t); err != nil {
		return nil, fmt.Errorf("%w; --fill COLUMN=VALUE says what stands for missing values", err)
	}
	return c, nil
}

// specs describes what each input wants of a row, and finds out how many rows a run may have.
func (c *csvRun) specs(names, columns []string) ([]data.InputSpec, error) {
	ins := c.runner.Inputs()
	all := len(names)
	if len(columns) > 0 {
		all = len(columns)
	}
	var specs []data.InputSpec
	for _, v := range ins {
		if v.DType == tensor.Undefined || !v.Ranked {
			return nil, fmt.Errorf("input %s is %v: what it wants of a row is not known", v.Name, v)
		}
		rows := 1 // an input without dimensions gets a row at a time
		s := data.InputSpec{Name: v.Name, DType: v.DType}
		for i, d := range v.Shape {
			switch {
			case i == 0:
				rows = d.Size
			case d.Size >= 0:
				s.Row = append(s.Row, d.Size)
			case len(ins) == 1 && len(v.Shape) == 2:
				s.Row = append(s.Row, all)
			default:
				return nil, fmt.Errorf("input %s is %v: how many columns it takes is not known", v.Name, v)
			}
		}
		if rows == 0 || rows > 0 && c.fixed && rows != c.batch {
			return nil, fmt.Errorf("input %s is %v: rows cannot be given to it as to the others", v.Name, v)
		}
		if rows > 0 {
			c.batch, c.fixed = rows, true
		}
		specs = append(specs, s)
	}
	return specs, nil
}

// run computes all rows, chunk by chunk, and joins the outputs.
func (c *csvRun) run(ctx context.Context) (map[string]tensor.Any, error) {
	parts := map[string][]tensor.Any{}
	for lo := 0; lo < c.rows; lo += c.batch {
		n := min(c.batch, c.rows-lo)
		in := map[string]tensor.Any{}
		for _, v := range c.runner.Inputs() {
			t, err := c.chunk(v, lo, n)
			if err != nil {
				return nil, err
			}
			in[v.Name] = t
		}
		out, err := c.runner.Run(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("rows %d to %d: %w", lo+1, lo+n, err)
		}
		for _, v := range c.runner.Outputs() {
			t := out[v.Name]
			if c.batch == 1 && len(t.Shape()) == 0 {
				if t, err = tensor.WithShape(t, tensor.Shape{1}); err != nil {
					return nil, err
				}
			}
			if len(t.Shape()) == 0 || t.Shape()[0] < n {
				return nil, fmt.Errorf("output %s is %v%v: it has no row for each of the table's", v.Name, t.DType(), t.Shape())
			}
			if t, err = rowsOf(t, 0, n, n); err != nil {
				return nil, err
			}
			parts[v.Name] = append(parts[v.Name], t)
		}
	}
	all := map[string]tensor.Any{}
	for name, list := range parts {
		t, err := join(list)
		if err != nil {
			return nil, fmt.Errorf("output %s: %w", name, err)
		}
		all[name] = t
	}
	return all, nil
}

// chunk returns rows of an input in the shape that the model wants. Where it wants a fixed number and fewer
// are left, the last row is repeated; the results of the repetitions are dropped.
func (c *csvRun) chunk(v infer.ValueInfo, lo, n int) (tensor.Any, error) {
	count := n
	if c.fixed {
		count = c.batch
	}
	t, err := rowsOf(c.inputs[v.Name], lo, n, count)
	if err == nil && len(v.Shape) == 0 {
		t, err = tensor.WithShape(t, tensor.Shape{})
	}
	return t, err
}

// rowsOf copies n rows from lo on, the last of them again until there are count.
func rowsOf(t tensor.Any, lo, n, count int) (tensor.Any, error) {
	shape := t.Shape().Clone()
	width := 1
	for _, d := range shape[1:] {
		width *= d
	}
	shape[0] = count
	out, err := tensor.Alloc(t.DType(), shape)
	if err != nil {
		return nil, err
	}
	text, from := tensor.Data[string](out), tensor.Data[string](t)
	w := width * t.DType().Size()
	for i := range count {
		row := lo + min(i, n-1)
		if from != nil {
			copy(text[i*width:], from[row*width:(row+1)*width])
		} else {
			copy(tensor.Bytes(out)[i*w:], tensor.Bytes(t)[row*w:(row+1)*w])
		}
	}
	return out, nil
}

// join puts tensors one after the other along the first axis.
func join(list []tensor.Any) (tensor.Any, error) {
	shape := list[0].Shape().Clone()
	for _, t := range list[1:] {
		if t.DType() != list[0].DType() || !slices.Equal(t.Shape()[1:], shape[1:]) {
			return nil, fmt.Errorf("its shape is not the same for all rows: %v and %v", list[0].Shape(), t.Shape())
		}
		shape[0] += t.Shape()[0]
	}
	out, err := tensor.Alloc(list[0].DType(), shape)
	if err != nil {
		return nil, err
	}
	text, mem := tensor.Data[string](out), tensor.Bytes(out)
	for _, t := range list {
		text = text[copy(text, tensor.Data[string](t)):]
		mem = mem[copy(mem, tensor.Bytes(t)):]
	}
	return out, nil
}

// write writes the table with the outputs as columns: NAME for one value a row, else NAME_0, NAME_1 ...
func (c *csvRun) write(w io.Writer, raw *data.Table, out map[string]tensor.Any) error {
	b := bufio.NewWriter(w)
	var cells []func(row int) string
	var header []string
	for _, col := range raw.Columns() {
		header = append(header, quoteField(col.Name()))
		cells = append(cells, func(row int) string { return quoteField(col.Strings()[row]) })
	}
	for _, v := range c.runner.Outputs() {
		t := out[v.Name]
		if t == nil { // a table without rows
			header = append(header, quoteField(v.Name))
			continue
		}
		width := 1
		for _, d := range t.Shape()[1:] {
			width *= d
		}
		for k := range width {
			name := v.Name
			if width > 1 {
				name = fmt.Sprintf("%s_%d", name, k)
			}
			header = append(header, quoteField(name))
			cells = append(cells, func(row int) string { return csvField(t, row*width+k) })
		}
	}
	fmt.Fprintln(b, strings.Join(header, ","))
	for row := range raw.Rows() {
		for i, cell := range cells {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(cell(row))
		}
		b.WriteByte('\n')
	}
	return b.Flush()
}
