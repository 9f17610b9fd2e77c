package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// echo returns a model that answers what it is given, so that a table holds its own predictions.
func echo(t *testing.T, dir, name string, d tensor.DType, columns int) string {
	m := &onnxio.Model{IRVersion: 10, OpsetImport: []*onnxio.OperatorSetID{{Version: 21}}, Graph: &onnxio.Graph{
		Name:   "echo",
		Input:  []*onnxio.ValueInfo{onnxio.NewValueInfo("p", d, "n", columns)},
		Output: []*onnxio.ValueInfo{onnxio.NewValueInfo("out", d, "n", columns)},
		Node:   []*onnxio.Node{testNode("id", "Identity", []string{"p"}, []string{"out"})},
	}}
	path := filepath.Join(dir, name+".onnx")
	if err := onnxio.Save(path, m, onnxio.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEvaluate(t *testing.T) {
	dir := t.TempDir()
	models := map[string]string{
		"score": echo(t, dir, "score", tensor.Float32, 1), "three": echo(t, dir, "three", tensor.Float32, 3),
		"two": echo(t, dir, "two", tensor.Float32, 2), "text": echo(t, dir, "text", tensor.String, 1), "class": echo(t, dir, "class", tensor.Int64, 1),
	}
	binary := "p,y\n.9,1\n.8,0\n.7,1\n.2,0\n.1,0\n"
	words := strings.NewReplacer(",1\n", ",yes\n", ",0\n", ",no\n").Replace(binary)
	three := "p_0,p_1,p_2,y\n.7,.2,.1,0\n.1,.8,.1,1\n.2,.5,.3,2\n.1,.1,.8,2\n"
	tests := []struct {
		name, model, csv, args string
		task                   string
		want                   map[string]float64
	}{
		{"binary", "score", binary, "", "binary", map[string]float64{"accuracy": .8, "precision": 2. / 3, "recall": 1, "f1": .8, "auc": 5. / 6, "average_precision": (1 + 2./3) / 2}},
		{"a word", "score", words, "--positive yes", "binary", map[string]float64{"accuracy": .8, "auc": 5. / 6}},
		{"the other word", "score", words, "--positive no", "binary", map[string]float64{"accuracy": .2, "auc": 1. / 6}},
		{"words in order", "score", words, "--classes no,yes", "binary", map[string]float64{"accuracy": .8}},
		{"true and false", "score", "p,y\n.9,true\n.1,False\n", "", "binary", map[string]float64{"accuracy": 1}},
		{"a comparison", "score", "p,y\n.9,7\n.1,5\n.2,6\n", "--positive >=6", "binary", map[string]float64{"accuracy": 2. / 3, "recall": .5}},
		{"a threshold", "score", binary, "--threshold .85", "binary", map[string]float64{"accuracy": .8, "precision": 1, "recall": .5}},
		{"the best threshold", "score", binary, "--threshold best", "binary", map[string]float64{"f1": .8, "best_f1": .8, "recall": 1}},
		{"logits", "score", "p,y\n3,1\n-2,0\n-1,1\n", "--logits", "binary", map[string]float64{"accuracy": 2. / 3, "auc": 1}},
		{"two columns", "two", "p_0,p_1,y\n.1,.9,1\n.8,.2,0\n.6,.4,1\n", "", "binary", map[string]float64{"accuracy": 2. / 3, "auc": 1}},
		{"columns in the order of the file", "two", "a,y,b\n.1,yes,.9\n.8,no,.2\n", "--classes no,yes", "binary", map[string]float64{"accuracy": 1}},
		{"three classes", "three", three, "", "multiclass", map[string]float64{"accuracy": .75, "macro_recall": (1 + 1 + .5) / 3, "macro_precision": (1 + .5 + 1) / 3}},
		{"three names", "three", strings.NewReplacer(",0\n", ",a\n", ",1\n", ",b\n", ",2\n", ",c\n").Replace(three), "--classes a,b,c", "multiclass", map[string]float64{"accuracy": .75}},
		{"regression", "score", "p,y\n1,2\n3,3\n5,7\n", "", "regression", map[string]float64{"mean_absolute_error": 1, "mean_squared_error": 5. / 3, "root_mean_squared_error": math.Sqrt(5. / 3), "r2": 1 - 5./14}},
		{"zeros and ones as numbers", "score", "p,y\n.5,0\n.5,1\n", "--task regression", "regression", map[string]float64{"mean_absolute_error": .5}},
		{"names as predictions", "text", "p,y\ncat,cat\ndog,cat\ndog,dog\n", "", "multiclass", map[string]float64{"accuracy": 2. / 3}},
		{"numbers as predicted classes", "class", "p,y\n3,3.0\n5,3\n5,5\n5,5\n", "", "multiclass", map[string]float64{"accuracy": .75}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			csv, out := filepath.Join(t.TempDir(), "t.csv"), filepath.Join(t.TempDir(), "out")
			if err := os.WriteFile(csv, []byte(test.csv), 0o666); err != nil {
				t.Fatal(err)
			}
			args := append([]string{"evaluate", models[test.model], "--data", csv, "--target", "y", "--json", "-o", out}, strings.Fields(test.args)...)
			code, stdout, stderr := call(t, args...)
			if code != 0 {
				t.Fatalf("exit %d: %s", code, stderr)
			}
			var got struct {
				Task    string
				Metrics map[string]any
			}
			if err := json.Unmarshal([]byte(stdout), &got); err != nil {
				t.Fatalf("%v in %s", err, stdout)
			}
			if got.Task != test.task {
				t.Errorf("task %s, want %s", got.Task, test.task)
			}
			for name, want := range test.want {
				if v, ok := got.Metrics[name].(float64); !ok || math.Abs(v-want) > 1e-6 {
					t.Errorf("%s = %v, want %v", name, got.Metrics[name], want)
				}
			}
			for _, name := range []string{"report.html", "metrics.json"} {
				if _, err := os.Stat(filepath.Join(out, name)); err != nil {
					t.Error(err)
				}
			}
			if code, stdout, stderr := call(t, append(args[:6:6], args[9:]...)...); code != 0 || !strings.HasPrefix(stdout, test.task+", ") {
				t.Errorf("exit %d, %s%s", code, stdout, stderr)
			}
		})
	}
}

func TestEvaluateErrors(t *testing.T) {
	dir := t.TempDir()
	score, three := echo(t, dir, "score", tensor.Float32, 1), echo(t, dir, "three", tensor.Float32, 3)
	for i, test := range []struct {
		model, csv, args string
		code             int
		want             string
	}{
		{score, "p,y\n.9,1\n", "", exitUsage, "needs --target"},
		{score, "p,y\n.9,1\n", "--target y --task guess", exitUsage, "--task guess"},
		{score, "p,y\n.9,1\n", "--target y --threshold 2", exitUsage, "--threshold 2"},
		{score, "p,y\n.9,1\n", "--target y --positive 1 --classes 0,1", exitUsage, "positive"},
		{score, "p,y\n.9,1\n", "--target y --backend tpu", exitUsage, "--backend tpu"},
		{score, "p,y\n.9,1\n", "--target y --classes a,b,c", exitUsage, "names 3 classes"},
		{score, "p,y\n.9,1\n", "--target z", exitFail, `no column "z"`},
		{score, "q,z,y\n.9,.1,1\n", "--target y", exitFail, "input p takes 1 columns"},
		{score, "p,y\n.9,yes\n.1,no\n", "--target y", exitFail, "its values are no, yes: --positive"},
		{score, "p,y\n.9,1\n.1,\n", "--target y --positive 1", exitFail, "t.csv:3: column y: a missing value"},
		{score, "p,y\n.9,2\n.1,\n", "--target y", exitFail, "t.csv:3: column y: a missing value"},
		{score, "p,y\n.9,yes\n.1,perhaps\n", "--target y --classes no,yes", exitFail, `"perhaps" is none of the classes`},
		{score, "p,y\n4,1\n-3,0\n", "--target y", exitFail, "--logits"},
		{score, "p,y\n.9,1\n,0\n", "--target y", exitFail, "the model's answer to row 2 is NaN"},
		{three, "p_0,p_1,p_2,y\n.1,.2,.7,0\n.1,.2,.7,1\n.1,,.7,2\n", "--target y", exitFail, "the model's answer to row 3 is NaN"},
		{score, "p,y\n", "--target y", exitFail, "no rows"},
		{score, "p,y\nhigh,1\n", "--target y", exitFail, `"high" is not a number`},
		{score, "p,y\n.9,1,2\n", "--target y", exitFail, "3 fields, the first line has 2"},
		{three, "p_0,p_1,p_2,y\n.1,.2,.7,5\n", "--target y", exitFail, "--classes"},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			csv := filepath.Join(t.TempDir(), "t.csv")
			if err := os.WriteFile(csv, []byte(test.csv), 0o666); err != nil {
				t.Fatal(err)
			}
			code, _, stderr := call(t, append([]string{"evaluate", test.model, "--data", csv}, strings.Fields(test.args)...)...)
			if code != test.code || !strings.Contains(stderr, test.want) {
				t.Errorf("exit %d, want %d; %s, want %s", code, test.code, stderr, test.want)
			}
		})
	}
}
