// Package tensor holds dense row-major tensors of every ONNX element type.
//
// A [Tensor] is a shape and a slice; [Any] is a tensor whose element type is known only at run time.
// Tensors are values to read and fill: no arithmetic lives here.
package tensor

import (
	"fmt"
	"math"
	"unsafe"
)

// Any is a tensor of some element type. Its implementations are the pointers to [Tensor].
type Any interface {
	DType() DType
	Shape() Shape
	// Len returns the number of elements.
	Len() int
	// rebind points the tensor at another one's memory and shape; the element types must agree.
	rebind(Any) bool
	rebindAs(Any, Shape) bool
	like(Shape) Any
}

// Tensor is a dense, row-major tensor. The zero value is not usable: see [New], [Zeros], [Scalar].
type Tensor[T Elem] struct {
	shape Shape
	data  []T
}

// New returns a tensor over data, which it does not copy.
func New[T Elem](data []T, shape ...int) (*Tensor[T], error) {
	n, ok := Shape(shape).Size()
	if !ok {
		return nil, fmt.Errorf("tensor: invalid shape %v", Shape(shape))
	}
	if n != len(data) {
		return nil, fmt.Errorf("tensor: shape %v needs %d elements, got %d", Shape(shape), n, len(data))
	}
	return &Tensor[T]{shape, data}, nil
}

// Must is New for data and shapes written in the program: it panics where New would return an error.
func Must[T Elem](data []T, shape ...int) *Tensor[T] {
	t, err := New(data, shape...)
	if err != nil {
		panic(err)
	}
	return t
}

// Zeros returns a tensor of zero values (empty strings). It panics on a shape that is not valid.
func Zeros[T Elem](shape ...int) *Tensor[T] {
	n, ok := Shape(shape).Size()
	if !ok {
		panic(fmt.Sprintf("tensor: invalid shape %v", Shape(shape)))
	}
	return &Tensor[T]{shape, make([]T, n)}
}

// Scalar returns a tensor without dimensions.
func Scalar[T Elem](v T) *Tensor[T] { return &Tensor[T]{Shape{}, []T{v}} }

// Vector returns a tensor of one dimension over the values.
func Vector[T Elem](v ...T) *Tensor[T] { return &Tensor[T]{Shape{len(v)}, v} }

// DType returns the element type.
func (t *Tensor[T]) DType() DType { return TypeOf[T]() }

// Shape returns the dimensions; the caller must not change them.
func (t *Tensor[T]) Shape() Shape { return t.shape }

// Len returns the number of elements.
func (t *Tensor[T]) Len() int { return len(t.data) }

// Data returns the elements in row-major order: the tensor's own memory.
func (t *Tensor[T]) Data() []T { return t.data }

// At returns one element.
func (t *Tensor[T]) At(index ...int) T {
	if len(index) != len(t.shape) {
		panic(fmt.Sprintf("tensor: %d indices for shape %v", len(index), t.shape))
	}
	at := 0
	for i, k := range index {
		if uint(k) >= uint(t.shape[i]) {
			panic(fmt.Sprintf("tensor: index %v outside shape %v", index, t.shape))
		}
		at = at*t.shape[i] + k
	}
	return t.data[at]
}

// Reshape returns a tensor of another shape over the same memory.
func (t *Tensor[T]) Reshape(shape ...int) (*Tensor[T], error) { return New(t.data, shape...) }

// Clone returns a copy with its own memory.
func (t *Tensor[T]) Clone() *Tensor[T] {
	return &Tensor[T]{t.shape.Clone(), append(make([]T, 0, len(t.data)), t.data...)}
}

// String returns the type and shape as in f32[2,3].
func (t *Tensor[T]) String() string { return t.DType().String() + t.shape.String() }

func (t *Tensor[T]) rebind(src Any) bool {
	s, ok := src.(*Tensor[T])
	if ok {
		t.shape, t.data = s.shape, s.data
	}
	return ok
}

func (t *Tensor[T]) like(s Shape) Any { return &Tensor[T]{s, t.data} }

// Data returns the elements of a tensor whose type the caller knows; it is nil where the type differs.
func Data[T Elem](t Any) []T {
	if t, ok := t.(*Tensor[T]); ok {
		return t.data
	}
	return nil
}

// Rebind points dst at the memory and shape of src, whose element type must be the same.
// It lets a runner reuse a tensor's header without allocating.
func Rebind(dst, src Any) error {
	if !dst.rebind(src) {
		return fmt.Errorf("tensor: cannot rebind %v to %v", dst.DType(), src.DType())
	}
	return nil
}

// WithShape returns a tensor of another shape over the same memory.
func WithShape(t Any, shape Shape) (Any, error) {
	n, ok := shape.Size()
	if !ok || n != t.Len() {
		return nil, fmt.Errorf("tensor: cannot reshape %v to %v", t.Shape(), shape)
	}
	return t.like(shape), nil
}

// Alloc returns a zeroed tensor of the given type and shape.
func Alloc(d DType, shape Shape) (Any, error) {
	n, ok := shape.Size()
	if !ok {
		return nil, fmt.Errorf("tensor: invalid shape %v", shape)
	}
	if d == String {
		return &Tensor[string]{shape, make([]string, n)}, nil
	}
	if !d.Valid() {
		return nil, fmt.Errorf("tensor: no such element type: %v", d)
	}
	if int64(n) > 1<<47/int64(d.Size()) || n > math.MaxInt/d.Size()-16 {
		return nil, fmt.Errorf("tensor: shape %v is too large", shape)
	}
	// Sixteen-byte elements make Go's allocator align the memory for every type.
	return View(d, shape, bytesOf(make([]complex128, (n*d.Size()+15)/16)))
}

