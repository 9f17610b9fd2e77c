package stat

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
)

// TSNE brings points of many dimensions to the plane so that near ones stay near: t-distributed stochastic
// neighbour embedding (van der Maaten and Hinton 2008), computed exactly, without the approximation of Barnes and
// Hut. The zero value is scikit-learn's default. Distances within a group and the order of groups mean something;
// how large groups are and how far they lie apart does not.
type TSNE struct {
	Perplexity        float64 // about how many neighbours a point has; 0 is 30
	EarlyExaggeration float64 // of the affinities in the first 250 steps; 0 is 12
	LearningRate      float64 // 0 is max(n/EarlyExaggeration/4, 50)
	MaxIter           int     // steps; 0 is 1000
}

// MaxTSNE is the most points that [TSNE.Embed] takes: its memory goes with their square, 128 MiB at this many.
const MaxTSNE = 4096

const (
	exploration   = 250 // steps with exaggerated affinities and less momentum
	checkEvery    = 50  // steps between looks at the divergence
	noProgress    = 300 // steps without progress after which it ends, exploration before
	minGradNorm   = 1e-7
	tiny          = 2.220446049250313e-16 // the double precision's epsilon
	searchSteps   = 100                   // for a point's precision
	entropyWithin = 1e-5
)

// Embed moves points from their starts in the plane, of the size of 1e-4, to where the Kullback-Leibler divergence
// of their affinities from those of the rows is small, and returns it. It takes a time that goes with the square
// of the number of rows. The result is the same on any number of CPUs. The rows are as long as each other, finite, and
// more than the perplexity.
func (o TSNE) Embed(rows [][]float64, starts [][2]float64) (points [][2]float64, divergence float64, err error) {
	n := len(rows)
	if o.Perplexity == 0 {
		o.Perplexity = 30
	}
	if o.EarlyExaggeration == 0 {
		o.EarlyExaggeration = 12
	}
	if o.LearningRate == 0 {
		o.LearningRate = max(float64(n)/o.EarlyExaggeration/4, 50)
	}
	if o.MaxIter == 0 {
		o.MaxIter = 1000
	}
	switch {
	case n > MaxTSNE:
		return nil, 0, fmt.Errorf("stat: t-SNE of %d points: it takes %d at most", n, MaxTSNE)
	case len(starts) != n:
		return nil, 0, fmt.Errorf("stat: t-SNE of %d points with %d starts", n, len(starts))
	case !(o.Perplexity > 0 && o.Perplexity < float64(n)):
		return nil, 0, fmt.Errorf("stat: t-SNE with a perplexity of %v of %d points: it is above 0 and below their number", o.Perplexity, n)
	case !(o.LearningRate > 0) || !(o.EarlyExaggeration > 0) || o.MaxIter < 1:
		return nil, 0, errors.New("stat: t-SNE: LearningRate, EarlyExaggeration and MaxIter are above 0")
	}
	for i, r := range rows {
		if len(r) != len(rows[0]) {
			return nil, 0, fmt.Errorf("stat: t-SNE of rows of %d and %d numbers", len(rows[0]), len(r))
		}
		for j, v := range r {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, 0, fmt.Errorf("stat: t-SNE: row %d, number %d is %v", i, j, v)
			}
		}
	}
	d := newDescent(affinities(rows, o.Perplexity), starts)
	for i := range d.p {
		d.p[i] *= o.EarlyExaggeration
	}
	done := d.run(0, min(exploration, o.MaxIter), exploration, .5, o.LearningRate)
	for i := range d.p {
		d.p[i] /= o.EarlyExaggeration
	}
	if done < o.MaxIter {
		d.run(done, o.MaxIter, noProgress, .8, o.LearningRate)
	}
	d.derive()
	return d.at, d.divergence(), nil
}

// affinities returns p [n,n]: how likely each pair are neighbours, where each row of distances has a Gaussian of
// the precision that gives it the perplexity.
func affinities(rows [][]float64, perplexity float64) []float64 {
	n := len(rows)
	p := make([]float64, n*n)
	each(n, func(i int) {
		for j, r := range rows {
			for k, v := range r {
				d := v - rows[i][k]
				p[i*n+j] += d * d
			}
		}
		conditional(p[i*n:(i+1)*n], i, math.Log(perplexity))
	})
	sum := 0.0
	for i := range n {
		for j := range i {
			both := p[i*n+j] + p[j*n+i]
			p[i*n+j], p[j*n+i] = both, both
			sum += 2 * both
		}
	}
	for i := range p {
		p[i] = max(p[i]/max(sum, tiny), tiny)
	}
	for i := range n {
		p[i*n+i] = 0
	}
	return p
}

