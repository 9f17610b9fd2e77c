package data

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

// SkipGrams says how pairs of words are made of texts, for embeddings that are trained by negative sampling: a
// word with each word near it is a true pair, a word with one drawn at random a false one. Mikolov et al., arXiv
// 1310.4546.
type SkipGrams struct {
	// Window is how many words before and behind a word count as near; 0 is 4, as in Keras's skipgrams.
	Window int
	// Negative is the number of false pairs for each true one; 0 is 1, as in Keras. To have none give a
	// negative number.
	Negative float64
	// Power is applied to a word's frequency to get its chance of being drawn: 0 draws all words alike, as Keras
	// does, 0.75 is the paper's.
	Power float64
	Seed  uint64 // of what is drawn and of the order
	// MaxPairs bounds the pairs; 0 is 100 million.
	MaxPairs int
}

// WordPairs are pairs of words by number, with 1 for true and 0 for drawn.
type WordPairs struct {
	Words, Contexts []int64
	Labels          []float32
}

// Pairs makes the pairs of texts whose words are numbered from 0 to words-1, in random order. No pair reaches from
// a text into another. A negative number is a word that is unknown: it takes its place in the window and is in no
// pair. A drawn word may be one that is near: the paper does not look either.
func (s SkipGrams) Pairs(texts [][]int64, words int) (*WordPairs, error) {
	s, err := s.withDefaults()
	if err != nil {
		return nil, err
	}
	count, err := countWords(texts, words)
	if err != nil {
		return nil, err
	}
	p := &WordPairs{}
	for _, text := range texts {
		s.near(p, text)
		if most := float64(len(p.Words)) * (1 + s.Negative); most > float64(s.MaxPairs) {
			return nil, fmt.Errorf("%w: the texts make more than %d pairs: take fewer texts, a smaller window or fewer negative samples", ErrLimit, s.MaxPairs)
		}
	}
	s.draw(p, count)
	order := Permutation(len(p.Words), s.Seed, pairStream)
	return &WordPairs{pick(p.Words, order), pick(p.Contexts, order), pick(p.Labels, order)}, nil
}

func (s SkipGrams) withDefaults() (SkipGrams, error) {
	if s.Window == 0 {
		s.Window = 4
	}
	if s.MaxPairs == 0 {
		s.MaxPairs = 100e6
	}
	switch {
	case s.Negative == 0:
		s.Negative = 1
	case s.Negative < 0:
		s.Negative = 0
	}
	if s.Window < 0 || s.MaxPairs < 0 || !finite(s.Negative) || !finite(s.Power) {
		return s, fmt.Errorf("data: pairs of words by %+v: a window, a limit or a power that makes no sense", s)
	}
	return s, nil
}

// countWords returns how often each word occurs.
func countWords(texts [][]int64, words int) ([]int, error) {
	count := make([]int, max(words, 0))
	for i, text := range texts {
		for _, w := range text {
			if w >= int64(words) {
				return nil, fmt.Errorf("%w: text %d has word %d among %d words", ErrMalformed, i, w, words)
			}
			if w >= 0 {
				count[w]++
			}
		}
	}
	return count, nil
}

// near adds the true pairs of a text.
func (s SkipGrams) near(p *WordPairs, text []int64) {
	for i, w := range text {
		for j := max(0, i-s.Window); j <= min(len(text)-1, i+s.Window); j++ {
			if c := text[j]; j != i && w >= 0 && c >= 0 {
				p.Words, p.Contexts, p.Labels = append(p.Words, w), append(p.Contexts, c), append(p.Labels, 1)
			}
		}
	}
}

// draw adds the false pairs: the words of the true ones in turn, each with a drawn one.
func (s SkipGrams) draw(p *WordPairs, count []int) {
	n := len(p.Words)
	if n == 0 {
		return
	}
	r := newRandom(s.Seed, negativeStream)
	turn := slices.Clone(p.Words)
	for i := len(turn) - 1; i > 0; i-- {
		j := r.below(i + 1)
		turn[i], turn[j] = turn[j], turn[i]
	}
	below := make([]float64, len(count)) // the chance of a word or one before it
	sum := 0.
	for w, c := range count {
		if c > 0 {
			sum += math.Pow(float64(c), s.Power)
		}
		below[w] = sum
	}
	for i := range int(float64(n) * s.Negative) {
		at := r.unit() * sum
		c := sort.Search(len(below)-1, func(w int) bool { return below[w] > at })
		p.Words, p.Contexts, p.Labels = append(p.Words, turn[i%n]), append(p.Contexts, int64(c)), append(p.Labels, 0)
	}
}
