package data

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// fixtures returns the files that testdata/gen.py made with NumPy.
func fixtures(t testing.TB) map[string][]byte {
	t.Helper()
	z, err := zip.OpenReader("testdata/arrays.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// values renders a tensor's elements.
func values(t tensor.Any) []string {
	var out []string
	add := func(v float64) { out = append(out, strconv.FormatFloat(v, 'g', -1, 64)) }
	switch t := t.(type) {
	case *tensor.Tensor[string]:
		return t.Data()
	case *tensor.Tensor[complex64]:
		for _, v := range t.Data() {
			add(float64(real(v)))
			add(float64(imag(v)))
		}
	case *tensor.Tensor[complex128]:
		for _, v := range t.Data() {
			add(real(v))
			add(imag(v))
		}
	case *tensor.Tensor[tensor.Half]:
		for _, v := range t.Data() {
			add(half(uint16(v)))
		}
	default:
		f, err := asFloats(t)
		if err != nil {
			panic(err)
		}
		for _, v := range f {
			add(v)
		}
	}
	return out
}

// half is the value of a normal binary16 number or zero.
func half(b uint16) float64 {
	if b&0x7fff == 0 {
		return 0
	}
	v := math.Ldexp(1+float64(b&0x3ff)/1024, int(b>>10&0x1f)-15)
	if b>>15 == 1 {
		return -v
	}
	return v
}

func TestReadNPY(t *testing.T) {
	files := fixtures(t)
	var want map[string]struct {
		Shape  []int
		Values []string
	}
	if err := json.Unmarshal(files["want.json"], &want); err != nil {
		t.Fatal(err)
	}
	if len(want) < 40 {
		t.Fatalf("only %d fixtures", len(want))
	}
	for _, name := range sortedKeys(want) {
		w := want[name]
		got, err := ReadNPY(bytes.NewReader(files[name]), ArrayOptions{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !got.Shape().Equal(w.Shape) {
			t.Errorf("%s: shape %v, want %v", name, got.Shape(), w.Shape)
		}
		if got.DType() != tensor.String {
			for i, v := range w.Values { // Python's form of floats
				f, _ := strconv.ParseFloat(v, 64)
				w.Values[i] = strconv.FormatFloat(f, 'g', -1, 64)
			}
		}
		if v := values(got); !slices.Equal(v, w.Values) {
			t.Errorf("%s %s: got %q, want %q", name, describe(got), v, w.Values)
		}
		var b bytes.Buffer
		if err := WriteNPY(&b, got); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		again, err := ReadNPY(&b, ArrayOptions{})
		if err != nil || describe(again) != describe(got) || !slices.Equal(values(again), values(got)) {
			t.Errorf("%s: not the same after writing and reading: %v", name, err)
		}
	}
}

// TestWriteNPYBytes holds our bytes to NumPy's where it writes the same version, order and type.
func TestWriteNPYBytes(t *testing.T) {
	files := fixtures(t)
	for _, name := range []string{"f4_le_f_v1.npy", "i8_le_q_v1.npy", "b1_le_?_v1.npy", "text_v1.npy", "scalar_v1.npy", "vector_v1.npy", "empty_v1.npy", "c16_le_D_v1.npy"} {
		a, err := ReadNPY(bytes.NewReader(files[name]), ArrayOptions{})
		if err != nil {
			t.Error(name, err)
			continue
		}
		var b bytes.Buffer
		if err := WriteNPY(&b, a); err != nil {
			t.Error(name, err)
		}
		// NumPy leaves room in the header for a first dimension that grows: the padding differs, the data does not.
		ours, theirs := b.Bytes(), files[name]
		if i, j := bytes.IndexByte(ours, '}'), bytes.IndexByte(theirs, '}'); !bytes.Equal(ours[10:i], theirs[10:j]) {
			t.Errorf("%s: header %q, NumPy's is %q", name, ours[10:i], theirs[10:j])
		}
		if !bytes.HasSuffix(ours, theirs[bytes.IndexByte(theirs, '\n')+1:]) || bytes.IndexByte(ours, '\n')%64 != 63 {
			t.Errorf("%s: other data than NumPy's", name)
		}
	}
}

func npy(header string, data string) []byte {
	b := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), byte(len(header)>>8))
	return append(append(b, header...), data...)
}

func TestNPYErrors(t *testing.T) {
	files := fixtures(t)
	const head = "{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }"
	shape := func(s string) []byte { return npy(fmt.Sprintf(head, s), "0123") }
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"nothing", nil, "too short for an NPY header"},
		{"other file", []byte("PK\x03\x04abcdefghijkl"), "not an NPY file"},
		{"version", []byte("\x93NUMPY\x04\x00\x01\x00{}}}}}"), "NPY version 4.0"},
		{"huge header", []byte("\x93NUMPY\x02\x00\xff\xff\xff\xff"), "over the limit: an NPY header of 4294967295 bytes"},
		{"truncated header", []byte("\x93NUMPY\x01\x00\xff\x00{"), "the data ends after 1 of 255 bytes"},
		{"huge shape", shape(fmt.Sprint(math.MaxInt, ",", math.MaxInt)), "is too large"},
		{"large shape", shape(fmt.Sprint(math.MaxInt >> 1)), "over the limit"},
		{"shape within the limit", shape("1000000000,"), "the data ends after 4 of 4000000000 bytes"},
		{"negative", shape("-1,"), "want a dimension"},
		{"many dimensions", shape(strings.Repeat("1,", 65)), "more than 64 dimensions"},
		{"truncated", npy(fmt.Sprintf(head, "2,"), "0123"), "the data ends after 4 of 8 bytes"},
		{"trailing", npy(fmt.Sprintf(head, "1,"), "01234"), "more data follows the array"},
		{"objects", files["bad_object.npy"], "Python objects"},
		{"records", files["bad_record.npy"], "arrays of records are not read"},
		{"dates", files["bad_date.npy"], `no tensor type for NumPy's "<M8[D]"`},
		{"no shape", npy("{'descr': '<f4', 'fortran_order': False}", ""), `no "shape"`},
		{"twice", npy("{'descr': '<f4', 'descr': '<f8'}", ""), `"descr" comes twice`},
		{"unknown key", npy("{'a': 1}", ""), `unknown key "a"`},
		{"no dictionary", npy("[]", ""), `want "{"`},
		{"after the dictionary", npy("{'descr': '<f4', 'fortran_order': False, 'shape': ()} x", ""), "follows it"},
		{"escape", npy(`{'de\x': 1}`, ""), "want a plain string"},
		{"not UTF-8", npy("\xff", ""), "not text"},
		{"boolean", npy("{'descr': '|b1', 'fortran_order': False, 'shape': ()}", "\x02"), "a boolean of value 2"},
		{"character", npy("{'descr': '<U1', 'fortran_order': False, 'shape': ()}", "\xff\xff\xff\xff"), "is not a character"},
		{"bytes", npy("{'descr': '|S1', 'fortran_order': False, 'shape': ()}", "\xff"), "not UTF-8"},
		{"text width", npy("{'descr': '<U99999999999', 'fortran_order': False, 'shape': ()}", ""), "no such NumPy type"},
		{"empty strings", npy("{'descr': '<U0', 'fortran_order': False, 'shape': (100000000,)}", ""), "100000000 empty strings"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := ReadNPY(bytes.NewReader(c.file), ArrayOptions{})
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrLimit) {
				t.Errorf("%v wraps neither ErrMalformed nor ErrLimit", err)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 8<<20 {
				t.Errorf("it allocated %d bytes", took)
			}
		})
	}
}

