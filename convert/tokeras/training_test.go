package tokeras

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/recipe"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// withOutputs returns a model that has outputs of floats.
func withOutputs(names ...string) *onnxio.Model {
	m := &onnxio.Model{Graph: &onnxio.Graph{}}
	for _, n := range names {
		m.Graph.Output = append(m.Graph.Output, onnxio.NewValueInfo(n, tensor.Float32))
	}
	return m
}

func TestCompiledByRecipe(t *testing.T) {
	const adam = `"optimizer":{"class_name":"Adam","config":{"beta_1":0.8,"learning_rate":0.01},"module":"keras.optimizers","registered_name":null}`
	for _, c := range []struct {
		recipe  recipe.Recipe
		outputs []string
		want    string // "" for no compile configuration
	}{
		{recipe.Recipe{Loss: "binary_crossentropy:from_logits=true", Optimizer: "adam:beta_1=0.8", Rate: .01, Metrics: []recipe.Metric{
			{Spec: "accuracy", Name: "accuracy"}, {Spec: "exact_auc", Name: "exact_auc"}, {Spec: "auc:curve=pr", Name: "pr", Weighted: true}}}, []string{"y"},
			`{"loss":{"class_name":"BinaryCrossentropy","config":{"from_logits":true},"module":"keras.losses","registered_name":null},"loss_weights":1.0,"metrics":["accuracy"],` + adam +
				`,"weighted_metrics":[{"class_name":"AUC","config":{"curve":"pr","name":"pr"},"module":"keras.metrics","registered_name":null}]}`},
		{recipe.Recipe{Optimizer: "adam:beta_1=0.8", Rate: .01, Outputs: []recipe.Output{{Output: "b", Loss: "mse", Weight: .5}}}, []string{"a", "b"},
			`{"loss":[null,{"class_name":"MeanSquaredError","config":{},"module":"keras.losses","registered_name":null}],"loss_weights":[1.0,0.5],"metrics":[[],[]],` + adam + `,"weighted_metrics":[[],[]]}`},
		{recipe.Recipe{Loss: "huber", Optimizer: "sgd", Schedule: "piecewise_constant_decay:boundaries=[5],values=[1,1e-2]"}, []string{"y"},
			`{"loss":{"class_name":"Huber","config":{},"module":"keras.losses","registered_name":null},"loss_weights":1.0,"metrics":[],"optimizer":{"class_name":"SGD","config":{"learning_rate":{"class_name":"PiecewiseConstantDecay","config":{"boundaries":[5],"values":[1.0,0.01]},"module":"keras.optimizers.schedules","registered_name":null}},"module":"keras.optimizers","registered_name":null},"weighted_metrics":[]}`},
		{recipe.Recipe{Loss: "summed_binary_crossentropy", Optimizer: "adam"}, []string{"y"}, ""},
		{recipe.Recipe{Loss: "mse", Optimizer: "adam:torch_epsilon=true"}, []string{"y"}, ""},
		{recipe.Recipe{Loss: "mse"}, []string{"y"}, ""},
		{recipe.Recipe{Optimizer: "adam"}, []string{"y"}, ""},
		{recipe.Recipe{Optimizer: "adam", Outputs: []recipe.Output{{Output: "gone", Loss: "mse"}}}, []string{"y"}, ""},
	} {
		m := withOutputs(c.outputs...)
		text, err := c.recipe.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		m.MetadataProps = onnxio.SetMetadata(nil, recipe.Key, text)
		got, err := compiled(m)
		if err != nil {
			t.Fatal(err)
		}
		said, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if c.want == "" {
			c.want = "null"
		}
		if string(said) != c.want {
			t.Errorf("%s:\n%s, want\n%s", text, said, c.want)
		}
	}
	m := withOutputs("y")
	m.MetadataProps = onnxio.SetMetadata(nil, recipe.Key, `{"version":1,"loss":":","optimizer":"adam"}`)
	if _, err := compiled(m); !errors.Is(err, op.ErrMalformed) {
		t.Errorf("error %v", err)
	}
}
