package models

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/onnxtool/onnxtool/train/data"
)

// The size of the course's data, of European card holders in two days of September 2013: ULB and Worldline,
// Dal Pozzolo et al. 2015.
const (
	fraudRows = 284807
	frauds    = 492
)

// fraudColumns are time in seconds, 28 principal components and the amount.
func fraudColumns() []string {
	names := []string{"Time"}
	for k := 1; k <= 28; k++ {
		names = append(names, "V"+strconv.Itoa(k))
	}
	return append(names, "Amount")
}

// fraudTable reads the payments, or generates them where no file is given. Fewer rows of a file are its first.
func fraudTable(o Options) (*data.Table, error) {
	if o.Path == "" {
		n := o.Rows
		if n == 0 {
			n = fraudRows
		}
		return generatePayments(n)
	}
	t, err := loadTable(o.Path, data.CSVOptions{Columns: append(fraudColumns(), "Class")})
	if err != nil || o.Rows == 0 {
		return t, err
	}
	return t.Slice(0, min(o.Rows, t.Rows())), nil
}

// fraudShift is how far frauds lie from other payments in a component, in its standard deviations. The
// order of the components, that V14, V12, V10, V17 and V4 tell most, is that of the real data.
var fraudShift = map[int]float64{
	14: -5.5, 12: -4.6, 10: -4, 17: -4.4, 4: 2.8, 11: 3.1, 3: -2.6, 16: -3.3, 7: -2.3, 9: -1.7, 18: -1.8, 1: -1.5, 2: 1.2, 5: -1.3, 21: .8,
}

// generatePayments makes payments in the shape of the course's data: heavy-tailed components of falling
// variance, amounts that are log-normal, fewer payments at night. One in 579 is a fraud. How far a fraud
// differs varies from none to far, as does how far an ordinary payment does: one in 4000 looks somewhat
// like a fraud, so that neither precision nor recall can be 1.
//
// The rows are the same in every call: they stand for a file.
func generatePayments(n int) (*data.Table, error) {
	const least = 1000 // rows, so that each part of a split has frauds
	if n < least {
		return nil, fmt.Errorf("%d rows: at least %d are needed, one in %d is a fraud", n, least, fraudRows/frauds)
	}
	r := rand.New(rand.NewPCG(4, 2013))
	class := make([]float64, n)
	for _, row := range r.Perm(n)[:max(2, int(math.Round(float64(n)*frauds/fraudRows)))] {
		class[row] = 1
	}
	values := make([][]float64, 30)
	for j := range values {
		values[j] = make([]float64, n)
	}
	for i := range n {
		values[0][i] = paymentTime(r, float64(i)/float64(n))
		like := 0. // how much it looks like a fraud, 1 is usual for one
		switch {
		case class[i] == 1 && r.Float64() < .88:
			like = .45 + .4*r.ExpFloat64()
		case class[i] == 0 && r.IntN(4000) == 0:
			like = .15 + .35*r.Float64()
		}
		tail := math.Sqrt(6 / (r.ExpFloat64()*2 + r.ExpFloat64()*2 + r.ExpFloat64()*2)) // Student's t, 6 degrees of freedom
		for k := 1; k <= 28; k++ {
			dev := 1.96 * math.Exp(-.066*float64(k-1))
			spread := tail * (1 + .6*math.Min(like, 1))
			values[k][i] = dev * (spread*r.NormFloat64()/1.22 + like*fraudShift[k]*(1+.25*r.NormFloat64()))
		}
		mean := 3.1 - .7*class[i]
		values[29][i] = math.Round(100*math.Exp(mean+(1.6+.5*class[i])*r.NormFloat64())) / 100
	}
	columns := make([]*data.Column, 0, 31)
	for j, name := range fraudColumns() {
		columns = append(columns, data.Floats(name, values[j]))
	}
	return data.NewTable(append(columns, data.Floats("Class", class))...)
}

// paymentTime is the second of the payment at a share of the two days' rows; nights have a quarter of the
// day's rate.
func paymentTime(r *rand.Rand, share float64) float64 {
	const day = 86400
	at := math.Mod(share*2, 1)
	if at < .08 {
		at *= .29 / .08 // seven hours have 8 % of a day's payments
	} else {
		at = .29 + (at-.08)*.71/.92
	}
	return math.Floor((math.Floor(share*2) + math.Min(at+.0002*r.Float64(), .99999)) * day)
}
