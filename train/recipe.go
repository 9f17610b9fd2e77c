package train

import (
	"github.com/onnxtool/onnxtool/internal/recipe"
	"github.com/onnxtool/onnxtool/onnxio"
)

// Recipe is what a model's metadata says of how it was trained, by the names that loss.Parse, optim.Parse and
// metric.Parse take. Loss and Optimizer are "" where the metadata does not say.
type Recipe struct {
	Loss         string
	Optimizer    string
	LearningRate float64 // 0 where Schedule gives it, or nothing does
	Schedule     string
	Metrics      []RecipeMetric
	Notes        []string // what the source has and this cannot say
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
	out := &Recipe{Loss: r.Loss, Optimizer: r.Optimizer, LearningRate: r.Rate, Schedule: r.Schedule, Notes: r.Notes}
	for _, m := range r.Metrics {
		out.Metrics = append(out.Metrics, RecipeMetric{Metric: m.Spec, Name: m.Name, Weighted: m.Weighted})
	}
	return out, nil
}