func TestWriteNPYErrors(t *testing.T) {
	for _, a := range []tensor.Any{tensor.Vector(tensor.BHalf(1)), tensor.Vector("a\x00")} {
		if err := WriteNPY(io.Discard, a); err == nil {
			t.Errorf("%s was written", describe(a))
		}
	}
}

func TestNPZ(t *testing.T) {
	files := fixtures(t)
	for _, name := range []string{"savez.npz", "savez_compressed.npz"} {
		got, err := ReadNPZ(bytes.NewReader(files[name]), int64(len(files[name])), ArrayOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if s := summary(got); s != "x f32[2,3] [0 1 2 3 4 5]; y string[2] [a b]; z i64[] [7]; " {
			t.Errorf("%s: got %s", name, s)
		}
		var b, again bytes.Buffer
		if err := errors.Join(WriteNPZ(&b, got), WriteNPZ(&again, got)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), again.Bytes()) {
			t.Error("the same arrays give other bytes")
		}
		path := filepath.Join(t.TempDir(), "a.npz")
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		back, err := LoadNPZ(path, ArrayOptions{})
		if err != nil || summary(back) != summary(got) {
			t.Errorf("after writing: %s, %v", summary(back), err)
		}
	}
}

func summary(arrays map[string]tensor.Any) string {
	var b strings.Builder
	for _, name := range sortedKeys(arrays) {
		fmt.Fprintf(&b, "%s %s %v; ", name, describe(arrays[name]), values(arrays[name]))
	}
	return b.String()
}

