package onnxio

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

func entries2(kv ...string) []*StringStringEntry {
	var list []*StringStringEntry
	for i := 0; i < len(kv); i += 2 {
		list = append(list, &StringStringEntry{Key: kv[i], Value: kv[i+1]})
	}
	return list
}

// externalModel is a model with one float32 tensor of four elements in another file.
func externalModel(entries ...string) *Model {
	return &Model{IRVersion: 8, Graph: &Graph{Name: "g", Initializer: []*Tensor{{
		Name: "w", DataType: int32(tensor.Float32), Dims: []int64{4},
		DataLocation: DataLocationExternal, ExternalData: entries2(entries...),
	}}}}
}

// folder returns a new folder model in another, with the model in it, and a file secret outside.
func folder(t *testing.T, m *Model) string {
	t.Helper()
	outer := t.TempDir()
	dir := filepath.Join(outer, "model")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	b, err := Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "m.onnx"), b)
	write(t, filepath.Join(outer, "secret"), make([]byte, 64))
	return dir
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func loadExternal(t *testing.T, dir string) (tensor.Any, error) {
	t.Helper()
	m, err := Load(filepath.Join(dir, "m.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	v, err := m.Graph.Initializer[0].Value()
	if err != nil {
		return nil, err
	}
	return tensor.CloneAny(v), nil
}

func TestExternalData(t *testing.T) {
	data := make([]byte, mapFrom+64) // large enough to be mapped
	copy(data[8:], []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40, 0, 0, 0x80, 0x40})
	for _, c := range []struct {
		name    string
		entries []string
		size    int
	}{
		{"small", []string{"location", "w.bin", "offset", "8", "length", "16"}, 24},
		{"mapped", []string{"location", "w.bin", "offset", "8", "length", "16"}, len(data)},
		{"without length", []string{"location", "w.bin", "offset", "8"}, 24},
		{"unknown key", []string{"location", "w.bin", "offset", "8", "future", "x"}, 24},
		{"dot", []string{"location", "./w.bin", "offset", "8"}, 24},
	} {
		dir := folder(t, externalModel(c.entries...))
		write(t, filepath.Join(dir, "w.bin"), data[:c.size])
		v, err := loadExternal(t, dir)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := tensor.Data[float32](v); !reflect.DeepEqual(got, []float32{1, 2, 3, 4}) {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

// TestExternalAttacks has what the advisories on ONNX's external data are about: CVE-2022-25882
// (leaving the folder), CVE-2024-27318 (the same around a check), CVE-2026-27489 (symbolic links),
// CVE-2026-34446 (hard links), CVE-2026-34447 (links on the way to the file).
func TestExternalAttacks(t *testing.T) {
	secret := "../secret"
	for _, c := range []struct {
		name    string
		entries []string
		prepare func(dir string) error
		want    error
	}{
		{"parent", []string{"location", secret}, nil, ErrPath},
		{"parent below", []string{"location", "a/../../secret"}, nil, ErrPath},
		{"parent inside", []string{"location", "a/../w.bin"}, nil, ErrPath},
		{"parent at the end", []string{"location", "a/.."}, nil, ErrPath},
		{"parent after dot", []string{"location", "./../secret"}, nil, ErrPath},
		{"absolute", []string{"location", "/etc/hostname"}, nil, ErrPath},
		{"absolute, Windows", []string{"location", "C:/secret"}, nil, ErrPath},
		{"share, Windows", []string{"location", `\\host\share`}, nil, ErrPath},
		{"stream, Windows", []string{"location", "w.bin:secret"}, nil, ErrPath},
		{"backslash", []string{"location", `..\secret`}, nil, ErrPath},
		{"zero byte", []string{"location", "w.bin\x00.txt"}, nil, ErrPath},
		{"empty", []string{"location", ""}, nil, ErrPath},
		{"none", nil, nil, ErrPath},
		{"folder itself", []string{"location", "."}, nil, ErrPath},
		{"trailing slash", []string{"location", "w.bin/"}, nil, ErrPath},
		{"folder", []string{"location", "sub"}, func(d string) error { return os.Mkdir(d+"/sub", 0o755) }, ErrPath},
		{"symbolic link out", []string{"location", "w.bin"}, func(d string) error { return os.Symlink(secret, d+"/w.bin") }, ErrPath},
		{"symbolic link inside", []string{"location", "w.bin"}, func(d string) error {
			return errors.Join(os.WriteFile(d+"/real", make([]byte, 16), 0o644), os.Symlink("real", d+"/w.bin"))
		}, ErrPath},
		{"linked folder", []string{"location", "sub/secret"}, func(d string) error { return os.Symlink("..", d+"/sub") }, ErrPath},
		{"hard link", []string{"location", "w.bin"}, func(d string) error { return os.Link(d+"/../secret", d+"/w.bin") }, ErrPath},
		{"missing", []string{"location", "w.bin"}, nil, os.ErrNotExist},
		{"offset beyond", []string{"location", "w.bin", "offset", "1"}, plain, ErrMalformed},
		{"offset far beyond", []string{"location", "w.bin", "offset", "9223372036854775807"}, plain, ErrMalformed},
		{"offset negative", []string{"location", "w.bin", "offset", "-1"}, plain, ErrMalformed},
		{"offset no number", []string{"location", "w.bin", "offset", "x"}, plain, ErrMalformed},
		{"offset too large", []string{"location", "w.bin", "offset", "99999999999999999999"}, plain, ErrMalformed},
		{"length not the tensor's", []string{"location", "w.bin", "length", "12"}, plain, ErrMalformed},
		{"length huge", []string{"location", "w.bin", "length", "9223372036854775807"}, plain, ErrMalformed},
		{"length negative", []string{"location", "w.bin", "length", "-16"}, plain, ErrMalformed},
		{"location twice", []string{"location", "w.bin", "location", secret}, plain, ErrMalformed},
	} {
		dir := folder(t, externalModel(c.entries...))
		if c.prepare != nil {
			if err := c.prepare(dir); err != nil {
				t.Logf("%s: not possible here: %v", c.name, err)
				continue
			}
		}
		if v, err := loadExternal(t, dir); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, %v; want %v", c.name, v, err, c.want)
		}
	}
}

func plain(dir string) error { return os.WriteFile(dir+"/w.bin", make([]byte, 16), 0o644) }

func TestExternalHugeTensor(t *testing.T) {
	m := externalModel("location", "w.bin")
	m.Graph.Initializer[0].Dims = []int64{1 << 40}
	dir := folder(t, m)
	write(t, filepath.Join(dir, "w.bin"), make([]byte, 16))
	if _, err := loadExternal(t, dir); !errors.Is(err, ErrMalformed) {
		t.Errorf("got %v", err)
	}
}

func TestExternalWithoutFolder(t *testing.T) {
	b, err := Marshal(externalModel("location", "w.bin"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := LoadBytes(b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Graph.Initializer[0].Value(); err == nil || !strings.Contains(err.Error(), "LoadOptions.Dir") {
		t.Errorf("got %v", err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "w.bin"), make([]byte, 16))
	if m, err = (LoadOptions{Dir: dir}).LoadBytes(b); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Graph.Initializer[0].Value(); err != nil {
		t.Error(err)
	}
	m.Close()
	if _, err := m.Graph.Initializer[0].Value(); !errors.Is(err, errClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// TestExternalAbove2GiB reads a tensor behind the first 2 GiB of a file that has holes.
func TestExternalAbove2GiB(t *testing.T) {
	if runtime.GOOS == "js" || runtime.GOOS == "wasip1" || ^uint(0)>>32 == 0 {
		t.Skip("no room for 3 GiB")
	}
	const at = int64(5 << 29)
	dir := folder(t, externalModel("location", "w.bin", "offset", fmt.Sprint(at)))
	f, err := os.Create(filepath.Join(dir, "w.bin"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40, 0, 0, 0x80, 0x40}, at); err != nil {
		t.Skip(err)
	}
	v, err := loadExternal(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := tensor.Data[float32](v); !reflect.DeepEqual(got, []float32{1, 2, 3, 4}) {
		t.Errorf("got %v", got)
	}
}

// manyTensors is a model with a tensor of each type, large ones and small ones.
func manyTensors() *Model {
	g := &Graph{Name: "g"}
	for i, v := range samples() {
		g.Initializer = append(g.Initializer, FromTensor(fmt.Sprintf("t%d", i), v))
	}
	big := make([]float32, 5000)
	for i := range big {
		big[i] = float32(i)
	}
	g.Initializer = append(g.Initializer,
		FromTensor("big", tensor.Vector(big...)),
		&Tensor{Name: "list", DataType: int32(tensor.Float32), Dims: []int64{5000}, FloatData: big})
	inner := &Graph{Name: "inner", Initializer: []*Tensor{FromTensor("deep", tensor.Vector(big...))}}
	g.Node = []*Node{{OpType: "If", Attribute: []*Attribute{NewAttribute("then_branch", inner), NewAttribute("value", FromTensor("c", tensor.Vector(big...)))}}}
	return &Model{IRVersion: 10, Graph: g, ProducerName: "test"}
}

func values(t *testing.T, m *Model) []tensor.Any {
	t.Helper()
	var list []tensor.Any
	for x := range m.Tensors() {
		v, err := x.Value()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}

func TestSaveExternal(t *testing.T) {
	m := manyTensors()
	want := values(t, m)
	before, err := Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "m.onnx")
	if err := Save(path, m, SaveOptions{ExternalData: "m.onnx.data"}); err != nil {
		t.Fatal(err)
	}
	if after, err := Marshal(m); err != nil || !bytes.Equal(before, after) {
		t.Error("Save changed the model")
	}
	if info, err := os.Stat(path); err != nil || info.Size() > 30000 {
		t.Errorf("the model's file: %v, %v", info.Size(), err)
	}
	back, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	defer back.Close()
	external := 0
	for x := range back.Tensors() {
		if x.DataLocation != DataLocationExternal {
			continue
		}
		external++
		if info, err := x.External(); err != nil || info.Offset%pageSize != 0 || info.Length < defaultThreshold {
			t.Errorf("%s: %+v, %v", x.Name, info, err)
		}
	}
	if external != 3 {
		t.Errorf("%d tensors are external", external)
	}
	if !reflect.DeepEqual(values(t, back), want) {
		t.Error("other values")
	}
	t.Run("again", func(t *testing.T) { saveAgain(t, back, path, want) })
}

// saveAgain saves a model with external data in each of the ways there are.
func saveAgain(t *testing.T, m *Model, path string, want []tensor.Any) {
	other := t.TempDir()
	if err := Save(filepath.Join(other, "x.onnx"), m, SaveOptions{}); err == nil {
		t.Error("saved without its data")
	}
	for _, c := range []struct {
		path string
		o    SaveOptions
	}{
		{filepath.Join(filepath.Dir(path), "same.onnx"), SaveOptions{}},
		{filepath.Join(other, "embedded.onnx"), SaveOptions{Embed: true}},
		{filepath.Join(other, "moved.onnx"), SaveOptions{ExternalData: "moved.data", Threshold: 1}},
		{path, SaveOptions{ExternalData: "m.onnx.data", Threshold: 1 << 20}}, // over itself
	} {
		if err := Save(c.path, m, c.o); err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		back, err := Load(c.path)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(values(t, back), want) {
			t.Errorf("%s: other values", c.path)
		}
		back.Close()
	}
}

func TestSaveErrors(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m.onnx")
	m := manyTensors()
	if runtime.GOOS != "windows" && runtime.GOOS != "js" {
		if err := os.Symlink("/dev/null", filepath.Join(dir, "link")); err != nil {
			t.Fatal(err)
		}
		if err := Save(path, m, SaveOptions{ExternalData: "link"}); !errors.Is(err, ErrPath) {
			t.Errorf("through a link: %v", err)
		}
	}
	for _, name := range []string{"../x", "sub/x", "/x", "m.onnx", `a\b`} {
		if err := Save(path, m, SaveOptions{ExternalData: name}); !errors.Is(err, ErrPath) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if err := Save(path, m, SaveOptions{ExternalData: "x", Embed: true}); err == nil {
		t.Error("embedded in another file")
	}
	if err := Save(path, nil, SaveOptions{}); err == nil {
		t.Error("saved nothing")
	}
	loop := &Graph{}
	loop.Node = []*Node{{Attribute: []*Attribute{{G: loop}}}}
	if _, err := Marshal(&Model{Graph: loop}); err == nil {
		t.Error("a graph that contains itself was written")
	}
	if _, err := Marshal(&Model{Graph: &Graph{Node: []*Node{nil}}}); err == nil || !strings.Contains(err.Error(), "GraphProto.node[0]") {
		t.Errorf("a nil node: %v", err)
	}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if e.Name() != "link" {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}

func TestSaveTooLarge(t *testing.T) {
	x := &Tensor{DataType: int32(tensor.Uint8), Dims: []int64{16 << 20}, RawData: make([]byte, 16<<20)}
	m := &Model{Graph: &Graph{Initializer: slices.Repeat([]*Tensor{x}, 128)}}
	if _, err := Marshal(m); !errors.Is(err, ErrLimit) || !strings.Contains(err.Error(), "ExternalData") {
		t.Errorf("got %v", err)
	}
}

func TestPresenceBits(t *testing.T) {
	b, err := EncodeTensor(&Tensor{DataLocation: DataLocationExternal})
	if err != nil {
		t.Fatal(err)
	}
	x, err := DecodeTensor(b)
	if err != nil || x.has != wasRead|hasDataLocation {
		t.Errorf("presence %b, %v", x.has, err)
	}
	for _, c := range []struct {
		a    *Attribute
		want AttributeType
	}{
		{&Attribute{Type: AttributeFloat}, AttributeFloat},
		{&Attribute{Type: AttributeInt}, AttributeInt},
		{&Attribute{Type: AttributeString}, AttributeString},
	} {
		b, err := encodeMessage(c.a)
		if err != nil {
			t.Fatal(err)
		}
		back := &Attribute{}
		if err := decodeInto(back, "attribute", b); err != nil {
			t.Fatal(err)
		}
		if set := back.setFields(); len(set) != 1 || set[0] != c.want {
			t.Errorf("%v: set %v", c.want, set)
		}
	}
}
