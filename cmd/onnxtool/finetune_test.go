package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
)

// saveTwoColumns saves a net that takes two columns, a and b.
func saveTwoColumns(t *testing.T, path string) {
	t.Helper()
	m, err := onnxio.ParseText(`<ir_version: 8, opset_import: ["" : 17]>
net (float[N,1] a, float[N,1] b) => (float[N,1] y) <float[2,4] w1 = {1,-1,0.5,0.2, 0.3,1,-0.5,0.7}, float[4,1] w2 = {0.5,-0.5,0.5,0.5}>
{
   x = Concat <axis = 1> (a, b)
   h = MatMul (x, w1)
   r = Relu (h)
   o = MatMul (r, w2)
   y = Sigmoid (o)
}`)
	if err != nil {
		t.Fatal(err)
	}
	if err := onnxio.Save(path, m, onnxio.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
}

// TestFinetune trains a model further on a table and checks what is wrong usage.
func TestFinetune(t *testing.T) {
	dir := t.TempDir()
	model, table, tuned, history := filepath.Join(dir, "net.onnx"), filepath.Join(dir, "d.csv"), filepath.Join(dir, "t.onnx"), filepath.Join(dir, "h.csv")
	saveTwoColumns(t, model)
	if err := os.WriteFile(table, []byte("a,b,y\n"+strings.Repeat("0,0,0\n0,1,1\n1,0,1\n1,1,1\n", 5)), 0o666); err != nil {
		t.Fatal(err)
	}
	code, out, msg := call(t, "finetune", model, "--data", table, "--target", "y", "--loss", "bce", "--lr", "0.05", "--epochs", "10",
		"--validation-split", "0.2", "--metrics", "accuracy", "--history", history, "-o", tuned, "--report", filepath.Join(dir, "report"))
	if code != 0 || !strings.Contains(out, "trained 12 numbers") {
		t.Fatalf("exit %d\n%s%s", code, out, msg)
	}
	h, err := os.ReadFile(history)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(h), "epoch,loss,accuracy,val_loss,val_accuracy\n0,") || strings.Count(string(h), "\n") != 11 {
		t.Errorf("history:\n%s", h)
	}
	for _, name := range []string{"report.html", "loss.svg", "accuracy.png", "roc.svg", "confusion.png"} {
		if _, err := os.Stat(filepath.Join(dir, "report", name)); err != nil {
			t.Error(err)
		}
	}
	if _, err := onnxio.Load(tuned); err != nil {
		t.Error(err)
	}
	holes := filepath.Join(dir, "holes.csv")
	if err := os.WriteFile(holes, []byte("a,b,y\n0,0,0\n0,,1\n1,0,NaN\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	endless := filepath.Join(dir, "endless.csv")
	if err := os.WriteFile(endless, []byte("a,b,y\n0,inf,0\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--target", "y"}, 2, "needs --data"},
		{[]string{"--data", holes, "--target", "y", "--loss", "bce"}, 1, "holes.csv:3: column b has no number in row 2"},
		{[]string{"--data", holes, "--target", "b", "--loss", "bce", "--inputs", "b=y"}, 1, "holes.csv:"},
		{[]string{"--data", endless, "--target", "y", "--loss", "bce"}, 1, "endless.csv:2: column b: an infinite number"},
		{[]string{"--data", "x.npy", "--target", "y", "--loss", "bce"}, 1, "x.npy: one array"},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--threads", "-1"}, 2, "--threads"},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--save-freq", "3"}, 2, "--save-freq needs --checkpoint"},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--resume"}, 2, "--resume needs --checkpoint"},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--momentum", ".9"}, 2, `optimizer adam has no argument "momentum"`},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--history", "-"}, 2, "./- names a file"},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--class-weight", "0=-1"}, 2, "no number from 0 on"},
		{[]string{"--data", table, "--target", "y", "--loss", "bse"}, 2, "did you mean"},
		{[]string{"--data", table, "--target", "z", "--loss", "bce"}, 1, `"z"`},
		{[]string{"--data", table, "--target", "y=y", "--loss", "y=bce", "--metrics", "y=accuracy"}, 0, ""},
		{[]string{"--data", table, "--target", "yy=y", "--loss", "bce"}, 2, `no output "yy", did you mean "y"?`},
		{[]string{"--data", table, "--target", "y=y,y=y", "--loss", "bce"}, 2, "given twice"},
		{[]string{"--data", table, "--target", "y=y", "--loss", "y=bce,y=mse"}, 2, "given twice"},
		{[]string{"--data", table, "--target", "y=y", "--at", "o", "--loss", "bce"}, 2, "neither --at"},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--loss-weights", "y=2"}, 2, "beside others"},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--freeze", "w*"}, 1, "no float weight to train"},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--freeze", "q*"}, 1, "matches no weight"},
		{[]string{"--data", table, "--target", "y", "--loss", "cce"}, 0, ""},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--replace-head", "1", "--head-name", "new"}, 0, ""},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--lora", "rank=1,alpha=2,targets=w1"}, 0, ""},
		{[]string{"--data", table, "--target", "y", "--loss", "bce:from_logits=true", "--at", "o", "--validation-data", table}, 0, ""},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--at", "o"}, 0, "it looks like logits"},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--dropout-at", "r", "--dropout=0.5", "--export-step", filepath.Join(dir, "step.onnx"), "--training-info", filepath.Join(dir, "training.onnx")}, 0, ""},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--at", "oo"}, 1, `no value "oo", did you mean "o"?`},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--dropout"}, 1, "no Dropout node"},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--dropout=1.5"}, 2, "above 0 and below 1"},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--lora", "rank=0"}, 2, "above 0"},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--lora", "rang=2"}, 2, "is not one of"},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--lora-keep"}, 2, "goes with --lora"},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--head-name", "x"}, 2, "go with --replace-head"},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--bn-variance", "sample"}, 2, "population and unbiased"},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--embedding-gradients", "x"}, 2, "dense and sparse"},
		{[]string{"--data", table, "--target", "y", "--loss", "bce", "--validation-split", "0.2", "--validation-data", table}, 2, "exclude each other"},
	} {
		code, _, msg := call(t, append([]string{"finetune", model, "-o", tuned}, c.args...)...)
		if code != c.code || !strings.Contains(msg, c.want) {
			t.Errorf("%v: exit %d, %q; want exit %d and %q", c.args, code, msg, c.code, c.want)
		}
	}
}

