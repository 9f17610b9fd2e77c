package tokeras

import (
	"slices"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/internal/recipe"
	"github.com/onnxtool/onnxtool/internal/spec"
	"github.com/onnxtool/onnxtool/onnxio"
)

// compiled returns how a model is compiled in Keras, so that its training can go on there: optimizer, losses and
// metrics, in Keras's own words where it came from Keras 3, else as its recipe says. It is nil where the metadata does
// not say, or names a loss or an optimizer that Keras has not; a metric that Keras has not is left out.
func compiled(m *onnxio.Model) (map[string]any, error) {
	if c := compiledThere(m); c != nil {
		return c, nil
	}
	r, err := recipe.Of(m)
	if r == nil || err != nil {
		return nil, err
	}
	optimizer, err := optimizerObject(r)
	if optimizer == nil || err != nil {
		return nil, err
	}
	list := map[string][]any{}
	found, first := 0, true
	for _, v := range m.Graph.Output {
		if v == nil {
			continue
		}
		o, ok := outputOf(r, v.Name, first && isFloat(v))
		if ok {
			found++
		}
		first = first && !isFloat(v)
		if err := o.put(list); err != nil {
			return nil, err
		}
		if losses := list["loss"]; ok && losses[len(losses)-1] == nil {
			return nil, nil
		}
	}
	if found == 0 || found < len(r.Outputs) {
		return nil, nil
	}
	c := map[string]any{"optimizer": optimizer}
	for key, values := range list {
		if c[key] = values; len(values) == 1 {
			c[key] = values[0]
		}
	}
	return c, nil
}

func isFloat(v *onnxio.ValueInfo) bool {
	return v.Type != nil && v.Type.TensorType != nil && v.Type.TensorType.DType().IsFloat()
}

// outputOf returns the loss of an output with what belongs to it; first is the first of floats, which a recipe means
// that names none.
func outputOf(r *recipe.Recipe, name string, first bool) (output, bool) {
	for _, o := range r.Outputs {
		if o.Output == name {
			return output(o), true
		}
	}
	if len(r.Outputs) > 0 || !first || r.Loss == "" {
		return output{Weight: 1}, false
	}
	o := output{Loss: r.Loss, Weight: 1, Metrics: r.Metrics}
	if r.LossWeight != nil {
		o.Weight = *r.LossWeight
	}
	return o, true
}

type output recipe.Output

// put adds what compile takes for an output, whose loss is nil where there is none or Keras has it not.
func (o output) put(list map[string][]any) error {
	var loss any
	if o.Loss != "" {
		c, err := object("keras.losses", o.Loss)
		if err != nil {
			return err
		}
		if c != nil {
			loss = c
		}
	}
	metrics := map[bool][]any{false: {}, true: {}}
	for _, m := range o.Metrics {
		c, err := metricObject(m)
		if err != nil {
			return err
		}
		if c != nil {
			metrics[m.Weighted] = append(metrics[m.Weighted], c)
		}
	}
	for key, v := range map[string]any{"loss": loss, "loss_weights": number(o.Weight, 64), "metrics": metrics[false], "weighted_metrics": metrics[true]} {
		list[key] = append(list[key], v)
	}
	return nil
}

// optimizerObject returns the optimizer with its schedule or learning rate, nil for one that Keras has not.
func optimizerObject(r *recipe.Recipe) (map[string]any, error) {
	if r.Optimizer == "" {
		return nil, nil
	}
	o, err := object("keras.optimizers", r.Optimizer)
	if o == nil || err != nil {
		return nil, err
	}
	config := o["config"].(map[string]any)
	switch {
	case r.Schedule != "":
		s, err := object("keras.optimizers.schedules", r.Schedule)
		if s == nil || err != nil {
			return nil, err
		}
		config["learning_rate"] = s
	case r.Rate != 0:
		config["learning_rate"] = number(r.Rate, 64)
	}
	return o, nil
}

// metricObject returns a metric: accuracy as the word of which Keras makes the right one. It is nil for one that Keras
// has not.
func metricObject(m recipe.Metric) (any, error) {
	if m.Spec == "accuracy" || m.Spec == "acc" {
		if m.Name == "acc" {
			return m.Name, nil
		}
		return "accuracy", nil
	}
	c, err := object("keras.metrics", m.Spec)
	if c == nil || err != nil {
		return nil, err
	}
	c["config"].(map[string]any)["name"] = m.Name
	return c, nil
}

