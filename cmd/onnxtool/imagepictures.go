package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/onnxtool/onnxtool/infer"
	"github.com/onnxtool/onnxtool/models"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
	"github.com/onnxtool/onnxtool/train/report"
)

// Sizes of the pictures of models on images.
const (
	shownImages   = 10
	shownCodes    = 5000
	manifoldSide  = 15
	shownNoise    = .3 // deviation, of a pixel's range
	manifoldShare = .95
)

// imagePictures draws what a model that gives images back makes of validation examples, where their codes lie,
// and what the decoder makes of a plane of codes.
func (r *trained) imagePictures(ctx context.Context, task *models.Task, seed uint64) ([]report.Picture, error) {
	if task.Images == nil {
		return nil, nil
	}
	var pictures []report.Picture
	grid, err := r.reconstructions(ctx, task, seed)
	if err != nil {
		return nil, err
	}
	pictures = append(pictures, grid)
	encoder, decoder := r.part("encoder"), r.part("decoder")
	if encoder == nil {
		return pictures, nil
	}
	codes, err := r.codes(ctx, encoder, task)
	if err != nil {
		return nil, err
	}
	points := report.Points{Rows: codes, Labels: task.Images.Classes, File: "latent", What: "codes of validation images"}
	if task.Images.Labels != nil {
		points.Classes = task.Images.Labels[:len(codes)]
	}
	latent, err := points.Pictures()
	if err != nil {
		return nil, err
	}
	pictures = append(pictures, latent...)
	if decoder == nil || len(codes[0]) != 2 {
		return pictures, nil
	}
	manifold, err := manifoldPicture(ctx, decoder, codes)
	return append(pictures, manifold), err
}

// part returns the model of a part, nil where there is none of that name.
func (r *trained) part(name string) *onnxio.Model {
	for _, p := range r.beside {
		if p.Name == name {
			return p.model
		}
	}
	return nil
}

// runOnce runs a model on one set of inputs and returns its first output.
func runOnce(ctx context.Context, m *onnxio.Model, in map[string]tensor.Any) (tensor.Any, error) {
	s, err := infer.New(m, infer.Options{})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	out, err := s.Run(ctx, in)
	if err != nil {
		return nil, err
	}
	return out[s.Outputs()[0].Name], nil
}

// reconstructions shows one image of each class, or the first ones: as they are, with noise, with a quarter
// covered, each with what the model makes of it.
func (r *trained) reconstructions(ctx context.Context, task *models.Task, seed uint64) (report.Picture, error) {
	some, err := task.Validation.Take(examples(task.Images.Labels, task.Validation.Len()))
	if err != nil {
		return report.Picture{}, err
	}
	clean, ok := some.Inputs()[task.Images.Input].(*tensor.Tensor[uint8])
	if !ok || clean.Shape().Rank() != 3 {
		return report.Picture{}, fmt.Errorf("input %s does not hold grey images", task.Images.Input)
	}
	h, w := clean.Shape()[1], clean.Shape()[2]
	noisy, covered := clean.Clone(), clean.Clone()
	rng := rand.New(rand.NewPCG(seed, 6))
	for i, v := range noisy.Data() {
		noisy.Data()[i] = uint8(min(255, max(0, float64(v)+255*shownNoise*rng.NormFloat64())))
		if y, x := i/w%h, i%w; y >= h/2 && x >= w/2 {
			covered.Data()[i] = 0
		}
	}
	model := r.model
	if d := r.part("deterministic"); d != nil {
		model = d
	}
	f := report.Images{Title: "Reconstructions of validation images"}
	for _, row := range []struct {
		name   string
		images *tensor.Tensor[uint8]
	}{{"original", clean}, {"with noise", noisy}, {"a quarter covered", covered}} {
		out, err := runOnce(ctx, model, map[string]tensor.Any{task.Images.Input: row.images})
		if err != nil {
			return report.Picture{}, err
		}
		f.Rows = append(f.Rows, report.ImageRow{Label: row.name, Images: row.images}, report.ImageRow{Label: "reconstruction", Images: out})
	}
	caption := "Validation images, and what the model makes of them: as they are, with normal noise of deviation 0.3 of a pixel's range, and with a quarter covered."
	if m := r.part("anomaly"); m != nil {
		score, err := runOnce(ctx, m, map[string]tensor.Any{task.Images.Input: covered})
		if err != nil {
			return report.Picture{}, err
		}
		for _, v := range tensor.Data[float32](score) {
			f.Captions = append(f.Captions, fmt.Sprintf("%.3f", v))
		}
		caption += " Below: the anomaly score of the covered images, the mean squared error of their reconstruction."
	}
	return report.Picture{Name: "reconstructions", Caption: caption, Figure: f}, nil
}

