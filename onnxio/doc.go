// Package onnxio reads and writes ONNX models.
//
// A [Model] is the document as the file has it: loading and saving it changes nothing that a reader
// could notice, and keeps fields that this version does not know. The structs are those of ONNX's
// own schema (onnx.proto) without the suffix Proto; a field that may be absent is its zero value,
// a nil pointer or a nil slice. An explicit zero that was read is written again.
//
// The bytes of tensors are never copied: they are slices of the file, which is mapped into memory.
// So a loaded model is read-only in its bytes, and its tensors live until [Model.Close].
//
// Files are untrusted: nothing that they hold makes this package panic, read outside their folder,
// or take more memory than [LoadOptions] allows. [Check] reports what is wrong with a model.
package onnxio

//go:generate go run ./internal/gen -in onnx.proto -out model_gen.go

// IRVersion is the newest version of the format that this package knows, that of onnx 1.23.
const IRVersion = 14

// OpsetVersion is the newest version of ONNX's own operators that came with [IRVersion].
const OpsetVersion = 28
