package tokeras

import (
	"maps"
	"slices"

	"github.com/onnxtool/onnxtool/internal/ir"
)

// masked is a recurrent node over the steps that a mask counts, as convert/keras writes one: the steps are
// picked to the front in their order, the node takes their number as the sequence's length, and what it makes
// is brought back to all steps. In Keras that is a layer called with the mask.
type masked struct {
	x, mask *ir.Value
	zeros   bool                  // masked steps give zeros, not the output before them
	outs    [3]map[*ir.Value]bool // the sequence, and the states; true where it is the last output, zero without a step
	inner   []*ir.Node            // what the layer does by itself
}

// findMasked finds the recurrent nodes with masks, and marks what belongs to their layers as done.
func (s *saver) findMasked() {
	for _, n := range s.g.Nodes {
		if !recurrentOps[n.Op] {
			continue
		}
		if m := s.maskedOf(n); m != nil {
			s.masked[n] = m
		}
	}
	for s.unmask() {
	}
	for _, m := range s.masked {
		for _, n := range m.inner {
			s.done[n] = true
		}
	}
}

// unmask takes those nodes from the ones with masks whose inner values something else reads, if there are such.
func (s *saver) unmask() bool {
	inside := map[*ir.Node]bool{}
	for n, m := range s.masked {
		inside[n] = true
		for _, k := range m.inner {
			inside[k] = true
		}
	}
	before := len(s.masked)
	maps.DeleteFunc(s.masked, func(_ *ir.Node, m *masked) bool {
		for _, k := range m.inner {
			for _, v := range k.Out {
				if v != nil && !m.gives(v) && slices.ContainsFunc(s.uses[v], func(u *ir.Node) bool { return !inside[u] }) {
					return true
				}
			}
		}
		return false
	})
	return len(s.masked) < before
}

// apart reports whether a state is asked for that may be another than the last output: where no step counts, a
// layer's first states stay, and where masked steps give zeros, the last output may be one.
func (m *masked) apart(n *ir.Node) bool {
	state := slices.Contains(slices.Collect(maps.Values(m.outs[1])), false)
	began := len(n.In) > 5 && n.In[5] != nil && !isZero(n.In[5])
	return state && (m.zeros || began)
}

func (m *masked) gives(v *ir.Value) bool {
	return slices.ContainsFunc(m.outs[:], func(o map[*ir.Value]bool) bool { _, ok := o[v]; return ok })
}

// maskedOf matches a recurrent node of one direction with what is around it, nil where it has no mask.
func (s *saver) maskedOf(n *ir.Node) *masked {
	if len(n.In) < 5 || n.In[4] == nil || attrString(n, "direction", "forward") == "bidirectional" {
		return nil
	}
	m := &masked{}
	front := madeBy(n.In[0], "Transpose")
	if front == nil || !slices.Equal(integers(front, "perm"), []int{1, 0, 2}) {
		return nil
	}
	picked, order := picks(front.In[0])
	if picked == nil {
		return nil
	}
	m.x, m.inner = picked.In[0], append(m.inner, front, picked, picked.In[1].Node)
	if !m.inOrder(order) {
		return nil
	}
	count := m.counted(n.In[4])
	if count == nil {
		return nil
	}
	for i := range m.outs {
		m.outs[i] = map[*ir.Value]bool{}
		if i >= len(n.Out) || n.Out[i] == nil {
			continue
		}
		for _, u := range s.uses[n.Out[i]] {
			ok := u != nil && u.Op == "Squeeze"
			switch {
			case ok && i == 0:
				ok = alongAxis(u, 1) && s.sequence(m, u, count, attrString(n, "direction", "forward") == "reverse")
			case ok:
				ok = alongAxis(u, 0) && s.state(m, n, i, u, count)
			}
			if !ok {
				return nil
			}
			m.inner = append(m.inner, u)
		}
	}
	if last := slices.Contains(slices.Collect(maps.Values(m.outs[1])), true); last && len(m.outs[0]) > 0 {
		return nil // Keras gives the sequence in its place
	}
	return m
}

// madeBy returns the node that makes a value, where it is of a kind.
func madeBy(v *ir.Value, kind string) *ir.Node {
	if v == nil || v.Node == nil || v.Node.Op != kind {
		return nil
	}
	return v.Node
}

