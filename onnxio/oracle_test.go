package onnxio

import (
	"os"
	"slices"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/onnxtool/onnxtool/onnxio/internal/schema"
)

// oracle is Google's protocol buffer runtime reading onnx.proto.
var oracle = sync.OnceValues(func() (protoreflect.FileDescriptor, error) {
	text, err := os.ReadFile("onnx.proto")
	if err != nil {
		return nil, err
	}
	file, err := schema.Parse("onnx.proto", string(text))
	if err != nil {
		return nil, err
	}
	fd := &descriptorpb.FileDescriptorProto{
		Name: proto.String("onnx.proto"), Package: proto.String(file.Package), Syntax: proto.String("proto2"),
	}
	for _, m := range file.Messages {
		fd.MessageType = append(fd.MessageType, describe(m))
	}
	return protodesc.NewFile(fd, nil)
})

var scalarTypes = map[string]descriptorpb.FieldDescriptorProto_Type{
	"string": descriptorpb.FieldDescriptorProto_TYPE_STRING, "bytes": descriptorpb.FieldDescriptorProto_TYPE_BYTES,
	"int32": descriptorpb.FieldDescriptorProto_TYPE_INT32, "int64": descriptorpb.FieldDescriptorProto_TYPE_INT64,
	"uint64": descriptorpb.FieldDescriptorProto_TYPE_UINT64, "float": descriptorpb.FieldDescriptorProto_TYPE_FLOAT,
	"double": descriptorpb.FieldDescriptorProto_TYPE_DOUBLE,
}

func describe(m *schema.Message) *descriptorpb.DescriptorProto {
	d := &descriptorpb.DescriptorProto{Name: &m.Name}
	for _, name := range m.Oneofs {
		d.OneofDecl = append(d.OneofDecl, &descriptorpb.OneofDescriptorProto{Name: &name})
	}
	for _, f := range m.Fields {
		d.Field = append(d.Field, describeField(f))
	}
	for _, e := range m.Enums {
		x := &descriptorpb.EnumDescriptorProto{Name: &e.Name}
		for _, v := range e.Values {
			x.Value = append(x.Value, &descriptorpb.EnumValueDescriptorProto{Name: &v.Name, Number: proto.Int32(int32(v.Number))})
		}
		d.EnumType = append(d.EnumType, x)
	}
	for _, n := range m.Messages {
		d.NestedType = append(d.NestedType, describe(n))
	}
	return d
}

func describeField(f *schema.Field) *descriptorpb.FieldDescriptorProto {
	d := &descriptorpb.FieldDescriptorProto{
		Name: &f.Name, Number: proto.Int32(int32(f.Number)),
		Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
	}
	if f.Repeated {
		d.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
	}
	if f.Packed {
		d.Options = &descriptorpb.FieldOptions{Packed: proto.Bool(true)}
	}
	if f.Oneof >= 0 {
		d.OneofIndex = proto.Int32(int32(f.Oneof))
	}
	switch {
	case f.Message != nil:
		d.Type = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum()
		d.TypeName = proto.String(".onnx." + f.Message.FullName())
	case f.Enum != nil:
		d.Type = descriptorpb.FieldDescriptorProto_TYPE_ENUM.Enum()
		d.TypeName = proto.String(".onnx." + f.Enum.FullName())
	default:
		d.Type = scalarTypes[f.Type].Enum()
	}
	return d
}

// oracleModel returns an empty ModelProto of Google's runtime.
func oracleModel(t testing.TB) *dynamicpb.Message {
	t.Helper()
	fd, err := oracle()
	if err != nil {
		t.Fatal(err)
	}
	return dynamicpb.NewMessage(fd.Messages().ByName("ModelProto"))
}

// TestSchema holds onnx.proto against the fields of onnx's own descriptor.
func TestSchema(t *testing.T) {
	text, err := os.ReadFile("onnx.proto")
	if err != nil {
		t.Fatal(err)
	}
	file, err := schema.Parse("onnx.proto", string(text))
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/fields.txt")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, m := range file.All() {
		for _, f := range m.Fields {
			lines = append(lines, fieldLine(m, f))
		}
	}
	slices.Sort(lines)
	compareLines(t, lines, splitLines(string(want)))
}
