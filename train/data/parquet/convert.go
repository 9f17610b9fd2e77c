package parquet

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// A vector holds values of a column's kind.
type vector struct {
	ints   []int64
	floats []float64
	texts  []string
}

// size is the number of values.
func (v *vector) size() int { return len(v.ints) + len(v.floats) + len(v.texts) }

// convert makes stored values what they stand for. bad is the number of the value of which err speaks.
func (l *leaf) convert(v *raw) (out *vector, bad int, err error) {
	out = &vector{}
	switch l.kind {
	case data.Int:
		if l.asText { // booleans: the only ones that text is not made of later
			return &vector{texts: each(v, func(i int) string { return [2]string{"False", "True"}[v.ints[i]&1] })}, 0, nil
		}
		if l.means == unsigned {
			bad, err = l.unsigned(v.ints)
		}
		out.ints = v.ints
	case data.Float:
		out.floats = v.floats
		switch {
		case l.means == half:
			out.floats = each(v, func(i int) float64 {
				return float64(tensor.Half(binary.LittleEndian.Uint16(v.at(i))).Float32())
			})
		case l.means == decimal:
			out.floats = each(v, func(i int) float64 { return l.decimal(v, i) })
		case l.asText: // of 32 bits
			return &vector{texts: each(v, func(i int) string { return strconv.FormatFloat(v.floats[i], 'g', -1, 32) })}, 0, nil
		}
	default:
		if l.means == text {
			return l.text(v)
		}
		out.texts = each(v, func(i int) string { return l.spell(v, i) })
	}
	return out, bad, err
}

func each[T any](v *raw, f func(i int) T) []T {
	out := make([]T, v.size())
	for i := range out {
		out[i] = f(i)
	}
	return out
}

// unsigned turns numbers of 32 bits, which were read as signed, into what they are.
func (l *leaf) unsigned(v []int64) (bad int, err error) {
	for i := range v {
		if l.width() == 4 {
			v[i] = int64(uint32(v[i]))
		}
		if v[i] < 0 {
			return i, fmt.Errorf("%d is out of the range of 64-bit integers", uint64(v[i]))
		}
	}
	return 0, nil
}

// exactTens are powers of ten that a float64 holds exactly.
const exactTens = 22

// decimal is value i over 10^scale, rounded once, as parsing its digits would round it.
func (l *leaf) decimal(v *raw, i int) float64 {
	var digits string
	if v.ints != nil {
		n := v.ints[i]
		if -1<<53 <= n && n <= 1<<53 && l.scale <= exactTens {
			return float64(n) / math.Pow10(l.scale)
		}
		digits = strconv.FormatInt(n, 10)
	} else {
		n := new(big.Int)
		b := v.at(i)
		if n.SetBytes(b); len(b) > 0 && b[0]&0x80 != 0 { // two's complement, the highest byte first
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
		}
		digits = n.String()
	}
	f, _ := strconv.ParseFloat(digits+"e-"+strconv.Itoa(l.scale), 64) // out of range is infinite
	return f
}

// text makes strings that share one piece of memory.
func (l *leaf) text(v *raw) (out *vector, bad int, err error) {
	all := string(v.bytes)
	start := 0
	out = &vector{texts: make([]string, len(v.ends))}
	for i, end := range v.ends {
		s := all[start:end]
		if !utf8.ValidString(s) {
			if len(s) > 40 {
				s = s[:40]
			}
			return nil, i, fmt.Errorf("%q is not UTF-8: a column holds numbers or text", s)
		}
		out.texts[i], start = s, end
	}
	return out, 0, nil
}

// spell writes a value as pandas writes it to a CSV file.
func (l *leaf) spell(v *raw, i int) string {
	switch l.means {
	case uuid:
		h := hex.EncodeToString(v.at(i))
		return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
	case date:
		return time.Unix(v.ints[i]*86400, 0).UTC().Format("2006-01-02")
	case clock:
		return l.when(v.ints[i]).Format("15:04:05.999999999")
	case int96:
		b := v.at(i)
		days := int64(binary.LittleEndian.Uint32(b[8:])) - 2440588 // the Julian day of 1970-01-01
		return time.Unix(days*86400, int64(binary.LittleEndian.Uint64(b)%(86400*1e9))).UTC().Format("2006-01-02 15:04:05.999999999")
	case instant:
		return l.when(v.ints[i]).Format("2006-01-02 15:04:05.999999999-07:00")
	}
	return l.when(v.ints[i]).Format("2006-01-02 15:04:05.999999999")
}

// when is a count of the column's units since 1970.
func (l *leaf) when(n int64) time.Time {
	seconds := n / l.unit
	return time.Unix(seconds, (n-seconds*l.unit)*(1e9/l.unit)).UTC()
}
