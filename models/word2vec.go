package models

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/loss"
	"github.com/onnxtool/onnxtool/train/nn"
	"github.com/onnxtool/onnxtool/train/optim"
)

var word2vec = &Recipe{
	Name: "word2vec", Class: "5",
	About:    "vectors of words by negative sampling: two embeddings, their dot product, sigmoid, cross-entropy on true and drawn pairs",
	Data:     "a text file, a sentence or a paragraph a line; without it texts are generated",
	Optional: true,
	Options:  []string{"Rows", "Latent"},
	prepare:  prepareWord2vec,
}

const (
	wordTexts   = 6000   // that are generated
	rareWords   = 5      // a word of a file that occurs less often has no vector, as in word2vec
	maxWords    = 50_000 // with a vector
	neighbours  = 10     // of a word, that the part of that name returns
	wordWindow  = 2
	wordSamples = 4 // drawn for each true pair
)

func prepareWord2vec(o Options) (*Task, error) {
	task := &Task{
		Loss: loss.BinaryCrossentropy{}, Optimizer: optim.Adam{LearningRate: .005}, Metrics: []string{"accuracy", "auc"},
		Epochs: 5, Batch: 1024,
	}
	least := rareWords
	var texts [][]string
	if o.Path == "" {
		least, texts = 1, generatedTexts(cmp.Or(o.Rows, wordTexts))
		task.Warnings = []string{"the texts are generated; --data FILE.txt trains on real ones"}
	} else {
		var err error
		if texts, err = readTexts(o.Path, o.Rows); err != nil {
			return nil, err
		}
	}
	words, numbered := vocabulary(texts, least, maxWords)
	if len(words) <= neighbours {
		return nil, fmt.Errorf("%d words occur %d times or oftener in %d lines of text: too few to learn from", len(words), least, len(texts))
	}
	parts, err := data.SplitRows(len(numbered), o.Seed, .9, .1)
	if err != nil {
		return nil, err
	}
	for i, out := range []**data.Dataset{&task.Train, &task.Validation} {
		if *out, err = wordPairs(numbered, parts[i], words, o.Seed); err != nil {
			return nil, err
		}
	}
	f := wordForm{words: words, size: cmp.Or(o.Latent, 16), seed: o.Seed}
	if task.Net, err = f.whole(); err != nil {
		return nil, err
	}
	for _, p := range []struct {
		name, about string
		build       func(b *nn.Builder) []*nn.Value
	}{
		{"vectors", "from a word to its vector", f.vectors},
		{"similarity", "from two words to the cosine between their vectors", f.similarity},
		{"neighbours", fmt.Sprintf("from a word to the %d whose vectors are nearest, and the cosines", neighbours), f.neighbours},
	} {
		b := nn.NewBuilder(o.Seed)
		out := p.build(b)
		net, err := b.Net(out...)
		if err != nil {
			return nil, err
		}
		task.Parts = append(task.Parts, Part{p.name, p.about, net})
	}
	return task, nil
}

// wordPairs makes examples of some of the texts.
func wordPairs(numbered [][]int64, rows []int, words []string, seed uint64) (*data.Dataset, error) {
	some := make([][]int64, len(rows))
	for i, r := range rows {
		some[i] = numbered[r]
	}
	s := data.SkipGrams{Window: wordWindow, Negative: wordSamples, Power: .75, Seed: seed}
	p, err := s.Pairs(some, len(words))
	if err != nil {
		return nil, err
	}
	n := len(p.Labels)
	if n == 0 {
		return nil, errors.New("no two words with a vector stand near each other")
	}
	column := func(of []int64) tensor.Any {
		t := tensor.Zeros[string](n, 1)
		for i, w := range of {
			t.Data()[i] = words[w]
		}
		return t
	}
	return data.New(map[string]tensor.Any{"word": column(p.Words), "context": column(p.Contexts)}, tensor.Must(p.Labels, n, 1), nil)
}

// wordForm is the network of two embeddings. Row 0 of each is for words that are not known.
type wordForm struct {
	words []string
	size  int // of a vector
	seed  uint64
}

// vector adds an input of words and returns their rows of an embedding, and the row numbers.
func (f wordForm) vector(b *nn.Builder, e *nn.Embedding, input string) (v, rows *nn.Value) {
	in := b.Input(nn.Input{Name: input, Shape: []int{1}, DType: tensor.String})
	rows = b.Apply(&nn.StringLookup{Vocabulary: f.words}, in)
	return b.Apply(&nn.Flatten{}, b.Apply(e, rows)), rows
}

func (f wordForm) embedding(name string) *nn.Embedding {
	return &nn.Embedding{Name: name, InputDim: len(f.words) + 1, OutputDim: f.size}
}

func (f wordForm) whole() (*nn.Net, error) {
	b := nn.NewBuilder(f.seed)
	word, _ := f.vector(b, f.embedding("word_embedding"), "word")
	context, _ := f.vector(b, f.embedding("context_embedding"), "context")
	y := b.Activate("sigmoid", b.Apply(&nn.Dot{Axes: []int{1}}, word, context))
	return b.Net(b.Output("probability", y))
}

func (f wordForm) vectors(b *nn.Builder) []*nn.Value {
	v, _ := f.vector(b, f.embedding("word_embedding"), "word")
	return []*nn.Value{b.Output("vector", v)}
}

func (f wordForm) similarity(b *nn.Builder) []*nn.Value {
	e := f.embedding("word_embedding")
	x, _ := f.vector(b, e, "word")
	y, _ := f.vector(b, e, "other")
	return []*nn.Value{b.Output("cosine", b.Apply(&nn.Dot{Axes: []int{1}, Normalize: true}, x, y))}
}

// neighbours compares a word with all words but itself.
func (f wordForm) neighbours(b *nn.Builder) []*nn.Value {
	e := f.embedding("word_embedding")
	v, row := f.vector(b, e, "word")
	numbers := make([]int64, len(f.words))
	for i := range numbers {
		numbers[i] = int64(i + 1)
	}
	all := b.Const(tensor.Vector(numbers...))
	unit := func(x *nn.Value) *nn.Value {
		length := b.Op("Sqrt", b.Sum(b.Mul(x, x), true, -1))
		return b.Div(x, b.Op("Max", length, b.Scalar(x, 1e-12)))
	}
	cosines := b.MatMul(unit(v), b.Transpose(unit(b.Apply(e, all)), 1, 0))
	cosines = b.Where(b.Op("Equal", row, all), b.Scalar(cosines, -2), cosines)
	best := b.Emit(2, "TopK", []*nn.Value{cosines, b.Ints(neighbours)})
	names := b.Gather(b.Const(tensor.Vector(f.words...)), best[1], 0)
	return []*nn.Value{b.Output("neighbours", names), b.Output("cosine", best[0])}
}
