package train

import (
	"slices"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// linear is a node of scikit-learn's linear models, whose weights are attributes.
type linear struct {
	output string // by which the node is found
	attr   string
}

// linears returns the model with scores of LinearRegressor and LinearClassifier nodes computed by Gemm, whose weights
// are initializers: <node>/coefficients and <node>/intercepts. The nodes stay for what else reads them. It also
// returns where each of these initializers belongs.
func linears(m *onnxio.Model) (*onnxio.Model, map[string]linear) {
	var nodes []*onnxio.Node
	found := map[string]linear{}
	e := newEdit(m)
	for _, n := range e.graph.Node {
		if n == nil || n.Domain != "ai.onnx.ml" || !slices.Contains([]string{"LinearRegressor", "LinearClassifier"}, n.OpType) {
			nodes = append(nodes, n)
			continue
		}
		scores := e.scores(n, found)
		if scores == nil {
			nodes = append(nodes, n)
			continue
		}
		c := *n
		c.Output = slices.Clone(n.Output)
		c.Output[len(c.Output)-1] = e.fresh(n.Output[len(n.Output)-1] + "/source")
		nodes = append(append(nodes, &c), scores...)
	}
	if len(found) == 0 {
		return m, nil
	}
	e.graph.Node = nodes
	if !slices.ContainsFunc(m.OpsetImport, func(o *onnxio.OperatorSetID) bool { return o != nil && (o.Domain == "" || o.Domain == "ai.onnx") }) {
		e.model.OpsetImport = append(slices.Clone(m.OpsetImport), &onnxio.OperatorSetID{Version: 17})
	}
	return e.model, found
}

// scores returns nodes that compute what the last output of a linear model is, nil for a form that is not known. It
// notes the weights.
func (e *edit) scores(n *onnxio.Node, found map[string]linear) []*onnxio.Node {
	w, rows := floatsOf(n, "coefficients"), 1
	bias := floatsOf(n, "intercepts")
	switch a := n.Attr("targets"); {
	case n.OpType == "LinearClassifier" && len(bias) > 0:
		rows = len(bias)
	case n.OpType == "LinearClassifier":
		return nil
	case a != nil:
		rows = int(a.I)
	}
	post := "NONE"
	if a := n.Attr("post_transform"); a != nil {
		post = string(a.S)
	}
	activation, known := map[string]string{"NONE": "Identity", "LOGISTIC": "Sigmoid", "SOFTMAX": "Softmax"}[post]
	one := n.OpType == "LinearClassifier" && rows == 1 // a row for two classes
	if len(w) == 0 || rows < 1 || len(w)%rows != 0 || len(bias) > 0 && len(bias) != rows || !known || len(n.Input) != 1 || len(n.Output) == 0 {
		return nil
	}
	if one && post == "SOFTMAX" {
		activation = "Identity"
	}
	name, out := n.Name, n.Output[len(n.Output)-1]
	if name == "" {
		name = n.OpType
	}
	add := func(attr string, v []float32, shape ...int) string {
		at := e.add(name+"/"+attr, tensor.Must(slices.Clone(v), shape...))
		found[at] = linear{out, attr}
		return at
	}
	x, raw, z := e.fresh(out+"/input"), e.fresh(out+"/scores"), out
	in := []string{x, add("coefficients", w, rows, len(w)/rows)}
	if len(bias) > 0 {
		in = append(in, add("intercepts", bias, rows))
	}
	if one {
		z = e.fresh(out + "/second")
	}
	list := []*onnxio.Node{
		{OpType: "Cast", Input: []string{n.Input[0]}, Output: []string{x}, Attribute: []*onnxio.Attribute{onnxio.NewAttribute("to", int64(tensor.Float32))}},
		{OpType: "Gemm", Name: name, Input: in, Output: []string{raw}, Attribute: []*onnxio.Attribute{onnxio.NewAttribute("transB", int64(1))}},
		{OpType: activation, Input: []string{raw}, Output: []string{z}},
	}
	if one {
		unit, first := e.add(out+"/one", tensor.Scalar(float32(1))), e.fresh(out+"/first")
		list = append(list,
			&onnxio.Node{OpType: "Sub", Input: []string{unit, z}, Output: []string{first}},
			&onnxio.Node{OpType: "Concat", Input: []string{first, z}, Output: []string{out}, Attribute: []*onnxio.Attribute{onnxio.NewAttribute("axis", int64(1))}})
	}
	return list
}

func floatsOf(n *onnxio.Node, attr string) []float32 {
	if a := n.Attr(attr); a != nil {
		return a.Floats
	}
	return nil
}

// patchLinears puts values in the place of attributes of linear models, and takes them out.
func (im *Imported) patchLinears(m *onnxio.Model, values map[string]tensor.Any) *onnxio.Model {
	e := newEdit(m)
	for i, n := range e.graph.Node {
		for name, l := range im.linears {
			v := values[name]
			if n == nil || v == nil || len(n.Output) == 0 || n.Output[len(n.Output)-1] != l.output {
				continue
			}
			c := *e.graph.Node[i]
			c.Attribute = slices.Clone(c.Attribute)
			for k, a := range c.Attribute {
				if a != nil && a.Name == l.attr {
					b := *a
					b.Floats = tensor.Data[float32](v)
					c.Attribute[k] = &b
				}
			}
			e.graph.Node[i] = &c
			delete(values, name)
		}
	}
	return e.model
}
