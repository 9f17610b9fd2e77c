package data_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/onnxtool/onnxtool/train/data"
)

// TestSkipGrams holds the true pairs against those of Keras 2.12's skipgrams with negative_samples=0. Word w is
// number w-1 here: Keras keeps 0 for unknown words.
func TestSkipGrams(t *testing.T) {
	for _, c := range []struct {
		text   []int64
		window int
		want   [][2]int64
	}{
		{[]int64{1, 2, 3, 4, 5, 2}, 2, [][2]int64{
			{1, 2}, {1, 3}, {2, 1}, {2, 3}, {2, 4}, {3, 1}, {3, 2}, {3, 4}, {3, 5}, {4, 2}, {4, 3}, {4, 5}, {4, 2}, {5, 3}, {5, 4}, {5, 2}, {2, 4}, {2, 5}}},
		{[]int64{1, 0, 3, 4, 5}, 1, [][2]int64{{3, 4}, {4, 3}, {4, 5}, {5, 4}}},
	} {
		for i := range c.text {
			c.text[i]--
		}
		p, err := data.SkipGrams{Window: c.window, Negative: -1}.Pairs([][]int64{c.text}, 5)
		if err != nil {
			t.Fatal(err)
		}
		var got [][2]int64
		for i, w := range p.Words {
			got = append(got, [2]int64{w + 1, p.Contexts[i] + 1})
		}
		order := func(a, b [2]int64) int { return slices.Compare(a[:], b[:]) }
		slices.SortFunc(got, order)
		slices.SortFunc(c.want, order)
		if !slices.Equal(got, c.want) {
			t.Errorf("pairs of %v: %v, want %v", c.text, got, c.want)
		}
	}
}

// TestSkipGramsNegative counts what is drawn.
func TestSkipGramsNegative(t *testing.T) {
	const words = 4
	var texts [][]int64
	for range 2000 {
		texts = append(texts, []int64{0, 0, 0, 0, 1, 1, 1, 2}) // word 3 never occurs
	}
	for _, power := range []float64{0, .75, 1} {
		p, err := data.SkipGrams{Window: 1, Negative: 3, Power: power, Seed: 7}.Pairs(texts, words)
		if err != nil {
			t.Fatal(err)
		}
		n, drawn := 0., make([]float64, words)
		for i, l := range p.Labels {
			if l == 0 {
				drawn[p.Contexts[i]]++
				n++
			}
		}
		if n != 2000*14*3 {
			t.Fatalf("%v pairs are drawn, want three for each of %d", n, 2000*14)
		}
		sum := math.Pow(4, power) + math.Pow(3, power) + 1
		for w, c := range []float64{math.Pow(4, power), math.Pow(3, power), 1, 0} {
			if share := drawn[w] / n; math.Abs(share-c/sum) > .01 {
				t.Errorf("power %v: word %d is %.3f of what is drawn, want %.3f", power, w, share, c/sum)
			}
		}
		again, err := data.SkipGrams{Window: 1, Negative: 3, Power: power, Seed: 7}.Pairs(texts, words)
		if err != nil || !slices.Equal(again.Contexts, p.Contexts) {
			t.Error("the same seed draws other words")
		}
	}
}

func TestSkipGramsErrors(t *testing.T) {
	if _, err := (data.SkipGrams{}).Pairs([][]int64{{0, 5}}, 5); !errors.Is(err, data.ErrMalformed) {
		t.Errorf("a word outside the vocabulary: error %v", err)
	}
	if _, err := (data.SkipGrams{MaxPairs: 10}).Pairs([][]int64{{0, 1, 2, 3}}, 5); !errors.Is(err, data.ErrLimit) {
		t.Errorf("more pairs than are allowed: error %v", err)
	}
	if _, err := (data.SkipGrams{Window: -1}).Pairs(nil, 5); err == nil {
		t.Error("a negative window is taken")
	}
}

func ExampleSkipGrams() {
	texts := [][]int64{{0, 1, 2}} // numbers of words
	pairs, err := data.SkipGrams{Window: 1, Negative: -1}.Pairs(texts, 3)
	if err != nil {
		panic(err)
	}
	fmt.Println(len(pairs.Words), "true pairs, the first of words", pairs.Words[0], "and", pairs.Contexts[0])
	// Output: 4 true pairs, the first of words 1 and 2
}