// picks matches what takes steps by their numbers, and returns those, (batch, time).
func picks(v *ir.Value) (*ir.Node, *ir.Value) {
	n := madeBy(v, "GatherND")
	if n == nil || attrInt(n, "batch_dims", 0) != 1 {
		return nil, nil
	}
	at := madeBy(n.In[1], "Unsqueeze")
	if at == nil || at.In[0].Fact.Rank() != 2 || !alongAxis(at, 2) {
		return nil, nil
	}
	return n, at.In[0]
}

// inOrder matches the steps that count before the others, both in their order: the least of a step's number,
// with the number of all steps added where it does not count.
func (m *masked) inOrder(order *ir.Value) bool {
	top := madeBy(order, "TopK")
	if top == nil || order.Index != 1 || attrInt(top, "axis", -1) != 1 || attrInt(top, "largest", 1) != 0 || attrInt(top, "sorted", 1) == 0 {
		return false
	}
	key := madeBy(top.In[0], "Where")
	if key == nil || key.In[0].Fact.Rank() != 2 {
		return false
	}
	m.mask = key.In[0]
	m.inner = append(m.inner, top, key)
	size := m.mask.Fact.Shape[1]
	if !isSize(top.In[1], size) {
		return false
	}
	steps, known := size.Int()
	if known {
		return isRamp(key.In[1], 0, steps) && isRamp(key.In[2], steps, steps)
	}
	ramp, add := madeBy(key.In[1], "Range"), madeBy(key.In[2], "Add")
	if ramp == nil || add == nil || add.In[0] != key.In[1] || !isSize(add.In[1], size) || !isSize(ramp.In[1], size) || !isNumber(ramp.In[0], 0) || !isNumber(ramp.In[2], 1) {
		return false
	}
	m.inner = append(m.inner, ramp, add)
	return true
}

// counted matches the number of steps that count, at least 1, and returns it as (batch, 1), from 0 on.
func (m *masked) counted(lengths *ir.Value) *ir.Value {
	cast := madeBy(lengths, "Cast")
	if cast == nil {
		return nil
	}
	flat := madeBy(cast.In[0], "Squeeze")
	if flat == nil {
		return nil
	}
	least := madeBy(flat.In[0], "Max")
	if least == nil || len(least.In) != 2 || !isNumber(least.In[1], 1) {
		return nil
	}
	sum := madeBy(least.In[0], "ReduceSum")
	if sum == nil || !alongAxis(sum, 1) || attrInt(sum, "keepdims", 1) == 0 || !m.ones(sum.In[0]) {
		return nil
	}
	return least.In[0]
}

// ones matches the mask in numbers.
func (m *masked) ones(v *ir.Value) bool {
	n := madeBy(v, "Cast")
	return n != nil && n.In[0] == m.mask
}

// upTo matches how many steps count up to and with each.
func (m *masked) upTo(v *ir.Value) bool {
	n := madeBy(v, "CumSum")
	return n != nil && m.ones(n.In[0]) && isNumber(n.In[1], 1) && attrInt(n, "exclusive", 0) == 0 && attrInt(n, "reverse", 0) == 0
}

// state matches what becomes of the output i of a node: it stays where a step counts, else it is zero, or what
// the layer began with; the last output, where masked steps give zeros, stays where the last step counts.
func (s *saver) state(m *masked, n *ir.Node, i int, squeezed *ir.Node, count *ir.Value) bool {
	for _, u := range s.uses[squeezed.Out[0]] {
		if u == nil || u.Op != "Where" || u.In[1] != squeezed.Out[0] {
			return false
		}
		if step := madeBy(u.In[0], "Gather"); step != nil && step.In[0] == m.mask && attrInt(step, "axis", 0) == 1 && isZero(u.In[2]) && i == 1 {
			end := -1 // the step that is run last
			if attrString(n, "direction", "forward") == "reverse" {
				end = 0
			}
			if !alongAxis(step, end) {
				return false
			}
			m.inner, m.zeros, m.outs[i][u.Out[0]] = append(m.inner, u), true, true
			continue
		}
		some := madeBy(u.In[0], "Greater")
		if some == nil || some.In[0] != count || !isNumber(some.In[1], 0) {
			return false
		}
		var first *ir.Value
		if at := 4 + i; at < len(n.In) && n.In[at] != nil && !isZero(n.In[at]) {
			first = n.In[at]
		}
		switch begin := madeBy(first, "Unsqueeze"); {
		case begin != nil && begin.In[0] == u.In[2]:
			m.outs[i][u.Out[0]] = false
		case isZero(u.In[2]) && (first == nil || i == 1):
			m.outs[i][u.Out[0]] = first != nil
		default:
			return false
		}
		m.inner = append(m.inner, u)
	}
	return true
}

