package ops

import (
	"math"
	"math/bits"
	"sync"

	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Casts between any two types go by way of one that holds every value of the source exactly: float64,
// int64 or uint64, a block of elements at a time.

const castBlock = 256

type castOptions struct {
	round    tensor.Rounding
	saturate bool
}

// castClass is the type that a source is read as.
type castClass uint8

const (
	asFloat castClass = iota
	asInt
	asUint
)

func classOf(d tensor.DType) castClass {
	switch {
	case d.IsFloat():
		return asFloat
	case d == tensor.Uint64:
		return asUint
	}
	return asInt
}

// castBuffer holds a block in each of the types that casts go by.
type castBuffer struct {
	f [castBlock]float64
	i [castBlock]int64 // the bits of a uint64 too
}

var castBuffers = sync.Pool{New: func() any { return new(castBuffer) }}

// castReader fills a block of the buffer from elements at..at+n of x.
type castReader func(b *castBuffer, n int, x tensor.Any, at int)

// castWriter fills elements at..at+n of d from a block of the buffer, which was read as a class.
type castWriter func(d tensor.Any, at, n int, b *castBuffer, class castClass)

func blockKernel(from, to tensor.DType, o castOptions) op.Kernel {
	read, write, class := castReaders[from], castWriters(to, o), classOf(from)
	rows := kernel.NewRows(castBlock, func(a [2]tensor.Any, r int) {
		b := castBuffers.Get().(*castBuffer)
		at := r * castBlock
		n := min(castBlock, a[0].Len()-at)
		read(b, n, a[1], at)
		write(a[0], at, n, b, class)
		castBuffers.Put(b)
	})
	return func(c *op.Call) error {
		rows.Run(c.Pool, [2]tensor.Any{c.Out[0], c.In[0]}, (c.In[0].Len()+castBlock-1)/castBlock)
		return nil
	}
}

var castReaders = map[tensor.DType]castReader{
	tensor.Float32: readFloat(func(v float32) float64 { return float64(v) }),
	tensor.Float64: readFloat(func(v float64) float64 { return v }),
	tensor.Int8:    readInt[int8], tensor.Int16: readInt[int16], tensor.Int32: readInt[int32], tensor.Int64: readInt[int64],
	tensor.Uint8: readInt[uint8], tensor.Uint16: readInt[uint16], tensor.Uint32: readInt[uint32], tensor.Uint64: readInt[uint64],
	tensor.Int4: readInt[tensor.I4], tensor.Uint4: readInt[tensor.U4], tensor.Int2: readInt[tensor.I2], tensor.Uint2: readInt[tensor.U2],
	tensor.Bool:           readBool,
	tensor.Float16:        readFloat(func(v tensor.Half) float64 { return float64(v.Float32()) }),
	tensor.BFloat16:       readFloat(func(v tensor.BHalf) float64 { return float64(v.Float32()) }),
	tensor.Float8E4M3FN:   readFloat(func(v tensor.F8E4M3FN) float64 { return float64(v.Float32()) }),
	tensor.Float8E4M3FNUZ: readFloat(func(v tensor.F8E4M3FNUZ) float64 { return float64(v.Float32()) }),
	tensor.Float8E5M2:     readFloat(func(v tensor.F8E5M2) float64 { return float64(v.Float32()) }),
	tensor.Float8E5M2FNUZ: readFloat(func(v tensor.F8E5M2FNUZ) float64 { return float64(v.Float32()) }),
	tensor.Float8E8M0:     readFloat(func(v tensor.F8E8M0) float64 { return float64(v.Float32()) }),
	tensor.Float6E2M3:     readFloat(func(v tensor.F6E2M3) float64 { return float64(v.Float32()) }),
	tensor.Float6E3M2:     readFloat(func(v tensor.F6E3M2) float64 { return float64(v.Float32()) }),
	tensor.Float4E2M1:     readFloat(func(v tensor.F4E2M1) float64 { return float64(v.Float32()) }),
}

func readFloat[S tensor.Elem](f func(S) float64) castReader {
	return func(b *castBuffer, n int, x tensor.Any, at int) {
		for i, v := range tensor.Data[S](x)[at : at+n] {
			b.f[i] = f(v)
		}
	}
}

// castInt is the set of types that integers are stored as.
type castInt interface {
	tensor.Elem
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

func readInt[S castInt](b *castBuffer, n int, x tensor.Any, at int) {
	for i, v := range tensor.Data[S](x)[at : at+n] {
		b.i[i] = int64(v)
	}
}

func readBool(b *castBuffer, n int, x tensor.Any, at int) {
	for i, v := range tensor.Data[bool](x)[at : at+n] {
		b.i[i] = fromBool[int64](v)
	}
}

// castWriters returns the writer for a type.
func castWriters(to tensor.DType, o castOptions) castWriter {
	switch to {
	case tensor.Float32:
		return writeFloats(func(v float64) float32 { return float32(v) }, func(v int64) float32 { return float32(v) }, func(v uint64) float32 { return float32(v) })
	case tensor.Float64:
		return writeFloats(func(v float64) float64 { return v }, func(v int64) float64 { return float64(v) }, func(v uint64) float64 { return float64(v) })
	case tensor.Float16:
		return writeNarrow(tensor.ToHalf)
	case tensor.BFloat16:
		return writeNarrow(tensor.ToBHalf)
	case tensor.Float8E4M3FN:
		return writeNarrow(func(v float32) tensor.F8E4M3FN { return tensor.ToF8E4M3FN(v, o.saturate) })
	case tensor.Float8E4M3FNUZ:
		return writeNarrow(func(v float32) tensor.F8E4M3FNUZ { return tensor.ToF8E4M3FNUZ(v, o.saturate) })
	case tensor.Float8E5M2:
		return writeNarrow(func(v float32) tensor.F8E5M2 { return tensor.ToF8E5M2(v, o.saturate) })
	case tensor.Float8E5M2FNUZ:
		return writeNarrow(func(v float32) tensor.F8E5M2FNUZ { return tensor.ToF8E5M2FNUZ(v, o.saturate) })
	case tensor.Float8E8M0:
		return writeNarrow(func(v float32) tensor.F8E8M0 { return tensor.ToF8E8M0(v, o.round, o.saturate) })
	case tensor.Float6E2M3:
		return writeNarrow(tensor.ToF6E2M3)
	case tensor.Float6E3M2:
		return writeNarrow(tensor.ToF6E3M2)
	case tensor.Float4E2M1:
		return writeNarrow(tensor.ToF4E2M1)
	case tensor.Bool:
		return writeBool
	}
	return intWriters[to]
}

var intWriters = map[tensor.DType]castWriter{
	tensor.Int8:   writeInt(trunc32, func(v int64) int8 { return int8(v) }),
	tensor.Int16:  writeInt(trunc32, func(v int64) int16 { return int16(v) }),
	tensor.Int32:  writeInt(trunc32, func(v int64) int32 { return int32(v) }),
	tensor.Int64:  writeInt(kernel.Trunc64, func(v int64) int64 { return v }),
	tensor.Uint8:  writeInt(trunc32, func(v int64) uint8 { return uint8(v) }),
	tensor.Uint16: writeInt(trunc32, func(v int64) uint16 { return uint16(v) }),
	tensor.Uint32: writeInt(kernel.Trunc64, func(v int64) uint32 { return uint32(v) }),
	tensor.Uint64: writeInt(kernel.Trunc64, func(v int64) uint64 { return uint64(v) }),
	tensor.Int4:   writeInt(trunc32, func(v int64) tensor.I4 { return tensor.I4(int8(v<<4) >> 4) }),
	tensor.Uint4:  writeInt(trunc32, func(v int64) tensor.U4 { return tensor.U4(v & 15) }),
	tensor.Int2:   writeInt(trunc32, func(v int64) tensor.I2 { return tensor.I2(int8(v<<6) >> 6) }),
	tensor.Uint2:  writeInt(trunc32, func(v int64) tensor.U2 { return tensor.U2(v & 3) }),
}

func trunc32(v float64) int64 { return int64(kernel.Trunc32(v)) }

func writeFloats[D tensor.Elem](f func(float64) D, i func(int64) D, u func(uint64) D) castWriter {
	return func(d tensor.Any, at, n int, b *castBuffer, class castClass) {
		out := tensor.Data[D](d)[at : at+n]
		for k := range out {
			switch class {
			case asFloat:
				out[k] = f(b.f[k])
			case asInt:
				out[k] = i(b.i[k])
			default:
				out[k] = u(uint64(b.i[k]))
			}
		}
	}
}

// writeNarrow writes a type that float32 rounds to, each value rounded once: by way of a float32
// that is exact or has an odd last bit.
func writeNarrow[D tensor.Elem](to func(float32) D) castWriter {
	return writeFloats(
		func(v float64) D { return to(tensor.Odd32(v)) },
		func(v int64) D {
			if v < 0 {
				return to(-tensor.Odd32(oddFloat(-uint64(v))))
			}
			return to(tensor.Odd32(oddFloat(uint64(v))))
		},
		func(v uint64) D { return to(tensor.Odd32(oddFloat(v))) })
}

// oddFloat returns v as a float64 that is exact or has an odd last bit.
func oddFloat(v uint64) float64 {
	if drop := bits.Len64(v) - 53; drop > 0 {
		low := v & (1<<drop - 1)
		v >>= drop
		if low != 0 {
			v |= 1
		}
		return math.Ldexp(float64(v), drop)
	}
	return float64(v)
}

func writeInt[D tensor.Elem](trunc func(float64) int64, to func(int64) D) castWriter {
	return func(d tensor.Any, at, n int, b *castBuffer, class castClass) {
		out := tensor.Data[D](d)[at : at+n]
		if class == asFloat {
			for k := range out {
				out[k] = to(trunc(b.f[k]))
			}
			return
		}
		for k := range out {
			out[k] = to(b.i[k])
		}
	}
}

func writeBool(d tensor.Any, at, n int, b *castBuffer, class castClass) {
	out := tensor.Data[bool](d)[at : at+n]
	for k := range out {
		if class == asFloat {
			out[k] = b.f[k] != 0
		} else {
			out[k] = b.i[k] != 0
		}
	}
}
