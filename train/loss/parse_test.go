package loss

import (
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	minus := -1
	for _, c := range []struct {
		in   string
		want Loss
		fail string
	}{
		{in: "mse", want: MeanSquaredError{}},
		{in: "MSE", want: MeanSquaredError{}},
		{in: "huber:delta=0.7", want: Huber{.7}},
		{in: "bce:from_logits=true,label_smoothing=0.1", want: BinaryCrossentropy{true, .1}},
		{in: "sparse_categorical_crossentropy:ignore_class=-1", want: SparseCategoricalCrossentropy{IgnoreClass: &minus}},
		{in: "sparse_categorical_crossentropy:ignore_class=None", want: SparseCategoricalCrossentropy{}},
		{in: "mse:reduction=sum", want: Reduced{MeanSquaredError{}, Sum}},
		{in: "focal:gamma=3", want: BinaryFocalCrossentropy{Gamma: 3}},
		{in: "CategoricalFocalCrossentropy:gamma=3", want: CategoricalFocalCrossentropy{Gamma: 3}},
		{in: "ce", want: Crossentropy{}},
		{in: "humber", fail: `did you mean "huber"?`},
		{in: "huber:dleta=1", fail: `did you mean "delta"?`},
		{in: "huber:delta=0", fail: "must not be 0"},
		{in: "mse:reduction=none", fail: "no reduction"},
		{in: "", fail: "no name"},
	} {
		got, err := Parse(c.in)
		switch {
		case c.fail != "":
			if err == nil || !strings.Contains(err.Error(), c.fail) {
				t.Errorf("%q: %v, want %q", c.in, err, c.fail)
			}
		case err != nil:
			t.Errorf("%q: %v", c.in, err)
		case !reflect.DeepEqual(got, c.want):
			t.Errorf("%q: %#v, want %#v", c.in, got, c.want)
		}
	}
	for _, n := range Names() {
		if _, err := Parse(n); err != nil {
			t.Errorf("%s: %v", n, err)
		}
	}
}
