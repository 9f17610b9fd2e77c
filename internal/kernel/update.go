package kernel

// Update is what becomes of a place in a tensor and a value that is put there.
type Update[T any] struct {
	// places updates d[base+index[j]*stride+inner[j]] by x[j], in order.
	places func(d, x []T, index, inner []int, base, stride int)
	// slice updates d[j] by x[j].
	slice func(d, x []T)
}

// Put replaces what is there.
func Put[T any]() Update[T] {
	return Update[T]{func(d, x []T, index, inner []int, base, stride int) {
		for j, k := range index {
			d[base+k*stride+inner[j]] = x[j]
		}
	}, func(d, x []T) { copy(d, x) }}
}

// AddTo adds to what is there.
func AddTo[T Number]() Update[T] {
	return Update[T]{func(d, x []T, index, inner []int, base, stride int) {
		for j, k := range index {
			d[base+k*stride+inner[j]] += x[j]
		}
	}, func(d, x []T) { Add(d, d, x) }}
}

// Combine replaces what is there by a function of it and the value.
func Combine[T any](f func(old, value T) T) Update[T] {
	return Update[T]{func(d, x []T, index, inner []int, base, stride int) {
		for j, k := range index {
			at := base + k*stride + inner[j]
			d[at] = f(d[at], x[j])
		}
	}, func(d, x []T) {
		for j, v := range x {
			d[j] = f(d[j], v)
		}
	}}
}
