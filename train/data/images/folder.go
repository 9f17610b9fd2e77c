// Package images reads folders of images, a folder for each class, as examples to train with: Keras's
// image_dataset_from_directory. Images need not fit in memory: a batch is read when it is asked for.
package images

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// Folder is a folder of images with a folder for each class. Names, defaults and the order are those of Keras's
// image_dataset_from_directory: classes are the sub-folders in alphabetical order, hidden ones left out; an image
// belongs to the class in whose folder it lies, at any depth.
type Folder struct {
	Dir string
	// ClassNames are the sub-folders to read, in the order of the classes' numbers; nil is all of them.
	ClassNames []string
	// LabelMode is the form of the target: "int", also where empty, for int64[n]; "categorical" for one-hot
	// f32[n,classes]; "binary" for f32[n,1], of two classes; "none" for no target, and then the images need no
	// sub-folders.
	LabelMode string
	// ColorMode is "rgb", also where empty, "rgba" or "grayscale".
	ColorMode string
	// Height and Width are what images are resized to, by bilinear interpolation; 0 is 256.
	Height, Width int
	// Input is the input's name, "image" where empty.
	Input string
	// ChannelsFirst gives images as [channels,height,width] instead of [height,width,channels].
	ChannelsFirst bool
	// DType is that of the images: Float32, also where Undefined, or Uint8, for rounded values.
	DType tensor.DType
	// Low and High are what 0 and 255 become; both 0 leaves the values as they are. It is for floats.
	Low, High float64

	// KeepOrder leaves the files in the order of classes and names, Keras's shuffle=False. Otherwise they are
	// shuffled by the seed as Keras and NumPy do, before anything is split off.
	KeepOrder bool
	Seed      uint64
	// ValidationSplit is the share of the files, the last ones, that Subset "validation" has; "training" has the
	// others. Both are given or none.
	ValidationSplit float64
	Subset          string

	// MaxPixels bounds an image as it is stored, before it is decoded; 0 is 2^26.
	MaxPixels int
	// MaxBytes bounds an image's file and a batch in memory; 0 is 1 GiB.
	MaxBytes int64
}

// formats are the extensions of the files that are read. What a file holds, its first bytes tell.
var formats = []string{".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp"}

// Set is a folder whose files have been listed.
type Set struct {
	folder  Folder
	classes []string
	files   []string
	labels  []int // nil for LabelMode none
	weights []float32
}

// Open lists the files. None is read yet.
func (f Folder) Open() (*Set, error) {
	f, err := f.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Set{folder: f}
	if err := s.list(); err != nil {
		return nil, err
	}
	if !f.KeepOrder {
		r := newTwister(f.Seed)
		for i := len(s.files) - 1; i > 0; i-- {
			j := r.below(i + 1)
			s.files[i], s.files[j] = s.files[j], s.files[i]
			if s.labels != nil {
				s.labels[i], s.labels[j] = s.labels[j], s.labels[i]
			}
		}
	}
	return s, s.split()
}

func (f Folder) withDefaults() (Folder, error) {
	orText := func(s *string, def string) {
		if *s == "" {
			*s = def
		}
	}
	orText(&f.LabelMode, "int")
	orText(&f.ColorMode, "rgb")
	orText(&f.Input, "image")
	if f.Height == 0 {
		f.Height = 256
	}
	if f.Width == 0 {
		f.Width = 256
	}
	if f.MaxPixels == 0 {
		f.MaxPixels = 1 << 26
	}
	if f.MaxBytes == 0 {
		f.MaxBytes = 1 << 30
	}
	if f.DType == tensor.Undefined {
		f.DType = tensor.Float32
	}
	bad := func(format string, args ...any) (Folder, error) {
		return f, fmt.Errorf("images: %s: %s", f.Dir, fmt.Sprintf(format, args...))
	}
	const largest = 1 << 15
	switch {
	case !slices.Contains([]string{"int", "categorical", "binary", "none"}, f.LabelMode):
		return bad("there is no label mode %q: there are int, categorical, binary and none", f.LabelMode)
	case f.ColorMode != "rgb" && f.ColorMode != "rgba" && f.ColorMode != "grayscale":
		return bad("there is no colour mode %q: there are rgb, rgba and grayscale", f.ColorMode)
	case f.Height < 0 || f.Width < 0 || f.Height > largest || f.Width > largest:
		return bad("images of %d x %d: 1 to %d are possible", f.Height, f.Width, largest)
	case f.DType != tensor.Float32 && f.DType != tensor.Uint8:
		return bad("images are f32 or u8, not %v", f.DType)
	case f.DType == tensor.Uint8 && (f.Low != 0 || f.High != 0):
		return bad("a range of values is for floats")
	case math.IsNaN(f.Low-f.High) || math.IsInf(f.Low-f.High, 0):
		return bad("values from %v to %v", f.Low, f.High)
	case !(f.ValidationSplit >= 0 && f.ValidationSplit < 1):
		return bad("a validation split of %v is outside [0,1)", f.ValidationSplit)
	case (f.ValidationSplit > 0) != (f.Subset != ""):
		return bad("ValidationSplit and Subset go together")
	case f.Subset != "" && f.Subset != "training" && f.Subset != "validation":
		return bad("there is no subset %q: there are training and validation", f.Subset)
	case f.LabelMode == "none" && f.ClassNames != nil:
		return bad("class names are for labels")
	case f.MaxPixels < 0 || f.MaxBytes < 0:
		return bad("limits must not be negative")
	}
	return f, nil
}