// classes are what Keras has, by the module.
var classes = map[string]string{
	"keras.losses":               "BinaryCrossentropy BinaryFocalCrossentropy CTC CategoricalCrossentropy CategoricalFocalCrossentropy CategoricalGeneralizedCrossEntropy CategoricalHinge Circle CosineSimilarity Dice Hinge Huber KLDivergence LogCosh MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError MeanSquaredLogarithmicError Poisson SparseCategoricalCrossentropy SquaredHinge Tversky",
	"keras.optimizers":           "Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion Muon Nadam RMSprop SGD ScheduleFreeAdamW",
	"keras.optimizers.schedules": "CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay PiecewiseConstantDecay PolynomialDecay",
	"keras.metrics":              "AUC BinaryAccuracy BinaryCrossentropy BinaryIoU CategoricalAccuracy CategoricalCrossentropy CategoricalHinge ConcordanceCorrelation CosineSimilarity F1Score FBetaScore FalseNegatives FalsePositives Hinge IoU KLDivergence LogCoshError MeanAbsoluteError MeanAbsolutePercentageError MeanIoU MeanSquaredError MeanSquaredLogarithmicError OneHotIoU OneHotMeanIoU PearsonCorrelation Poisson Precision PrecisionAtRecall R2Score Recall RecallAtPrecision RootMeanSquaredError SensitivityAtSpecificity SparseCategoricalAccuracy SparseCategoricalCrossentropy SparseTopKCategoricalAccuracy SpecificityAtSensitivity SquaredHinge TopKCategoricalAccuracy TrueNegatives TruePositives",
}

// shortNames are those that Keras has, and that are not a class's in lower case.
var shortNames = map[string]string{
	"mse": "meansquarederror", "mae": "meanabsoluteerror", "mape": "meanabsolutepercentageerror", "msle": "meansquaredlogarithmicerror",
	"bce": "binarycrossentropy", "kld": "kldivergence", "kullbackleiblerdivergence": "kldivergence", "rmse": "rootmeansquarederror", "huberloss": "huber",
}

// notArguments are arguments of this program's optimizers, and Keras 2's, that those of Keras 3 do not take.
var notArguments = []string{"torch_epsilon", "schedule_decay", "schedule_per_variable", "decay", "exclude_from_weight_decay"}

// object writes a class with the arguments that a recipe has for it as Keras 3 does; nil for one that Keras has not,
// or not with these arguments.
func object(module, text string) (map[string]any, error) {
	p, err := spec.Parse(text)
	if err != nil {
		return nil, op.Malformedf("metadata %s: %v", recipe.Key, err)
	}
	name := strings.ReplaceAll(p.Name, "_", "")
	if long, ok := shortNames[name]; ok {
		name = long
	}
	for class := range strings.FieldsSeq(classes[module]) {
		if lower := strings.ToLower(class); lower != name && lower != name+"error" {
			continue
		}
		config := map[string]any{}
		for key, v := range p.Args() {
			if slices.Contains(notArguments, key) {
				return nil, nil
			}
			config[key] = argument(v, !slices.Contains(wholeArguments, key))
			if key == "rms_rate" && v == "0" { // of Muon, where it stands for None
				config[key] = nil
			}
		}
		return map[string]any{"module": module, "class_name": class, "config": config, "registered_name": nil}, nil
	}
	return nil, nil
}

// wholeArguments are those that are whole numbers; Keras refuses some of the others without a point.
var wholeArguments = []string{
	"axis", "boundaries", "class_id", "decay_steps", "ema_overwrite_frequency", "first_decay_steps", "gradient_accumulation_steps", "ignore_class",
	"k", "ns_steps", "num_classes", "num_labels", "num_regressors", "num_thresholds", "target_class_ids", "top_k", "warmup_steps",
}

// argument returns a number, a truth value, a word or a list of them.
func argument(text string, float bool) any {
	if in, ok := strings.CutPrefix(text, "["); ok {
		list := []any{}
		for part := range strings.SplitSeq(strings.TrimSuffix(in, "]"), ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, argument(part, float))
			}
		}
		return list
	}
	switch strings.ToLower(text) {
	case "true":
		return true
	case "false":
		return false
	case "none":
		return nil
	}
	if !float {
		if n, err := strconv.Atoi(text); err == nil {
			return n
		}
	} else if x, err := strconv.ParseFloat(text, 64); err == nil {
		return number(x, 64)
	}
	return text
}
