package keras_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/onnxtool/onnxtool/convert/keras"
)

// twice is a model that calls a model twice that calls a model twice, and so on.
func twice(depth int) string {
	model := `{"class_name":"Activation","config":{"name":"d","activation":"relu"}`
	inner, end := "d", "}"
	for i := range depth {
		tensor := func(layer string, node int) string {
			return fmt.Sprintf(`{"args":[{"class_name":"__keras_tensor__","config":{"shape":[null,3],"dtype":"float32","keras_history":["%s",%d,0]}}],"kwargs":{}}`, layer, node)
		}
		nodes := fmt.Sprintf(`,"name":"%s","inbound_nodes":[%s,%s]`, inner, tensor("x", 0), tensor(inner, 0))
		name := fmt.Sprintf("m%d", i)
		model = fmt.Sprintf(`{"class_name":"Functional","config":{"name":"%s","layers":[`+
			`{"class_name":"InputLayer","name":"x","config":{"batch_shape":[null,3],"dtype":"float32","name":"x"},"inbound_nodes":[]},%s],`+
			`"input_layers":[["x",0,0]],"output_layers":[["%s",%d,0]]}`, name, model+nodes+end, inner, min(i+1, 2)) // a model's calls count from 1
		inner = name
	}
	return model + end
}

// TestBombs reads small files that ask for much: each is an error, or a model, in time.
func TestBombs(t *testing.T) {
	relu := `{"class_name":"Activation","config":{"name":"a%d","activation":"relu"}}`
	many := make([]string, 6000)
	for i := range many {
		many[i] = fmt.Sprintf(relu, i)
	}
	layer := func(class, config string) string {
		return sequential("float32", fmt.Sprintf(`{"class_name":"%s","config":{"name":"l",%s}}`, class, config))
	}
	for _, c := range []struct {
		name, config, want string // want is in the error, empty where the model is good
	}{
		{"models that call models twice", twice(28), "called more than"},
		{"a shallow one of them", twice(3), ""},
		{"many layers", sequential("float32", many...), ""},
		{"more layers", sequential("float32", append(many, many...)...), "called more than"},
		{"many more layers", sequential("float32", strings.Repeat(relu+",", 80000)+relu), "limit"},
		{"many steps", strings.Replace(sequential("float32", `{"class_name":"SimpleRNN","config":{"name":"l","units":2,"activation":"gelu"}}`), "[null,3]", "[null,1000000000,3]", 1), "l"},
		{"a number that is none", layer("Dense", `"units":1e999`), "l"},
		{"a rate that is none", layer("LeakyReLU", `"negative_slope":1e999`), "l"},
		{"a key twice", layer("Dense", `"units":3,"units":4`), "l"},
		{"repeats", layer("RepeatVector", `"n":9223372036854775807`), "l"},
		{"padding", layer("ZeroPadding1D", `"padding":[0,4611686018427387904]`), "l"},
		{"a long window", layer("Reshape", `"target_shape":[3,1000000000000,1000000000000,1000000000000]`), "l"},
		{"many names", strings.Replace(sequential("float32"), `"name":"s"`, `"name":"`+strings.Repeat("../", 100000)+`"`, 1), ""},
		{"a weight elsewhere", sequential("float32", `{"class_name":"Dense","config":{"name":"../../../etc/passwd","units":3}}`), "no weight kernel"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := archive(t, c.config)
			start := time.Now()
			_, err := keras.Read(bytes.NewReader(b), int64(len(b)), keras.Options{})
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("took %v", took)
			}
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}
