package images

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// Batches returns the images as a source, each read when its batch is asked for, by as many goroutines as there are
// CPUs. With Shuffle each epoch has another order of all of them, that of a [data.Dataset].
func (s *Set) Batches(o data.BatchOptions) (data.Source, error) {
	switch {
	case o.Size < 0:
		return nil, fmt.Errorf("images: a batch of %d examples", o.Size)
	case o.Size == 0:
		o.Size = 32
	}
	if o.DropLast && o.Size > len(s.files) {
		return nil, fmt.Errorf("images: no whole batch of %d in %d images", o.Size, len(s.files))
	}
	o.Size = min(o.Size, len(s.files))
	return &source{s, o}, s.fits(o.Size)
}

type source struct {
	*Set
	o data.BatchOptions
}

func (s *source) Len() int {
	if n := len(s.files); s.o.DropLast {
		return n - n%s.o.Size
	}
	return len(s.files)
}

func (s *source) Epoch(epoch int) (data.Iterator, error) {
	if epoch < 0 {
		return nil, fmt.Errorf("images: no epoch %d", epoch)
	}
	it := &iterator{source: s, order: make([]int, len(s.files))}
	for i := range it.order {
		it.order[i] = i
	}
	if s.o.Shuffle {
		it.order = data.Permutation(len(s.files), s.o.Seed, uint64(epoch))
	}
	it.order = it.order[:s.Len()]
	return it, nil
}

type iterator struct {
	source *source
	order  []int // of the images that are left
	err    error // what Next said last
	stop   atomic.Bool
}

// Interrupt ends Next after the images that are being decoded.
func (it *iterator) Interrupt() { it.stop.Store(true) }

// Next reads the next batch. After an error it returns the same one again.
func (it *iterator) Next() (*data.Batch, error) {
	if it.err == nil && len(it.order) == 0 {
		it.err = io.EOF
	}
	if it.err != nil {
		return nil, it.err
	}
	n := min(it.source.o.Size, len(it.order))
	var d *data.Dataset
	if d, it.err = it.source.read(it.order[:n], &it.stop); it.err != nil {
		return nil, it.err
	}
	it.order = it.order[n:]
	return &data.Batch{Inputs: d.Inputs(), Target: d.Target(), Weight: d.Weight(), N: n}, nil
}

// Close ends the epoch.
func (it *iterator) Close() error {
	if it.err == nil {
		it.err = io.EOF
	}
	return nil
}

// shape returns the shape of one image.
func (f Folder) shape() tensor.Shape {
	if f.ChannelsFirst {
		return tensor.Shape{f.channels(), f.Height, f.Width}
	}
	return tensor.Shape{f.Height, f.Width, f.channels()}
}

func (f Folder) channels() int {
	return map[string]int{"grayscale": 1, "rgb": 3, "rgba": 4}[f.ColorMode]
}

// fits holds n images against the limit.
func (s *Set) fits(n int) error {
	each := int64(s.folder.shape().Len() * s.folder.DType.Size())
	if int64(n) > s.folder.MaxBytes/each {
		return fmt.Errorf("%w: images: %d images of %v%v take more than %d bytes", data.ErrLimit, n, s.folder.DType, s.folder.shape(), s.folder.MaxBytes)
	}
	return nil
}

// read returns the images with the given numbers as examples, unless stop is set.
func (s *Set) read(rows []int, stop *atomic.Bool) (*data.Dataset, error) {
	if err := s.fits(len(rows)); err != nil {
		return nil, err
	}
	each := s.folder.shape()
	x, err := tensor.Alloc(s.folder.DType, append(tensor.Shape{len(rows)}, each...))
	if err != nil {
		return nil, err
	}
	errs := make([]error, len(rows))
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(rows)) {
		all.Go(func() {
			for k := int(next.Add(1) - 1); k < len(rows) && !stop.Load(); k = int(next.Add(1) - 1) {
				if errs[k] = s.folder.load(s.files[rows[k]], x, k*each.Len()); errs[k] != nil {
					next.Store(int64(len(rows))) // the others stop
				}
			}
		})
	}
	all.Wait()
	if stop.Load() {
		return nil, data.ErrInterrupted
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	var weight tensor.Any
	if s.weights != nil {
		w := tensor.Zeros[float32](len(rows))
		for i, row := range rows {
			w.Data()[i] = s.weights[row]
		}
		weight = w
	}
	return data.New(map[string]tensor.Any{s.folder.Input: x}, s.target(rows), weight)
}

// target returns the labels of some images in their form, nil for none.
func (s *Set) target(rows []int) tensor.Any {
	switch s.folder.LabelMode {
	case "int":
		y := tensor.Zeros[int64](len(rows))
		for i, row := range rows {
			y.Data()[i] = int64(s.labels[row])
		}
		return y
	case "binary":
		y := tensor.Zeros[float32](len(rows), 1)
		for i, row := range rows {
			y.Data()[i] = float32(s.labels[row])
		}
		return y
	case "categorical":
		y := tensor.Zeros[float32](len(rows), len(s.classes))
		for i, row := range rows {
			y.Data()[i*len(s.classes)+s.labels[row]] = 1
		}
		return y
	}
	return nil
}
