package data

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

func BenchmarkReadCSV(b *testing.B) {
	var text strings.Builder
	text.WriteString("type,a,b,c,d,quality\n")
	for i := range 20_000 {
		fmt.Fprintf(&text, "%s,%d.%d,%.4f,%d,%g,%d\n", []string{"red", "white"}[i%2], i%15, i%10, float64(i)/7, i, float64(i)*1e-3, i%9)
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadCSV(strings.NewReader(text.String()), CSVOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkShuffledEpoch(b *testing.B) {
	d := numbered(b, 100_000)
	s, err := d.Batches(BatchOptions{Size: 256, Shuffle: true})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		it, err := s.Epoch(0)
		for err == nil {
			_, err = it.Next()
		}
		if err != io.EOF {
			b.Fatal(err)
		}
	}
}
