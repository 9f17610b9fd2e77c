package images

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// kerasCase is a call of Keras's image_dataset_from_directory and what it gave: testdata/gen/keras_images.py.
type kerasCase struct {
	Args struct {
		Shuffle         *bool    `json:"shuffle"`
		ImageSize       [2]int   `json:"image_size"`
		LabelMode       string   `json:"label_mode"`
		Seed            uint64   `json:"seed"`
		ValidationSplit float64  `json:"validation_split"`
		Subset          string   `json:"subset"`
		ClassNames      []string `json:"class_names"`
	}
	Classes, Files []string
	Images, Labels [][]float32
}

func TestKeras(t *testing.T) {
	text, err := os.ReadFile("testdata/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []kerasCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		t.Run(fmt.Sprint(i), func(t *testing.T) { c.check(t) })
	}
}

func (c kerasCase) check(t *testing.T) {
	s, err := Folder{
		Dir: "testdata/images", ClassNames: c.Args.ClassNames, LabelMode: c.Args.LabelMode, Height: c.Args.ImageSize[0], Width: c.Args.ImageSize[1],
		KeepOrder: c.Args.Shuffle != nil && !*c.Args.Shuffle, Seed: c.Args.Seed, ValidationSplit: c.Args.ValidationSplit, Subset: c.Args.Subset,
	}.Open()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.Classes(), c.Classes) {
		t.Errorf("classes %v, Keras's %v", s.Classes(), c.Classes)
	}
	var files []string
	for _, f := range s.Files() {
		rel, err := filepath.Rel("testdata/images", f)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, filepath.ToSlash(rel))
	}
	if !slices.Equal(files, c.Files) {
		t.Fatalf("files %v, Keras's %v", files, c.Files)
	}
	if c.Images == nil {
		return
	}
	d, err := s.Dataset()
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.Data[float32](d.Inputs()["image"])
	for i, want := range c.Images {
		tolerance := float32(1e-3)
		if strings.HasSuffix(files[i], "jpg") {
			tolerance = 4 // of 255: TensorFlow's inverse transform is a fast one
		}
		for k, v := range want {
			if diff := x[i*len(want)+k] - v; diff > tolerance || diff < -tolerance {
				t.Fatalf("%s: number %d is %v, Keras's %v", files[i], k, x[i*len(want)+k], v)
			}
		}
	}
	var labels []float32
	switch y := d.Target().(type) {
	case *tensor.Tensor[int64]:
		for _, v := range y.Data() {
			labels = append(labels, float32(v))
		}
	case *tensor.Tensor[float32]:
		labels = y.Data()
	}
	if want := slices.Concat(c.Labels...); !slices.Equal(labels, want) {
		t.Errorf("labels %v, Keras's %v", labels, want)
	}
}

