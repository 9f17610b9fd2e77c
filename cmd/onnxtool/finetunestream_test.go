package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// streamed is a model, a table of 9,000 rows for it, and a folder for what is made of them.
type streamed struct{ dir, model, table string }

func newStreamed(t *testing.T) streamed {
	t.Helper()
	dir := t.TempDir()
	s := streamed{dir, filepath.Join(dir, "net.onnx"), filepath.Join(dir, "d.csv")}
	saveTwoColumns(t, s.model)
	s.write(t, s.table, "")
	return s
}

// write makes the table; row 6,001 is the given one unless that is empty.
func (s streamed) write(t *testing.T, path, row string) {
	t.Helper()
	text := bytes.NewBufferString("a,b,note,w,y\n")
	for i := range 9000 {
		if i == 6000 && row != "" {
			text.WriteString(row + "\n")
			continue
		}
		a, b := math.Sin(float64(i)), math.Cos(float64(3*i))
		note := "text"
		if i == 0 {
			note = "1" // a column that nothing reads may change its kind
		}
		fmt.Fprintf(text, "%.4f,%.4f,%s,%d,%d\n", a, b, note, 1+i%3, min(1, int(math.Abs(2*a*b+a))))
	}
	if err := os.WriteFile(path, text.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// tune returns the tuned model and the history.
func (s streamed) tune(t *testing.T, args ...string) (model, history string) {
	t.Helper()
	out, csv := filepath.Join(s.dir, "tuned.onnx"), filepath.Join(s.dir, "h.csv")
	all := append([]string{"finetune", s.model, "--data", s.table, "--target", "y", "--loss", "bce", "--metrics", "accuracy,auc",
		"--epochs", "2", "--batch", "100", "-o", out, "--history", csv}, args...)
	if code, _, msg := call(t, all...); code != 0 {
		t.Fatalf("%v: exit %d\n%s", args, code, msg)
	}
	m, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	h, err := os.ReadFile(csv)
	if err != nil {
		t.Fatal(err)
	}
	return string(m), string(h)
}

// TestStreamLikeMemory: in the file's order a table that is streamed trains the bits of the table in memory.
func TestStreamLikeMemory(t *testing.T) {
	s := newStreamed(t)
	args := []string{"--shuffle=false", "--validation-data", s.table, "--class-weight", "1=3", "--sample-weight", "w"}
	model, history := s.tune(t, args...)
	streamedModel, streamedHistory := s.tune(t, append(args, "--stream")...)
	if model != streamedModel || history != streamedHistory {
		t.Errorf("in memory:\n%sstreamed:\n%s", history, streamedHistory)
	}
}

// writeArrays makes an .npz of 9,000 examples; NaN stands in row 6,001 where that is asked for.
func (s streamed) writeArrays(t *testing.T, name string, method uint16, hole bool) string {
	t.Helper()
	a, b, y, w := make([]float64, 9000), make([]float32, 9000), make([]int64, 9000), make([]int64, 9000)
	for i := range y {
		a[i], b[i] = math.Sin(float64(i)), float32(math.Cos(float64(3*i)))
		y[i], w[i] = int64(i%7/4), int64(i%3)
	}
	if hole {
		a[6000] = math.NaN()
	}
	path := filepath.Join(s.dir, name)
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z := zip.NewWriter(file)
	for name, array := range map[string]tensor.Any{
		"a": tensor.Must(a, 9000, 1), "b": tensor.Must(b, 9000, 1), "y": tensor.Must(y, 9000, 1), "w": tensor.Must(w, 9000),
	} {
		m, err := z.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if err := data.WriteNPY(m, array); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestStreamArrays: arrays that are streamed train the bits of arrays in memory; shuffled, where they are stored.
func TestStreamArrays(t *testing.T) {
	s := newStreamed(t)
	stored, compressed := s.writeArrays(t, "s.npz", zip.Store, false), s.writeArrays(t, "c.npz", zip.Deflate, false)
	for _, c := range []struct {
		args []string
		same bool
	}{
		{[]string{"--data", stored, "--validation-data", compressed, "--class-weight", "1=3", "--sample-weight", "w"}, true},
		{[]string{"--data", stored, "--shuffle=false"}, true},
		{[]string{"--data", compressed, "--shuffle=false"}, true},
		{[]string{"--data", compressed}, false},
	} {
		model, history := s.tune(t, c.args...)
		streamedModel, streamedHistory := s.tune(t, append(c.args, "--stream")...)
		if same := model == streamedModel && history == streamedHistory; same != c.same {
			t.Errorf("%v in memory:\n%sstreamed:\n%s", c.args, history, streamedHistory)
		}
	}
	hole := s.writeArrays(t, "hole.npz", zip.Store, true)
	want := `hole.npz: in the 4096 rows from row 4097 on: malformed data: input "a" f32[4096,1] holds NaN in row 1904, column 0`
	code, _, msg := call(t, "finetune", s.model, "--data", hole, "--target", "y", "--loss", "bce", "--stream", "-o", filepath.Join(s.dir, "o.onnx"))
	if code != 1 || !strings.Contains(msg, want) {
		t.Errorf("exit %d, %q; want exit 1 and %q", code, msg, want)
	}
}

// TestStreamShuffles: the order is decided by the seed and the window, and pictures are drawn from the first rows.
func TestStreamShuffles(t *testing.T) {
	s := newStreamed(t)
	one, _ := s.tune(t, "--stream")
	again, _ := s.tune(t, "--stream")
	window, _ := s.tune(t, "--stream", "--shuffle-window", "500")
	seed, _ := s.tune(t, "--stream", "--seed", "1", "--report", filepath.Join(s.dir, "report"))
	if one != again || one == window || one == seed || window == seed {
		t.Errorf("the same again: %v; another window: %v; another seed: %v", one == again, one == window, one == seed)
	}
	page, err := os.ReadFile(filepath.Join(s.dir, "report", "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "not counted") {
		t.Error("the report does not say that the examples are not counted")
	}
}

// TestStreamErrors: rows are named by their place in the file.
func TestStreamErrors(t *testing.T) {
	s := newStreamed(t)
	bad, empty := filepath.Join(s.dir, "bad.csv"), filepath.Join(s.dir, "empty.csv")
	if err := os.WriteFile(empty, []byte("a,b,w,y\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		row  string
		args []string
		code int
		want string
	}{
		{"1,,n,1,1", nil, 1, "bad.csv:6002: column b has no number in row 6001"},
		{"1,x,n,1,1", nil, 1, "bad.csv:6002:3: column b"},
		{"1,inf,n,1,1", nil, 1, "bad.csv:6002: column b: an infinite number"},
		{"1,1,n,1,7", nil, 1, "bad.csv: in the 4096 rows from row 4097 on: bad target: element 1904 is 7"},
		{"1,1,n,-1,1", []string{"--sample-weight", "w"}, 1, "the sample weight in row 6001 is -1"},
		{"1,1,n,1,1", []string{"--validation-split", "0.1"}, 2, "--validation-data FILE instead"},
		{"1,1,n,1,1", []string{"--shuffle-window", "0"}, 2, "--shuffle-window must be at least 1"},
		{"1,1,n,1,1", []string{"--stream=false", "--shuffle-window", "9"}, 2, "--shuffle-window goes with --stream"},
		{"1,1,n,1,1", []string{"--data", s.dir, "--target", ""}, 2, "--stream is for files"},
		{"1,1,n,1,1", []string{"--validation-data", "x.npy"}, 1, "x.npy: one array"},
		{"1,1,n,1,1", []string{"--validation-data", empty}, 1, "the table has no rows"},
		{"1,1,n,1,1", []string{"--validation-data", s.table, "--learning-curve", "--report", s.dir}, 2, "not folders of images or what --stream reads"},
	} {
		s.write(t, bad, c.row)
		args := append([]string{"finetune", s.model, "--data", bad, "--target", "y", "--loss", "bce", "--stream", "-o", filepath.Join(s.dir, "o.onnx")}, c.args...)
		if code, _, msg := call(t, args...); code != c.code || !strings.Contains(msg, c.want) {
			t.Errorf("%q %v: exit %d, %q; want exit %d and %q", c.row, c.args, code, msg, c.code, c.want)
		}
	}
}
