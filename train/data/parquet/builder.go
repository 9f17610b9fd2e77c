package parquet

import (
	"math"

	"github.com/onnxtool/onnxtool/train/data"
)

// A builder collects a column's values.
type builder struct {
	ints    []int64
	floats  []float64
	texts   []string
	missing []bool
	bytes   int64 // that it takes, about
}

// take reads n rows, which the chunk must have.
func (c *cursor) take(b *builder, n int) error {
	for n > 0 {
		if c.at == c.size {
			if err := c.next(); err != nil {
				return err
			}
		}
		k := min(n, c.size-c.at)
		c.append(b, k)
		n -= k
	}
	return nil
}

// append copies rows of the page.
func (c *cursor) append(b *builder, n int) {
	for range n {
		gone := c.gone != nil && c.gone[c.at]&1 == 0
		c.at++
		k := -1
		if !gone {
			k = c.value
			c.value++
			if c.places != nil {
				k = int(c.places[k])
			}
		}
		c.put(b, k)
	}
}

// put appends a value of the page, a missing one for -1.
func (c *cursor) put(b *builder, k int) {
	switch {
	case c.asText || c.kind == data.String:
		text := ""
		if k >= 0 {
			text = c.values.texts[k]
		}
		b.texts, b.missing = append(b.texts, text), append(b.missing, k < 0)
		b.bytes += 17
		if c.places == nil { // texts of a dictionary are there once
			b.bytes += int64(len(text))
		}
	case c.kind == data.Int:
		v := int64(0)
		if k >= 0 {
			v = c.values.ints[k]
		}
		b.ints, b.missing = append(b.ints, v), append(b.missing, k < 0)
		b.bytes += 9
	default:
		v := math.NaN()
		if k >= 0 {
			v = c.values.floats[k]
		}
		b.floats = append(b.floats, v)
		b.bytes += 8
	}
}

// column returns what was collected.
func (b *builder) column(l *leaf) *data.Column {
	switch {
	case l.asText || l.kind == data.String:
		return data.Strings(l.name, b.texts, b.missing)
	case l.kind == data.Int:
		return data.Ints(l.name, b.ints, b.missing)
	}
	return data.Floats(l.name, b.floats)
}