// archive returns a zip file of names and contents in turn.
func archive(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, parts[i+1])
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestNPZErrors(t *testing.T) {
	one := string(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1000,)}", strings.Repeat("x", 1000)))
	broken := archive(t, "a.npy", one)
	i := bytes.LastIndex(broken, []byte("PK\x01\x02"))
	broken[i+16] ^= 1 // the checksum in the directory
	for _, c := range []struct {
		name string
		file []byte
		opts ArrayOptions
		want string
	}{
		{"no zip", []byte("abc"), ArrayOptions{}, "NPZ: zip: not a valid zip file"},
		{"other file", archive(t, "readme.txt", "x"), ArrayOptions{}, `"readme.txt" is no array`},
		{"twice", archive(t, "a.npy", one, "a.npy", one), ArrayOptions{}, `"a.npy" comes twice`},
		{"bad array", archive(t, "a.npy", "x"), ArrayOptions{}, `NPZ: "a.npy": malformed data: the file is too short`},
		{"limit on one", archive(t, "a.npy", one), ArrayOptions{MaxBytes: 999}, "takes more than 999 bytes"},
		{"limit on all", archive(t, "a.npy", one, "b.npy", one), ArrayOptions{MaxBytes: 1999}, `"b.npy": over the limit`},
		{"trailing", archive(t, "a.npy", one+"x"), ArrayOptions{}, "more data follows"},
		{"checksum", broken, ArrayOptions{}, "checksum error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadNPZ(bytes.NewReader(c.file), int64(len(c.file)), c.opts)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestIDX(t *testing.T) {
	for _, a := range []tensor.Any{
		tensor.Must([]uint8{1, 2, 3, 4, 5, 6}, 3, 1, 2), tensor.Vector(int8(-1), 2), tensor.Vector(int16(-2), 300),
		tensor.Must([]int32{1 << 30, -5}, 2, 1), tensor.Vector(float32(1.5), -2), tensor.Scalar(3.25), tensor.Zeros[uint8](0, 28, 28),
	} {
		var b, z bytes.Buffer
		if err := WriteIDX(&b, a); err != nil {
			t.Fatal(err)
		}
		zw := gzip.NewWriter(&z)
		zw.Write(b.Bytes())
		zw.Close()
		path := filepath.Join(t.TempDir(), "x-idx.gz")
		if err := os.WriteFile(path, z.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		plain, err := ReadIDX(&b, ArrayOptions{})
		zipped, err2 := LoadIDX(path, ArrayOptions{})
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		for _, got := range []tensor.Any{plain, zipped} {
			if describe(got) != describe(a) || !slices.Equal(values(got), values(a)) {
				t.Errorf("got %s %v, want %s %v", describe(got), values(got), describe(a), values(a))
			}
		}
	}
	// The bytes of an MNIST label file, by the format's description.
	got, err := ReadIDX(strings.NewReader("\x00\x00\x08\x01\x00\x00\x00\x03\x05\x00\x04"), ArrayOptions{})
	if err != nil || describe(got) != "u8[3]" || !slices.Equal(values(got), []string{"5", "0", "4"}) {
		t.Errorf("labels: %v %v", got, err)
	}
}

func TestIDXErrors(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"nothing", "", "ends in the IDX header"},
		{"other file", "\x89PNG", "not an IDX file"},
		{"type", "\x00\x00\x0a\x01\x00\x00\x00\x01x", "not an IDX file"},
		{"dimensions", "\x00\x00\x08\x02\x00\x00\x00\x01", "ends in the IDX header"},
		{"negative", "\x00\x00\x08\x01\xff\xff\xff\xff", "dimension 0 is 4294967295"},
		{"overflow", "\x00\x00\x08\x03" + strings.Repeat("\x7f\xff\xff\xff", 3), "is too large"},
		{"limit", "\x00\x00\x08\x02" + strings.Repeat("\x7f\xff\xff\xff", 2), "over the limit"},
		{"truncated", "\x00\x00\x08\x01\x7f\xff\xff\xffxyz", "the data ends after 3 of 2147483647 bytes"},
		{"trailing", "\x00\x00\x08\x01\x00\x00\x00\x01xy", "more data follows"},
		{"gzip", "\x1f\x8bxx", "gzip"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadIDX(strings.NewReader(c.file), ArrayOptions{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	if err := WriteIDX(io.Discard, tensor.Vector("a")); err == nil {
		t.Error("strings were written")
	}
}

func FuzzReadNPY(f *testing.F) {
	for name, file := range fixtures(f) {
		if strings.HasSuffix(name, ".npy") {
			f.Add(file)
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		a, err := ReadNPY(bytes.NewReader(file), ArrayOptions{MaxBytes: 1 << 20})
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := WriteNPY(&b, a); err != nil {
			return // a string that ends in zeros
		}
		again, err := ReadNPY(&b, ArrayOptions{})
		if err != nil || describe(again) != describe(a) || !bytes.Equal(tensor.Bytes(again), tensor.Bytes(a)) ||
			!slices.Equal(tensor.Data[string](again), tensor.Data[string](a)) {
			t.Fatalf("%s is not the same after writing and reading: %v", describe(a), err)
		}
	})
}

func FuzzReadNPZ(f *testing.F) {
	files := fixtures(f)
	f.Add(files["savez.npz"])
	f.Add(files["savez_compressed.npz"])
	f.Fuzz(func(t *testing.T, file []byte) {
		arrays, err := ReadNPZ(bytes.NewReader(file), int64(len(file)), ArrayOptions{MaxBytes: 1 << 20})
		if err != nil {
			return
		}
		total := 0
		for _, a := range arrays {
			total += a.Len() * a.DType().Size()
		}
		if total > 1<<20 {
			t.Fatalf("%d bytes", total)
		}
	})
}

func FuzzReadIDX(f *testing.F) {
	f.Add([]byte("\x00\x00\x08\x01\x00\x00\x00\x03\x05\x00\x04"))
	f.Add([]byte("\x00\x00\x0d\x02\x00\x00\x00\x01\x00\x00\x00\x01abcd"))
	f.Fuzz(func(t *testing.T, file []byte) {
		a, err := ReadIDX(bytes.NewReader(file), ArrayOptions{MaxBytes: 1 << 20})
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := WriteIDX(&b, a); err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(file, []byte{0x1f, 0x8b}) && !bytes.Equal(b.Bytes(), file) {
			t.Fatal("not the same bytes after reading and writing")
		}
	})
}
