package keras

import (
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// loraScale is lora_alpha/lora_rank of a layer after enable_lora, 0 of others.
func loraScale(l *layer) float64 {
	rank := l.num("lora_rank", 0)
	if rank <= 0 {
		return 0
	}
	return l.num("lora_alpha", rank) / rank
}

// loraParts are the two factors that a layer adds to its kernel or table: a (..., rank) and b (rank, n). A .h5 has
// them beside it, among the trainable weights, where .keras has the sum alone.
type loraParts struct{ a, b *tensor.Tensor[float32] }

// take keeps a weight that is a factor.
func (p *loraParts) take(name string, t *tensor.Tensor[float32]) bool {
	base := name[strings.LastIndex(name, "/")+1:]
	switch {
	case !strings.HasPrefix(base, "lora_"):
		return false
	case strings.HasSuffix(base, "_a") && p.a == nil:
		p.a = t
	case strings.HasSuffix(base, "_b") && p.b == nil:
		p.b = t
	default:
		return false
	}
	return true
}

// merged returns the weights with scale·a·b added to the one that is left without training: the kernel, which stands
// last and comes first in layers that have no factors.
func (p *loraParts) merged(weights []*tensor.Tensor[float32], scale float64) ([]*tensor.Tensor[float32], error) {
	if p.a == nil && p.b == nil {
		return weights, nil
	}
	if p.a == nil || p.b == nil || scale == 0 || len(weights) == 0 || len(weights) > 2 {
		return nil, op.Unsupportedf("LoRA weights of a layer inside another one in a .h5 file: save the model as .keras, which has the sums")
	}
	last := len(weights) - 1
	k, rank := weights[last], 0
	if p.b.Shape().Rank() > 0 {
		rank = p.b.Shape()[0]
	}
	if len(weights) == 2 && k.Shape().Rank() == 1 { // trainable=False keeps the order
		k, last = weights[0], 0
	}
	rows, cols := len(p.a.Data())/max(1, rank), len(p.b.Data())/max(1, rank)
	if rank == 0 || rows*rank != len(p.a.Data()) || rows*cols != len(k.Data()) {
		return nil, op.Malformedf("LoRA weights %v and %v of a weight %v", p.a.Shape(), p.b.Shape(), k.Shape())
	}
	sum := slices.Clone(k.Data())
	for i := range rows {
		for r := range rank {
			f := float32(scale) * p.a.Data()[i*rank+r]
			for j, b := range p.b.Data()[r*cols : (r+1)*cols] {
				sum[i*cols+j] += f * b
			}
		}
	}
	t, err := tensor.New(sum, k.Shape()...)
	if err != nil {
		return nil, err
	}
	return append([]*tensor.Tensor[float32]{t}, slices.Delete(slices.Clone(weights), last, last+1)...), nil
}
