package keras_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestRefusals holds what the converter says that it does not convert against docs/keras.md: each text in the source stands
// in testdata/refusals.txt with the words of the page that tell a user so, or with - where no file of Keras's leads there. A new
// refusal needs a line, and so a place on the page.
func TestRefusals(t *testing.T) {
	page, err := os.ReadFile("../../docs/keras.md")
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile("testdata/refusals.txt")
	if err != nil {
		t.Fatal(err)
	}
	texts := refusals(t)
	for line := range strings.Lines(string(list)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		text, words, ok := strings.Cut(line, "\t")
		if !ok || !texts[text] {
			t.Errorf("testdata/refusals.txt: %q is not in the source, or has no words of the page", line)
		}
		if words != "-" && !strings.Contains(string(page), words) {
			t.Errorf("docs/keras.md does not say %q, for the error %q", words, text)
		}
		delete(texts, text)
	}
	for text := range texts {
		t.Errorf("testdata/refusals.txt has no line for %q", text)
	}
}

// refusals returns the texts of this package's calls of Unsupportedf.
func refusals(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			name, ok := call.Fun.(*ast.SelectorExpr)
			text, isText := call.Args[0].(*ast.BasicLit)
			if ok && isText && name.Sel.Name == "Unsupportedf" {
				if s, err := strconv.Unquote(text.Value); err == nil {
					out[s] = true
				}
			}
			return true
		})
	}
	return out
}
