package report

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// steps puts marks at multiples of 1, 2, 2.5 or 5 times a power of ten.
type steps struct {
	most  int  // of marks; 0 is 6
	room  int  // that labels in a row have, in letters; 0 is enough for most of six
	whole bool // only at integers
}

// Ticks returns the marks between lo and hi.
func (s steps) Ticks(lo, hi float64) []plot.Tick {
	most := s.most
	if most == 0 {
		most = 6
	}
	room := s.room
	if room == 0 {
		room = (most + 1) * 7
	}
	marks := s.marks(lo, hi, most)
	for ; most > 2 && wide(marks) > room; most-- {
		marks = s.marks(lo, hi, most-1)
	}
	return marks
}

// wide returns how many letters labels take side by side, with a space behind each.
func wide(marks []plot.Tick) int {
	n := 0
	for _, m := range marks {
		n += len([]rune(m.Label)) + 1
	}
	return n
}

// marks returns about that many marks.
func (s steps) marks(lo, hi float64, most int) []plot.Tick {
	step := niceStep((hi-lo)/float64(most), s.whole)
	if !(step > 0) || math.IsInf(step, 0) {
		return nil
	}
	var marks []plot.Tick
	for k := math.Ceil(lo/step - 1e-9); k*step <= hi+step*1e-9 && len(marks) < 100; k++ {
		marks = append(marks, plot.Tick{Value: k * step, Label: number(k*step, step)})
	}
	return marks
}

// niceStep returns the smallest such step that is not below least.
func niceStep(least float64, whole bool) float64 {
	if whole {
		least = max(least, 1)
	}
	power := math.Pow(10, math.Floor(math.Log10(least)))
	for _, f := range []float64{1, 2, 2.5, 5} {
		if s := f * power; s >= least*(1-1e-9) && !(whole && s != math.Trunc(s)) {
			return s
		}
	}
	return 10 * power
}

// number writes a mark's value with the digits that its step needs.
func number(v, step float64) string {
	if math.Abs(v) < step*1e-6 {
		return "0"
	}
	if a := math.Abs(v); a >= 1e7 || a < 1e-4 {
		return scientific(v)
	}
	digits := 0
	for s := step; digits < 8 && math.Abs(s-math.Round(s)) > 1e-6*s; digits++ {
		s *= 10
	}
	return grouped(strconv.FormatFloat(v, 'f', digits, 64))
}

// scientific writes a number as 2e−5. Raised digits would read better, but the fonts lack a raised minus.
func scientific(v float64) string {
	m, e, _ := strings.Cut(strconv.FormatFloat(v, 'e', -1, 64), "e")
	if len(m) > 4 {
		m, e, _ = strings.Cut(strconv.FormatFloat(v, 'e', 2, 64), "e")
		m = strings.TrimSuffix(strings.TrimRight(m, "0"), ".")
	}
	n, _ := strconv.Atoi(e)
	return strings.ReplaceAll(m+"e"+strconv.Itoa(n), "-", "−")
}

// grouped puts commas between thousands, and a true minus before negative ones.
func grouped(s string) string {
	whole, fraction, _ := strings.Cut(s, ".")
	sign := ""
	if rest, ok := strings.CutPrefix(whole, "-"); ok {
		sign, whole = "−", rest
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return sign + whole
}

// decades puts marks at powers of ten, and at 2 and 5 times them where there are few, on an axis of decimal
// logarithms.
type decades struct{}

// Ticks returns the marks between the logarithms lo and hi.
func (decades) Ticks(lo, hi float64) []plot.Tick {
	every := math.Max(1, math.Ceil((hi-lo)/7))
	few := hi-lo < 2.5
	var marks []plot.Tick
	for e := math.Floor(lo); e <= hi; e++ {
		for m := 1.0; m < 10; m++ {
			v := m * math.Pow(10, e)
			t := plot.Tick{Value: e + math.Log10(m)}
			if m == 1 && math.Mod(e-math.Floor(lo), every) == 0 || few && (m == 2 || m == 5) {
				t.Label = number(v, v)
			}
			if t.Value >= lo && t.Value <= hi && (t.Label != "" || every == 1) {
				marks = append(marks, t)
			}
		}
	}
	return marks
}
