package optim

import (
	"fmt"
	"strings"

	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// Param is a parameter that is updated.
type Param struct {
	Name        string
	Value, Grad *Value
	Slots       Slots
	Occurrences func(f func(*Value) *Value) *Value // see [Step]
	Layout      Layout                             // see [Step]
	// Project maps the next value to where the parameter may be; nil is anywhere.
	Project func(next *Value) *Value
}

// Average is the slot that holds a parameter's moving average.
const Average = "average"

// update is one training step of an optimizer.
type update struct {
	*op.Builder
	o       Options
	rate    *Value // float32 scalar
	count   *Value // int64 scalar: updates before this one
	due     *Value // bool scalar: this step makes an update; nil is always
	scalars Slots
	typed   map[tensor.DType]*typedStep
}

// typedStep is what the parameters of one type share.
type typedStep struct {
	rate, iteration *Value
	scalars         Slots
	shared          map[string]*Value
}

// of returns what parameters of a type share.
func (u *update) of(d tensor.DType) *typedStep {
	t := u.typed[d]
	if t == nil {
		t = &typedStep{scalars: u.scalars, shared: map[string]*Value{}}
		if d != tensor.Float32 {
			t.scalars = &castSlots{u.Builder, u.scalars, d}
		}
		u.Do("optimizer", func() {
			t.rate, t.iteration = u.Cast(u.rate, d), u.AddScalar(u.Cast(u.count, d), 1)
		})
		u.typed[d] = t
	}
	return t
}

// castSlots are scalars of float32 for parameters of another type.
type castSlots struct {
	*op.Builder
	slots Slots
	d     tensor.DType
}

func (c *castSlots) Get(name string, initial float32) *Value {
	return c.Cast(c.slots.Get(name+"_"+c.d.String(), initial), c.d)
}

func (c *castSlots) GetShaped(name string, initial float32, shape []int) *Value {
	return c.Cast(c.slots.GetShaped(name+"_"+c.d.String(), initial, shape), c.d)
}

func (c *castSlots) Set(name string, next *Value) {
	c.slots.Set(name+"_"+c.d.String(), c.Cast(next, tensor.Float32))
}

// Update emits one step of an optimizer for all parameters and returns their next values. rate is the
// learning rate, a float32 scalar, step the number of steps before this one, an int64 scalar; scalars
// keeps what the optimizer remembers once for all parameters.
func Update(b *op.Builder, opt Optimizer, params []Param, rate, step *Value, scalars Slots) []*Value {
	u := &update{Builder: b, o: OptionsOf(opt), rate: rate, count: step, scalars: scalars, typed: map[tensor.DType]*typedStep{}}
	if err := Check(opt); err != nil {
		b.Fail(err)
		return nil
	}
	grads := make([]*Value, len(params))
	b.Do("optimizer", func() {
		if k := u.o.GradientAccumulationSteps; k > 1 {
			u.count = b.Div(step, b.Scalar(step, float64(k)))
			u.due = b.Op("Equal", b.Op("Mod", b.AddScalar(step, 1), b.Scalar(step, float64(k))), b.Scalar(step, 0))
			u.scalars = &gated{u, scalars}
		}
		for i, p := range params {
			grads[i] = u.accumulate(p)
		}
		u.clip(grads)
	})
	next := make([]*Value, len(params))
	for i, p := range params {
		t := u.of(p.Value.Fact.DType)
		b.Do("optimizer/"+strings.ReplaceAll(p.Name, "/", "."), func() {
			next[i] = u.one(opt, p, grads[i], t, i, len(params))
		})
	}
	return next
}

// one updates a parameter, the index-th of count.
func (u *update) one(opt Optimizer, p Param, grad *Value, t *typedStep, index, count int) *Value {
	s := &Step{
		Builder: u.Builder, Name: p.Name, Index: index, Count: count, Param: p.Value, Before: p.Value, Grad: grad, Occurrences: p.Occurrences,
		LearningRate: t.rate, Iteration: t.iteration, Slots: p.Slots, Scalars: t.scalars, Shared: t.shared, Layout: p.Layout,
	}
	if d := decayOf(opt, p.Name, s.rank()); d != 0 {
		s.Param = u.Sub(p.Value, u.Mul(u.Scale(p.Value, d), t.rate))
	}
	if u.due != nil {
		s.Slots = &gated{u, p.Slots}
	}
	next := opt.Update(s)
	if u.Err() == nil {
		if err := checkNext(opt, p, next); err != nil {
			u.Fail(err)
		}
	}
	if u.Err() != nil {
		return p.Value
	}
	if u.due != nil {
		next = u.Where(u.due, next, p.Value)
	}
	if u.o.UseEMA {
		next = u.average(p, next, t.shared)
	}
	if p.Project != nil {
		next = p.Project(next)
	}
	return next
}

// checkNext reports an optimizer whose next value cannot be the parameter's.
func checkNext(opt Optimizer, p Param, next *Value) error {
	if next == nil {
		return fmt.Errorf("optimizer %s: Update returns nil for %s", opt.Name(), p.Name)
	}
	got, want := next.Fact, p.Value.Fact
	fits := got.DType == want.DType && (!got.Ranked || got.Rank() == want.Rank())
	for i := 0; fits && got.Ranked && i < len(got.Shape); i++ {
		fits = !got.Shape[i].Differ(want.Shape[i])
	}
	if !fits {
		return op.Shapef("optimizer %s: the next value of %s is %v, expected %v", opt.Name(), p.Name, got, want)
	}
	return nil
}

// accumulate returns the mean gradient of the steps since the last update.
func (u *update) accumulate(p Param) *Value {
	if u.due == nil {
		return p.Grad
	}
	sum := u.Add(p.Grad, p.Slots.Get("gradient_accumulator", 0))
	p.Slots.Set("gradient_accumulator", u.Where(u.due, u.Scalar(sum, 0), sum))
	return u.Scale(sum, 1/float64(u.o.GradientAccumulationSteps))
}

// average moves the parameter's average and, where it is time, returns it as the parameter.
func (u *update) average(p Param, next *Value, shared map[string]*Value) *Value {
	once := func(name string, emit func() *Value) *Value {
		if shared[name] == nil {
			shared[name] = emit()
		}
		return shared[name]
	}
	first := once("ema first", func() *Value { return u.Op("Equal", u.count, u.Scalar(u.count, 0)) })
	before, m := p.Slots.Get(Average, 0), u.Scalar(next, orDefault(u.o.EMAMomentum, .99))
	if u.o.EMAFromStart {
		before = u.Where(first, p.Value, before)
	} else {
		m = once("ema momentum", func() *Value { return u.Where(first, u.Scalar(next, 0), m) })
	}
	rest := u.Sub(u.Scalar(next, 1), m)
	a := u.Add(u.Mul(before, m), u.Mul(next, rest))
	p.Slots.Set(Average, a)
	if f := u.o.EMAOverwriteFrequency; f > 0 {
		n := u.Op("Mod", u.AddScalar(u.count, 1), u.Scalar(u.count, float64(f)))
		next = u.Where(u.Op("Equal", n, u.Scalar(n, 0)), a, next)
	}
	return next
}

// gated keeps slots as they are in steps that make no update.
type gated struct {
	u *update
	Slots
}

// Set implements [Slots]. The slot has been read before, so that its initial value is known.
func (g *gated) Set(name string, next *Value) {
	g.Slots.Set(name, g.u.Where(g.u.due, next, g.Get(name, 0)))
}