// TestFinetuneImages trains on a folder of images; testdata/gen/keras_images.py made it.
func TestFinetuneImages(t *testing.T) {
	dir := t.TempDir()
	m, err := onnxio.ParseText(`<ir_version: 8, opset_import: ["" : 17]>
net (float[N,3,4,4] x) => (float[N,4] y) <float[4,48] w = {` + strings.TrimSuffix(strings.Repeat("0.01,-0.02,0.03,", 64), ",") + `}, float[4] b = {0,0,0,0}>
{
   f = Flatten (x)
   l = Gemm <transB = 1> (f, w, b)
   y = Softmax (l)
}`)
	if err != nil {
		t.Fatal(err)
	}
	model, tuned, folder := filepath.Join(dir, "net.onnx"), filepath.Join(dir, "t.onnx"), "../../train/data/images/testdata/images"
	if err := onnxio.Save(model, m, onnxio.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string // of what is printed
	}{
		{[]string{"--loss", "sparse_cce", "--validation-split", "0.3", "--batch", "4", "--class-weight", "0=2", "--report", filepath.Join(dir, "report")}, 0, "trained 196 numbers"},
		{[]string{"--loss", "cce", "--validation-data", folder, "--pixel-range", "-1,1", "--export-step", filepath.Join(dir, "step.onnx")}, 0, "trained 196 numbers"},
		{[]string{"--loss", "bce", "--replace-head", "1"}, 1, "has 4 classes, label mode binary needs two"},
		{[]string{"--loss", "sparse_cce", "--replace-head", "5"}, 1, "the folder has 4 classes (Ant, bird, cat, empty), output y is f32[batch,5]"},
		{[]string{"--loss", "sparse_cce", "--target", "y"}, 2, "the folders are the classes"},
		{[]string{"--loss", "sparse_cce", "--pixel-range", "1"}, 2, "is not LOW,HIGH"},
		{[]string{"--loss", "sparse_cce", "--batch", "100"}, 1, "larger than the training data, which has 9 examples"},
	} {
		code, out, msg := call(t, append([]string{"finetune", model, "--data", folder, "-o", tuned}, c.args...)...)
		if code != c.code || !strings.Contains(out+msg, c.want) {
			t.Errorf("%v: exit %d, %q %q; want exit %d and %q", c.args, code, out, msg, c.code, c.want)
		}
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, 0, "multiclass, 9 rows"},
		{[]string{"--json"}, 0, `"accuracy"`},
		{[]string{"--target", "y"}, 2, "the folders are the classes"},
		{[]string{"--classes", "a,b"}, 2, "--classes names 2 classes, the model tells 4 apart"},
	} {
		code, out, msg := call(t, append([]string{"evaluate", model, "--data", folder}, c.args...)...)
		if code != c.code || !strings.Contains(out+msg, c.want) {
			t.Errorf("evaluate %v: exit %d, %q %q; want exit %d and %q", c.args, code, out, msg, c.code, c.want)
		}
	}
}

