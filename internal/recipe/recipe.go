// Package recipe is what a model's metadata says of its training and the graph does not: which weights are
// trained, what is added to the loss, what happens in training alone. Who converts a model writes it, who
// trains one reads it; docs/keras.md describes it.
package recipe

import (
	"encoding/json"
	"fmt"

	"github.com/onnxtool/onnxtool/onnxio"
)

// Key is the key of the metadata whose value is a recipe in JSON.
const Key = "onnxtool.training"

// Version is the version of the form.
const Version = 1

// Recipe says how a model is trained. Values, nodes and initializers are those of the document's graph; a
// node is named by its first output.
type Recipe struct {
	Version int `json:"version"`
	// Variables are the weights as the optimizer sees them.
	Variables []Variable `json:"variables"`
	// Weights are the initializers that are not one variable each, from their first element to the last.
	Weights map[string][]Part `json:"weights,omitempty"`
	// Fixed are initializers that are numbers of the model and no weights, though they look like some.
	Fixed []string `json:"fixed,omitempty"`
	// Folded are normalisations that are part of a convolution's weights and stand by themselves in training.
	Folded []Folded `json:"folded,omitempty"`
	// Noise is what is dropped or added in training.
	Noise []Noise `json:"noise,omitempty"`
	// Recurrent is what recurrent nodes drop in training.
	Recurrent []Recurrent `json:"recurrent,omitempty"`
	// Steps are, by BatchNormalization node, how many steps of a series lie beside one another along its batch, each
	// of which has statistics of its own in training.
	Steps map[string]int `json:"steps,omitempty"`
	// Activity holds penalties on values, over the size of the batch.
	Activity []Activity `json:"activity,omitempty"`
	// Loss, Optimizer and Metrics are as the command line takes them: "huber:delta=0.7".
	Loss      string   `json:"loss,omitempty"`
	Optimizer string   `json:"optimizer,omitempty"`
	Schedule  string   `json:"schedule,omitempty"` // of the learning rate
	Rate      float64  `json:"learning_rate,omitempty"`
	Metrics   []Metric `json:"metrics,omitempty"`
	// LossWeight is what Loss is multiplied by; 1 where nil.
	LossWeight *float64 `json:"loss_weight,omitempty"`
	// Outputs has, for a model of several outputs, those that have a loss; Loss and Metrics are empty then.
	Outputs []Output `json:"outputs,omitempty"`
	// Masks are, by output, the values that say which of its steps count in the loss.
	Masks map[string]string `json:"masks,omitempty"`
	// Notes say what the source has of training and the recipe cannot.
	Notes []string `json:"notes,omitempty"`
}

// Variable is a weight that is trained as one: clipped, decayed and constrained by itself.
type Variable struct {
	Name string `json:"name"`
	// Shape is that of the source. Its elements are held in another order where Perm is given: the shape is
	// parted to Parted (itself where nil), the axes permuted.
	Shape  []int `json:"shape"`
	Parted []int `json:"parted,omitempty"`
	Perm   []int `json:"perm,omitempty"`
	// Statistic is a running figure, which the data moves and not the gradient.
	Statistic   bool         `json:"statistic,omitempty"`
	Frozen      bool         `json:"frozen,omitempty"`
	Regularizer *Regularizer `json:"regularizer,omitempty"`
	Constraint  *Constraint  `json:"constraint,omitempty"`
	// Data holds the elements, as little-endian float32, of one that no initializer holds.
	Data []byte `json:"data,omitempty"`
}

// Part is a stretch of an initializer: a variable, or as many zeros, which stay.
type Part struct {
	Variable string `json:"variable,omitempty"`
	Zeros    int    `json:"zeros,omitempty"`
}

// Regularizer is L1*sum|w| + L2*sum(w^2), or the orthogonal one of Keras.
type Regularizer struct {
	L1         float64 `json:"l1,omitempty"`
	L2         float64 `json:"l2,omitempty"`
	Orthogonal float64 `json:"orthogonal,omitempty"`
	Mode       string  `json:"mode,omitempty"` // rows or columns
}

