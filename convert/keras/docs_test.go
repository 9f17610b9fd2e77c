package keras_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/convert/keras"
)

var update = flag.Bool("update", false, "write the list of layers in docs/keras.md")

// TestDocs holds the list of layers in docs/keras.md against the registry: none that is not there may be
// listed. go test -run TestDocs -update writes it.
func TestDocs(t *testing.T) {
	const path, begin, end = "../../docs/keras.md", "<!-- layers -->\n", "<!-- end -->\n"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(b), begin)
	list, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("no list in docs/keras.md")
	}
	if *update {
		text := head + begin + strings.Join(keras.Layers(), " · ") + "\n" + end + tail
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, name := range strings.Split(strings.TrimSpace(list), " · ") {
		if !slices.Contains(keras.Layers(), name) {
			t.Errorf("docs/keras.md lists %s, which is not supported", name)
		}
	}
}
