package stat

import (
	"errors"
	"fmt"
	"math"
)

// MICOptions are the parameters of ApproxMaxMI; zero values are the paper's.
type MICOptions struct {
	Alpha float64 // grids have up to n^Alpha cells; 0 is .6
	C     float64 // clumps for each column of the largest grid; 0 is 15
}

// MINE holds the maximal information coefficient and its companions.
type MINE struct {
	MIC float64 // how well a grid tells one from the other: 0 independent, 1 a noiseless function
	MAS float64 // maximum asymmetry: how far from monotone
	MEV float64 // maximum edge value: how near to a function
	MCN float64 // minimum cell number: log2 of the cells of the smallest grid that reaches MIC, the complexity
}

// MIC approximates the maximal information coefficient of two samples of equal length by the algorithm ApproxMaxMI
// of Reshef, Reshef, Finucane, Grossman, McVean, Turnbaugh, Lander, Mitzenmacher and Sabeti, "Detecting Novel
// Associations in Large Data Sets", Science 334 (2011), with its supplement: over all grids of x columns and y rows
// with x*y <= max(n^Alpha, 4) cells, the largest mutual information divided by log min(x, y). It does not change
// where x and y change places, nor under whatever only rises. Of the paper's equipartition with the best columns
// each axis has its turn. Samples that do not vary have 0.
//
// Time grows as about n^(1+Alpha), times C^2: some 50 ms for 1,000 points.
func MIC(x, y []float64, o MICOptions) (MINE, error) {
	if o.Alpha == 0 {
		o.Alpha = .6
	}
	if o.C == 0 {
		o.C = 15
	}
	switch {
	case len(x) != len(y):
		return MINE{}, fmt.Errorf("stat: samples of %d and %d numbers", len(x), len(y))
	case len(x) == 0:
		return MINE{}, errors.New("stat: samples of no numbers")
	case !(o.Alpha > 0 && o.Alpha <= 1) || !(o.C > 0 && o.C <= 1000):
		return MINE{}, fmt.Errorf("stat: MIC with alpha %v, c %v: alpha is in (0,1], c above 0", o.Alpha, o.C)
	}
	for i := range x {
		if math.IsNaN(x[i]-x[i]) || math.IsNaN(y[i]-y[i]) { // as the difference of infinite numbers is, too
			return MINE{}, fmt.Errorf("stat: MIC of %v and %v at %d: numbers must be finite", x[i], y[i], i)
		}
	}
	cells := int(max(math.Pow(float64(len(x)), o.Alpha), 4))
	if constant(x) || constant(y) {
		return MINE{MCN: 2}, nil
	}
	m := newCharacteristic(cells)
	m.fill(x, y, o.C, false)
	m.fill(y, x, o.C, true)
	return m.figures(), nil
}

// characteristic is the paper's characteristic matrix: the best normalised information of each size of grid.
type characteristic struct {
	cells  int
	values map[[2]int]float64 // by columns and rows
}

func newCharacteristic(cells int) *characteristic {
	return &characteristic{cells, map[[2]int]float64{}}
}

// fill takes grids whose rows cut y into equal parts, and whose columns are the best for them. turned says that x
// and y have changed places.
func (m *characteristic) fill(x, y []float64, c float64, turned bool) {
	g := newGrid(x, y)
	for rows := 2; rows <= m.cells/2; rows++ {
		columns := m.cells / rows
		best := g.bestColumns(rows, columns, int(max(1, c*float64(columns))))
		for i, information := range best {
			size := [2]int{i + 2, rows}
			if turned {
				size = [2]int{rows, i + 2}
			}
			v := max(0, information/math.Log(float64(min(i+2, rows))))
			m.values[size] = max(m.values[size], min(1, v))
		}
	}
}

// figures reads MIC and the others off the matrix.
func (m *characteristic) figures() MINE {
	var f MINE
	for _, v := range m.values {
		f.MIC = max(f.MIC, v)
	}
	f.MCN = math.Inf(1)
	for size, v := range m.values {
		f.MAS = max(f.MAS, math.Abs(v-m.values[[2]int{size[1], size[0]}]))
		if size[0] == 2 || size[1] == 2 {
			f.MEV = max(f.MEV, v)
		}
		if v >= f.MIC-1e-12 {
			f.MCN = min(f.MCN, math.Log2(float64(size[0]*size[1])))
		}
	}
	return f
}
