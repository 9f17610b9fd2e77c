// Package ort runs models on onnxruntime, behind the interface that package infer has.
//
// onnxruntime is a shared library that is found when it is first needed: [Find] says where it looks,
// [Install] gets one through the go command. The library is loaded, and its environment and sessions
// are made, by github.com/yalue/onnxruntime_go; tensors go in and out through a few functions of our
// own, because that binding has no scalars of every type and returns half-width types cut short.
//
// The package needs cgo. Without it everything compiles, [Available] says why nothing runs, and so do
// [Open] and [New].
package ort
