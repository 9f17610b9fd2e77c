package report

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train"
)

// mostHistograms is the most parameters whose numbers are drawn.
const mostHistograms = 12

// ParameterPictures draws how the numbers of parameters are distributed and, where there are some, those of the
// loss' derivatives by them, see [train.Trainer.Gradients]: vanishing ones crowd at 0, exploding ones reach far.
func ParameterPictures(params, gradients []train.NamedTensor) []Picture {
	var out []Picture
	for _, kind := range []struct {
		name, axis, caption string
		of                  []train.NamedTensor
	}{
		{"weights", "weight", "The numbers of each parameter.", params},
		{"gradients", "gradient", "The derivatives of one batch's loss by each trained parameter, after the training.", gradients},
	} {
		var samples []Sample
		n := 0
		for _, p := range kind.of {
			if d := p.Tensor.DType(); !d.IsFloat() && !d.IsInt() || p.Tensor.Len() == 0 {
				continue
			}
			if n++; n > mostHistograms {
				continue
			}
			if values, err := numbers(p.Tensor); err == nil {
				samples = append(samples, Sample{p.Name, values})
			}
		}
		if n > mostHistograms {
			kind.caption += fmt.Sprintf(" The first %d of %d parameters are drawn.", mostHistograms, n)
		}
		if len(samples) > 0 {
			out = append(out, Picture{kind.name, kind.caption, Histograms{Samples: samples, Axis: kind.axis}})
		}
	}
	return out
}

const (
	mostEmbeddings = 4    // of a model that are drawn
	mostProjected  = 5000 // rows that are projected by principal components
	mostNeighbours = 800  // rows that are projected by t-SNE, which takes a time that goes with their square
)

// EmbeddingPictures draws where the rows of a model's embeddings lie: tables of floats [n,d] from which a Gather
// takes rows. Where a LabelEncoder makes the numbers of the rows of texts, these are written beside them.
func EmbeddingPictures(m *onnxio.Model) ([]Picture, error) {
	var out []Picture
	done := map[string]bool{}
	for _, n := range m.Graph.Node {
		if n.OpType != "Gather" || n.Domain != "" || len(n.Input) < 2 || done[n.Input[0]] || len(done) >= mostEmbeddings {
			continue
		}
		at := slices.IndexFunc(m.Graph.Initializer, func(t *onnxio.Tensor) bool { return t.Name == n.Input[0] })
		if at < 0 || len(m.Graph.Initializer[at].Dims) != 2 || !m.Graph.Initializer[at].DType().IsFloat() {
			continue
		}
		t, err := m.Graph.Initializer[at].Value()
		if err != nil {
			return nil, err
		}
		rows, err := Rows(t)
		if err != nil || len(rows) < 2 || len(rows[0]) < 2 {
			continue
		}
		done[n.Input[0]] = true
		of := Points{Rows: rows, Names: rowNames(m.Graph, n.Input[1], len(rows)), File: "embedding_" + strconv.Itoa(len(done)-1), What: "rows of " + n.Input[0]}
		pictures, err := of.Pictures()
		if err != nil {
			continue // numbers that are not finite
		}
		out = append(out, pictures...)
	}
	return out, nil
}

// Rows returns the rows of a tensor of numbers whose first axis counts them, each as one list.
func Rows(t tensor.Any) ([][]float64, error) {
	values, err := numbers(t)
	if err != nil {
		return nil, err
	}
	if t.Shape().Rank() < 2 || t.Shape()[0] == 0 {
		return nil, fmt.Errorf("%w: %v%v has no rows of numbers", ErrData, t.DType(), t.Shape())
	}
	n := t.Shape()[0]
	d := len(values) / n
	out := make([][]float64, n)
	for i := range out {
		out[i] = values[i*d : (i+1)*d]
	}
	return out, nil
}

