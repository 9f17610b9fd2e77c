package kernel

// Cell is the kind of a recurrent cell.
type Cell uint8

// The cells.
const (
	CellRNN  Cell = iota // h = f(z)
	CellGRU              // gates z, r, h
	CellLSTM             // gates i, o, f, c
)

// Gates returns how many gates a cell has.
func (c Cell) Gates() int { return [...]int{1, 3, 4}[c] }

// Recurrence is the geometry of a [Recurrent].
type Recurrence struct {
	Cell                        Cell
	Steps, Batch, Input, Hidden int
	Directions                  int
	Backwards                   bool // the first direction walks from the last step to the first; the second always does
	BatchFirst                  bool // tensors begin with the batch
	ResetAfter                  bool // GRU: the reset gate applies to the recurrent product (linear_before_reset)
	Couple                      bool // LSTM: the forget gate is 1 - the input gate (input_forget)
	Clip                        float64
}

// Recurrent walks a recurrent cell through time.
//
// The products of the inputs are computed for many steps at once, those of the state step by step. A
// sequence that has ended keeps its state and has zeros in Y.
type Recurrent[T Float] struct {
	Recurrence
	acts         [][]func(d, x []T) // by direction: of the gates, the candidate, the output
	gates        int
	block        int      // steps whose inputs are multiplied at once
	in, rest     *Gemm[T] // of a block, of the last block where that is smaller
	rec, recLast *Gemm[T] // of the state; GRU: of z and r, of h
	step, reset  *Rows[recurrentStep[T]]
}

// RecurrentOperands are the memory that a [Recurrent] works on: parameters, the states at the
// beginning, the lengths of sequences, results. All but X, W, R and Scratch may be nil.
type RecurrentOperands[T Float] struct {
	X, W, R, B, P []T
	H0, C0        []T
	Lens          []int32
	Y, H, C       []T
	Scratch       []T
}

// recurrentBlock is about how many elements the gates of a block have.
const recurrentBlock = 1 << 18

// NewRecurrent returns the walk of a cell. acts are the activations of each direction, as many as the cell has.
func NewRecurrent[T Float](g Recurrence, acts [][]func(d, x []T)) *Recurrent[T] {
	r := &Recurrent[T]{Recurrence: g, acts: acts, gates: g.Cell.Gates() * g.Hidden}
	r.block = max(1, min(g.Steps, recurrentBlock/max(1, g.Batch*r.gates)))
	r.in = r.inputs(r.block)
	if n := g.Steps % r.block; n > 0 {
		r.rest = r.inputs(n)
	}
	state := func(n, c int) *Gemm[T] {
		return NewGemm[T](Product{M: g.Batch, N: n, K: g.Hidden, A: Strides{g.Hidden, 1}, B: Strides{1, g.Hidden}, C: c})
	}
	cost := r.gates * 8
	switch g.Cell {
	case CellRNN:
		r.rec, r.step = state(r.gates, r.gates), NewRows(cost, r.rnn)
	case CellLSTM:
		r.rec, r.step = state(r.gates, r.gates), NewRows(cost, r.lstm)
	case CellGRU:
		r.rec, r.step = state(2*g.Hidden, r.gates), NewRows(cost, r.gru)
		r.reset = NewRows(cost, r.gruReset)
		r.recLast = state(g.Hidden, r.gates)
		if g.ResetAfter {
			r.recLast = state(g.Hidden, g.Hidden)
		}
	}
	return r
}

// inputs is the product of some steps' inputs: [steps, batch, gates].
func (r *Recurrent[T]) inputs(steps int) *Gemm[T] {
	p := Product{M: steps * r.Batch, N: r.gates, K: r.Input, A: Strides{r.Input, 1}, B: Strides{1, r.Input}, C: r.gates, D: Strides{0, 1}}
	if r.BatchFirst {
		p.M, p.C = steps, r.Batch*r.gates
		p.Batch = NewBatch([]int{r.Batch}, []int{r.Batch}, []int{1}, r.Steps*r.Input, 0, r.gates)
	}
	return NewGemm[T](p)
}

// ScratchLen returns how many elements of scratch memory Run needs.
func (r *Recurrent[T]) ScratchLen() int {
	return r.block*r.Batch*r.gates + 3*r.Batch*r.Hidden + r.gates
}

