package kernel

// Batch lists where the matrices of a batch begin. The zero Batch is a single product.
type Batch struct{ way *Broadcast }

// NewBatch returns the batch of the given sizes whose operands A and B have shapes a and b, aligned
// at the last axis and broadcast; stepA, stepB and stepC are the elements of one matrix.
func NewBatch(out, a, b []int, stepA, stepB, stepC int) Batch {
	w := &Broadcast{row: 1, rows: 1}
	step := [3]int{stepA, stepB, stepC}
	for i := len(out) - 1; i >= 0; i-- {
		var st [3]int
		for k, s := range [3][]int{a, b, out} {
			if j := i - (len(out) - len(s)); j >= 0 && s[j] != 1 {
				st[k] = size(s[j+1:]) * step[k]
			}
		}
		w.rows *= out[i]
		if out[i] != 1 {
			w.push(out[i], st)
		}
	}
	return Batch{w}
}

// Len returns the number of products.
func (b Batch) Len() int {
	if b.way == nil {
		return 1
	}
	return b.way.rows
}

func (b Batch) offsets(i int) [3]int {
	if b.way == nil {
		return [3]int{}
	}
	return b.way.offsets(i)
}
