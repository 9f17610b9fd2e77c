package kernel

import "sync"

// The microkernel's tile: eight sums and their factors fit into sixteen registers.
const (
	mr = 2
	nr = 4
)

// panels is the memory for the packed pieces of A and B of one chunk.
type panels[T any] struct {
	a [tileM * blockK]T
	b [tileN * blockK]T
}

var (
	panels32, panels64 sync.Pool // of *panels[float32] and *panels[float64]
	panelsI32          sync.Pool // the integer types, each its own
	panelsI64          sync.Pool
	panelsU32          sync.Pool
	panelsU64          sync.Pool
	panelsRest         sync.Pool
)

func panelPool[T Number]() *sync.Pool {
	var z T
	switch any(z).(type) {
	case float32:
		return &panels32
	case float64:
		return &panels64
	case int32:
		return &panelsI32
	case int64:
		return &panelsI64
	case uint32:
		return &panelsU32
	case uint64:
		return &panelsU64
	}
	return &panelsRest
}

// blocks computes the part in blocks of K, from packed strips.
func (w *part[T]) blocks() {
	pool := panelPool[T]()
	buf, ok := pool.Get().(*panels[T])
	if !ok {
		buf = new(panels[T])
	}
	for k := 0; k < w.K; k += blockK {
		kn := min(blockK, w.K-k)
		w.packA(buf.a[:], k, kn)
		w.packB(buf.b[:], k, kn)
		w.block(buf, k, kn)
	}
	pool.Put(buf)
}

// block adds the products over one block of K to the part.
func (w *part[T]) block(buf *panels[T], k, kn int) {
	var tile [mr * nr]T
	for j := w.j0; j < w.j1; j += nr {
		b := buf.b[(j-w.j0)*kn:][:nr*kn]
		for i := w.i0; i < w.i1; i += mr {
			a := buf.a[(i-w.i0)*kn:][:mr*kn]
			micro(&tile, a, b)
			w.store(&tile, i, j, k == 0)
		}
	}
}

// store puts a tile into C: the first block ends the computation of its elements, later ones add.
func (w *part[T]) store(tile *[mr * nr]T, i, j int, first bool) {
	n := min(nr, w.j1-j)
	alpha := w.Alpha
	for r := range min(mr, w.i1-i) {
		t := tile[r*nr:][:n]
		c := w.Operands.C[w.at[2]+(i+r)*w.Product.C+j:][:n]
		switch d := w.Operands.D; {
		case !first:
			for s, v := range t {
				c[s] += alpha * v
			}
		case w.Add:
			for s, v := range t {
				c[s] = alpha*v + w.Beta*c[s]
			}
		case d == nil:
			for s, v := range t {
				c[s] = alpha * v
			}
		case w.Product.D.Col == 0:
			b := w.Beta * d[w.atD+(i+r)*w.Product.D.Row]
			for s, v := range t {
				c[s] = alpha*v + b
			}
		default:
			at := w.atD + (i+r)*w.Product.D.Row + j*w.Product.D.Col
			for s, v := range t {
				c[s] = alpha*v + w.Beta*d[at]
				at += w.Product.D.Col
			}
		}
	}
}

// micro computes tile = a*b of an mr-row strip of A and an nr-column strip of B, both with k
// outermost. Four steps a turn of the loop are what the compiler needs to come near the processor's
// rate of scalar additions and multiplications.
func micro[T Number](tile *[mr * nr]T, a, b []T) {
	var c00, c01, c02, c03, c10, c11, c12, c13 T
	for len(a) >= 4*mr && len(b) >= 4*nr {
		b0, b1, b2, b3 := b[0], b[1], b[2], b[3]
		a0, a1 := a[0], a[1]
		c00 += a0 * b0
		c01 += a0 * b1
		c02 += a0 * b2
		c03 += a0 * b3
		c10 += a1 * b0
		c11 += a1 * b1
		c12 += a1 * b2
		c13 += a1 * b3
		b0, b1, b2, b3 = b[4], b[5], b[6], b[7]
		a0, a1 = a[2], a[3]
		c00 += a0 * b0
		c01 += a0 * b1
		c02 += a0 * b2
		c03 += a0 * b3
		c10 += a1 * b0
		c11 += a1 * b1
		c12 += a1 * b2
		c13 += a1 * b3
		b0, b1, b2, b3 = b[8], b[9], b[10], b[11]
		a0, a1 = a[4], a[5]
		c00 += a0 * b0
		c01 += a0 * b1
		c02 += a0 * b2
		c03 += a0 * b3
		c10 += a1 * b0
		c11 += a1 * b1
		c12 += a1 * b2
		c13 += a1 * b3
		b0, b1, b2, b3 = b[12], b[13], b[14], b[15]
		a0, a1 = a[6], a[7]
		c00 += a0 * b0
		c01 += a0 * b1
		c02 += a0 * b2
		c03 += a0 * b3
		c10 += a1 * b0
		c11 += a1 * b1
		c12 += a1 * b2
		c13 += a1 * b3
		a, b = a[4*mr:], b[4*nr:]
	}
	for len(a) >= mr && len(b) >= nr {
		b0, b1, b2, b3 := b[0], b[1], b[2], b[3]
		a0, a1 := a[0], a[1]
		c00 += a0 * b0
		c01 += a0 * b1
		c02 += a0 * b2
		c03 += a0 * b3
		c10 += a1 * b0
		c11 += a1 * b1
		c12 += a1 * b2
		c13 += a1 * b3
		a, b = a[mr:], b[nr:]
	}
	*tile = [mr * nr]T{c00, c01, c02, c03, c10, c11, c12, c13}
}

// packA writes strips of mr rows, k outermost, the last one filled up with zeros.
func (w *part[T]) packA(dst []T, k, kn int) {
	rs, cs := w.Product.A.Row, w.Product.A.Col
	for i := w.i0; i < w.i1; i += mr {
		s := dst[(i-w.i0)*kn:][:mr*kn]
		src := w.Operands.A[w.at[0]+i*rs+k*cs:]
		for r := range mr {
			if i+r >= w.i1 {
				for t := r; t < len(s); t += mr {
					s[t] = 0
				}
				continue
			}
			at := r * rs
			for t := r; t < len(s); t += mr {
				s[t] = src[at]
				at += cs
			}
		}
	}
}

// packB writes strips of nr columns, k outermost, the last one filled up with zeros.
func (w *part[T]) packB(dst []T, k, kn int) {
	rs, cs := w.Product.B.Row, w.Product.B.Col
	for j := w.j0; j < w.j1; j += nr {
		s := dst[(j-w.j0)*kn:][:nr*kn]
		n := min(nr, w.j1-j)
		if n < nr {
			clear(s)
		}
		if w.Product.Panel {
			w.Operands.Panel.Pack(s, nr, w.batch, k, kn, j, n)
			continue
		}
		src := w.Operands.B[w.at[1]+k*rs+j*cs:]
		if cs == 1 && n == nr {
			for len(s) >= nr {
				copy4(s, src)
				if s = s[nr:]; len(s) > 0 {
					src = src[rs:]
				}
			}
			continue
		}
		for c := range n {
			at := c * cs
			for t := c; t < len(s); t += nr {
				s[t] = src[at]
				at += rs
			}
		}
	}
}

func copy4[T any](d, s []T) {
	d, s = d[:4], s[:4]
	d[0], d[1], d[2], d[3] = s[0], s[1], s[2], s[3]
}
