package lower

import (
	"slices"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// apart keeps onnxruntime from taking zeros that a Pad puts around an image into a MaxPool behind it.
// Releases up to 1.24.4, at least, do so below opset 21 (their PadFusion), and the padding of a MaxPool is
// no zeros: it never is the maximum, so windows of negative numbers alone come out wrong. They leave a Pad
// with axes as it is, which there are from opset 18 on, and a MaxPool with indices. Behind a Relu the fusion
// changes no number, and stays.
func apart(g *onnxio.Graph, opset int) {
	if opset >= 21 {
		return
	}
	made := map[string]*onnxio.Node{}
	for _, n := range g.Node {
		for _, v := range n.Output {
			made[v] = n
		}
		if n.OpType != "MaxPool" || n.Domain != "" || len(n.Output) != 1 {
			continue
		}
		pad := made[n.Input[0]]
		if pad == nil || pad.OpType != "Pad" || pad.Domain != "" || len(pad.Input) > 3 || mode(pad) != "constant" {
			continue
		}
		if before := made[pad.Input[0]]; before != nil && before.OpType == "Relu" {
			continue
		}
		if opset < 18 {
			n.Output = append(n.Output, free(g, n.Output[0]+"_indices"))
			continue
		}
		for _, pads := range g.Initializer {
			if pads.Name != pad.Input[1] || len(pads.Dims) != 1 {
				continue
			}
			axes := make([]int64, pads.Dims[0]/2)
			for i := range axes {
				axes[i] = int64(i)
			}
			name := free(g, pad.Output[0]+"_axes")
			g.Initializer = append(g.Initializer, onnxio.FromTensor(name, tensor.Vector(axes...)))
			if len(pad.Input) < 3 {
				pad.Input = append(pad.Input, "")
			}
			pad.Input = append(pad.Input, name)
			break
		}
	}
}

// mode is that of a Pad.
func mode(pad *onnxio.Node) string {
	for _, a := range pad.Attribute {
		if a.Name == "mode" {
			return string(a.S)
		}
	}
	return "constant"
}

// free returns a name that no value of a graph has: this one, with underscores behind it.
func free(g *onnxio.Graph, name string) string {
	taken := func(s string) bool {
		return slices.ContainsFunc(g.Input, func(v *onnxio.ValueInfo) bool { return v.Name == s }) ||
			slices.ContainsFunc(g.Initializer, func(t *onnxio.Tensor) bool { return t.Name == s }) ||
			slices.ContainsFunc(g.Node, func(n *onnxio.Node) bool { return slices.Contains(n.Output, s) })
	}
	for taken(name) {
		name += "_"
	}
	return name
}
