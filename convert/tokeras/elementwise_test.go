package tokeras_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/onnxio"
)

// TestElementwise writes operators that work on each element, each as Keras's operation.
func TestElementwise(t *testing.T) {
	for _, c := range []struct{ op, out, body string }{
		{"Tan", "float", "Tan (x)"},
		{"Asin", "float", "Asin (x)"},
		{"Acos", "float", "Acos (x)"},
		{"Sinh", "float", "Sinh (x)"},
		{"Cosh", "float", "Cosh (x)"},
		{"Asinh", "float", "Asinh (x)"},
		{"Acosh", "float", "Acosh (x)"},
		{"Atanh", "float", "Atanh (x)"},
		{"IsInf", "bool", "IsInf (x)"},
		{"IsInf-positive", "bool", "IsInf <detect_negative = 0> (x)"},
		{"IsInf-negative", "bool", "IsInf <detect_positive = 0> (x)"},
		{"Xor", "bool", "Xor (b, c)"},
		{"BitwiseNot", "int32", "BitwiseNot (i)"},
		{"BitwiseAnd", "int32", "BitwiseAnd (i, j)"},
		{"BitwiseOr", "int32", "BitwiseOr (i, j)"},
		{"BitwiseXor", "int32", "BitwiseXor (i, j)"},
	} {
		t.Run(c.op, func(t *testing.T) {
			m, err := onnxio.ParseText(fmt.Sprintf(`<ir_version: 8, opset_import: ["" : 18]> m (float[batch,3] x) => (%s[batch,3] y) {
				k = Constant <value_float = 10.0> ()
				m = Mul (x, k)
				s = Mul (m, m)
				i = Cast <to = 6> (m)
				j = Cast <to = 6> (s)
				b = Greater (m, k)
				c = Less (x, m)
				y = %s
			}`, c.out, c.body))
			if err != nil {
				t.Fatal(err)
			}
			back(t, "elementwise-"+strings.ToLower(c.op), m)
		})
	}
}