// Constraint is one of Keras's: max_norm, min_max_norm, unit_norm, non_neg.
type Constraint struct {
	Name string  `json:"name"`
	Min  float64 `json:"min_value,omitempty"`
	Max  float64 `json:"max_value,omitempty"`
	Rate float64 `json:"rate,omitempty"`
	Axis []int   `json:"axis,omitempty"`
}

// Folded is a BatchNormalization that a convolution has taken in: its kernel is the variable times
// gamma/sqrt(variance+epsilon), its bias (bias-mean)*gamma/sqrt(variance+epsilon)+beta. Gamma, Beta, Mean,
// Variance and Bias are variables with data, or "" for ones, zeros and, of Bias, none.
type Folded struct {
	Node     string  `json:"node"`
	Kernel   string  `json:"kernel"` // the initializer
	Shift    string  `json:"shift"`  // the initializer that is the convolution's bias
	Gamma    string  `json:"gamma,omitempty"`
	Beta     string  `json:"beta,omitempty"`
	Mean     string  `json:"mean"`
	Variance string  `json:"variance"`
	Bias     string  `json:"bias,omitempty"`
	Epsilon  float64 `json:"epsilon"`
	Momentum float64 `json:"momentum"`
}

// Noise is put between a value and those that read it.
type Noise struct {
	Layer string  `json:"layer"`
	Class string  `json:"class"` // Dropout, GaussianNoise, GaussianDropout, AlphaDropout
	Rate  float64 `json:"rate"`  // or the standard deviation
	// Value is where it is, Readers the nodes that see it, each with the number of the input.
	Value   string   `json:"value"`
	Readers []Reader `json:"readers"`
	// Shared are axes along which there is one draw.
	Shared []int `json:"shared,omitempty"`
}

// Recurrent is the dropout of one direction of an LSTM, GRU or RNN node: its input, and the state that it goes on
// from, are multiplied by masks that are the same in all steps of a sequence.
type Recurrent struct {
	Layer     string  `json:"layer"`
	Node      string  `json:"node"`                // by one of its outputs
	Direction int     `json:"direction,omitempty"` // 1 is the second of a bidirectional node
	Rate      float64 `json:"dropout,omitempty"`
	StateRate float64 `json:"recurrent_dropout,omitempty"`
	EachGate  bool    `json:"each_gate,omitempty"` // each gate has masks of its own
}

// Reader is an input of a node, or, without a node, an output of the graph.
type Reader struct {
	Node  string `json:"node,omitempty"`
	Input int    `json:"input"`
}

// Activity is a penalty on a value.
type Activity struct {
	Value       string      `json:"value"`
	Regularizer Regularizer `json:"regularizer"`
}

// Metric is a figure with the name that it has in histories.
type Metric struct {
	Spec     string `json:"metric"`
	Name     string `json:"name"`
	Weighted bool   `json:"weighted,omitempty"`
}

// Output is one of several outputs with its loss. In histories its name is before those of its metrics.
type Output struct {
	Output  string   `json:"output"`
	Loss    string   `json:"loss"`
	Weight  float64  `json:"weight"` // that the loss is multiplied by
	Metrics []Metric `json:"metrics,omitempty"`
}

// Of returns the recipe of a model, nil where it has none.
func Of(m *onnxio.Model) (*Recipe, error) {
	text, ok := onnxio.Metadata(m.MetadataProps, Key)
	if !ok {
		return nil, nil
	}
	var r Recipe
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return nil, fmt.Errorf("metadata %s: %w", Key, err)
	}
	if r.Version != Version {
		return nil, fmt.Errorf("metadata %s is of version %d, this program knows %d", Key, r.Version, Version)
	}
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("metadata %s: %w", Key, err)
	}
	return &r, nil
}
