package kernel

import "math"

// Sum is the folding to the sum.
func Sum[T Number]() Fold[T] { return Fold[T]{Run: sumRun[T], Cols: addTo[T], Join: plus[T]} }

// Mean is the folding to the mean; integers are divided towards zero. The mean of nothing is NaN, for
// integers 0.
func Mean[T Number]() Fold[T] {
	f := Sum[T]()
	f.End = func(acc []T, n int) {
		if n == 0 {
			fill(acc, nanOrZero[T]())
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

// Greatest is the folding to the greatest element, NaN where one is; of nothing it is the least number of
// the type, minus infinity for floats.
func Greatest[T Number]() Fold[T] {
	lo, _ := limits[T]()
	return Fold[T]{Init: lo, Join: maxNaN[T],
		Run: func(x []T) T {
			m := lo
			for _, v := range x {
				if v > m || v != v {
					m = v
				}
				if m != m {
					return m
				}
			}
			return m
		},
		Cols: func(acc, x []T) {
			x = x[:len(acc)]
			for i, v := range x {
				acc[i] = maxNaN(acc[i], v)
			}
		},
	}
}

// Least is the folding to the least element, NaN where one is; of nothing it is the greatest number of
// the type, infinity for floats.
func Least[T Number]() Fold[T] {
	_, hi := limits[T]()
	return Fold[T]{Init: hi, Join: minNaN[T],
		Run: func(x []T) T {
			m := hi
			for _, v := range x {
				if v < m || v != v {
					m = v
				}
				if m != m {
					return m
				}
			}
			return m
		},
		Cols: func(acc, x []T) {
			x = x[:len(acc)]
			for i, v := range x {
				acc[i] = minNaN(acc[i], v)
			}
		},
	}
}

func maxNaN[T Number](a, b T) T {
	if b > a || b != b {
		return b
	}
	return a
}

func minNaN[T Number](a, b T) T {
	if b < a || b != b {
		return b
	}
	return a
}

// Any is the folding to whether one element holds.
func Any() Fold[bool] { return boolFold(false, func(a, b bool) bool { return a || b }) }

// All is the folding to whether all elements hold.
func All() Fold[bool] { return boolFold(true, func(a, b bool) bool { return a && b }) }

func boolFold(init bool, join func(a, b bool) bool) Fold[bool] {
	return Fold[bool]{Init: init, Join: join,
		Run: func(x []bool) bool {
			m := init
			for _, v := range x {
				m = join(m, v)
			}
			return m
		},
		Cols: func(acc, x []bool) {
			for i := range acc {
				acc[i] = join(acc[i], x[i])
			}
		},
	}
}

// Prod is the folding to the product.
func Prod[T Number]() Fold[T] {
	return Fold[T]{Init: 1, Join: func(a, b T) T { return a * b },
		Run: func(x []T) T {
			var m T = 1
			for _, v := range x {
				m *= v
			}
			return m
		},
		Cols: func(acc, x []T) {
			x = x[:len(acc)]
			for i, v := range x {
				acc[i] *= v
			}
		},
	}
}

// SumAbs is the folding to the sum of absolute values.
func SumAbs[T Number]() Fold[T] {
	return Fold[T]{Join: plus[T],
		Run: func(x []T) T {
			var s T
			for _, v := range x {
				s += magnitude(v)
			}
			return s
		},
		Cols: func(acc, x []T) {
			x = x[:len(acc)]
			for i, v := range x {
				acc[i] += magnitude(v)
			}
		},
	}
}

func magnitude[T Number](v T) T {
	if v < 0 {
		return -v
	}
	return v
}

// SumSquare is the folding to the sum of squares.
func SumSquare[T Number]() Fold[T] {
	return Fold[T]{Join: plus[T],
		Run: func(x []T) T {
			var s T
			for _, v := range x {
				s += v * v
			}
			return s
		},
		Cols: func(acc, x []T) {
			x = x[:len(acc)]
			for i, v := range x {
				acc[i] += v * v
			}
		},
	}
}

// Norm is the folding to the square root of the sum of squares, cut off for integers.
func Norm[T Number]() Fold[T] { return ended(SumSquare[T](), math.Sqrt) }

// LogSum is the folding to the logarithm of the sum.
func LogSum[T Float]() Fold[T] { return ended(Sum[T](), math.Log) }

func ended[T Number](f Fold[T], g func(float64) float64) Fold[T] {
	f.End = func(acc []T, _ int) {
		for i, v := range acc {
			acc[i] = T(g(float64(v)))
		}
	}
	return f
}
