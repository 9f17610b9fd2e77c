package kernel

// OneHot fills d, seen as [len(index)/inner][depth][inner], with off, and with on where the axis of
// depth elements is at the index; one that is negative stands for nowhere.
func OneHot[T any](d []T, index []int, depth, inner int, off, on T) {
	fill(d, off)
	for i, k := range index {
		if k >= 0 {
			d[(i/inner*depth+k)*inner+i%inner] = on
		}
	}
}
