package keras

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/ir"
	"github.com/onnxtool/onnxtool/internal/nearest"
)

// input adds an input of the model, with the channels in front where Options.InputsAsNCHW says so, and returns it
// as Keras has it.
func (c *converter) input(name string, f ir.Fact) *ir.Value {
	if !slices.Contains(c.options.InputsAsNCHW, name) {
		return c.b.G.AddInput(name, f)
	}
	rank := f.Rank()
	if rank < 3 {
		c.fail(fmt.Errorf("input %s is %v: no channels to put in front of what they are channels of", name, f))
		return c.b.G.AddInput(name, f)
	}
	front, last := channelPerms(rank)
	shape := make(ir.Shape, rank)
	for i, axis := range front {
		shape[i] = f.Shape[axis]
	}
	v := c.b.G.AddInput(name, ir.Typed(f.DType, shape...))
	c.scopes[name] = true
	c.b.Do(name, func() { v = c.b.Transpose(v, last...) })
	return v
}

// channelPerms returns the orders of axes that bring the last one to the front, behind the batch, and back.
func channelPerms(rank int) (front, last []int) {
	front = append([]int{0, rank - 1}, identityPerm(rank - 1)[1:]...)
	return front, inversePerm(front)
}

// inFront puts the channels of the outputs in front that Options.OutputsAsNCHW names, and reports which.
func (c *converter) inFront(outs []output) []bool {
	moved := make([]bool, len(outs))
	for i, o := range outs {
		if !slices.Contains(c.options.OutputsAsNCHW, o.layer) {
			continue
		}
		rank := o.v.Fact.Rank()
		if rank < 3 {
			c.b.Fail(fmt.Errorf("output %s is %v: no channels to put in front of what they are channels of", o.layer, o.v.Fact))
			break
		}
		front, _ := channelPerms(rank)
		c.b.Do(o.layer, func() { outs[i].v = c.b.Transpose(o.v, front...) })
		moved[i] = true
	}
	return moved
}

// known reports an error for names in the options that no input or output has.
func (c *converter) known(outs []output) error {
	ins, ends := make([]string, len(c.b.G.Inputs)), make([]string, len(outs))
	for i, v := range c.b.G.Inputs {
		ins[i] = v.Name
	}
	for i, o := range outs {
		ends[i] = o.layer
	}
	for _, k := range []struct {
		kind        string
		named, have []string
	}{{"input", c.options.InputsAsNCHW, ins}, {"output", c.options.OutputsAsNCHW, ends}} {
		for _, n := range k.named {
			if !slices.Contains(k.have, n) {
				return fmt.Errorf("there is no %s %q%s; there are %s", k.kind, n, nearest.Hint(n, k.have), strings.Join(k.have, ", "))
			}
		}
	}
	return nil
}
