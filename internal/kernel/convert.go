package kernel

import "math"

// Convert copies numbers to another type, as Go converts them: integers wrap around, floats round to
// the nearest. From floats to integers Go leaves open what is out of range: see [TruncTo].
func Convert[D, S Number](d []D, x []S) {
	x = x[:len(d)]
	for i, v := range x {
		d[i] = D(v)
	}
}

// TruncTo copies floats to integers, towards zero, as [Trunc64] and [Trunc32] have it.
func TruncTo[D Integer, S Float](d []D, x []S) {
	x = x[:len(d)]
	if wide[D]() {
		for i, v := range x {
			d[i] = D(Trunc64(float64(v)))
		}
		return
	}
	for i, v := range x {
		d[i] = D(Trunc32(float64(v)))
	}
}

// wide reports whether a float becomes a D by way of int64: int64 and the unsigned types of 32 and 64
// bits; int32 and what is narrower comes by way of int32.
func wide[D Integer]() bool {
	var z D
	switch any(z).(type) {
	case int64, uint64, uint32:
		return true
	}
	return false
}

// Trunc64 rounds towards zero, as the SSE instruction does: what an int64 cannot hold becomes its
// least value, except that numbers from 2^63 to 2^64 keep the bits they have as a uint64.
func Trunc64(v float64) int64 {
	switch {
	case v >= -0x1p63 && v < 0x1p63:
		return int64(v)
	case v >= 0x1p63 && v < 0x1p64:
		return int64(v-0x1p63) + math.MinInt64
	}
	return math.MinInt64
}

// Trunc32 is Trunc64 for int32.
func Trunc32(v float64) int32 {
	if v > math.MinInt32-1 && v < math.MaxInt32+1 {
		return int32(v)
	}
	return math.MinInt32
}
