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

// TestDocs holds the lists of layers, of functions and of what is refused in docs/keras.md against the registry. go test -run
// TestDocs -update writes them.
func TestDocs(t *testing.T) {
	const path = "../../docs/keras.md"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var refused []string
	for class, why := range keras.Refused() {
		refused = append(refused, class+": "+why)
	}
	slices.Sort(refused)
	want := listed(t, listed(t, string(b), "layers", keras.Layers()), "operations", keras.Operations())
	want = listed(t, want, "refused", refused)
	reasons := map[string][]string{}
	for name, why := range keras.RefusedOperations() {
		reasons[why] = append(reasons[why], name)
	}
	var rest []string
	for why, names := range reasons {
		slices.Sort(names)
		rest = append(rest, strings.Join(names, ", ")+": "+why)
	}
	slices.Sort(rest)
	want = listed(t, want, "refused operations", rest)
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

// TestClasses wants each class of keras.layers, of Keras 3 and of Keras 2, to be converted or refused for a
// reason.
func TestClasses(t *testing.T) {
	b, err := os.ReadFile("testdata/classes.txt")
	if err != nil {
		t.Fatal(err)
	}
	known, refused := keras.Layers(), keras.Refused()
	for line := range strings.Lines(string(b)) {
		class := strings.TrimSpace(line)
		if strings.HasPrefix(class, "#") {
			continue
		}
		if converted := slices.Contains(known, class); converted == (refused[class] != "") {
			t.Errorf("class %s: converted %v, refused for %q", class, converted, refused[class])
		}
	}
}

// TestFunctions wants each function of keras.ops to be converted or refused for a reason.
func TestFunctions(t *testing.T) {
	b, err := os.ReadFile("testdata/functions.txt")
	if err != nil {
		t.Fatal(err)
	}
	known, refused := keras.Operations(), keras.RefusedOperations()
	for line := range strings.Lines(string(b)) {
		name := strings.TrimSpace(line)
		if converted := slices.Contains(known, name); !strings.HasPrefix(name, "#") && converted == (refused[name] != "") {
			t.Errorf("function %s: converted %v, refused for %q", name, converted, refused[name])
		}
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