// folder writes files, by their path, and returns their folder.
func folder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func pngOf(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestForms holds layouts, colours, types and ranges against each other.
func TestForms(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	img.SetNRGBA(0, 0, color.NRGBA{200, 100, 0, 0})
	img.SetNRGBA(1, 0, color.NRGBA{0, 50, 255, 255})
	palette := image.NewPaletted(image.Rect(0, 0, 2, 1), color.Palette{color.RGBA{200, 100, 0, 255}, color.RGBA{0, 50, 255, 255}})
	palette.Pix = []uint8{0, 1}
	var moving bytes.Buffer
	still := &gif.GIF{Image: []*image.Paletted{palette, palette}, Delay: []int{1, 1}}
	if err := gif.EncodeAll(&moving, still); err != nil {
		t.Fatal(err)
	}
	dir := folder(t, map[string][]byte{"a/x.png": pngOf(t, img), "b/x.gif": moving.Bytes()})
	for _, c := range []struct {
		f    Folder
		want string
	}{
		{Folder{}, "f32[2,1,2,3] [200 100 0 0 50 255 200 100 0 0 50 255]"},
		{Folder{ChannelsFirst: true}, "f32[2,3,1,2] [200 0 100 50 0 255 200 0 100 50 0 255]"},
		{Folder{ColorMode: "rgba"}, "f32[2,1,2,4] [200 100 0 0 0 50 255 255 200 100 0 255 0 50 255 255]"},
		{Folder{ColorMode: "grayscale"}, "f32[2,1,2,1] [118 58 118 58]"},
		{Folder{ColorMode: "grayscale", DType: tensor.Uint8}, "u8[2,1,2,1] [118 58 118 58]"},
		{Folder{ColorMode: "grayscale", Low: -1, High: 1}, "f32[2,1,2,1] [-0.07450981 -0.54509807 -0.07450981 -0.54509807]"},
	} {
		c.f.Dir, c.f.Height, c.f.Width, c.f.KeepOrder = dir, 1, 2, true
		s, err := c.f.Open()
		if err != nil {
			t.Fatal(err)
		}
		d, err := s.Dataset()
		if err != nil {
			t.Fatal(err)
		}
		x := d.Inputs()["image"]
		var values any = tensor.Data[float32](x)
		if x.DType() == tensor.Uint8 {
			values = tensor.Data[uint8](x)
		}
		if got := fmt.Sprintf("%v%v %v", x.DType(), x.Shape(), values); got != c.want {
			t.Errorf("%+v: %s, want %s", c.f, got, c.want)
		}
	}
}

// TestBatches walks through two epochs.
func TestBatches(t *testing.T) {
	s, err := Folder{Dir: "testdata/images", Height: 2, Width: 2, Seed: 4}.Open()
	if err != nil {
		t.Fatal(err)
	}
	if s, err = s.WithClassWeights(map[int64]float64{0: 3}); err != nil {
		t.Fatal(err)
	}
	whole, err := s.Dataset()
	if err != nil {
		t.Fatal(err)
	}
	o := data.BatchOptions{Size: 4, Shuffle: true, Seed: 9}
	ours, err := s.Batches(o)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := whole.Batches(o)
	if err != nil {
		t.Fatal(err)
	}
	if ours.Len() != theirs.Len() {
		t.Errorf("%d examples, want %d", ours.Len(), theirs.Len())
	}
	for epoch := range 2 {
		a, err := ours.Epoch(epoch)
		if err != nil {
			t.Fatal(err)
		}
		b, err := theirs.Epoch(epoch)
		if err != nil {
			t.Fatal(err)
		}
		for {
			x, err := a.Next()
			y, err2 := b.Next()
			if err != err2 {
				t.Fatalf("error %v, want %v", err, err2)
			}
			if err == io.EOF {
				break
			}
			for what, pair := range map[string][2]tensor.Any{"images": {x.Inputs["image"], y.Inputs["image"]}, "labels": {x.Target, y.Target}, "weights": {x.Weight, y.Weight}} {
				if !bytes.Equal(tensor.Bytes(pair[0]), tensor.Bytes(pair[1])) {
					t.Errorf("epoch %d: %s differ from those of the images in memory", epoch, what)
				}
			}
		}
	}
}

func TestErrors(t *testing.T) {
	huge := pngOf(t, image.NewGray(image.Rect(0, 0, 1, 1)))
	copy(huge[16:], []byte{0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff}) // width and height in the header
	ok := pngOf(t, image.NewGray(image.Rect(0, 0, 3, 3)))
	for _, c := range []struct {
		files map[string][]byte
		f     Folder
		want  string
		is    error
	}{
		{map[string][]byte{"x.txt": nil}, Folder{}, "has no images", nil},
		{map[string][]byte{"a/x.png": ok}, Folder{LabelMode: "binary"}, "has 1 classes, label mode binary needs two", nil},
		{map[string][]byte{"a/x.png": ok}, Folder{LabelMode: "ints"}, `no label mode "ints"`, nil},
		{map[string][]byte{"a/x.png": ok}, Folder{ClassNames: []string{"b"}}, "has no folder b; it has a", nil},
		{map[string][]byte{"a/x.png": ok}, Folder{ValidationSplit: .2}, "go together", nil},
		{map[string][]byte{"a/x.png": ok}, Folder{ValidationSplit: .2, Subset: "validation"}, "subset validation of 1 images is none", nil},
		{map[string][]byte{"a/x.png": []byte("no image")}, Folder{}, "x.png", data.ErrMalformed},
		{map[string][]byte{"a/x.png": ok[:len(ok)-30]}, Folder{}, "x.png", data.ErrMalformed},
		{map[string][]byte{"a/x.png": huge}, Folder{}, "x.png", data.ErrMalformed},
		{map[string][]byte{"a/x.png": ok}, Folder{MaxPixels: 8}, "3 x 3 pixels, 8 allowed", data.ErrLimit},
		{map[string][]byte{"a/x.png": ok}, Folder{MaxBytes: 1000}, "more than 1000 bytes", data.ErrLimit},
		{map[string][]byte{"a/x.png/x": nil}, Folder{}, "has no images", nil},
	} {
		c.f.Dir = folder(t, c.files)
		s, err := c.f.Open()
		if err == nil {
			_, err = s.Dataset()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%v %+v: error %v, want %q", c.files, c.f, err, c.want)
		}
	}
}

// webp are pictures of one pixel, lossy and lossless.
var webp = []string{"UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA", "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="}

func TestWebP(t *testing.T) {
	for _, text := range webp {
		content, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		img, err := Folder{MaxPixels: 1}.decode(content)
		if err != nil || img.Bounds().Dx() != 1 || img.Bounds().Dy() != 1 {
			t.Errorf("%v, error %v", img, err)
		}
	}
}

// FuzzDecode makes sure that no file panics or gets more pixels than are allowed.
func FuzzDecode(f *testing.F) {
	paths, err := filepath.Glob("testdata/images/*/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, p := range paths {
		if content, err := os.ReadFile(p); err == nil {
			f.Add(content)
		}
	}
	for _, text := range webp {
		content, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		img, err := Folder{MaxPixels: 4096}.decode(content)
		if err != nil {
			return
		}
		b := img.Bounds()
		if b.Dx()*b.Dy() > 4096 {
			t.Fatalf("%v pixels", b)
		}
		flatten(make([]float32, 4*b.Dx()*b.Dy()), img, 4)
	})
}