// recurrentStep is what a step works on.
type recurrentStep[T Float] struct {
	RecurrentOperands[T]
	gates      []T // of the step
	h, c, work []T // [batch, hidden]
	p, bias    []T // of the direction; bias is GRU's of the recurrent product of h
	t, dir     int
}

// Run computes Y, H and C.
func (r *Recurrent[T]) Run(p *Pool, o RecurrentOperands[T]) {
	state := r.Batch * r.Hidden
	if state == 0 {
		return
	}
	s := o.Scratch
	cut := func(n int) []T {
		part := s[:n:n]
		s = s[n:]
		return part
	}
	gates, bias := cut(r.block*r.Batch*r.gates), cut(r.gates)
	w := recurrentStep[T]{RecurrentOperands: o, h: cut(state), c: cut(state), work: cut(state)}
	for w.dir = range r.Directions {
		r.load(w.h, o.H0, w.dir)
		r.load(w.c, o.C0, w.dir)
		r.bias(&w, bias)
		if o.P != nil {
			w.p = o.P[w.dir*3*r.Hidden:]
		}
		r.walk(p, w, gates, bias)
		r.store(o.H, w.h, w.dir)
		r.store(o.C, w.c, w.dir)
	}
}

// walk goes through the blocks and steps of a direction.
func (r *Recurrent[T]) walk(p *Pool, w recurrentStep[T], gates, bias []T) {
	back := w.dir == 1 || r.Backwards
	blocks := ceilDiv(r.Steps, r.block)
	for i := range blocks {
		if back {
			i = blocks - 1 - i
		}
		first := i * r.block
		n := min(r.block, r.Steps-first)
		g := r.in
		if n < r.block {
			g = r.rest
		}
		x := first * r.Batch * r.Input
		if r.BatchFirst {
			x = first * r.Input
		}
		g.Run(p, Operands[T]{C: gates, A: w.X[x:], B: w.W[w.dir*r.gates*r.Input:], D: bias, Alpha: 1, Beta: 1})
		for k := range n {
			if back {
				k = n - 1 - k
			}
			w.t = first + k
			w.gates = gates[k*r.Batch*r.gates:][:r.Batch*r.gates]
			r.advance(p, w)
		}
	}
}

// advance does one step.
func (r *Recurrent[T]) advance(p *Pool, w recurrentStep[T]) {
	rec := w.R[w.dir*r.gates*r.Hidden:]
	r.rec.Run(p, Operands[T]{C: w.gates, A: w.h, B: rec, Alpha: 1, Beta: 1, Add: true})
	if r.Cell == CellGRU {
		last := rec[2*r.Hidden*r.Hidden:]
		if r.ResetAfter {
			r.recLast.Run(p, Operands[T]{C: w.work, A: w.h, B: last, Alpha: 1})
		} else {
			r.reset.Run(p, w, r.Batch)
			r.recLast.Run(p, Operands[T]{C: w.gates[min(len(w.gates), 2*r.Hidden):], A: w.work, B: last, Alpha: 1, Beta: 1, Add: true})
		}
	}
	r.step.Run(p, w, r.Batch)
}

// bias adds up the biases of the inputs' and the state's products. That of the last gate of a GRU with
// ResetAfter stays apart.
func (r *Recurrent[T]) bias(w *recurrentStep[T], d []T) {
	clear(d)
	w.bias = nil
	if w.B == nil {
		return
	}
	b := w.B[w.dir*2*r.gates:][:2*r.gates]
	copy(d, b)
	n := r.gates
	if r.Cell == CellGRU && r.ResetAfter {
		n = 2 * r.Hidden
		w.bias = b[r.gates+n:]
	}
	for i, v := range b[r.gates:][:n] {
		d[i] += v
	}
}

// stateAt returns where the state of a sequence begins.
func (r *Recurrent[T]) stateAt(dir, b int) int {
	if r.BatchFirst {
		return (b*r.Directions + dir) * r.Hidden
	}
	return (dir*r.Batch + b) * r.Hidden
}

func (r *Recurrent[T]) load(d, from []T, dir int) {
	clear(d)
	if from == nil {
		return
	}
	for b := range r.Batch {
		copy(d[b*r.Hidden:(b+1)*r.Hidden], from[r.stateAt(dir, b):])
	}
}

func (r *Recurrent[T]) store(d, from []T, dir int) {
	if d == nil {
		return
	}
	for b := range r.Batch {
		copy(d[r.stateAt(dir, b):], from[b*r.Hidden:(b+1)*r.Hidden])
	}
}
