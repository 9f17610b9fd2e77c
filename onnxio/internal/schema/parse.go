package schema

import (
	"fmt"
	"strconv"
	"strings"
	"text/scanner"
)

// Parse reads the text of a .proto file.
func Parse(name, text string) (*File, error) {
	p := &parser{}
	p.scan.Init(strings.NewReader(text))
	p.scan.Filename = name
	p.scan.Mode = scanner.ScanIdents | scanner.ScanInts | scanner.ScanStrings | scanner.ScanComments
	p.scan.Error = func(*scanner.Scanner, string) {} // reported by the token that it spoils
	p.next()
	f := &File{}
	for p.err == nil && p.tok != scanner.EOF {
		p.topLevel(f)
	}
	if p.err == nil {
		p.resolveAll(f)
	}
	return f, p.err
}

type parser struct {
	scan scanner.Scanner
	tok  rune
	text string
	doc  string // comment lines right above the token
	err  error
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("%v: %s", p.scan.Position, fmt.Sprintf(format, args...))
	}
	p.tok, p.text = scanner.EOF, ""
}

func (p *parser) next() {
	if p.err != nil {
		return
	}
	var doc []string
	last := 0
	for {
		p.tok = p.scan.Scan()
		p.text = p.scan.TokenText()
		if p.tok != scanner.Comment {
			break
		}
		if last != 0 && p.scan.Position.Line > last+1 {
			doc = nil
		}
		last = p.scan.Position.Line
		doc = append(doc, strings.TrimPrefix(strings.TrimPrefix(p.text, "//"), " "))
	}
	if p.scan.Position.Line > last+1 {
		doc = nil
	}
	p.doc = strings.Join(doc, "\n")
}

func (p *parser) take() string {
	t := p.text
	p.next()
	return t
}

func (p *parser) expect(texts ...string) {
	for _, t := range texts {
		if p.text != t {
			p.fail("expected %q, found %q", t, p.text)
			return
		}
		p.next()
	}
}

func (p *parser) ident() string {
	if p.tok != scanner.Ident {
		p.fail("expected a name, found %q", p.text)
	}
	return p.take()
}

func (p *parser) number() int {
	n, err := strconv.Atoi(p.text)
	if err != nil {
		p.fail("expected a number, found %q", p.text)
	}
	p.next()
	return n
}

func (p *parser) skipTo(end string) {
	for p.err == nil && p.text != end {
		if p.tok == scanner.EOF {
			p.fail("expected %q before the end", end)
		}
		p.next()
	}
	p.expect(end)
}

func (p *parser) topLevel(f *File) {
	doc := p.doc
	switch word := p.ident(); word {
	case "syntax":
		p.expect("=", `"proto2"`, ";")
	case "package":
		f.Package = p.ident()
		p.expect(";")
	case "message":
		f.Messages = append(f.Messages, p.message(nil, doc))
	default:
		p.fail("unknown declaration %q", word)
	}
}

func (p *parser) message(parent *Message, doc string) *Message {
	m := &Message{Name: p.ident(), Doc: doc, Parent: parent}
	p.expect("{")
	for p.err == nil && p.text != "}" {
		p.member(m)
	}
	p.expect("}")
	return m
}

func (p *parser) member(m *Message) {
	doc := p.doc
	switch word := p.ident(); word {
	case "message":
		m.Messages = append(m.Messages, p.message(m, doc))
	case "enum":
		m.Enums = append(m.Enums, p.enum(m, doc))
	case "reserved":
		p.skipTo(";")
	case "oneof":
		m.Oneofs = append(m.Oneofs, p.ident())
		p.expect("{")
		for p.err == nil && p.text != "}" {
			f := &Field{Doc: p.doc, Oneof: len(m.Oneofs) - 1}
			p.field(m, f)
		}
		p.expect("}")
	case "optional", "repeated":
		p.field(m, &Field{Doc: doc, Oneof: -1, Repeated: word == "repeated"})
	default:
		p.fail("unknown declaration %q in message %s", word, m.Name)
	}
}

func (p *parser) field(m *Message, f *Field) {
	f.Type = p.ident()
	f.Name = p.ident()
	p.expect("=")
	f.Number = p.number()
	if p.text == "[" {
		p.expect("[", "packed", "=", "true", "]")
		f.Packed = true
	}
	p.expect(";")
	m.Fields = append(m.Fields, f)
}

func (p *parser) enum(parent *Message, doc string) *Enum {
	e := &Enum{Name: p.ident(), Doc: doc, Parent: parent}
	p.expect("{")
	for p.err == nil && p.text != "}" {
		v := EnumValue{Doc: p.doc, Name: p.ident()}
		p.expect("=")
		v.Number = p.number()
		p.expect(";")
		e.Values = append(e.Values, v)
	}
	p.expect("}")
	return e
}

var scalars = map[string]bool{
	"string": true, "bytes": true, "int32": true, "int64": true, "uint64": true, "float": true, "double": true,
}

func (p *parser) resolveAll(f *File) {
	for _, m := range f.All() {
		for _, fd := range m.Fields {
			if scalars[fd.Type] {
				continue
			}
			if fd.Message, fd.Enum = lookup(f, m, fd.Type); fd.Message == nil && fd.Enum == nil {
				p.fail("%s.%s: no such type: %s", m.FullName(), fd.Name, fd.Type)
			}
		}
	}
}

// lookup finds a type by its name from inside a message: the innermost declaration wins.
func lookup(f *File, scope *Message, name string) (*Message, *Enum) {
	for ; scope != nil; scope = scope.Parent {
		for _, m := range scope.Messages {
			if m.Name == name {
				return m, nil
			}
		}
		for _, e := range scope.Enums {
			if e.Name == name {
				return nil, e
			}
		}
	}
	for _, m := range f.Messages {
		if m.Name == name {
			return m, nil
		}
	}
	return nil, nil
}
