package loss

import (
	"reflect"

	"github.com/onnxtool/onnxtool/internal/spec"
)

// argumentNames are Keras's names of what fields hold, where they are not the fields' own.
var argumentNames = map[string]string{"ClassAlpha": "alpha", "KeepDiagonal": "remove_diagonal=false"}

// Spec returns the text of which [Parse] makes the loss. ok is false for a loss that Parse does not make.
func Spec(l Loss) (text string, ok bool) {
	of, r := l, SumOverBatchSize
	if x, reduced := l.(Reduced); reduced {
		of, r = x.Loss, x.Reduction
	}
	if of == nil {
		return "", false
	}
	if text, ok = spec.Format(of.Name(), of, argumentNames); !ok {
		return "", false
	}
	for name, x := range reductionNames {
		if x == r && r != SumOverBatchSize {
			text = spec.With(text, "reduction", name)
		}
	}
	again, err := Parse(text)
	return text, err == nil && reflect.DeepEqual(again, l)
}
