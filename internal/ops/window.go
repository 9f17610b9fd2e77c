package ops

import (
	"fmt"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/kernel"
	"github.com/onnxtool/onnxtool/internal/op"
)

// window holds the attributes that convolutions and poolings have in common.
type window struct {
	kernel, strides, dilations []int
	begin, end                 []int // of the attribute pads
	autoPad                    string
	ceil                       bool
}

// sizeLimit bounds sizes, strides, dilations and pads, so that no product of two overflows.
const sizeLimit = 1 << 30

// tapLimit bounds the elements under a window.
const tapLimit = 1 << 24

// windowOf reads the attributes for a window of the given size.
func windowOf(n *op.Node, size []int) (w window, err error) {
	axes := len(size)
	if axes == 0 || axes > kernel.MaxSpatial {
		return w, op.Unsupportedf("%d spatial axes, at least 1 and at most %d expected", axes, kernel.MaxSpatial)
	}
	w = window{kernel: size, autoPad: n.Str("auto_pad"), ceil: n.Bool("ceil_mode")}
	if w.strides, err = perAxis(n, "strides", axes, 1, 1); err != nil {
		return w, err
	}
	if w.dilations, err = perAxis(n, "dilations", axes, 1, 1); err != nil {
		return w, err
	}
	pads, err := perAxis(n, "pads", 2*axes, 0, 0)
	if err != nil {
		return w, err
	}
	w.begin, w.end = pads[:axes], pads[axes:]
	taps := 1
	for i, k := range size {
		if k < 1 {
			return w, op.Shapef("kernel size %d along axis %d", k, i+2)
		}
		if k > tapLimit/taps {
			return w, fmt.Errorf("%w: a window of %v has more than %d elements", op.ErrLimit, size, tapLimit)
		}
		taps *= k
	}
	switch w.autoPad {
	case "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER":
	default:
		return w, op.Unsupportedf("auto_pad %q", w.autoPad)
	}
	return w, nil
}

// perAxis returns an ints attribute that has n entries of at least least, all def where it is absent.
func perAxis(n *op.Node, name string, count, def, least int) ([]int, error) {
	v := n.Ints(name)
	if len(v) == 0 {
		v = make([]int, count)
		for i := range v {
			v[i] = def
		}
		return v, nil
	}
	if len(v) != count {
		return nil, op.Shapef("%s is %v, expected %d entries", name, v, count)
	}
	for _, k := range v {
		if k < least || k > sizeLimit {
			return nil, op.Unsupportedf("%s %v: entries must be at least %d", name, v, least)
		}
	}
	return v, nil
}

// extent returns how far the taps of the window span along an axis.
func (w window) extent(i int) int { return (w.kernel[i]-1)*w.dilations[i] + 1 }

// out returns the number of positions along the spatial axes of the given sizes.
func (w window) out(in ir.Shape) (ir.Shape, error) {
	out := make(ir.Shape, len(in))
	for i, d := range in {
		n, known := d.Int()
		switch {
		case known:
			k, err := w.positions(i, n)
			if err != nil {
				return nil, err
			}
			out[i] = ir.Known(k)
		case w.strides[i] != 1:
			out[i] = ir.Unknown
		case w.autoPad == "SAME_UPPER" || w.autoPad == "SAME_LOWER":
			out[i] = d
		case w.autoPad == "VALID":
			out[i] = d.Sub(ir.Known(w.extent(i) - 1))
		default:
			out[i] = d.Add(ir.Known(w.begin[i] + w.end[i] - w.extent(i) + 1))
		}
	}
	return out, nil
}

// positions returns how many positions the window has along spatial axis i of size n.
func (w window) positions(i, n int) (int, error) {
	s := w.strides[i]
	if w.autoPad == "SAME_UPPER" || w.autoPad == "SAME_LOWER" {
		return (n + s - 1) / s, nil
	}
	begin, end := w.begin[i], w.end[i]
	if w.autoPad == "VALID" {
		begin, end = 0, 0
	}
	room := n + begin + end - w.extent(i)
	if room < 0 {
		return 0, op.Shapef("a window of %d does not fit into axis %d of size %d with padding %d and %d", w.extent(i), i+2, n, begin, end)
	}
	if !w.ceil {
		return room/s + 1, nil
	}
	k := (room+s-1)/s + 1
	if (k-1)*s >= n+begin { // a window that begins in the padding at the end does not count
		k--
	}
	return k, nil
}

// over returns the window over spatial axes of known sizes, padding resolved, and the padding at the end.
func (w window) over(in, out []int) (kernel.Window, []int) {
	k := kernel.Window{In: in, Out: out, Kernel: w.kernel, Stride: w.strides, Dilation: w.dilations, Pad: make([]int, len(in))}
	end := make([]int, len(in))
	for i := range in {
		switch w.autoPad {
		case "NOTSET":
			k.Pad[i], end[i] = w.begin[i], w.end[i]
		case "SAME_UPPER", "SAME_LOWER":
			total := max(0, (out[i]-1)*w.strides[i]+w.extent(i)-in[i])
			k.Pad[i] = total / 2
			if w.autoPad == "SAME_LOWER" {
				k.Pad[i] = total - total/2
			}
			end[i] = total - k.Pad[i]
		}
	}
	return k, end
}

// staticSpatial returns the sizes of the axes after the first two where they are known.
func staticSpatial(f ir.Fact) ([]int, bool) {
	if !f.Ranked || len(f.Shape) < 3 {
		return nil, false
	}
	return f.Shape[2:].Known()
}