// conditional turns point i's squared distances into the probabilities of its neighbours, of a given entropy.
func conditional(row []float64, i int, entropy float64) {
	near := math.Inf(1)
	for j, d := range row {
		if j != i {
			near = min(near, d)
		}
	}
	distances := append([]float64(nil), row...)
	lo, hi, beta := math.Inf(-1), math.Inf(1), 1.0
	for range searchSteps {
		sum, weighted := 0.0, 0.0
		for j, d := range distances {
			row[j] = 0
			if j != i { // less the nearest, which changes no ratio and keeps the sum from 0
				row[j] = math.Exp(-(d - near) * beta)
				sum += row[j]
				weighted += (d - near) * row[j]
			}
		}
		for j := range row {
			row[j] /= sum
		}
		off := math.Log(sum) + beta*weighted/sum - entropy
		switch {
		case math.Abs(off) <= entropyWithin:
			return
		case off > 0:
			lo = beta
			if math.IsInf(hi, 1) {
				beta *= 2
			} else {
				beta = (beta + hi) / 2
			}
		default:
			hi = beta
			if math.IsInf(lo, -1) {
				beta /= 2
			} else {
				beta = (beta + lo) / 2
			}
		}
	}
}

// descent is a gradient descent with momentum and a gain for each coordinate.
type descent struct {
	p          []float64 // affinities [n,n]
	at         [][2]float64
	gradient   [][2]float64
	update     [][2]float64
	gain       [][2]float64
	sums, logs []float64 // of each row: its affinities in the plane, set by derive, and its part of the divergence
	z          float64   // the sum of sums
}

func newDescent(p []float64, starts [][2]float64) *descent {
	n := len(starts)
	return &descent{p: p, at: append([][2]float64(nil), starts...), gradient: make([][2]float64, n), sums: make([]float64, n), logs: make([]float64, n)}
}

// derive computes the gradient of the divergence: that of point i is
// 4 sum over j of (p_ij - w_ij/z) w_ij (y_i - y_j) with w_ij = 1/(1+|y_i-y_j|^2), z the sum of all w.
func (d *descent) derive() {
	n := len(d.at)
	apart := make([][2]float64, n)
	each(n, func(i int) {
		p := d.p[i*n : (i+1)*n]
		y := d.at[i]
		var pull, push [2]float64
		sum := 0.0
		for j, other := range d.at {
			if j == i {
				continue
			}
			dx, dy := y[0]-other[0], y[1]-other[1]
			w := 1 / (1 + dx*dx + dy*dy)
			sum += w
			pw, ww := p[j]*w, w*w
			pull[0], pull[1] = pull[0]+pw*dx, pull[1]+pw*dy
			push[0], push[1] = push[0]+ww*dx, push[1]+ww*dy
		}
		d.sums[i], d.gradient[i], apart[i] = sum, pull, push
	})
	d.z = 0
	for _, s := range d.sums {
		d.z += s
	}
	for i, push := range apart {
		for k := range push {
			d.gradient[i][k] = 4 * (d.gradient[i][k] - push[k]/max(d.z, tiny))
		}
	}
}

// divergence is the sum of p log(p/q) after derive.
func (d *descent) divergence() float64 {
	n := len(d.at)
	each(n, func(i int) {
		d.logs[i] = 0
		for j, other := range d.at {
			if p := d.p[i*n+j]; j != i {
				dx, dy := d.at[i][0]-other[0], d.at[i][1]-other[1]
				d.logs[i] += p * math.Log(p/max(1/(1+dx*dx+dy*dy)/d.z, tiny))
			}
		}
	})
	sum := 0.0
	for _, v := range d.logs {
		sum += v
	}
	return sum
}

// run does steps first to last-1, fewer where the divergence does not fall for patience steps or the gradient
// vanishes, and returns the next step's number.
func (d *descent) run(first, last, patience int, momentum, rate float64) int {
	n := len(d.at)
	d.update, d.gain = make([][2]float64, n), make([][2]float64, n)
	for i := range d.gain {
		d.gain[i] = [2]float64{1, 1}
	}
	best, bestAt := math.MaxFloat64, first
	for step := first; step < last; step++ {
		d.derive()
		check := (step+1)%checkEvery == 0
		divergence := 0.0
		if check {
			divergence = d.divergence()
		}
		norm := 0.0
		for i := range d.at {
			for k := range 2 {
				g := d.gradient[i][k]
				if d.update[i][k]*g < 0 {
					d.gain[i][k] += .2
				} else {
					d.gain[i][k] = max(d.gain[i][k]*.8, .01)
				}
				g *= d.gain[i][k]
				norm += g * g
				d.update[i][k] = momentum*d.update[i][k] - rate*g
				d.at[i][k] += d.update[i][k]
			}
		}
		if !check {
			continue
		}
		if divergence < best {
			best, bestAt = divergence, step
		} else if step-bestAt > patience {
			return step + 1
		}
		if math.Sqrt(norm) <= minGradNorm {
			return step + 1
		}
	}
	return last
}

// each calls f for 0 to n-1, on all CPUs.
func each(n int, f func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := w * n / workers; i < (w+1)*n/workers; i++ {
				f(i)
			}
		})
	}
	wait.Wait()
}
