package kernel

// CumSum adds up n elements that are stride apart: d_i is the sum of x_0 to x_i, without x_i where
// exclusive, and of x_i to x_n-1 where reverse. d may be x.
func CumSum[T Number](d, x []T, n, stride int, exclusive, reverse bool) {
	at, step := 0, stride
	if reverse {
		at, step = (n-1)*stride, -stride
	}
	var sum T
	for range n {
		v := x[at]
		if exclusive {
			d[at] = sum
		}
		sum += v
		if !exclusive {
			d[at] = sum
		}
		at += step
	}
}
