package verify

import (
	"fmt"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ops"
	"github.com/onnxtool/onnxtool/onnxio"
)

// nodeName returns what a node is called: its name, else its first output.
func nodeName(n *onnxio.Node) string {
	if n.Name != "" || len(n.Output) == 0 {
		return n.Name
	}
	return n.Output[0]
}

// opName returns a node's operator with domain and the version in force: Softmax-13, ai.onnx.ml.Scaler-1.
// Where the operator is not known, the version is that of the imported set.
func opName(m *onnxio.Model, n *onnxio.Node) string {
	opset, _ := m.OpsetVersion(n.Domain)
	since := opset
	if def := ops.Set().Lookup(n.Domain, n.OpType); def != nil {
		for _, s := range def.Schemas() { // newest first
			if int64(s.Since) <= opset {
				since = int64(s.Since)
				break
			}
		}
	}
	name := fmt.Sprintf("%s-%d", n.OpType, since)
	if d := onnxio.NormalDomain(n.Domain); d != "" {
		name = d + "." + name
	}
	return name
}

// layerOf returns the layer that a node belongs to: what its metadata says, else the path in front of its
// own name (dense_3 for dense_3/MatMul); empty where there is neither.
func layerOf(n *onnxio.Node) string {
	if l, ok := onnxio.Metadata(n.MetadataProps, "layer"); ok {
		return l
	}
	name := strings.TrimPrefix(n.Name, "/")
	if i := strings.LastIndexByte(name, '/'); i > 0 {
		return name[:i]
	}
	return ""
}

// reads returns the values that a node reads, those that its subgraphs take from outside included.
func reads(n *onnxio.Node) []string {
	var list []string
	seen := map[string]bool{"": true}
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			list = append(list, name)
		}
	}
	for _, name := range n.Input {
		add(name)
	}
	for _, a := range n.Attribute {
		if a == nil {
			continue
		}
		for _, g := range append([]*onnxio.Graph{a.G}, a.Graphs...) {
			if g != nil {
				for _, name := range captured(g) {
					add(name)
				}
			}
		}
	}
	return list
}

// captured returns the values of outer graphs that a subgraph reads.
func captured(g *onnxio.Graph) []string {
	own := map[string]bool{"": true}
	for _, v := range g.Input {
		if v != nil {
			own[v.Name] = true
		}
	}
	for _, t := range g.Initializer {
		if t != nil {
			own[t.Name] = true
		}
	}
	for _, t := range g.SparseInitializer {
		if t != nil && t.Values != nil {
			own[t.Values.Name] = true
		}
	}
	var list []string
	for _, n := range g.Node {
		if n == nil {
			continue
		}
		for _, name := range reads(n) {
			if !own[name] {
				list = append(list, name)
			}
		}
		for _, name := range n.Output {
			own[name] = true
		}
	}
	for _, v := range g.Output { // a subgraph may hand an outer value back
		if v != nil && !own[v.Name] {
			list = append(list, v.Name)
		}
	}
	return list
}

// randomOps draw numbers, so that two runs differ.
var randomOps = map[string]bool{"RandomNormal": true, "RandomNormalLike": true, "RandomUniform": true,
	"RandomUniformLike": true, "Bernoulli": true, "Multinomial": true}

func drawsRandom(n *onnxio.Node) bool {
	if onnxio.NormalDomain(n.Domain) != "" {
		return false
	}
	training := n.OpType == "Dropout" && len(n.Input) > 2 && n.Input[2] != ""
	return training || randomOps[n.OpType]
}
