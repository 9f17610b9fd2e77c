package keras

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		text string
		want any // nil is an error
	}{
		{`[1, 1.0, -2e5]`, []any{json.Number("1"), json.Number("1.0"), json.Number("-2e5")}},
		{`[NaN,-Infinity, Infinity]`, []any{"NaN", "-Infinity", "Infinity"}},
		{`{"a\"NaN": "-Infinity", "b": [-1, null]}`, map[string]any{`a"NaN`: "-Infinity", "b": []any{json.Number("-1"), nil}}},
		{`"\\"`, `\`},
		{`NaNN`, nil},
		{`-Inf`, nil},
		{`1 2`, nil},
		{`"\`, nil},
		{``, nil},
	} {
		var got any
		err := decode([]byte(c.text), &got)
		if c.want == nil && err == nil || c.want != nil && (err != nil || !reflect.DeepEqual(got, c.want)) {
			t.Errorf("%s: %v, %v, want %v", c.text, got, err, c.want)
		}
	}
}