// A folder cats and a folder dogs, say, with images of any size.
func ExampleFolder() {
	set, err := Folder{Dir: "testdata/images", Height: 8, Width: 8, Seed: 1, ValidationSplit: .25, Subset: "training"}.Open()
	if err != nil {
		panic(err)
	}
	batches, err := set.Batches(data.BatchOptions{Size: 4, Shuffle: true})
	if err != nil {
		panic(err)
	}
	epoch, err := batches.Epoch(0)
	if err != nil {
		panic(err)
	}
	defer epoch.Close()
	batch, err := epoch.Next()
	if err != nil {
		panic(err)
	}
	fmt.Println(set.Len(), "images of", strings.Join(set.Classes(), ", "))
	fmt.Println(batch.Inputs["image"].Shape(), batch.Target.Shape())
	// Output:
	// 7 images of Ant, bird, cat, empty
	// [4,8,8,3] [4]
}

// TestInterrupt ends a batch that is being read, and all later ones, also where batches are read ahead.
func TestInterrupt(t *testing.T) {
	s, err := Folder{Dir: "testdata/images", Height: 4, Width: 4}.Open()
	if err != nil {
		t.Fatal(err)
	}
	src, err := s.Batches(data.BatchOptions{Size: 2})
	if err != nil {
		t.Fatal(err)
	}
	ahead, err := data.Prefetch(src, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, src := range map[string]data.Source{"plain": src, "ahead": ahead} {
		it, err := src.Epoch(0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := it.Next(); err != nil {
			t.Fatal(err)
		}
		data.Interrupt(it)
		for range s.Len() { // those that were read ahead still come
			if _, err = it.Next(); err != nil {
				break
			}
		}
		if _, again := it.Next(); !errors.Is(err, data.ErrInterrupted) || again != err {
			t.Errorf("%s: got %v, then %v", name, err, again)
		}
		if err := it.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
