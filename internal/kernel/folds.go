package kernel

// Sum is the folding to the sum.
func Sum[T Number]() Fold[T] { return Fold[T]{Run: sumRun[T], Cols: addTo[T], Join: plus[T]} }

// Mean is the folding to the mean; integers are divided towards zero. The mean of nothing is NaN, for
// integers 0.
func Mean[T Number]() Fold[T] {
	f := Sum[T]()
	f.End = func(acc []T, n int) {
		if n == 0 {
			zero := float64(0)
			nan := zero / zero
			for i := range acc {
				if T(1)/2 != 0 {
					acc[i] = T(nan)
				}
			}
			return
		}
		for i := range acc {
			acc[i] /= T(n)
		}
	}
	return f
}

func sumRun[T Number](x []T) T {
	var a, b, c, d T
	for len(x) >= 4 {
		a += x[0]
		b += x[1]
		c += x[2]
		d += x[3]
		x = x[4:]
	}
	for _, v := range x {
		a += v
	}
	return a + b + (c + d)
}

func plus[T Number](a, b T) T { return a + b }

func addTo[T Number](acc, x []T) {
	x = x[:len(acc)]
	for i, v := range x {
		acc[i] += v
	}
}
