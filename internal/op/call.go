package op

import (
	"fmt"
	"unsafe"

	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Call is what a kernel works on: inputs and outputs with their memory. An absent input is nil.
type Call struct {
	In, Out []tensor.Any
	Scratch []byte // what Node.Scratch asked for; its content is arbitrary
	Pool    *kernel.Pool
	Rand    Rand
	Sub     Subgraphs // of a node that has subgraphs, whose Out is not used
}

// Rand keys the random numbers of a run. Draws are a function of seed, step and node, so they do not
// depend on threads or on what else the graph holds.
type Rand struct{ Seed, Step uint64 }

// Turn returns the key for one run of a subgraph, so that each turn of a loop draws anew. The factor is
// 2^64 over the golden ratio: steps and turns up to 2^32 lead to different keys.
func (r Rand) Turn(i int) Rand { return Rand{r.Seed, r.Step*0x9e3779b97f4a7c15 + uint64(i) + 1} }

// DefaultTurns bounds how often the subgraphs of one run are run where nothing else is said.
const DefaultTurns = 10_000_000

// Spend takes one from the turns that a run has left.
func Spend(left *int) error {
	if *left <= 0 {
		return fmt.Errorf("%w: more turns of loops than a run may take", ErrLimit)
	}
	*left--
	return nil
}

// Arg returns the elements of input i, nil where it is absent.
func Arg[T tensor.Elem](c *Call, i int) []T {
	if i >= len(c.In) || c.In[i] == nil {
		return nil
	}
	return c.In[i].(*tensor.Tensor[T]).Data()
}

// Result returns the elements of output i to fill, nil where it is absent.
func Result[T tensor.Elem](c *Call, i int) []T {
	if i >= len(c.Out) || c.Out[i] == nil {
		return nil
	}
	return c.Out[i].(*tensor.Tensor[T]).Data()
}

// Scratch returns the call's scratch memory as n elements; the node has asked for as much by [Node.Scratch].
func Scratch[T int8 | int32 | int64 | float32 | float64](c *Call, n int) []T {
	if n == 0 {
		return nil
	}
	var z T
	mem := c.Scratch[:n*int(unsafe.Sizeof(z))]
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(mem))), n)
}
