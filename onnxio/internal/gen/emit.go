package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio/internal/schema"
)

func (g *generator) enum(e *schema.Enum) {
	if enumPrefix[e.Name] == "" {
		return // element types are tensor.DType
	}
	g.comment(e.Name, e.Doc)
	g.pf("type %s int32\n\n// Values of %s.\nconst (\n", e.Name, e.Name)
	for _, v := range e.Values {
		g.pf("%s %s = %d\n", constName(e, v.Name), e.Name, v.Number)
	}
	g.pf(")\n\nvar names%s = map[%s]string{\n", e.Name, e.Name)
	for _, v := range e.Values {
		g.pf("%s: %q,\n", constName(e, v.Name), v.Name)
	}
	g.pf("}\n\n")
}

// comment writes a doc comment that begins with the name it documents.
func (g *generator) comment(name, doc string) {
	g.pf("\n// %s is %s\n", name, strings.ReplaceAll(strings.ToLower(doc[:1])+doc[1:], "\n", "\n// "))
}

// hasBit reports whether a field's presence is a bit of the message: a scalar that is no pointer.
func hasBit(f *schema.Field) bool {
	return !f.Repeated && f.Message == nil && f.Oneof < 0 && f.Type != "bytes"
}

// hasSource reports whether a message keeps the file that it was read from: a model to close it, a
// tensor to find external data beside it.
func hasSource(name string) bool { return name == "Model" || name == "Tensor" }

func goType(f *schema.Field) string {
	t := goScalar(f.Type)
	switch {
	case f.Message != nil:
		t = "*" + typeName(f.Message)
	case f.Enum != nil:
		t = f.Enum.Name
	}
	if f.Repeated {
		return "[]" + t
	}
	if f.Oneof >= 0 && f.Message == nil {
		return "*" + t
	}
	return t
}

func (g *generator) message(m *schema.Message) {
	name := typeName(m)
	fields := slices.Clone(m.Fields)
	slices.SortFunc(fields, func(a, b *schema.Field) int { return a.Number - b.Number })

	g.comment(name, m.Doc)
	g.pf("type %s struct {\n", name)
	for _, f := range fields {
		doc := f.Doc
		if f.Oneof >= 0 {
			doc += "\nOne of a group: at most one of these is set."
		}
		g.pf("// %s\n%s %s\n", strings.ReplaceAll(doc, "\n", "\n// "), fieldName(f.Name), goType(f))
	}
	g.pf("\nunknown []byte // fields that this version does not know, as read\n")
	g.pf("has presence\n")
	if hasSource(name) {
		g.pf("source *source // the file that it was read from\n")
	}
	g.pf("}\n\n")

	g.pf("const size%s = int(unsafe.Sizeof(%s{}))\n\n", name, name)
	g.decode(m, name, fields)
	g.size(name, fields, m)
	g.encode(name, fields, m)
}

func (g *generator) decode(m *schema.Message, name string, fields []*schema.Field) {
	g.pf("func (m *%s) decode(d *decoder) {\nm.has |= wasRead\n", name)
	if hasSource(name) {
		g.pf("m.source = d.source\n")
	}
	g.pf("for d.more() {\nswitch start := d.pos; d.tag() {\n")
	bit := 0
	for _, f := range fields {
		g.pf("case %d:\n", f.Number<<3|wireType(f))
		g.decodeField(m, f)
		if hasBit(f) {
			g.pf("m.has |= 1<<%d\n", bit)
			bit++
		}
		if f.Repeated && wireType(f) != wireBytes {
			g.pf("case %d:\nm.%s = d.packed%s(m.%s)\n", f.Number<<3|wireBytes, fieldName(f.Name), kind(f), fieldName(f.Name))
		}
	}
	g.pf("default:\nm.unknown = d.unknown(m.unknown, start)\n}\n}\n}\n\n")
}