// list finds classes and files in Keras's order.
func (s *Set) list() error {
	f := s.folder
	if f.LabelMode == "none" {
		return s.walk(f.Dir, -1)
	}
	entries, err := os.ReadDir(f.Dir)
	if err != nil {
		return err
	}
	for _, e := range entries { // in ascending order
		path := filepath.Join(f.Dir, e.Name())
		if info, err := os.Stat(path); err == nil && info.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			s.classes = append(s.classes, e.Name())
		}
	}
	if f.ClassNames != nil {
		for _, name := range f.ClassNames {
			if !slices.Contains(s.classes, name) {
				return fmt.Errorf("images: %s has no folder %s; it has %s", f.Dir, name, strings.Join(s.classes, ", "))
			}
		}
		s.classes = slices.Clone(f.ClassNames)
	}
	if f.LabelMode == "binary" && len(s.classes) != 2 {
		return fmt.Errorf("images: %s has %d classes, label mode binary needs two", f.Dir, len(s.classes))
	}
	for k, c := range s.classes {
		if err := s.walk(filepath.Join(f.Dir, c), k); err != nil {
			return err
		}
	}
	return nil
}

// walk adds the images in a folder and those below it: folders in the order of their paths, files of each by name.
func (s *Set) walk(root string, label int) error {
	if resolved, err := filepath.EvalSymlinks(root); err == nil {
		root = resolved // the class's folder may be a link; links below it are not followed
	}
	inside := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if slices.Contains(formats, strings.ToLower(filepath.Ext(path))) {
			dir := filepath.Dir(path)
			inside[dir] = append(inside[dir], path)
		}
		return nil
	})
	if err != nil {
		return err
	}
	var dirs []string
	for dir := range inside {
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	for _, dir := range dirs {
		slices.Sort(inside[dir])
		for _, path := range inside[dir] {
			s.files = append(s.files, path)
			if label >= 0 {
				s.labels = append(s.labels, label)
			}
		}
	}
	return nil
}

// split keeps the files of the subset.
func (s *Set) split() error {
	n := len(s.files)
	if n == 0 {
		hint := "a folder for each class, with images in it, is expected"
		if s.folder.LabelMode == "none" {
			hint = "none is " + strings.Join(formats, ", ")
		}
		return fmt.Errorf("images: %s has no images: %s", s.folder.Dir, hint)
	}
	if s.folder.Subset == "" {
		return nil
	}
	last := int(s.folder.ValidationSplit * float64(n))
	lo, hi := 0, n-last
	if s.folder.Subset == "validation" {
		lo, hi = n-last, n
	}
	if lo == hi {
		return fmt.Errorf("images: %s: subset %s of %d images is none", s.folder.Dir, s.folder.Subset, n)
	}
	s.files = s.files[lo:hi]
	if s.labels != nil {
		s.labels = s.labels[lo:hi]
	}
	return nil
}

// Len returns the number of images.
func (s *Set) Len() int { return len(s.files) }

// Classes returns the classes' names by number, nil for LabelMode none.
func (s *Set) Classes() []string { return s.classes }

// Files returns the images' paths in order.
func (s *Set) Files() []string { return slices.Clone(s.files) }

// Labels returns the number of each image's class, nil for LabelMode none.
func (s *Set) Labels() []int { return slices.Clone(s.labels) }

// WithClassWeights returns the set with a weight for each image, its class's; a class that is not named weighs 1.
func (s *Set) WithClassWeights(weights map[int64]float64) (*Set, error) {
	if s.labels == nil {
		return nil, errors.New("images: without labels there are no weights of classes")
	}
	out := *s
	out.weights = make([]float32, len(s.labels))
	for i, label := range s.labels {
		out.weights[i] = 1
		if w, ok := weights[int64(label)]; ok {
			out.weights[i] = float32(w)
		}
	}
	return &out, nil
}

// Dataset reads all images into memory, MaxBytes at most.
func (s *Set) Dataset() (*data.Dataset, error) { return s.First(len(s.files)) }

// First reads the first n images, or all where there are fewer, into memory.
func (s *Set) First(n int) (*data.Dataset, error) {
	rows := make([]int, min(max(n, 0), len(s.files)))
	for i := range rows {
		rows[i] = i
	}
	return s.read(rows, new(atomic.Bool))
}
