package metric

import (
	"reflect"

	"github.com/onnxtool/onnxtool/internal/spec"
)

// argumentNames are Keras's names of what fields hold, where they are not the fields' own.
var argumentNames = map[string]string{
	"Class": "class_id", "Classes": "num_classes", "Targets": "target_class_ids", "Ignore": "ignore_class", "Summation": "summation_method",
	"TruePositives.Threshold": "thresholds", "FalsePositives.Threshold": "thresholds", "TrueNegatives.Threshold": "thresholds",
	"FalseNegatives.Threshold": "thresholds", "Precision.Threshold": "thresholds", "Recall.Threshold": "thresholds",
	"DenseTrue": "sparse_y_true=false", "DensePred": "sparse_y_pred=false", "OneHotIoU.DenseTrue": "-", "OneHotMeanIoU.DenseTrue": "-",
	"VarianceWeighted": "class_aggregation=variance_weighted_average", "Regressors": "num_regressors",
}

// Spec returns the text of which [Parse] makes the metric, its name given by [Named] aside. ok is false for a metric
// that Parse does not make.
func Spec(m Metric) (text string, ok bool) {
	for n, ok := m.(*named); ok; n, ok = m.(*named) {
		m = n.Metric
	}
	text, ok = spec.Format(m.Name(), m, argumentNames)
	if !ok {
		return "", false
	}
	again, err := Parse(text)
	if err != nil || reflect.TypeOf(again) != reflect.TypeOf(m) {
		return "", false
	}
	same, _ := spec.Format(again.Name(), again, argumentNames)
	return text, same == text
}
