package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/onnxtool/onnxtool/internal/atomicfile"
	"github.com/onnxtool/onnxtool/internal/nearest"
	"github.com/onnxtool/onnxtool/onnxio"
)

type inspectFlags struct {
	weights, json bool
	node, html    string
}

func newInspect(e env) *cobra.Command {
	var f inspectFlags
	cmd := &cobra.Command{
		Use:   "inspect MODEL",
		Short: "Show what is in a model",
		Long: `Show what is in a model: who wrote it, operator sets, inputs and outputs, and a table of its nodes with
the shapes of what they make, their parameters and multiply-adds (open dimensions counted as 1).`,
		Example: `  onnxtool inspect model.onnx
  onnxtool inspect model.onnx --weights
  onnxtool inspect model.onnx --node /dense/MatMul
  onnxtool inspect model.onnx --html graph.html`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("inspect takes the path of one model")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return runInspect(e, args[0], &f) },
	}
	fl := cmd.Flags()
	fl.BoolVar(&f.weights, "weights", false, "list the weights with their statistics")
	fl.StringVar(&f.node, "node", "", "show one node, by `name`, output or #number")
	fl.StringVar(&f.html, "html", "", "write the graph as a page to this `file`, to pan, zoom and click")
	fl.BoolVar(&f.json, "json", false, "print JSON")
	cmd.MarkFlagsMutuallyExclusive("weights", "node", "html")
	return cmd
}

func runInspect(e env, path string, f *inspectFlags) error {
	m, err := onnxio.Load(path)
	if err != nil {
		return err
	}
	defer m.Close()
	a, err := dissect(path, m)
	if err != nil {
		return err
	}
	switch {
	case f.html != "":
		if err := atomicfile.Write(f.html, a.writeHTML); err != nil {
			return err
		}
		fmt.Fprintf(e.err, "the graph is in %s\n", f.html)
		return nil
	case f.weights:
		rows, err := weightRows(m.Graph)
		if err != nil {
			return err
		}
		if f.json {
			return printJSON(e.out, rows)
		}
		return writeWeights(e.out, rows)
	case f.node != "":
		n, err := a.find(f.node)
		if err != nil {
			return err
		}
		if f.json {
			return printJSON(e.out, n)
		}
		return a.writeNode(e.out, n)
	case f.json:
		return printJSON(e.out, a)
	}
	return a.writeText(e.out)
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func (a *anatomy) writeText(w io.Writer) error {
	var b strings.Builder
	line := func(key, text string) {
		if text != "" {
			fmt.Fprintf(&b, "%-9s %s\n", key, text)
		}
	}
	line("model", fmt.Sprintf("%s (%s)", a.Model, bytesText(a.FileBytes)))
	line("producer", clean(a.Producer))
	var sets []string
	for _, d := range slices.Sorted(maps.Keys(a.Opsets)) {
		sets = append(sets, fmt.Sprintf("%s %d", clean(d), a.Opsets[d]))
	}
	line("opsets", fmt.Sprintf("%s (IR %d)", strings.Join(sets, ", "), a.IR))
	line("graph", clean(a.Graph))
	line("doc", clean(a.Doc))
	for _, k := range slices.Sorted(maps.Keys(a.Metadata)) {
		line("metadata", cut(clean(k+" = "+a.Metadata[k]), 120))
	}
	for _, v := range a.Inputs {
		line("input", clean(v.Name)+"  "+v.text)
	}
	for _, v := range a.Outputs {
		line("output", clean(v.Name)+"  "+v.text)
	}
	line("functions", clean(strings.Join(a.Functions, ", ")))
	b.WriteByte('\n')
	if err := a.writeTable(&b); err != nil {
		return err
	}
	fmt.Fprintf(&b, "\n%s, %s (%s), %s multiply-adds\n", plural(len(a.Nodes), "node"), plural(int(a.Parameters), "parameter"), bytesText(a.Bytes), countText(a.MACs))
	if a.Note != "" {
		fmt.Fprintf(&b, "shapes between nodes are those that the file declares: %s\n", clean(a.Note))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (a *anatomy) writeTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "#\tnode\toperator\toutput\tparameters\tbytes\tmultiply-adds")
	for _, n := range a.Nodes {
		out := ""
		if len(n.Outputs) > 0 {
			out = n.Outputs[0].text
		}
		if len(n.Outputs) > 1 {
			out += fmt.Sprintf(" +%d", len(n.Outputs)-1)
		}
		op := n.fullOp()
		if n.Inner > 0 {
			op += fmt.Sprintf(" (%s inside)", plural(n.Inner, "node"))
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%d\t%d\t%s\n", n.Index, cut(clean(n.title()), 48), clean(op), clean(out), n.Parameters, n.Bytes, countText(n.MACs))
	}
	return t.Flush()
}

func (n *nodeRow) fullOp() string {
	if n.Domain != "" {
		return n.Domain + "." + n.Op
	}
	return n.Op
}

// title returns the node's name, else its first output.
func (n *nodeRow) title() string {
	if n.Name == "" && len(n.Outputs) > 0 {
		return n.Outputs[0].Name
	}
	return n.Name
}

// find returns the node of a name, of an output, or of a number written as #3.
func (a *anatomy) find(key string) (*nodeRow, error) {
	var names []string
	for i := range a.Nodes {
		n := &a.Nodes[i]
		if n.Name == key || key == fmt.Sprintf("#%d", n.Index) || slices.ContainsFunc(n.Outputs, func(v valueRow) bool { return v.Name == key }) {
			return n, nil
		}
		names = append(names, n.title())
	}
	return nil, fmt.Errorf("%s: there is no node %q%s", a.Model, key, nearest.Hint(key, names))
}

func (a *anatomy) writeNode(w io.Writer, n *nodeRow) error {
	var b strings.Builder
	fmt.Fprintf(&b, "node       #%d %s\noperator   %s\n", n.Index, clean(n.Name), clean(n.fullOp()))
	for _, name := range n.Inputs {
		if name == "" {
			b.WriteString("input      (left out)\n")
			continue
		}
		kind := ""
		if a.constants[name] != nil {
			kind = "  (weight)"
		}
		fmt.Fprintf(&b, "input      %s  %s%s\n", clean(name), a.row(name).text, kind)
	}
	for _, v := range n.Outputs {
		fmt.Fprintf(&b, "output     %s  %s\n", clean(v.Name), v.text)
	}
	for _, at := range n.Attributes {
		fmt.Fprintf(&b, "attribute  %s\n", clean(at))
	}
	fmt.Fprintf(&b, "parameters %d (%s)\nmultiply-adds %s\n", n.Parameters, bytesText(n.Bytes), countText(n.MACs))
	_, err := io.WriteString(w, b.String())
	return err
}

// clean takes out what could steer a terminal.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-3]) + "..."
	}
	return s
}

func bytesText(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1e6:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1e9:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.2f GB", float64(n)/1e9)
}

func countText(n int64) string {
	switch {
	case n < 1e5:
		return fmt.Sprint(n)
	case n < 1e9:
		return fmt.Sprintf("%.2f M", float64(n)/1e6)
	}
	return fmt.Sprintf("%.2f G", float64(n)/1e9)
}
