package kernel

import "sync"

// Strides says where the elements of a matrix lie: (i,j) at i*Row + j*Col. A transposed matrix has
// its strides swapped, a broadcast one has zeros.
type Strides struct{ Row, Col int }

// Product is the geometry of a matrix product C[M,N] = A[M,K] * B[K,N], the same for a batch of them.
type Product struct {
	M, N, K int
	A, B    Strides
	C       int // row stride of C, whose columns are adjacent
	D       Strides
	Batch   Batch
	// Product i of the batch adds D from element i % DEvery * DStep on; DEvery 0 is 1.
	DStep, DEvery int
	// Panel says that B comes from Operands.Panel.
	Panel bool
}

// Gemm computes the products of one geometry:
//
//	C = Alpha * A*B + Beta * D
//
// Every element is summed over k in ascending order, in blocks of a fixed size, so the result does
// not depend on the number of threads. Zeros are multiplied like any other number: NaN and infinity
// spread as IEEE 754 has it.
type Gemm[T Number] struct {
	p              Product
	tileM, tileN   int // size of the part of C that one chunk computes
	tilesM, tilesN int
	chunks         int
	jobs           sync.Pool
}

// Operands are the memory that a Gemm works on. D is nil where nothing is added; with Add, C itself
// is what Beta multiplies. B is nil where Panel gives it.
type Operands[T Number] struct {
	C, A, B, D  []T
	Alpha, Beta T
	Add         bool
	Panel       Panel[T]
}

// Panel is a matrix B that is not in memory: it is written where the kernel needs it.
type Panel[T Number] interface {
	// Pack writes rows k to k+kn and columns j to j+jn of B of the given batch; row r begins at
	// dst[r*stride].
	Pack(dst []T, stride, batch, k, kn, j, jn int)
}

// The blocking: a chunk computes at most tileM by tileN elements of C and packs blockK rows of B and
// columns of A at a time. Below parallelFlops there is one chunk.
const (
	tileM         = 64
	tileN         = 128
	blockK        = 256
	parallelFlops = 1 << 20
)

// NewGemm returns the product of a geometry.
func NewGemm[T Number](p Product) *Gemm[T] {
	g := &Gemm[T]{p: p, tileM: tileM, tileN: tileN}
	if !p.Panel && (p.M == 1 || p.N == 1) {
		g.tileM, g.tileN = p.M, p.N
		if p.M == 1 {
			g.tileN = vectorTile(p.N, p.K)
		} else {
			g.tileM = vectorTile(p.M, p.K)
		}
	}
	g.tileM, g.tileN = max(1, min(g.tileM, p.M)), max(1, min(g.tileN, p.N))
	g.tilesM, g.tilesN = ceilDiv(p.M, g.tileM), ceilDiv(p.N, g.tileN)
	g.chunks = p.Batch.Len() * g.tilesM * g.tilesN
	if flops := 2 * float64(p.M) * float64(p.N) * float64(p.K) * float64(p.Batch.Len()); flops < float64(g.chunks)*parallelFlops {
		g.chunks = min(g.chunks, 1+int(flops/parallelFlops))
	}
	g.jobs.New = func() any { return &gemmJob[T]{g: g} }
	return g
}

// vectorTile returns into how long pieces a vector-matrix product is cut.
func vectorTile(n, k int) int {
	return max(64, (parallelFlops/2/max(1, k)+63)/64*64)
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// Run computes C.
func (g *Gemm[T]) Run(p *Pool, x Operands[T]) {
	if g.p.M == 0 || g.p.N == 0 || g.chunks == 0 {
		return
	}
	j := g.jobs.Get().(*gemmJob[T])
	j.x = x
	p.Run(j, g.chunks)
	j.x = Operands[T]{}
	g.jobs.Put(j)
}

type gemmJob[T Number] struct {
	g *Gemm[T]
	x Operands[T]
}

func (j *gemmJob[T]) Chunk(i int) {
	g := j.g
	tiles := g.tilesM * g.tilesN
	lo, hi := Part(tiles*g.p.Batch.Len(), g.chunks, i)
	for t := lo; t < hi; t++ {
		b, r := t/tiles, t%tiles
		w := part[T]{Product: &g.p, Operands: &j.x, batch: b}
		w.at = g.p.Batch.offsets(b)
		w.atD = b % max(1, g.p.DEvery) * g.p.DStep
		w.i0 = r / g.tilesN * g.tileM
		w.j0 = r % g.tilesN * g.tileN
		w.i1, w.j1 = min(w.i0+g.tileM, g.p.M), min(w.j0+g.tileN, g.p.N)
		w.run()
	}
}

// part is the piece of one product's C that a chunk computes.
type part[T Number] struct {
	*Product
	*Operands[T]
	batch          int
	at             [3]int // where the batch's A, B and C begin
	atD            int
	i0, i1, j0, j1 int
}

func (w *part[T]) run() {
	switch {
	case w.K == 0:
		w.start()
	case !w.Product.Panel && (w.M == 1 || w.N == 1):
		w.vector()
	default:
		w.blocks()
	}
}

// start writes Beta * D, or zeros.
func (w *part[T]) start() {
	for i := w.i0; i < w.i1; i++ {
		for j := w.j0; j < w.j1; j++ {
			w.put(i, j, 0)
		}
	}
}

// put ends the computation of an element whose sum is at hand.
func (w *part[T]) put(i, j int, sum T) {
	c := &w.Operands.C[w.at[2]+i*w.Product.C+j]
	switch {
	case w.Add:
		*c = w.Alpha*sum + w.Beta**c
	case w.Operands.D != nil:
		*c = w.Alpha*sum + w.Beta*w.Operands.D[w.atD+i*w.Product.D.Row+j*w.Product.D.Col]
	default:
		*c = w.Alpha * sum
	}
}
