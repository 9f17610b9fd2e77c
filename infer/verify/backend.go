package verify

import (
	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/infer/ort"
	"github.com/onnxtool/onnxtool/onnxio"
)

// Backend prepares models. Its name is what reports call it.
type Backend struct {
	Name string
	// Open prepares a model that returns the named values, its own outputs where values is nil.
	Open func(m *onnxio.Model, values []string) (infer.Runner, error)
}

// Go is the pure-Go evaluator; threads is the number of goroutines that one run may use, 0 all cores.
func Go(threads int) Backend {
	return Backend{"go", func(m *onnxio.Model, values []string) (infer.Runner, error) {
		return infer.New(m, infer.Options{Threads: threads, Outputs: values})
	}}
}

// Plain is the pure-Go evaluator without rewriting and planning: each operator by itself.
func Plain() Backend {
	return Backend{"go-plain", func(m *onnxio.Model, values []string) (infer.Runner, error) {
		return infer.New(m, infer.Options{Threads: 1, Outputs: values, Plain: true})
	}}
}

// ORT is onnxruntime.
func ORT(opt ort.Options) Backend {
	return Backend{"ort", func(m *onnxio.Model, values []string) (infer.Runner, error) {
		o := opt
		o.Outputs = values
		return ort.New(m, o)
	}}
}
