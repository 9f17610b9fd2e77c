package kernel

// im2col is the matrix that makes a convolution a product: rows are channels and taps, columns are
// positions. It is written panel by panel and never as a whole.
type im2col[T Number] struct {
	*Window
	taps  taps
	x     []T
	plane int // elements of a channel
	batch int // elements of a batch's channels
}

// longKernel is the length of the window's last axis from which its taps are taken along that axis
// and not each along the channels: gradients by weights are convolutions with windows that long.
const longKernel = 6

// Pack implements Panel.
func (m *im2col[T]) Pack(dst []T, stride, batch, k, kn, j, jn int) {
	x := m.x[batch*m.batch : (batch+1)*m.batch]
	last := len(m.In) - 1
	var at [MaxSpatial]int
	for c := 0; c < jn; {
		base, inside := m.corner(j+c, &at)
		run := 1
		switch {
		case !inside && m.Kernel[last] < longKernel:
			m.border(dst[c:], stride, x, base, k, kn, &at)
		case !inside:
			m.borderRuns(dst[c:], stride, x, base, k, kn, &at)
		default:
			if m.Stride[last] == 1 {
				left := min(m.Out[last]-(j+c)%m.Out[last], m.In[last]-(m.Kernel[last]-1)*m.Dilation[last]-at[last])
				run = min(jn-c, left)
			}
			m.copy(dst[c:], stride, x, base, k, kn, run)
		}
		c += run
	}
}

// copy writes adjacent columns whose taps all lie on elements.
func (m *im2col[T]) copy(dst []T, stride int, x []T, base, k, kn, run int) {
	off := m.taps.offset
	t := k % len(off)
	base += k / len(off) * m.plane
	for r := range kn {
		d, s := dst[r*stride:], x[base+off[t]:]
		switch run {
		case 1:
			d[0] = s[0]
		case 4:
			copy4(d, s)
		default:
			copy(d[:run], s)
		}
		if t++; t == len(off) {
			t = 0
			base += m.plane
		}
	}
}

// border writes one column, zeros where its taps lie outside.
func (m *im2col[T]) border(dst []T, stride int, x []T, base, k, kn int, at *[MaxSpatial]int) {
	n := len(m.taps.offset)
	for t, off := range m.taps.offset {
		first := t - k%n
		if first < 0 {
			first += n
		}
		on := m.onElement(t, at)
		for r := first; r < kn; r += n {
			if on {
				dst[r*stride] = x[base+(k+r)/n*m.plane+off]
			} else {
				dst[r*stride] = 0
			}
		}
	}
}

// borderRuns is border along the window's last axis.
func (m *im2col[T]) borderRuns(dst []T, stride int, x []T, base, k, kn int, at *[MaxSpatial]int) {
	last := len(m.In) - 1
	n, length, step := len(m.taps.offset), m.Kernel[last], m.Dilation[last]
	first := at[last] // of the taps 0 to lo none lies on an element, and none from hi on
	lo := max(0, ceilDiv(-first, step))
	hi := 0
	if end := m.In[last] - 1 - first; end >= 0 {
		hi = min(length, end/step+1)
	}
	for r := 0; r < kn; {
		row := k + r
		channel, t := row/n, row%n
		from := t % length
		to := min(length, from+kn-r)
		d := dst[r*stride:]
		r += to - from
		on := m.taps.outerOn(m.Window, t, at)
		src := base + channel*m.plane + m.taps.offset[t] - from*step
		for i, o := from, 0; i < to; i, o = i+1, o+stride {
			if on && i >= lo && i < hi {
				d[o] = x[src+i*step]
			} else {
				d[o] = 0
			}
		}
	}
}

func (m *im2col[T]) onElement(t int, at *[MaxSpatial]int) bool {
	for a, p := range m.taps.pos[t*m.taps.axes : (t+1)*m.taps.axes] {
		if q := at[a] + p; q < 0 || q >= m.In[a] {
			return false
		}
	}
	return true
}
