package train

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Dropout says where an imported model has dropout while it is trained. The file never changes by it.
type Dropout struct {
	// Ratio is the fraction that is dropped; 0 is the one that each node has in the file.
	Ratio float64
	// At names nodes or values, by patterns as in ImportOptions, behind which there is dropout. None are the
	// Dropout nodes, and the Identity nodes with dropout in their names that exporters leave.
	At []string
}

// dropSite is a value behind which there is dropout.
type dropSite struct {
	graph *ir.Graph
	value *ir.Value
	ratio float64 // in the file, 0 where it has none
}

// setDropout makes Dropout nodes act in training where that is wanted, and nowhere else. Nodes whose
// training_mode is true in the file act in any case, as they do in inference.
func setDropout(g *ir.Graph, values map[string]*ir.Value, m *onnxio.Model, d *Dropout) error {
	var sites []dropSite
	if d != nil {
		if d.Ratio < 0 || d.Ratio >= 1 {
			return fmt.Errorf("train: a dropout ratio of %v is outside [0,1)", d.Ratio)
		}
		var err error
		if sites, err = dropSites(g, values, m, d.At); err != nil {
			return err
		}
	}
	for g := range graphs(g) {
		for _, n := range g.Nodes {
			if isDropout(n) && (len(n.In) < 3 || n.In[2] == nil) {
				n.In = append(n.In, nil, nil)[:3]
				n.In[2] = g.AddConst("", tensor.Scalar(false))
			}
		}
	}
	for _, s := range sites {
		ratio := d.Ratio
		if ratio == 0 {
			ratio = s.ratio
		}
		if ratio == 0 {
			return fmt.Errorf("train: dropout behind %s: the file has no ratio for it, so one must be given", s.value.Name)
		}
		if err := drop(s.graph, s.value, ratio); err != nil {
			return err
		}
	}
	return nil
}

func isDropout(n *ir.Node) bool { return n.Domain == "" && n.Op == "Dropout" }

// dropSites finds where the file has dropout, or the values that the patterns name.
func dropSites(g *ir.Graph, values map[string]*ir.Value, m *onnxio.Model, at []string) ([]dropSite, error) {
	p, err := newPatterns(at)
	if err != nil {
		return nil, err
	}
	var sites []dropSite
	seen := map[*ir.Value]bool{}
	add := func(g *ir.Graph, v *ir.Value, ratio float64) {
		if v != nil && v.Kind == ir.Computed && v.Fact.DType.IsFloat() && !seen[v] {
			seen[v] = true
			sites = append(sites, dropSite{g, v, ratio})
		}
	}
	for g := range graphs(g) {
		for _, n := range g.Nodes { // those inside of functions too
			if isDropout(n) && len(at) == 0 {
				add(g, n.Out[0], dropRatio(n))
			}
		}
	}
	for _, n := range m.Graph.Node {
		if n == nil || len(n.Output) == 0 {
			continue
		}
		switch v := values[n.Output[0]]; {
		case len(at) > 0 && p.match(n.Name, n.Output[0]):
			add(g, v, 0)
		case len(at) > 0:
		case n.OpType == "Dropout":
			ratio := .5
			if a := n.Attr("ratio"); a != nil {
				ratio = float64(a.F)
			}
			add(g, v, ratio)
		case n.OpType == "Identity" && strings.Contains(strings.ToLower(n.Name+" "+n.Output[0]), "dropout"):
			add(g, v, 0)
		}
	}
	if name, ok := p.unused(); ok {
		return nil, fmt.Errorf("train: dropout: pattern %q matches no node or value", name)
	}
	if len(sites) == 0 {
		return nil, errors.New("train: the model has no Dropout node (exporters leave them out): name the nodes or values behind which it is to be, as with --dropout-at")
	}
	return sites, nil
}

// dropRatio returns the ratio of a Dropout node, 0 where it is no constant.
func dropRatio(n *ir.Node) float64 {
	if len(n.In) < 2 || n.In[1] == nil {
		return .5
	}
	r, _ := op.NumberOf(n.In[1].Fact.Const)
	return r
}

// drop puts dropout behind a value, in the place of the node that makes it where that does nothing else.
func drop(g *ir.Graph, v *ir.Value, ratio float64) error {
	ins := []*ir.Value{nil, g.AddConst("", tensor.Scalar(float32(ratio))), g.AddConst("", tensor.Scalar(true))}
	n := v.Node
	switch {
	case isDropout(n):
		ins[0] = n.In[0]
		n.In = ins
		return nil
	case n.Domain == "" && n.Op == "Identity":
		ins[0] = n.In[0]
		n.Op, n.Version, n.Attrs, n.In = "Dropout", ops.Set().Lookup("", "Dropout").Since, nil, ins
		return nil
	case slices.Contains(g.Outputs, v):
		return fmt.Errorf("train: dropout behind %s, which is the output", v.Name)
	}
	ins[0] = v
	after := slices.Index(g.Nodes, n) + 1
	d := g.AddNode(&ir.Node{Name: n.Name + "_dropout", Op: "Dropout", Version: ops.Set().Lookup("", "Dropout").Since}, v.Name+"_dropout")
	d.Out[0].Fact = v.Fact.Like()
	for _, reader := range g.Nodes {
		for i, in := range reader.In {
			if in == v {
				reader.In[i] = d.Out[0]
			}
		}
	}
	d.In = ins
	last := len(g.Nodes) - 1
	g.Nodes = slices.Insert(g.Nodes[:last:last], after, d)
	return nil
}