// View returns a tensor over memory in the machine's byte order, aligned for the type.
// mem may be longer than the tensor needs. Strings have no such form.
func View(d DType, shape Shape, mem []byte) (Any, error) {
	n, ok := shape.Size()
	if !ok {
		return nil, fmt.Errorf("tensor: invalid shape %v", shape)
	}
	if d == String || !d.Valid() {
		return nil, fmt.Errorf("tensor: no view of type %v", d)
	}
	if len(mem)/d.Size() < n {
		return nil, fmt.Errorf("tensor: shape %v of %v needs %d bytes, got %d", shape, d, n*d.Size(), len(mem))
	}
	return views[d](shape, mem, n), nil
}

var views = [...]func(Shape, []byte, int) Any{
	Float32: view[float32], Uint8: view[uint8], Int8: view[int8], Uint16: view[uint16], Int16: view[int16],
	Int32: view[int32], Int64: view[int64], Bool: view[bool], Float16: view[Half], Float64: view[float64],
	Uint32: view[uint32], Uint64: view[uint64], Complex64: view[complex64], Complex128: view[complex128],
	BFloat16: view[BHalf], Float8E4M3FN: view[F8E4M3FN], Float8E4M3FNUZ: view[F8E4M3FNUZ],
	Float8E5M2: view[F8E5M2], Float8E5M2FNUZ: view[F8E5M2FNUZ], Uint4: view[U4], Int4: view[I4],
	Float4E2M1: view[F4E2M1], Float8E8M0: view[F8E8M0], Uint2: view[U2], Int2: view[I2],
	Float6E2M3: view[F6E2M3], Float6E3M2: view[F6E3M2],
}

func view[T Elem](shape Shape, mem []byte, n int) Any {
	if n == 0 {
		return &Tensor[T]{shape, []T{}}
	}
	return &Tensor[T]{shape, unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(mem))), n)}
}

// Bytes returns the tensor's memory in the machine's byte order, nil for strings.
func Bytes(t Any) []byte {
	switch t := t.(type) {
	case *Tensor[float32]:
		return bytesOf(t.data)
	case *Tensor[float64]:
		return bytesOf(t.data)
	case *Tensor[int8]:
		return bytesOf(t.data)
	case *Tensor[int16]:
		return bytesOf(t.data)
	case *Tensor[int32]:
		return bytesOf(t.data)
	case *Tensor[int64]:
		return bytesOf(t.data)
	case *Tensor[uint8]:
		return t.data
	case *Tensor[uint16]:
		return bytesOf(t.data)
	case *Tensor[uint32]:
		return bytesOf(t.data)
	case *Tensor[uint64]:
		return bytesOf(t.data)
	case *Tensor[bool]:
		return bytesOf(t.data)
	case *Tensor[complex64]:
		return bytesOf(t.data)
	case *Tensor[complex128]:
		return bytesOf(t.data)
	case *Tensor[Half]:
		return bytesOf(t.data)
	case *Tensor[BHalf]:
		return bytesOf(t.data)
	case *Tensor[F8E4M3FN]:
		return bytesOf(t.data)
	case *Tensor[F8E4M3FNUZ]:
		return bytesOf(t.data)
	case *Tensor[F8E5M2]:
		return bytesOf(t.data)
	case *Tensor[F8E5M2FNUZ]:
		return bytesOf(t.data)
	case *Tensor[F8E8M0]:
		return bytesOf(t.data)
	case *Tensor[F4E2M1]:
		return bytesOf(t.data)
	case *Tensor[F6E2M3]:
		return bytesOf(t.data)
	case *Tensor[F6E3M2]:
		return bytesOf(t.data)
	case *Tensor[I4]:
		return bytesOf(t.data)
	case *Tensor[U4]:
		return bytesOf(t.data)
	case *Tensor[I2]:
		return bytesOf(t.data)
	case *Tensor[U2]:
		return bytesOf(t.data)
	}
	return nil
}

func bytesOf[T Elem](s []T) []byte {
	if len(s) == 0 {
		return []byte{}
	}
	var z T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(z)))
}

// CloneAny returns a copy with its own memory.
func CloneAny(t Any) Any {
	if s, ok := t.(*Tensor[string]); ok {
		return s.Clone()
	}
	c, err := Alloc(t.DType(), t.Shape().Clone())
	if err != nil {
		panic(err) // t has this type and shape
	}
	copy(Bytes(c), Bytes(t))
	return c
}

// RebindAs is Rebind with another shape for dst; both must have as many elements.
func RebindAs(dst, src Any, shape Shape) error {
	if !dst.rebindAs(src, shape) {
		return fmt.Errorf("tensor: cannot rebind %v%v to %v%v", dst.DType(), shape, src.DType(), src.Shape())
	}
	return nil
}

func (t *Tensor[T]) rebindAs(src Any, shape Shape) bool {
	s, ok := src.(*Tensor[T])
	if !ok || shape.Len() != len(s.data) {
		return false
	}
	t.shape, t.data = shape, s.data
	return true
}

// Copy copies the elements of src to dst, which has the same type and number of elements.
func Copy(dst, src Any) error {
	if dst.DType() != src.DType() || dst.Len() != src.Len() {
		return fmt.Errorf("tensor: cannot copy %v%v to %v%v", src.DType(), src.Shape(), dst.DType(), dst.Shape())
	}
	if s, ok := src.(*Tensor[string]); ok {
		copy(Data[string](dst), s.data)
		return nil
	}
	copy(Bytes(dst), Bytes(src))
	return nil
}
