package main

import (
	"strings"

	"github.com/onnxtool/onnxtool/onnxio/internal/schema"
)

// typeName returns the Go name of a message: without Proto, and with Type where it is a case of TypeProto.
func typeName(m *schema.Message) string {
	if m.Parent != nil && m.Parent.Name == "TypeProto" {
		return m.Name + "Type"
	}
	return strings.Replace(strings.TrimSuffix(m.Name, "Proto"), "SetId", "SetID", 1)
}

var initialisms = map[string]string{"ir": "IR", "id": "ID", "tp": "TP"}

// fieldName returns the Go name of a field: doc_string is DocString.
func fieldName(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words {
		if s, ok := initialisms[w]; ok {
			words[i] = s
		} else if w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "")
}

// enumPrefix is what the constants of an enum start with.
var enumPrefix = map[string]string{
	"AttributeType": "Attribute",
	"DataLocation":  "DataLocation",
}

// constName returns the Go name of an enum's value: AttributeSparseTensor.
func constName(e *schema.Enum, value string) string {
	return enumPrefix[e.Name] + fieldName(strings.ToLower(value))
}

// impliedBy tells when a field is written although it is zero, in a message that a program built:
// an attribute's value where its type says which. A message that was read is written as it was.
var impliedBy = map[string]string{
	"AttributeProto.f": "m.implies(AttributeFloat)",
	"AttributeProto.i": "m.implies(AttributeInt)",
	"AttributeProto.s": "m.implies(AttributeString)",
}

func goScalar(t string) string {
	switch t {
	case "bytes":
		return "[]byte"
	case "float":
		return "float32"
	case "double":
		return "float64"
	}
	return t
}

// wire type numbers of the protocol buffer encoding.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

func wireType(f *schema.Field) int {
	switch f.Type {
	case "float":
		return wireFixed32
	case "double":
		return wireFixed64
	case "int32", "int64", "uint64":
		return wireVarint
	}
	if f.Enum != nil {
		return wireVarint
	}
	return wireBytes
}

// kind returns the suffix of the codec's methods for a field's elements.
func kind(f *schema.Field) string {
	switch {
	case f.Message != nil:
		return "Message"
	case f.Enum != nil:
		return "Int32"
	case f.Type == "float":
		return "Float32"
	case f.Type == "double":
		return "Float64"
	}
	return strings.ToUpper(f.Type[:1]) + f.Type[1:]
}
