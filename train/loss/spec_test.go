package loss

import "testing"

type ownLoss struct{ MeanSquaredError }

func TestSpec(t *testing.T) {
	class := 0
	for _, c := range []struct {
		l    Loss
		text string
	}{
		{BinaryCrossentropy{FromLogits: true, LabelSmoothing: .1}, "binary_crossentropy:from_logits=true,label_smoothing=0.1"},
		{BinaryFocalCrossentropy{ApplyClassBalancing: true, Alpha: .3, Gamma: 1}, "binary_focal_crossentropy:apply_class_balancing=true,alpha=0.3,gamma=1"},
		{CategoricalFocalCrossentropy{ClassAlpha: []float64{.1, .9}}, "categorical_focal_crossentropy:alpha=[0.1,0.9]"},
		{SparseCategoricalCrossentropy{IgnoreClass: &class}, "sparse_categorical_crossentropy:ignore_class=0"},
		{Circle{Margin: .3, KeepDiagonal: true}, "circle:margin=0.3,remove_diagonal=false"},
		{Dice{Axis: []int{1, 2}}, "dice:axis=[1,2]"},
		{Tversky{Alpha: .3, Beta: .7}, "tversky:alpha=0.3,beta=0.7"},
		{Reduced{Huber{Delta: .5}, Sum}, "huber:delta=0.5,reduction=sum"},
		{Reduced{MeanSquaredError{}, MeanWithSampleWeight}, "mean_squared_error:reduction=mean_with_sample_weight"},
		{ownLoss{}, ""},
		{nil, ""},
	} {
		text, ok := Spec(c.l)
		if ok != (c.text != "") || ok && text != c.text {
			t.Errorf("%T: %q %v, want %q", c.l, text, ok, c.text)
		}
	}
	for name := range byName {
		l, err := Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := Spec(l); !ok || text != name {
			t.Errorf("%s: %q", name, text)
		}
	}
}
