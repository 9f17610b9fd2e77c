// Package schema reads the part of the protocol buffer language that onnx.proto is written in:
// proto2 messages, enums, oneofs, reserved names, and comments.
package schema

// File is a parsed .proto file.
type File struct {
	Package  string
	Messages []*Message // top level, in the file's order
}

// Message is a message declaration.
type Message struct {
	Name     string
	Doc      string // comment above it, without slashes
	Parent   *Message
	Fields   []*Field // in the file's order, those of oneofs included
	Oneofs   []string
	Messages []*Message
	Enums    []*Enum
}

// Field is a field of a message.
type Field struct {
	Name     string
	Doc      string
	Number   int
	Type     string // as written: a scalar's name or that of a message or enum
	Repeated bool
	Packed   bool
	Oneof    int      // index in the message's Oneofs, -1 outside of one
	Message  *Message // what Type names, if it is a message
	Enum     *Enum    // what Type names, if it is an enum
}

// Enum is an enum declaration.
type Enum struct {
	Name   string
	Doc    string
	Parent *Message
	Values []EnumValue
}

// EnumValue is a named number of an enum.
type EnumValue struct {
	Name   string
	Doc    string
	Number int
}

// All returns every message of the file, each before those nested in it.
func (f *File) All() []*Message {
	var all []*Message
	var walk func([]*Message)
	walk = func(ms []*Message) {
		for _, m := range ms {
			all = append(all, m)
			walk(m.Messages)
		}
	}
	walk(f.Messages)
	return all
}

// FullName returns the message's name with those of the messages around it: TypeProto.Map.
func (m *Message) FullName() string {
	if m.Parent == nil {
		return m.Name
	}
	return m.Parent.FullName() + "." + m.Name
}

// FullName returns the enum's name with those of the messages around it.
func (e *Enum) FullName() string {
	if e.Parent == nil {
		return e.Name
	}
	return e.Parent.FullName() + "." + e.Name
}
