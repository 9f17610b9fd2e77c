package nearest

import (
	"strings"
	"testing"
)

func TestName(t *testing.T) {
	names := []string{"accuracy", "auc", "precision", "recall", "mean_squared_error", "alcohol", "pH"}
	for _, c := range []struct{ name, want string }{
		{"acuracy", "accuracy"},
		{"Accuracy", "accuracy"},
		{"acu", "auc"},
		{"presicion", "precision"},
		{"mean_square_error", "mean_squared_error"},
		{"ph", "pH"},
		{"zzz", ""},
		{"", ""},
		{"x", ""},
		{strings.Repeat("accuracy", 1000), ""},
	} {
		got, ok := Name(c.name, names)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%q: got %q %v, want %q", c.name, got, ok, c.want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"ab", "ba", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3}, {"señor", "senor", 1},
	} {
		if got := distance([]rune(c.a), []rune(c.b)); got != c.want {
			t.Errorf("%q %q: got %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance([]rune(c.b), []rune(c.a)); got != c.want {
			t.Errorf("%q %q: got %d, want %d", c.b, c.a, got, c.want)
		}
	}
}

func TestHint(t *testing.T) {
	if got := Hint("recal", []string{"recall"}); got != `, did you mean "recall"?` {
		t.Errorf("got %q", got)
	}
	if got := Hint("recal", nil); got != "" {
		t.Errorf("got %q", got)
	}
}
