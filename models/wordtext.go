package models

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"unicode"
)

// Limits on a text: its bytes, and the bytes of a line.
const (
	maxText = 256 << 20
	maxLine = 1 << 20
)

// readTexts returns the words of a text file in UTF-8, line by line, up to lines where that is not 0: runs of letters
// and digits, in lower case.
func readTexts(path string, lines int) ([][]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := &io.LimitedReader{R: f, N: maxText + 1}
	s := bufio.NewScanner(in)
	s.Buffer(nil, maxLine)
	var texts [][]string
	for s.Scan() && (lines == 0 || len(texts) < lines) {
		words := strings.FieldsFunc(strings.ToLower(s.Text()), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if len(words) > 0 {
			texts = append(texts, words)
		}
	}
	switch err := s.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("%s: a line is longer than %d bytes: a text has a sentence, or a paragraph, a line", path, maxLine)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, err)
	case in.N == 0:
		return nil, fmt.Errorf("%s: more than %d bytes of text", path, maxText)
	}
	return texts, nil
}

// topics are what the generated texts speak of.
var topics = [][]string{
	strings.Fields("cat dog horse cow sheep goat pig hen duck rabbit mouse fox"),
	strings.Fields("apple pear plum cherry peach grape lemon orange melon fig banana kiwi"),
	strings.Fields("piano violin guitar flute drum trumpet harp cello organ horn clarinet oboe"),
	strings.Fields("rain snow wind storm cloud fog frost hail thunder breeze sun ice"),
	strings.Fields("king queen prince duke castle crown throne knight sword shield banner court"),
	strings.Fields("ship boat harbour sail anchor captain sailor wave tide island mast rope"),
	strings.Fields("doctor nurse patient ward fever pulse wound bandage pill clinic surgeon cough"),
	strings.Fields("bread butter cheese soup salt pepper flour oven kitchen plate spoon kettle"),
}

// fillers stand in every text.
var fillers = strings.Fields("the a and of in with for on is was by to")

// generatedTexts makes texts of six to twelve words, each on one topic: half of the words belong to it, one in
// twenty to another one, the others to none. Within a topic and among the fillers the first words come oftener. They
// are the same in every call: they stand for a file.
func generatedTexts(n int) [][]string {
	r := rand.New(rand.NewPCG(5, 2013))
	texts := make([][]string, n)
	for i := range texts {
		topic := r.IntN(len(topics))
		for range 6 + r.IntN(7) {
			words := fillers
			switch u := r.Float64(); {
			case u < .05:
				words = topics[r.IntN(len(topics))]
			case u < .55:
				words = topics[topic]
			}
			texts[i] = append(texts[i], words[min(r.IntN(len(words)), r.IntN(len(words)))])
		}
	}
	return texts
}

// vocabulary returns the words that occur often enough, most frequent first, equals in ascending order, and the texts
// as their places from 0, -1 for other words.
func vocabulary(texts [][]string, least, most int) (words []string, numbered [][]int64) {
	count := map[string]int{}
	for _, t := range texts {
		for _, w := range t {
			count[w]++
		}
	}
	for w, n := range count {
		if n >= least {
			words = append(words, w)
		}
	}
	slices.SortFunc(words, func(a, b string) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return strings.Compare(a, b)
	})
	words = words[:min(len(words), most)]
	place := map[string]int64{}
	for i, w := range words {
		place[w] = int64(i)
	}
	numbered = make([][]int64, len(texts))
	for i, t := range texts {
		for _, w := range t {
			k, ok := place[w]
			if !ok {
				k = -1
			}
			numbered[i] = append(numbered[i], k)
		}
	}
	return words, numbered
}
