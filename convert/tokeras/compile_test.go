package tokeras

import (
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
)

func TestCompiled(t *testing.T) {
	const adam = `"optimizer":{"module":"keras.optimizers","class_name":"Adam","config":{"learning_rate":{"module":"keras.optimizers.schedules","class_name":"ExponentialDecay","config":{"decay_rate":0.9},"registered_name":null}},"registered_name":null}`
	for text, want := range map[string]bool{
		`{` + adam + `,"loss":"mse","metrics":["accuracy"],"jit_compile":true}`: true,
		`{` + adam + `}`: false,
		``:               false,
		`{`:              false,
		`{"loss":"mse"}`: false,
		`{"optimizer":{"class_name":"Adam","config":{"decay":0.0}},"loss":"mse"}`:                                                          false,
		`{` + adam + `,"loss":{"module":"builtins","class_name":"function","config":"my_loss","registered_name":"function"}}`:              false,
		`{` + adam + `,"loss":{"module":"keras.losses","class_name":"Huber","config":{},"registered_name":"Custom>Huber"}}`:                false,
		`{` + adam + `,"loss":{"y":{"module":"keras.losses","class_name":"Huber","config":{"fn":{"module":"os","class_name":"system"}}}}}`: false,
	} {
		m := &onnxio.Model{}
		if text != "" {
			m.MetadataProps = onnxio.SetMetadata(nil, "keras.compile", text)
		}
		got := compiledThere(m)
		if (got != nil) != want {
			t.Errorf("%s: %v", text, got)
		}
		if _, ok := got["jit_compile"]; ok {
			t.Errorf("%s: jit_compile is written", text)
		}
	}
}
