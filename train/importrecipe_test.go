package train_test

import (
	"context"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/optim"
)

const recipeNet = `<ir_version: 8, opset_import: ["" : 17]>
net (float[N,2] x) => (float[N,1] y) <float[2,4] w1 = {1,-1,0.5,0.2, 0.3,1,-0.5,0.7}, float[4] b1 = {0.1,0.1,0.1,0.1}, float[4,1] w2 = {0.5, -0.5, 0.5, 0.5}>
{
   h = MatMul (x, w1)
   a = Add (h, b1)
   r = Relu (a)
   y = MatMul (r, w2)
}`

// TestRecipe checks that what the metadata says of training is followed, and that only weights change.
func TestRecipe(t *testing.T) {
	const vars = `"variables":[{"name":"w1","shape":[2,4]%s},{"name":"b1","shape":[4]},{"name":"w2","shape":[4,1]}]`
	plain := recipeLoss(t, `{"version":1,`+strings.Replace(vars, "%s", "", 1)+`}`, train.ImportOptions{}, nil)
	frozen := strings.Replace(vars, "%s", `,"frozen":true`, 1)
	for _, c := range []struct {
		name, recipe string
		o            train.ImportOptions
		same         bool     // as without
		held         []string // weights that stay
	}{
		{"none", "", train.ImportOptions{}, true, nil},
		{"frozen", `{"version":1,` + frozen + `}`, train.ImportOptions{}, false, []string{"w1"}},
		{"unfrozen", `{"version":1,` + frozen + `}`, train.ImportOptions{Unfreeze: []string{"w1"}}, true, nil},
		{"ignored", `{"version":1,` + frozen + `}`, train.ImportOptions{IgnoreRecipe: true}, true, nil},
		{"l2", `{"version":1,` + strings.Replace(vars, "%s", `,"regularizer":{"l2":0.1}`, 1) + `}`, train.ImportOptions{}, false, nil},
		{"unit norm", `{"version":1,` + strings.Replace(vars, "%s", `,"constraint":{"name":"unit_norm","axis":[0]}`, 1) + `}`, train.ImportOptions{}, false, nil},
		{"activity", `{"version":1,` + strings.Replace(vars, "%s", "", 1) + `,"activity":[{"value":"r","regularizer":{"l1":0.1}}]}`, train.ImportOptions{}, false, nil},
		{"dropout", `{"version":1,` + strings.Replace(vars, "%s", "", 1) +
			`,"noise":[{"layer":"d","class":"Dropout","rate":0.5,"value":"r","readers":[{"node":"y","input":0}]}]}`, train.ImportOptions{}, false, nil},
		{"another graph", `{"version":1,` + strings.Replace(vars, "%s", "", 1) +
			`,"noise":[{"layer":"d","class":"Dropout","rate":0.5,"value":"q","readers":[{"node":"z","input":0}]}]}`, train.ImportOptions{}, true, nil},
		{"joined", `{"version":1,"variables":[{"name":"u","shape":[4]},{"name":"v","shape":[2,2]},{"name":"b1","shape":[4]},{"name":"w2","shape":[4,1]}],` +
			`"weights":{"w1":[{"variable":"u"},{"variable":"v"}]}}`, train.ImportOptions{}, true, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := recipeLoss(t, c.recipe, c.o, c.held); (got == plain) != c.same {
				t.Errorf("the loss is %v, without %v", got, plain)
			}
		})
	}
	m, err := onnxio.ParseText(recipeNet)
	if err != nil {
		t.Fatal(err)
	}
	m.MetadataProps = onnxio.SetMetadata(m.MetadataProps, "onnxtool.training", `{"version":1,"variables":[{"name":"w1","shape":[3]}]}`)
	if _, err := train.Import(m, train.ImportOptions{}); err == nil || !strings.Contains(err.Error(), "w1") {
		t.Errorf("a variable of the wrong size: %v", err)
	}
}

// recipeLoss trains with a recipe and returns the last loss.
func recipeLoss(t *testing.T, recipe string, o train.ImportOptions, held []string) float64 {
	t.Helper()
	m, err := onnxio.ParseText(recipeNet)
	if err != nil {
		t.Fatal(err)
	}
	if recipe != "" {
		m.MetadataProps = onnxio.SetMetadata(m.MetadataProps, "onnxtool.training", recipe)
	}
	im, err := train.Import(m, o)
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.Must([]float32{0, 0, 0, 1, 1, 0, 1, 1}, 4, 2)
	ds, err := data.New(map[string]tensor.Any{"x": x}, tensor.Must([]float32{0, 1, 1, 0}, 4, 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	src, err := ds.Batches(data.BatchOptions{Size: 2})
	if err != nil {
		t.Fatal(err)
	}
	tr, err := train.New(im.Net, train.Config{Loss: loss.MeanSquaredError{}, Optimizer: optim.SGD{LearningRate: .05}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	h, err := tr.Fit(context.Background(), src, train.FitOptions{Epochs: 5})
	if err != nil {
		t.Fatal(err)
	}
	tuned, err := im.Model(tr)
	if err != nil {
		t.Fatal(err)
	}
	if len(tuned.Graph.Node) != len(m.Graph.Node) || len(tuned.Graph.Initializer) != 3 {
		t.Errorf("the tuned model has %d nodes and %d initializers", len(tuned.Graph.Node), len(tuned.Graph.Initializer))
	}
	for i, w := range tuned.Graph.Initializer {
		was, _ := m.Graph.Initializer[i].Value()
		now, err := w.Value()
		if err != nil {
			t.Fatal(err)
		}
		stays := string(tensor.Bytes(was)) == string(tensor.Bytes(now))
		if wanted := len(held) > 0 && w.Name == held[0]; stays != wanted {
			t.Errorf("%s stays %v, want %v", w.Name, stays, wanted)
		}
	}
	last, _ := h.Last("loss")
	return last
}
