package keras_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/convert/keras"
)

var update = flag.Bool("update", false, "write the list of layers in docs/keras.md")

// TestDocs holds the lists of layers and of functions in docs/keras.md against the registry. go test -run
// TestDocs -update writes them.
func TestDocs(t *testing.T) {
	const path = "../../docs/keras.md"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := listed(t, listed(t, string(b), "layers", keras.Layers()), "operations", keras.Operations())
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(b) {
		t.Error("the lists in docs/keras.md are not those of the registry: go test ./convert/keras -run TestDocs -update")
	}
}

// listed returns a page with a list between its marks.
func listed(t *testing.T, page, mark string, names []string) string {
	t.Helper()
	begin, end := "<!-- "+mark+" -->\n", "<!-- end -->\n"
	head, rest, ok := strings.Cut(page, begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("docs/keras.md has no list of " + mark)
	}
	return head + begin + strings.Join(names, " · ") + "\n" + end + tail
}
