package keras

import (
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// TestLoRAErrors gives factors of shapes that no layer writes.
func TestLoRAErrors(t *testing.T) {
	f := func(shape ...int) *tensor.Tensor[float32] { return tensor.Zeros[float32](shape...) }
	for _, c := range []struct {
		name   string
		a, b   *tensor.Tensor[float32]
		kernel []int
		want   string
	}{
		{"scalar", f(3, 2), f(), []int{3, 4}, "LoRA weights"},
		{"rank 0", f(3, 0), f(0, 4), []int{3, 4}, "LoRA weights"},
		{"other size", f(3, 2), f(2, 5), []int{3, 4}, "LoRA weights"},
		{"one factor", f(3, 2), nil, []int{3, 4}, "inside another one"},
	} {
		p := &loraParts{c.a, c.b}
		if _, err := p.merged([]*tensor.Tensor[float32]{f(c.kernel...)}, 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
}
