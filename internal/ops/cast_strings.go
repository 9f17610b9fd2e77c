package ops

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// parseKernel converts strings to numbers.
func parseKernel(to tensor.DType, o castOptions) op.Kernel {
	write, class := castWriters(to, o), classOf(to)
	return func(c *op.Call) error {
		b := castBuffers.Get().(*castBuffer)
		defer castBuffers.Put(b)
		x := op.Arg[string](c, 0)
		for at := 0; at < len(x); at += castBlock {
			n := min(castBlock, len(x)-at)
			for k, s := range x[at : at+n] {
				if err := parseElem(b, k, strings.TrimSpace(s), to, class); err != nil {
					return fmt.Errorf("element %d: %w", at+k, err)
				}
			}
			write(c.Out[0], at, n, b, class)
		}
		return nil
	}
}

// parseElem reads a number as class holds it.
func parseElem(b *castBuffer, k int, s string, to tensor.DType, class castClass) error {
	if class == asFloat {
		v, err := parseFloat(s, to)
		b.f[k] = v
		return err
	}
	if class == asUint {
		v, err := strconv.ParseUint(strings.TrimPrefix(s, "+"), 10, 64)
		if err == nil {
			b.i[k] = int64(v)
			return nil
		}
	} else if v, err := strconv.ParseInt(s, 10, 64); err == nil {
		b.i[k] = v
		return inRange(float64(v), s, to)
	}
	v, err := parseFloat(s, tensor.Float64)
	if err != nil {
		return err
	}
	v = math.Trunc(v)
	if class == asUint && (v < 0 || v >= 0x1p64) || class == asInt && (v < -0x1p63 || v >= 0x1p63) || v != v {
		return fmt.Errorf("%q is out of the range of %v", s, to)
	}
	b.i[k] = kernel.Trunc64(v)
	if class == asUint {
		return nil
	}
	return inRange(v, s, to)
}

func parseFloat(s string, to tensor.DType) (float64, error) {
	bits := 64
	if to == tensor.Float32 {
		bits = 32
	}
	v, err := strconv.ParseFloat(s, bits)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // out of range is infinity
		return 0, fmt.Errorf("%q is not a number", s)
	}
	return v, nil
}

// inRange holds an integer against the range of a type that int64 covers.
func inRange(v float64, s string, to tensor.DType) error {
	lo, hi := 0.0, math.Ldexp(1, to.Bits())
	switch to {
	case tensor.Int64:
		return nil
	case tensor.Int8, tensor.Int16, tensor.Int32, tensor.Int4, tensor.Int2:
		lo, hi = -hi/2, hi/2
	}
	if v < lo || v >= hi {
		return fmt.Errorf("%q is out of the range of %v", s, to)
	}
	return nil
}

// formatKernel converts numbers to strings.
func formatKernel(from tensor.DType) op.Kernel {
	read, class := castReaders[from], classOf(from)
	digits := 8
	if from == tensor.Float64 {
		digits = 16
	}
	return func(c *op.Call) error {
		b := castBuffers.Get().(*castBuffer)
		defer castBuffers.Put(b)
		d := op.Result[string](c, 0)
		for at := 0; at < len(d); at += castBlock {
			n := min(castBlock, len(d)-at)
			read(b, n, c.In[0], at)
			for k := range n {
				switch class {
				case asFloat:
					d[at+k] = formatFloat(b.f[k], digits)
				case asInt:
					d[at+k] = strconv.FormatInt(b.i[k], 10)
				default:
					d[at+k] = strconv.FormatUint(uint64(b.i[k]), 10)
				}
			}
		}
		return nil
	}
}

func formatFloat(v float64, digits int) string {
	switch {
	case v != v:
		return "NaN"
	case math.IsInf(v, 1):
		return "INF"
	case math.IsInf(v, -1):
		return "-INF"
	}
	return strconv.FormatFloat(v, 'g', digits, 64)
}
