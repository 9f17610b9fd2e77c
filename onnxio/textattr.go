package onnxio

import (
	"strconv"
	"strings"
)

// textKinds are the names of attribute types in the text form.
var textKinds = map[AttributeType]string{
	AttributeFloat: "float", AttributeInt: "int", AttributeString: "string", AttributeTensor: "tensor",
	AttributeGraph: "graph", AttributeFloats: "floats", AttributeInts: "ints", AttributeStrings: "strings",
	AttributeTensors: "tensors", AttributeGraphs: "graphs", AttributeTypeProto: "type_proto", AttributeTypeProtos: "type_protos",
}

func attributeType(name string) (AttributeType, bool) {
	for t, n := range textKinds {
		if n == name {
			return t, true
		}
	}
	return AttributeUndefined, false
}

// attribute reads name = value, or name: type = value, or name: type = @reference.
func (p *parser) attribute() *Attribute {
	a := &Attribute{Name: p.name()}
	if p.accept(":") {
		t, ok := attributeType(p.tok.text)
		if p.tok.kind != nameToken || !ok {
			p.fail("%s is no type of attribute", p.tok.describe())
		}
		a.Type = t
		p.advance()
	}
	p.expect("=")
	switch {
	case p.accept("@"):
		a.RefAttrName = p.name()
		if a.Type == AttributeUndefined {
			p.fail("attribute %s refers to %s and needs a type", a.Name, a.RefAttrName)
		}
	case p.accept("["):
		p.attributeList(a)
	default:
		p.attributeValue(a)
	}
	return a
}

// attributeList reads a list whose type is declared, or follows from its items.
func (p *parser) attributeList(a *Attribute) {
	declared := a.Type
	if declared == AttributeUndefined && p.is("]") {
		p.fail("an empty list needs a type: %s: ints = []", a.Name)
	}
	var items []*Attribute
	p.list("]", func() {
		x := &Attribute{Name: a.Name, Type: itemType[declared]}
		p.attributeValue(x)
		items = append(items, x)
	})
	if p.err != nil {
		return
	}
	kind := AttributeUndefined
	for _, x := range items {
		if kind == AttributeInt && x.Type == AttributeFloat {
			kind = AttributeFloat // a list of numbers with a point in one of them
		}
		if kind == AttributeUndefined {
			kind = x.Type
		}
	}
	for _, x := range items {
		if kind == AttributeFloat && x.Type == AttributeInt {
			x.F, x.Type = float32(x.I), AttributeFloat
		}
		if x.Type != kind {
			p.fail("the items of attribute %s are of different types", a.Name)
			return
		}
		switch kind {
		case AttributeInt:
			a.Ints = append(a.Ints, x.I)
		case AttributeFloat:
			a.Floats = append(a.Floats, x.F)
		case AttributeString:
			a.Strings = append(a.Strings, x.S)
		case AttributeTensor:
			a.Tensors = append(a.Tensors, x.T)
		case AttributeGraph:
			a.Graphs = append(a.Graphs, x.G)
		case AttributeTypeProto:
			a.TypeProtos = append(a.TypeProtos, x.TP)
		}
	}
	if declared == AttributeUndefined {
		a.Type = listType[kind]
	}
}

// itemType maps the type of a list to that of its items, listType the other way.
var (
	itemType = map[AttributeType]AttributeType{
		AttributeFloats: AttributeFloat, AttributeInts: AttributeInt, AttributeStrings: AttributeString,
		AttributeTensors: AttributeTensor, AttributeGraphs: AttributeGraph, AttributeTypeProtos: AttributeTypeProto,
	}
	listType = func() map[AttributeType]AttributeType {
		out := map[AttributeType]AttributeType{}
		for l, i := range itemType {
			out[i] = l
		}
		return out
	}()
)

// attributeValue reads one value; where the type is not declared it follows from what is there.
func (p *parser) attributeValue(a *Attribute) {
	switch {
	case a.Type == AttributeTypeProto:
		a.TP = p.typ()
	case a.Type == AttributeGraph:
		a.G = p.graph()
	case a.Type == AttributeTensor:
		a.T = p.tensor()
	case p.tok.kind == stringToken && (a.Type == AttributeString || a.Type == AttributeUndefined):
		a.Type, a.S = AttributeString, []byte(p.str())
	case p.tok.kind == numberToken || p.tok.kind == nameToken && isWordOf(p.tok.text, "inf", "nan", "infinity"):
		p.attributeNumber(a)
	case p.tok.kind == nameToken && a.Type == AttributeUndefined:
		if _, ok := elemTypes[p.tok.text]; ok {
			a.Type, a.T = AttributeTensor, p.tensor()
		} else {
			a.Type, a.G = AttributeGraph, p.graph()
		}
	default:
		p.fail("expected a value for attribute %s, found %s", a.Name, p.tok.describe())
	}
}

func (p *parser) attributeNumber(a *Attribute) {
	isInt := !strings.ContainsAny(p.tok.text, ".eEnN")
	switch {
	case a.Type == AttributeInt || a.Type == AttributeUndefined && isInt:
		a.Type, a.I = AttributeInt, p.integer()
	case a.Type == AttributeFloat || a.Type == AttributeUndefined:
		a.Type = AttributeFloat
		v, err := strconv.ParseFloat(p.tok.text, 32)
		if err != nil {
			p.fail("%s is no number", p.tok.describe())
			return
		}
		a.F = float32(v)
		p.advance()
	default:
		p.fail("expected a %s for attribute %s, found %s", textKinds[a.Type], a.Name, p.tok.describe())
	}
}

// tensor reads type, an optional name and the elements.
func (p *parser) tensor() *Tensor {
	t := p.typ()
	if p.err != nil {
		return nil
	}
	if t.TensorType == nil || t.TensorType.Shape == nil {
		p.fail("a tensor needs an element type and a shape")
		return nil
	}
	name := ""
	if p.tok.kind == nameToken || p.tok.kind == stringToken {
		name = p.name()
	}
	p.accept("=")
	return p.tensorData(name, t.TensorType)
}