// examples are the first rows of each class, or the first rows where there are no classes.
func examples(labels []int, n int) []int {
	var rows []int
	for i := range n {
		if len(rows) < shownImages && (labels == nil || !slices.ContainsFunc(rows, func(r int) bool { return labels[r] == labels[i] })) {
			rows = append(rows, i)
		}
	}
	if labels != nil {
		slices.SortFunc(rows, func(a, b int) int { return labels[a] - labels[b] })
	}
	return rows
}

// codes returns the encoder's first output for validation examples.
func (r *trained) codes(ctx context.Context, encoder *onnxio.Model, task *models.Task) ([][]float64, error) {
	some, err := task.Validation.Slice(0, min(task.Validation.Len(), shownCodes))
	if err != nil {
		return nil, err
	}
	s, err := infer.New(encoder, infer.Options{})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	t, err := predictAll(ctx, s, some)
	if err != nil {
		return nil, err
	}
	return report.Rows(t)
}

// manifoldPicture draws the decoder's images on a grid over the plane of codes, wide enough for most of them.
func manifoldPicture(ctx context.Context, decoder *onnxio.Model, codes [][]float64) (report.Picture, error) {
	var axis [2][]float64
	for k := range axis {
		var all []float64
		for _, c := range codes {
			all = append(all, c[k])
		}
		slices.Sort(all)
		lo, hi := all[int(float64(len(all)-1)*(1-manifoldShare)/2)], all[int(float64(len(all)-1)*(1+manifoldShare)/2)]
		for i := range manifoldSide {
			axis[k] = append(axis[k], lo+(hi-lo)*float64(i)/(manifoldSide-1))
		}
	}
	z := tensor.Zeros[float32](manifoldSide*manifoldSide, 2)
	for i := range manifoldSide * manifoldSide {
		z.Data()[2*i] = float32(axis[0][i%manifoldSide])
		z.Data()[2*i+1] = float32(axis[1][manifoldSide-1-i/manifoldSide])
	}
	in := decoder.Graph.Input[0].Name
	images, err := runOnce(ctx, decoder, map[string]tensor.Any{in: z})
	if err != nil {
		return report.Picture{}, err
	}
	d, err := data.New(map[string]tensor.Any{"images": images}, nil, nil)
	if err != nil {
		return report.Picture{}, err
	}
	f := report.Images{Title: "Images of the plane of codes", Axes: [2]string{"z₁", "z₂"}}
	for i := range manifoldSide {
		row, err := d.Slice(i*manifoldSide, (i+1)*manifoldSide)
		if err != nil {
			return report.Picture{}, err
		}
		f.Rows = append(f.Rows, report.ImageRow{Label: fmt.Sprintf("%.2f", axis[1][manifoldSide-1-i]), Images: row.Inputs()["images"]})
		f.Captions = append(f.Captions, fmt.Sprintf("%.2f", axis[0][i]))
	}
	caption := "What the decoder makes of codes on a grid that holds the middle 95 % of the validation images' codes along each axis."
	return report.Picture{Name: "manifold", Caption: caption, Figure: f}, nil
}
