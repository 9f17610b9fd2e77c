package keras

import (
	"cmp"
	"slices"
)

// inOrder sorts calls as Keras 3 runs them: those that are farthest from the outputs first, and of the same
// distance in the order in which a walk from the last output backwards comes upon them. It matters where a call
// has an effect on its arguments: from 3.8 on MultiHeadAttention takes their masks off.
func (w *walk) inOrder(calls []pending, outputs []reference) {
	reads, ends := w.reads(calls, outputs)
	distance := make([]int, len(calls))
	farthest := map[int]int{}      // by layer, of its calls yet
	met := make([]int, len(calls)) // when the walk came upon each, from 1
	when := 0
	meet := func(i int) {
		if met[i] == 0 {
			when++
			met[i] = when
		}
	}
	for _, i := range slices.Backward(finished(reads, ends)) {
		meet(i)
		distance[i] = max(distance[i], farthest[calls[i].layer])
		farthest[calls[i].layer] = distance[i]
		for _, j := range reads[i] {
			meet(j)
			distance[j] = max(distance[j], distance[i]+1)
		}
	}
	order := make([]int, len(calls))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Or(cmp.Compare(distance[j], distance[i]), cmp.Compare(met[i], met[j]))
	})
	from := slices.Clone(calls)
	for k, i := range order {
		calls[k] = from[i]
	}
}

// reads returns for each call those that make its arguments, and those that make the outputs; the model's inputs
// are no calls.
func (w *walk) reads(calls []pending, outputs []reference) (of [][]int, ends []int) {
	type key struct {
		layer string
		index int
	}
	at := make(map[key]int, len(calls))
	for i, p := range calls {
		at[key{w.layers[p.layer].name(), p.index}] = i
	}
	find := func(refs []reference) []int {
		var list []int
		for _, r := range refs {
			if i, ok := at[key{r.layer, r.node}]; ok {
				list = append(list, i)
			}
		}
		return list
	}
	of = make([][]int, len(calls))
	for i, p := range calls {
		of[i] = find(p.call.refs)
	}
	return of, find(outputs)
}

// finished lists what the ends need, each after what it reads, depth first.
func finished(reads [][]int, ends []int) []int {
	var list []int
	seen := make([]bool, len(reads))
	var visit func(i int)
	visit = func(i int) {
		if seen[i] {
			return
		}
		seen[i] = true
		for _, j := range reads[i] {
			visit(j)
		}
		list = append(list, i)
	}
	for _, i := range ends {
		visit(i)
	}
	return list
}
