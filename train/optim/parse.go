package optim

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/nearest"
)

// byName makes each optimizer with a learning rate, 0 for its default.
var byName = map[string]func(rate float64) Optimizer{
	"adam":    func(rate float64) Optimizer { return Adam{LearningRate: rate} },
	"rmsprop": func(rate float64) Optimizer { return RMSprop{LearningRate: rate} },
	"sgd":     func(rate float64) Optimizer { return SGD{LearningRate: rate} },
}

// Names lists the optimizers that Parse knows.
func Names() []string {
	var out []string
	for n := range byName {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// Parse returns the optimizer of a name, letter case aside, with Keras's defaults; rate is its learning
// rate, 0 for the default.
func Parse(name string, rate float64) (Optimizer, error) {
	f := byName[strings.ToLower(name)]
	if f == nil {
		return nil, fmt.Errorf("there is no optimizer %q%s; there are %s", name, nearest.Hint(name, Names()), strings.Join(Names(), ", "))
	}
	return f(rate), nil
}
