package metric

import (
	"reflect"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

type ownMetric struct{ Auto }

func TestSpec(t *testing.T) {
	one := 1
	for _, c := range []struct {
		m    Metric
		text string
	}{
		{&Auto{}, "accuracy"},
		{Named("mine", &AUC{}), "auc"},
		{&AUC{Curve: PR, Summation: Majoring, NumThresholds: 50, MultiLabel: true, LabelWeights: []float64{1, .5}, FromLogits: true},
			"auc:curve=pr,summation_method=majoring,num_thresholds=50,multi_label=true,label_weights=[1,0.5],from_logits=true"},
		{&ExactAUC{Curve: PR}, "exact_auc:curve=pr"},
		{&BinaryAccuracy{Threshold: At(0)}, "binary_accuracy:threshold=0"},
		{&Precision{Threshold: At(.3), TopK: 2, Class: &one}, "precision:thresholds=0.3,top_k=2,class_id=1"},
		{&F1Score{Average: Weighted, Threshold: At(.5)}, "f1_score:average=weighted,threshold=0.5"},
		{&FBetaScore{Beta: 2}, "fbeta_score:beta=2"},
		{&SensitivityAtSpecificity{Specificity: .9, NumThresholds: 20}, "sensitivity_at_specificity:specificity=0.9,num_thresholds=20"},
		{&MeanIoU{IoU{Classes: 3, Ignore: &one, DenseTrue: true}}, "mean_io_u:num_classes=3,ignore_class=1,sparse_y_true=false"},
		{&OneHotIoU{IoU{Classes: 3, Targets: []int{0, 1}, DenseTrue: true, DensePred: true}}, "one_hot_io_u:num_classes=3,target_class_ids=[0,1],sparse_y_pred=false"},
		{&R2Score{VarianceWeighted: true, Regressors: 2}, "r2_score:class_aggregation=variance_weighted_average,num_regressors=2"},
		{&TopKCategoricalAccuracy{K: 3}, "top_k_categorical_accuracy:k=3"},
		{&ownMetric{}, ""},
	} {
		text, ok := Spec(c.m)
		if text != c.text || ok != (c.text != "") {
			t.Errorf("%T: %q, want %q", c.m, text, c.text)
		}
		if !ok {
			continue
		}
		again, err := Parse(text)
		if n, ok := c.m.(*named); ok {
			c.m = n.Metric
		}
		if err != nil || !reflect.DeepEqual(again, c.m) {
			t.Errorf("%s is %+v, want %+v: %v", text, again, c.m, err)
		}
	}
}

func TestSpecOfAll(t *testing.T) {
	needs := map[string]string{"mean_io_u": ":2", "one_hot_mean_io_u": ":2", "io_u": ":num_classes=2,target_class_ids=[1]", "one_hot_io_u": ":num_classes=2,target_class_ids=[1]"}
	for _, name := range []string{"sensitivity_at_specificity", "specificity_at_sensitivity", "precision_at_recall", "recall_at_precision"} {
		needs[name] = ":0.5"
	}
	for _, name := range Names() {
		m, err := Parse(name + needs[name])
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := Spec(m); !ok {
			t.Errorf("%s: %q", name, text)
		}
	}
}

func TestSpecAfterUpdate(t *testing.T) {
	m := &AUC{}
	y := tensor.Vector[float32](0, 1)
	if err := m.Update(y, y, nil); err != nil {
		t.Fatal(err)
	}
	if text, ok := Spec(m); !ok || text != "auc" {
		t.Errorf("%q %v", text, ok)
	}
}
