package train

import (
	"github.com/onnxtool/onnxtool/internal/recipe"
	"github.com/onnxtool/onnxtool/onnxio"
	"github.com/onnxtool/onnxtool/train/optim"
)

// Recipe is what a model's metadata says of how it was trained, by the names that loss.Parse, optim.Parse and
// metric.Parse take. Loss and Optimizer are "" where the metadata does not say.
type Recipe struct {
	Loss         string
	Optimizer    string
	LearningRate float64 // 0 where Schedule gives it, or nothing does
	Schedule     string
	Metrics      []RecipeMetric
	LossWeight   float64        // 0 where the metadata does not say
	Outputs      []RecipeOutput // of a model with several outputs, in the place of Loss, LossWeight and Metrics
	Notes        []string       // what the source has and this cannot say
}

// RecipeOutput is one of several outputs with its loss.
type RecipeOutput struct {
	Output  string
	Loss    string
	Weight  float64 // that the loss is multiplied by
	Metrics []RecipeMetric
}

// RecipeMetric is a metric with its name in histories.
type RecipeMetric struct {
	Metric   string
	Name     string // Metric's own where empty
	Weighted bool
}

// RecipeOf returns the recipe of a model, nil where its metadata has none. [Import] follows the rest of it.
func RecipeOf(m *onnxio.Model) (*Recipe, error) {
	r, err := recipe.Of(m)
	if r == nil || err != nil {
		return nil, err
	}
	out := &Recipe{
		Loss: r.Loss, Optimizer: r.Optimizer, LearningRate: r.Rate, Schedule: r.Schedule, Metrics: recipeMetrics(r.Metrics), Notes: r.Notes,
	}
	if r.LossWeight != nil {
		out.LossWeight = factor(*r.LossWeight)
	}
	for _, o := range r.Outputs {
		out.Outputs = append(out.Outputs, RecipeOutput{o.Output, o.Loss, factor(o.Weight), recipeMetrics(o.Metrics)})
	}
	return out, nil
}

func recipeMetrics(list []recipe.Metric) (out []RecipeMetric) {
	for _, m := range list {
		out = append(out, RecipeMetric{Metric: m.Spec, Name: m.Name, Weighted: m.Weighted})
	}
	return out
}

// factor is a weight in whose place 0 stands for 1: a weight of 0 is the least number above.
func factor(w float64) float64 {
	if w == 0 {
		return optim.Zero
	}
	return w
}
