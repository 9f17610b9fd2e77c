package keras

import (
	"maps"
	"slices"

	"github.com/onnxtool/onnxtool/internal/op"
)

// reference names a value: an output of one of a layer's calls.
type reference struct {
	layer        string
	node, tensor int
}

// call is one time that a layer is called: on which values, and with which other arguments.
type call struct {
	refs   []reference    // the positional arguments, then those that keywords name
	args   []int          // of each positional reference, the argument in which it stands
	named  []named        // the references that keywords name
	kwargs map[string]any // the keywords as the file has them, without those that are null or false
	// operands are an operation's positional arguments, all of them; see operand.go.
	operands []any
}

// named says which references a keyword has: refs[from:to].
type named struct {
	key      string
	from, to int
}

// keywords takes the keywords of a call.
func (c *call) keywords(kw map[string]any) error {
	for _, k := range slices.Sorted(maps.Keys(kw)) {
		if kw[k] == nil || kw[k] == false {
			continue
		}
		c.kwargs[k] = kw[k]
		from := len(c.refs)
		if err := c.nested(kw[k], 0); err != nil {
			return err
		}
		if len(c.refs) > from {
			c.named = append(c.named, named{k, from, len(c.refs)})
		}
	}
	return nil
}

// nested appends the references inside a keyword's value: objects in Keras 3, [name, node, tensor] in 2.
func (c *call) nested(v any, depth int) error {
	if depth > maxDepth {
		return op.Malformedf("the arguments of a call are nested too deeply")
	}
	switch v := v.(type) {
	case []any:
		if r, ok := reference3(v); ok && len(v) == 3 {
			c.refs = append(c.refs, r)
			return nil
		}
		for _, x := range v {
			if err := c.nested(x, depth+1); err != nil {
				return err
			}
		}
	case map[string]any:
		if v["class_name"] == "__keras_tensor__" {
			return c.keras3(v)
		}
	}
	return nil
}

// references reads input_layers or output_layers: [name, node, tensor], a list or a dictionary of those.
func references(v any) ([]reference, error) {
	switch v := v.(type) {
	case []any:
		if r, ok := reference3(v); ok {
			return []reference{r}, nil
		}
		var out []reference
		for _, x := range v {
			in, err := references(x)
			if err != nil {
				return nil, err
			}
			out = append(out, in...)
		}
		return out, nil
	case map[string]any:
		return references(ordered(v))
	}
	return nil, op.Malformedf("expected a list of [layer, node, tensor]")
}

// ordered returns the values of a dictionary in the order in which Keras flattens one: that of its keys.
func ordered(m map[string]any) []any {
	var out []any
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[k])
	}
	return out
}

// reference3 reads [name, node, tensor, ...].
func reference3(v []any) (reference, bool) {
	if len(v) < 3 {
		return reference{}, false
	}
	name, ok := v[0].(string)
	node, ok1 := whole(v[1])
	tensor, ok2 := whole(v[2])
	if !ok || !ok1 || !ok2 || node < 0 || tensor < 0 || node > 1<<20 || tensor > 1<<20 {
		return reference{}, false
	}
	return reference{name, node, tensor}, true
}

// parseCalls reads inbound_nodes: nested lists in Keras 2, objects with args and kwargs in Keras 3.
func parseCalls(l *layer) ([]call, error) {
	if len(l.Inbound) == 0 {
		return nil, nil
	}
	if isOperation(l) {
		return operationCalls(l.Inbound)
	}
	var nodes []any
	if err := decode(l.Inbound, &nodes); err != nil {
		return nil, op.Malformedf("inbound_nodes is not a list")
	}
	var out []call
	for _, n := range nodes {
		c := call{kwargs: map[string]any{}}
		switch n := n.(type) {
		case []any:
			if err := c.keras2(n); err != nil {
				return nil, err
			}
		case map[string]any:
			args, _ := n["args"].([]any)
			for i, a := range args {
				if err := c.keras3(a); err != nil {
					return nil, err
				}
				for len(c.args) < len(c.refs) {
					c.args = append(c.args, i)
				}
			}
			kw, _ := n["kwargs"].(map[string]any)
			if err := c.keywords(kw); err != nil {
				return nil, err
			}
		default:
			return nil, op.Malformedf("an inbound node is neither a list nor an object")
		}
		out = append(out, c)
	}
	return out, nil
}

// keras2 reads one node: [[name, node, tensor, kwargs], ...], or that of a single input.
func (c *call) keras2(n []any) error {
	if _, ok := reference3(n); ok {
		n = []any{n}
	}
	words := map[string]any{}
	for _, x := range n {
		list, ok := x.([]any)
		if !ok {
			return op.Malformedf("an inbound node does not list values")
		}
		r, ok := reference3(list)
		if !ok {
			return op.Unsupportedf("a call on something that is not a value of the graph")
		}
		c.refs = append(c.refs, r)
		c.args = append(c.args, 0)
		if len(list) > 3 {
			kw, _ := list[3].(map[string]any)
			maps.Copy(words, kw)
		}
	}
	return c.keywords(words)
}

// keras3 reads the arguments of one node: values of the graph, and lists of them.
func (c *call) keras3(v any) error {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			if err := c.keras3(x); err != nil {
				return err
			}
		}
		return nil
	case map[string]any:
		if _, isObject := v["class_name"]; !isObject {
			return c.keras3(ordered(v))
		}
		if v["class_name"] != "__keras_tensor__" {
			break
		}
		config, _ := v["config"].(map[string]any)
		history, _ := config["keras_history"].([]any)
		r, ok := reference3(history)
		if !ok {
			return op.Malformedf("a value of the graph has no keras_history")
		}
		c.refs = append(c.refs, r)
		return nil
	case nil:
		return nil
	}
	return op.Unsupportedf("a call on something that is not a value of the graph: %v", v)
}