// sequence matches how a node's sequence is brought back to all steps.
func (s *saver) sequence(m *masked, squeezed *ir.Node, count *ir.Value, back bool) bool {
	var chain [3]*ir.Node
	v := squeezed.Out[0]
	for i, kind := range []string{"Transpose", "GatherND", "Where"} {
		if len(s.uses[v]) != 1 || s.uses[v][0] == nil || s.uses[v][0].Op != kind {
			return false
		}
		chain[i] = s.uses[v][0]
		v = chain[i].Out[0]
	}
	brought, index := picks(chain[2].In[1])
	valid := madeBy(chain[2].In[0], "Unsqueeze")
	if brought != chain[1] || brought.In[0].Node != chain[0] || !slices.Equal(integers(chain[0], "perm"), []int{1, 0, 2}) ||
		valid == nil || !alongAxis(valid, 2) || !isZero(chain[2].In[2]) {
		return false
	}
	m.inner = append(m.inner, chain[:]...)
	known, zeros := m.isIndex(index, valid.In[0], count, back)
	m.zeros = zeros
	m.outs[0][v] = false
	return known
}

// isIndex matches the number of each step's output among those of the steps that count, and where there is one.
func (m *masked) isIndex(index, valid, count *ir.Value, back bool) (known, zeros bool) {
	least := madeBy(index, "Max")
	if least == nil || len(least.In) != 2 || !isNumber(least.In[1], 0) {
		return false, false
	}
	if zeros = valid == m.mask; zeros || !back {
		before := madeBy(least.In[0], "Sub")
		if before == nil || !m.upTo(before.In[0]) || !isNumber(before.In[1], 1) {
			return false, false
		}
		first := madeBy(valid, "Greater")
		return zeros || first != nil && m.upTo(first.In[0]) && isNumber(first.In[1], 0), zeros
	}
	most, less := madeBy(least.In[0], "Min"), madeBy(valid, "Less")
	if most == nil || len(most.In) != 2 || less == nil || less.In[0] != most.In[0] || !sameSum(less.In[1], count) {
		return false, false
	}
	last, before := madeBy(most.In[1], "Sub"), madeBy(most.In[0], "Sub")
	return last != nil && sameSum(last.In[0], count) && isNumber(last.In[1], 1) && before != nil && m.upTo(before.In[0]) && m.ones(before.In[1]), false
}

// sameSum reports whether two values are one, or sums of one value along the same axis.
func sameSum(v, count *ir.Value) bool {
	a, b := madeBy(v, "ReduceSum"), madeBy(count, "ReduceSum")
	return v == count || a != nil && b != nil && a.In[0] == b.In[0] && alongAxis(a, 1) && alongAxis(b, 1) && attrInt(a, "keepdims", 1) != 0
}

// alongAxis reports whether a node's second input lists one axis, or index, alone.
func alongAxis(n *ir.Node, axis int) bool {
	if len(n.In) < 2 {
		return false
	}
	axes, ok := list(n.In[1])
	return ok && len(axes) == 1 && axes[0] == axis
}

// isNumber reports whether a value is one constant number.
func isNumber(v *ir.Value, want float32) bool {
	data, _, ok := constant(v)
	return ok && len(data) == 1 && data[0] == want
}

// isSize reports whether a value is known to be a size.
func isSize(v *ir.Value, size ir.Dim) bool {
	if n, known := size.Int(); known && isNumber(v, float32(n)) {
		return true
	}
	return v != nil && !size.IsUnknown() && len(v.Fact.Elems) == 1 && v.Fact.Elems[0] == size
}

// isRamp reports whether a constant counts from a number on.
func isRamp(v *ir.Value, from, n int) bool {
	data, _, ok := constant(v)
	if !ok || len(data) != n {
		return false
	}
	for i, x := range data {
		if x != float32(from+i) {
			return false
		}
	}
	return true
}

// saveMasked makes the layer of a recurrent node with a mask.
func (s *saver) saveMasked(n *ir.Node, m *masked) error {
	way := attrString(n, "direction", "forward")
	states, err := s.firstStates(n, way)
	if err != nil {
		return err
	}
	out, err := s.recurrent(n, 0, way == "reverse", s.plain(m.x), s.plain(m.mask), m.zeros, states)
	if err != nil {
		return err
	}
	for i, outs := range m.outs {
		for v, last := range outs {
			h := held{layer: out[i].layer, tensor: out[i].tensor}
			if last {
				h.tensor = 0 // without a sequence Keras gives it first
			}
			s.held[v] = h
		}
	}
	return nil
}
