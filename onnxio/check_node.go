package onnxio

import (
	"fmt"
	"slices"
)

// node checks a node by itself.
func (c *checker) node(n *Node, path string, s *scope) {
	if n.OpType == "" {
		c.report(path, "it has no op_type")
	}
	if len(n.Input) == 0 && len(n.Output) == 0 {
		c.report(path, "it has neither inputs nor outputs")
	}
	if _, ok := s.opsets[NormalDomain(n.Domain)]; !ok {
		c.report(path, "domain %q is not imported", n.Domain)
	}
	seen := map[string]bool{}
	for i, a := range n.Attribute {
		if a == nil {
			c.report(path, "attribute %d is nil", i)
			continue
		}
		if seen[a.Name] {
			c.report(path, "attribute %q is given twice", a.Name)
		}
		seen[a.Name] = true
		c.attribute(a, path, s)
	}
	c.metadata(at(path, "metadata_props"), n.MetadataProps)
}

// attribute checks an attribute of a node or of a function.
func (c *checker) attribute(a *Attribute, path string, s *scope) {
	if a.Name == "" {
		c.report(path, "an attribute has no name")
	}
	set := a.setFields()
	known := namesAttributeType[a.Type] != "" && a.Type != AttributeUndefined
	switch {
	case a.Type == AttributeUndefined && c.ir >= 2:
		c.report(path, "attribute %q has no type", a.Name)
	case a.Type != AttributeUndefined && !known:
		c.report(path, "attribute %q has type %d, which does not exist", a.Name, a.Type)
	case len(set) > 1:
		c.report(path, "attribute %q has values of the types %v", a.Name, set)
	case known && len(set) == 1 && set[0] != a.Type:
		c.report(path, "attribute %q of type %v has a value of type %v", a.Name, a.Type, set[0])
	}
	if a.RefAttrName != "" {
		switch {
		case s.attrs == nil:
			c.report(path, "attribute %q refers to a function's attribute, but is in none", a.Name)
		case len(set) > 0:
			c.report(path, "attribute %q refers to %q and has a value too", a.Name, a.RefAttrName)
		case !s.attrs[a.RefAttrName]:
			c.report(path, "attribute %q refers to %q, which the function does not have", a.Name, a.RefAttrName)
		}
		return
	}
	if _, err := a.message(a.Type); err != nil && singleMessage(a.Type) {
		c.report(path, "attribute %q of type %v has no value", a.Name, a.Type)
	}
	c.attributeValue(a, path, s)
}

func singleMessage(t AttributeType) bool {
	return t == AttributeTensor || t == AttributeGraph || t == AttributeSparseTensor || t == AttributeTypeProto
}

// attributeValue checks the messages that an attribute holds.
func (c *checker) attributeValue(a *Attribute, path string, s *scope) {
	one := at(path, "%s", a.Name)
	many := func(i int) string { return fmt.Sprintf("%s[%d]", one, i) }
	if a.T != nil {
		c.tensor(a.T, one)
	}
	for i, t := range a.Tensors {
		c.tensor(t, many(i))
	}
	if a.SparseTensor != nil {
		c.sparse(a.SparseTensor, one)
	}
	for i, t := range a.SparseTensors {
		c.sparse(t, many(i))
	}
	if a.TP != nil {
		c.typ(a.TP, one, 0)
	}
	for i, t := range a.TypeProtos {
		if t == nil {
			c.report(many(i), "is nil")
		} else {
			c.typ(t, many(i), 0)
		}
	}
	if a.G != nil {
		c.graph(a.G, one+":", s.inner())
	}
	for i, g := range a.Graphs {
		if g == nil {
			c.report(many(i), "is nil")
		} else {
			c.graph(g, many(i)+":", s.inner())
		}
	}
}

// functionID tells functions apart.
type functionID struct{ domain, name, overload string }

func (f *Function) id() functionID {
	return functionID{NormalDomain(f.Domain), f.Name, f.Overload}
}

func (n *Node) functionID() functionID {
	return functionID{NormalDomain(n.Domain), n.OpType, n.Overload}
}

func (c *checker) registerFunctions(list []*Function) {
	c.functions = map[functionID]*Function{}
	for i, f := range list {
		if f == nil {
			c.report("", "function[%d] is nil", i)
			continue
		}
		if c.functions[f.id()] != nil {
			c.report(fmt.Sprintf("function[%d] %s", i, f.Name), "domain %q already has a function of this name", f.Domain)
		}
		c.functions[f.id()] = f
	}
	if len(list) > 0 && c.ir < 8 {
		c.warn("", "functions came with ir_version 8, the model has %d", c.ir)
	}
}

// function checks a function's declaration and body.
func (c *checker) function(f *Function, path string, model map[string]int64) {
	if f.Name == "" {
		c.report(path, "it has no name")
	}
	if f.Domain == "" {
		c.warn(path, "it has no domain, so it hides an operator of ONNX of the same name")
	}
	opsets := c.opsets(path, f.OpsetImport)
	for domain, v := range opsets {
		if other, ok := model[domain]; ok && other != v {
			c.warn(path, "it imports version %d of domain %q, the model imports %d", v, domain, other)
		}
	}
	s := &scope{names: map[string]bool{}, opsets: opsets, attrs: map[string]bool{}}
	for _, name := range f.Attribute {
		if name == "" || s.attrs[name] {
			c.report(path, "attribute %q is empty or repeated", name)
		}
		s.attrs[name] = true
	}
	for i, a := range f.AttributeProto {
		if a == nil {
			c.report(path, "attribute_proto[%d] is nil", i)
			continue
		}
		if s.attrs[a.Name] {
			c.report(path, "attribute %q is repeated", a.Name)
		}
		s.attrs[a.Name] = true
		c.attribute(a, path, &scope{opsets: opsets})
	}
	for _, name := range f.Input {
		if name == "" || s.names[name] {
			c.report(path, "input %q is empty or repeated", name)
		}
		s.names[name] = true
	}
	for i, v := range f.ValueInfo {
		c.valueInfo(v, at(path, "value_info[%d]", i), false)
	}
	c.nodes(f.Node, path+":", s)
	seen := map[string]bool{}
	for _, name := range f.Output {
		if seen[name] {
			c.report(path, "output %q is repeated", name)
		}
		seen[name] = true
		if !s.names[name] {
			c.report(path, "output %q is not defined", name)
		}
	}
	c.metadata(at(path, "metadata_props"), f.MetadataProps)
}

// recursion reports functions that call themselves, directly or through others.
func (c *checker) recursion(list []*Function) {
	const grey, black = 1, 2
	color := map[functionID]int{}
	var visit func(f *Function, trail []string)
	visit = func(f *Function, trail []string) {
		color[f.id()] = grey
		trail = append(trail, f.Name)
		w := walker{node: func(n *Node) bool {
			called := c.functions[n.functionID()]
			if called == nil {
				return true
			}
			switch color[called.id()] {
			case grey:
				from := max(slices.Index(trail, called.Name), 0)
				c.report("", "functions call each other in a circle: %v", append(slices.Clone(trail[from:]), called.Name))
			case 0:
				visit(called, trail)
			}
			return true
		}}
		w.nodes(f.Node)
		color[f.id()] = black
	}
	for _, f := range list {
		if f != nil && color[f.id()] == 0 {
			visit(f, nil)
		}
	}
}