func (g *generator) decodeField(m *schema.Message, f *schema.Field) {
	field := "m." + fieldName(f.Name)
	if f.Oneof >= 0 {
		for _, other := range m.Fields {
			if other != f && other.Oneof == f.Oneof {
				g.pf("m.%s = nil\n", fieldName(other.Name))
			}
		}
	}
	switch {
	case f.Message != nil && f.Repeated:
		t := typeName(f.Message)
		g.pf("x := new(%s)\n%s = append(%s, x)\nd.message(x, %q, len(%s)-1, size%s+8)\n", t, field, field, f.Name, field, t)
	case f.Message != nil:
		t := typeName(f.Message)
		g.pf("if %s == nil {\n%s = new(%s)\n}\nd.message(%s, %q, -1, size%s)\n", field, field, t, field, f.Name, t)
	case f.Repeated:
		g.pf("%s = append(%s, d.element%s())\n", field, field, kind(f))
	case f.Oneof >= 0:
		g.pf("v := d.get%s()\n%s = &v\n", kind(f), field)
	case f.Enum != nil:
		g.pf("%s = %s(d.getInt32())\n", field, f.Enum.Name)
	default:
		g.pf("%s = d.get%s()\n", field, kind(f))
	}
}

// condition is true when a singular field is written.
func condition(f *schema.Field, m *schema.Message, bit int) string {
	field := "m." + fieldName(f.Name)
	cond := field + " != nil"
	if hasBit(f) {
		zero := "0"
		if f.Type == "string" {
			zero = `""`
		}
		cond = fmt.Sprintf("%s != %s || m.has&(1<<%d) != 0", field, zero, bit)
		if f.Type == "float" {
			cond = fmt.Sprintf("nonZero(%s) || m.has&(1<<%d) != 0", field, bit)
		}
	}
	if also := impliedBy[m.FullName()+"."+f.Name]; also != "" {
		cond += " || " + also
	}
	return cond
}

// value is the expression of a singular scalar.
func value(f *schema.Field) string {
	v := "m." + fieldName(f.Name)
	if f.Oneof >= 0 {
		v = "*" + v
	}
	if f.Enum != nil {
		v = "int32(" + v + ")"
	}
	return v
}

func tagSize(f *schema.Field) int {
	if f.Number >= 16 {
		return 2
	}
	return 1
}

func (g *generator) size(name string, fields []*schema.Field, m *schema.Message) {
	g.pf("func (m *%s) size(s *sizer) (n int) {\n", name)
	bit := 0
	for _, f := range fields {
		field := "m." + fieldName(f.Name)
		switch {
		case f.Message != nil && f.Repeated:
			g.pf("for i, x := range %s {\nif x == nil {\ns.missing(%q, i)\ncontinue\n}\nn += %d + s.message(x)\n}\n", field, m.FullName()+"."+f.Name, tagSize(f))
		case f.Message != nil:
			g.pf("if %s != nil {\nn += %d + s.message(%s)\n}\n", field, tagSize(f), field)
		case f.Packed:
			g.pf("n += sizePacked%s(%d, %s, s)\n", kind(f), tagSize(f), field)
		case f.Repeated:
			g.pf("n += sizeAll%s(%d, %s)\n", kind(f), tagSize(f), field)
		default:
			g.pf("if %s {\nn += %d + size%s(%s)\n}\n", condition(f, m, bit), tagSize(f), kind(f), value(f))
		}
		if hasBit(f) {
			bit++
		}
	}
	g.pf("return n + len(m.unknown)\n}\n\n")
}

func (g *generator) encode(name string, fields []*schema.Field, m *schema.Message) {
	g.pf("func (m *%s) encode(e *encoder) {\n", name)
	bit := 0
	for _, f := range fields {
		field := "m." + fieldName(f.Name)
		tag := f.Number<<3 | wireType(f)
		switch {
		case f.Message != nil && f.Repeated:
			g.pf("for _, x := range %s {\ne.message(%d, x)\n}\n", field, tag)
		case f.Message != nil:
			g.pf("if %s != nil {\ne.message(%d, %s)\n}\n", field, tag, field)
		case f.Packed:
			g.pf("e.packed%s(%d, %s)\n", kind(f), f.Number<<3|wireBytes, field)
		case f.Repeated:
			g.pf("for _, x := range %s {\ne.put%s(%d, x)\n}\n", field, kind(f), tag)
		default:
			g.pf("if %s {\ne.put%s(%d, %s)\n}\n", condition(f, m, bit), kind(f), tag, value(f))
		}
		if hasBit(f) {
			bit++
		}
	}
	g.pf("e.raw(m.unknown)\n}\n\n")
}
