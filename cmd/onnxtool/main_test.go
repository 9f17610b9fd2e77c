package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// call runs the command line in this process.
func call(t *testing.T, args ...string) (code int, out, err string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(context.Background(), env{strings.NewReader(""), &o, &e}, args)
	return code, o.String(), e.String()
}

func TestQuickstart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "q")
	code, out, err := call(t, "quickstart", "-o", dir)
	if code != 0 {
		t.Fatalf("exit %d\n%s%s", code, out, err)
	}
	if !strings.Contains(out, "passed: the new model") {
		t.Errorf("nothing was verified:\n%s", out)
	}
	for _, f := range []string{"model.onnx", "history.csv", "metrics.json", "checkpoint.npz", "test.csv"} {
		if _, err := os.Stat(filepath.Join(dir, f)); err != nil {
			t.Error(err)
		}
	}
}

// TestQuickstartShipped runs the check that takes onnxruntime's place where it cannot be used.
func TestQuickstartShipped(t *testing.T) {
	var said strings.Builder
	if err := verifyShipped(context.Background(), func(f string, _ ...any) { said.WriteString(f) }); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said.String(), "passed") {
		t.Error("nothing was said")
	}
}

func TestUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"nosuch"}, `unknown command "nosuch"`},
		{[]string{"train"}, "train takes a model name"},
		{[]string{"train", "wime"}, `did you mean "wine"?`},
		{[]string{"train", "wine"}, "needs --data FILE"},
		{[]string{"train", "xor", "--epochs", "-1"}, "must not be negative"},
		{[]string{"train", "xor", "--optimizer", "adan"}, `did you mean "adam"?`},
		{[]string{"quickstart", "--nosuch"}, "unknown flag"},
	} {
		code, _, err := call(t, append(c.args, "-o", t.TempDir())...)
		if len(c.args) == 1 && c.args[0] == "nosuch" {
			code, _, err = call(t, c.args...)
		}
		if code != exitUsage || !strings.Contains(err, c.want) {
			t.Errorf("%v: exit %d, %q; want exit 2 and %q", c.args, code, err, c.want)
		}
	}
}

// TestResume trains in two parts and in one: the files must be the same.
func TestResume(t *testing.T) {
	whole, parts := t.TempDir(), t.TempDir()
	for _, args := range [][]string{
		{"train", "breast_cancer", "--epochs", "6", "-o", whole},
		{"train", "breast_cancer", "--epochs", "3", "-o", parts},
		{"train", "breast_cancer", "--epochs", "6", "-o", parts, "--resume"},
	} {
		if code, out, err := call(t, args...); code != 0 {
			t.Fatalf("%v: exit %d\n%s%s", args, code, out, err)
		}
	}
	for _, f := range []string{"model.onnx", "history.csv"} {
		a, err := os.ReadFile(filepath.Join(whole, f))
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(parts, f))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s differs between one training and a resumed one", f)
		}
	}
}

// TestInterrupt cancels a training: the checkpoint of the last whole epoch stays usable.
func TestInterrupt(t *testing.T) {
	dir := t.TempDir()
	if code, _, err := call(t, "train", "breast_cancer", "--epochs", "2", "-o", dir); code != 0 {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var o, e bytes.Buffer
	code := run(ctx, env{strings.NewReader(""), &o, &e}, []string{"train", "breast_cancer", "--epochs", "50", "-o", dir, "--resume"})
	if code != exitFail {
		t.Errorf("exit %d, want 1", code)
	}
	if code, _, err := call(t, "train", "breast_cancer", "--epochs", "3", "-o", dir, "--resume"); code != 0 {
		t.Error(err)
	}
}

// TestBadData gives wrong files: each is an error of one or two lines and exit 1.
func TestBadData(t *testing.T) {
	write := func(text string) string {
		p := filepath.Join(t.TempDir(), "train.csv")
		if err := os.WriteFile(p, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, c := range []struct{ model, file, want string }{
		{"keritas", write(""), "empty"},
		{"keritas", write("1,2,0\n1,x,0\n"), "x"},
		{"keritas", write("1,2,0\n1,2\n"), "fields"},
		{"wine", write("type,pH\nred,3\n"), "no column"},
		{"wine", "/nonexistent/file.csv", "no such file"},
	} {
		code, _, err := call(t, "train", c.model, "--data", c.file, "-o", t.TempDir())
		if code != exitFail || !strings.Contains(err, c.want) || strings.Count(err, "\n") > 2 {
			t.Errorf("%s: exit %d, %q; want exit 1 and %q in at most two lines", c.model, code, err, c.want)
		}
	}
}