// rowNames returns the texts that a LabelEncoder turns into the numbers of rows on the way to a value, nil where
// there is none.
func rowNames(g *onnxio.Graph, value string, rows int) []string {
	for range 8 { // casts, reshapes and the like between the two
		at := slices.IndexFunc(g.Node, func(n *onnxio.Node) bool { return slices.Contains(n.Output, value) })
		if at < 0 || len(g.Node[at].Input) == 0 {
			return nil
		}
		n := g.Node[at]
		if n.OpType != "LabelEncoder" {
			value = n.Input[0]
			continue
		}
		var keys []string
		var numbers []int64
		for _, a := range n.Attribute {
			switch a.Name {
			case "keys_strings":
				for _, s := range a.Strings {
					keys = append(keys, string(s))
				}
			case "values_int64s":
				numbers = a.Ints
			}
		}
		names := make([]string, rows)
		for i := range min(len(keys), len(numbers)) {
			if k := numbers[i]; k >= 0 && k < int64(rows) {
				names[k] = keys[i]
			}
		}
		return names
	}
	return nil
}

// Points are rows of numbers that a picture shows in the plane: a latent space, an embedding.
type Points struct {
	Rows    [][]float64
	Classes []int    // of the rows, from 0; nil where there are none
	Labels  []string // the classes' names, nil for their numbers
	Names   []string // of single rows; nil for none
	File    string   // the picture's name
	What    string   // what the rows are, as in codes of validation images
}

// Pictures draws rows of two numbers as they are. Longer ones it projects twice: to the two directions in which
// they differ most ([Project]), and so that neighbours stay neighbours ([TSNE]); of many rows some, drawn at
// random, the same ones each time. Rows of one number have no picture.
func (p Points) Pictures() ([]Picture, error) {
	if len(p.Rows) == 0 || len(p.Rows[0]) < 2 {
		return nil, nil
	}
	if len(p.Classes) > 0 && slices.Max(p.Classes) >= maxClasses {
		p.Classes = nil // colours cannot tell so many apart
	}
	p = p.some(mostProjected)
	f := Scatter{Classes: p.Classes, Labels: p.Labels, Names: p.Names, Title: capital(p.What)}
	of := "The " + p.What
	if p.Classes != nil {
		of += ", coloured by class"
	}
	if len(p.Rows[0]) == 2 {
		for _, r := range p.Rows {
			f.Points = append(f.Points, [2]float64{r[0], r[1]})
		}
		return []Picture{{p.File, of + ".", f}}, nil
	}
	plane, err := Project(p.Rows)
	if err != nil {
		return nil, err
	}
	f.Points, f.Axes = plane.Points, plane.Axes()
	out := []Picture{{p.File, fmt.Sprintf("%s: of %d numbers each, the two directions in which they differ most (principal components).", of, len(p.Rows[0])), f}}
	if len(p.Rows) < 4 {
		return out, nil
	}
	few := p.some(mostNeighbours)
	near := Scatter{Classes: few.Classes, Labels: few.Labels, Names: few.Names, Title: capital(p.What) + ", t-SNE", Axes: [2]string{"t-SNE 1", "t-SNE 2"}}
	if near.Points, err = TSNE(few.Rows); err != nil {
		return nil, err
	}
	caption := of + ", brought to the plane so that neighbours stay neighbours (t-SNE). Sizes of groups and distances between them mean nothing."
	if len(few.Rows) < len(p.Rows) {
		caption += fmt.Sprintf(" Of %s rows %s are shown, drawn at random.", figures(float64(len(p.Rows))), figures(mostNeighbours))
	}
	return append(out, Picture{p.File + "_tsne", caption, near}), nil
}

// some returns that many of the rows at most.
func (p Points) some(most int) Points {
	n := len(p.Rows)
	if n <= most {
		return p
	}
	rows := rand.New(rand.NewPCG(uint64(n), 2)).Perm(n)[:most]
	slices.Sort(rows)
	p.Rows, p.Classes, p.Names = pick(p.Rows, rows), pick(p.Classes, rows), pick(p.Names, rows)
	return p
}

// pick returns the elements at some places, nil of nil.
func pick[T any](of []T, at []int) []T {
	if of == nil {
		return nil
	}
	out := make([]T, len(at))
	for i, k := range at {
		out[i] = of[k]
	}
	return out
}