// TestFinetuneOutputs trains two outputs of a model together, with everything that is written beside.
func TestFinetuneOutputs(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	m, err := onnxio.ParseText(`<ir_version: 8, opset_import: ["" : 17]>
net (float[N,2] x) => (float[N,1] price, float[N,1] sold) <float[2,1] w = {1,-1}, float[2,1] v = {0.3,0.5}>
{
   price = MatMul (x, w)
   o = MatMul (x, v)
   sold = Sigmoid (o)
}`)
	if err != nil {
		t.Fatal(err)
	}
	if err := onnxio.Save(in("m.onnx"), m, onnxio.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(in("d.csv"), []byte("x0,x1,p,s\n"+strings.Repeat("0,0,0,0\n0,1,1.5,1\n1,0,.5,1\n1,1,2,1\n", 5)), 0o666); err != nil {
		t.Fatal(err)
	}
	args := []string{"finetune", in("m.onnx"), "--data", in("d.csv"), "--target", "sold=s,price=p", "--loss", "sold=bce,price=huber:delta=0.7",
		"--loss-weights", "price=0.5", "--metrics", "sold=accuracy,price=mae", "--epochs", "2", "--validation-split", "0.2", "--history", in("h.csv"),
		"--early-stopping", "monitor=val_sold_loss", "--checkpoint", in("c.npz"), "--save-freq", "1", "--export-step", in("step.onnx"),
		"--training-info", in("ti.onnx"), "--report", in("report"), "-o", in("o.onnx")}
	if code, _, msg := call(t, args...); code != 0 {
		t.Fatal(msg)
	}
	h, err := os.ReadFile(in("h.csv"))
	if err != nil {
		t.Fatal(err)
	}
	const head = "epoch,loss,sold_loss,price_loss,sold_accuracy,price_mae,val_loss,val_sold_loss,val_price_loss,val_sold_accuracy,val_price_mae\n"
	if !strings.HasPrefix(string(h), head) {
		t.Errorf("history:\n%s", h)
	}
	if code, _, msg := call(t, append(args, "--class-weight", "0=2")...); code != 2 || !strings.Contains(msg, "for one output") {
		t.Errorf("exit %d: %s", code, msg)
	}
}
