package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
)

func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	write := func(name string) string {
		b, err := onnxio.Marshal(testModel(name))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name+".onnx")
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	dense, other, broken := write("dense"), write("dense-other"), write("broken")
	for _, c := range []struct {
		args string
		want int
	}{
		{"version", exitDone},
		{"check " + dense, exitDone},
		{"inspect " + dense, exitDone},
		{"run " + dense + " --dim batch=2", exitDone},
		{"verify " + dense + " --reference go", exitDone},
		{"verify " + dense + " --reference " + other, exitFail},
		{"check " + broken, exitFail},
		{"run " + broken + " --dim batch=2", exitFail},
		{"run none.onnx --dim batch=2", exitFail},
		{"inspect " + dense + " --node none", exitFail},
		{"ort where --library " + dense, exitFail},
		{"nonsense", exitUsage},
		{"run", exitUsage},
		{"run " + dense, exitUsage},
		{"run " + dense + " " + dense, exitUsage},
		{"run " + dense + " --backend tpu --dim batch=2", exitUsage},
		{"run " + dense + " --format xls --dim batch=2", exitUsage},
		{"run " + dense + " --data d --csv f", exitUsage},
		{"run " + dense + " -i x", exitUsage},
		{"verify", exitUsage},
		{"verify " + dense + " --reference none", exitUsage},
		{"verify " + dense + " --reference go --npz x", exitUsage},
		{"verify " + dense + " --runs -1", exitUsage},
		{"check", exitUsage},
		{"inspect", exitUsage},
		{"inspect " + dense + " --nonsense", exitUsage},
		{"ort when", exitUsage},
	} {
		code, out, err := call(t, strings.Fields(c.args)...)
		if code != c.want {
			t.Errorf("%s: exit %d, want %d\n%s%s", c.args, code, c.want, out, err)
		}
		if lines := strings.Count(err, "\n"); lines > 2 {
			t.Errorf("%s: %d lines of error:\n%s", c.args, lines, err)
		}
	}
}
