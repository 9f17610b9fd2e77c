package arch

import (
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const (
	module = "github.com/onnxtool/onnxtool"
	root   = "../.."
)

func readTable(t *testing.T) *table {
	t.Helper()
	text, err := os.ReadFile("imports.txt")
	if err != nil {
		t.Fatal(err)
	}
	tab, err := parseTable(string(text))
	if err != nil {
		t.Fatalf("imports.txt: %v", err)
	}
	return tab
}

// readImports maps each package folder below the root to what its files import, on whatever platform:
// test files, files that no build takes, testdata and nested modules excepted.
func readImports(fsys fs.FS) (map[string][]string, error) {
	imports := map[string][]string{}
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			_, nested := fs.Stat(fsys, path.Join(p, "go.mod"))
			if p != "." && (nested == nil || name == "testdata" || name == "vendor" || name[0] == '.' || name[0] == '_') {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(p) != ".go" || strings.HasSuffix(p, "_test.go") || name[0] == '_' || name[0] == '.' {
			return nil
		}
		src, err := fs.ReadFile(fsys, p)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), p, src, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		if neverBuilt(string(src)) {
			return nil
		}
		dir := path.Dir(p)
		list := imports[dir]
		for _, spec := range file.Imports {
			to, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if !slices.Contains(list, to) {
				list = append(list, to)
			}
		}
		slices.Sort(list)
		imports[dir] = list
		return nil
	})
	return imports, err
}

// neverBuilt reports whether a file is excluded from every build, as programs for go generate are.
func neverBuilt(src string) bool {
	for line := range strings.Lines(src) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "package ") {
			return false
		}
		if !constraint.IsGoBuild(line) {
			continue
		}
		expr, err := constraint.Parse(line)
		return err == nil && !expr.Eval(func(tag string) bool { return tag != "ignore" })
	}
	return false
}

func TestImports(t *testing.T) {
	imports, err := readImports(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := imports["internal/arch"]; !ok {
		t.Fatalf("found %d packages, and internal/arch is none of them", len(imports))
	}
	for _, finding := range readTable(t).check(module, imports) {
		t.Error(finding)
	}
}

// TestModules asks the go command, because what other modules need in turn is in their sources.
func TestModules(t *testing.T) {
	goCmd, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command")
	}
	tab := readTable(t)
	for _, pkg := range slices.Sorted(maps.Keys(tab.modules)) {
		t.Run(pkg, func(t *testing.T) {
			if files, _ := filepath.Glob(filepath.Join(root, pkg, "*.go")); len(files) == 0 {
				t.Skipf("%s does not exist yet", pkg)
			}
			cmd := exec.Command(goCmd, "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}", "./"+pkg)
			cmd.Dir = root
			cmd.Stderr = t.Output()
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			found := strings.Fields(string(out))
			slices.Sort(found)
			for _, m := range slices.Compact(found) {
				if !slices.Contains(tab.modules[pkg], m) {
					t.Errorf("%s needs module %s, which imports.txt does not list for it", pkg, m)
				}
			}
		})
	}
}

func TestCheck(t *testing.T) {
	const rules = `
		any    -> base
		base   -> -
		low    -> -          | example.com/ok
		mid    -> low
		high   -> mid
		lonely => mid        # not low
		internal/x -> -
		cmd/x  => public     | example.com/cli`
	for _, c := range []struct {
		name, file, src, want string
	}{
		{"granted", "mid/a.go", `import "m/low"`, ""},
		{"granted in turn", "high/a.go", `import ("m/low"; "fmt"; "go/ast")`, ""},
		{"any", "low/a.go", `import "m/base"`, ""},
		{"upwards", "low/a.go", `import "m/mid"`, "low: imports mid, which"},
		{"exact", "lonely/a.go", `import "m/low"`, "lonely: imports low, which"},
		{"third party", "low/a.go", `import "example.com/ok/sub"`, ""},
		{"third party by prefix of a name", "low/a.go", `import "example.com/okay"`, "low: imports example.com/okay, which is not among"},
		{"third party is not inherited", "mid/a.go", `import "example.com/ok"`, "mid: imports example.com/ok, which is not among"},
		{"no row", "new/a.go", ``, "new: no row in"},
		{"public", "cmd/x/a.go", `import ("m/high"; "example.com/cli")`, ""},
		{"internal from cmd", "cmd/x/a.go", `import "m/internal/x"`, "cmd/x: imports internal/x, which"},
		{"cgo", "low/a.go", `import "C"`, "low: imports C"},
		{"test files are free", "low/a_test.go", `import "m/high"`, ""},
		{"other platforms count", "low/a_windows.go", `import "m/high"`, "low: imports high"},
		{"generators are free", "low/gen.go", "//go:build ignore\n" + `import "m/high"`, ""},
		{"testdata is free", "low/testdata/a.go", `import "m/high"`, ""},
		{"nested module", "nested/a.go", `import "m/high"`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			tab, err := parseTable(rules)
			if err != nil {
				t.Fatal(err)
			}
			src := "package p\n" + c.src
			if tag, rest, ok := strings.Cut(c.src, "\n"); ok {
				src = tag + "\n\npackage p\n" + rest
			}
			imports, err := readImports(fstest.MapFS{c.file: {Data: []byte(src)}, "nested/go.mod": {}})
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(tab.check("m", imports), "\n")
			if c.want == "" && got != "" || !strings.HasPrefix(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestParseTable(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a -> -", ""},
		{"a -> b", "a -> b: b has no row"},
		{"a -> -\na -> -", "line 2: a has two rows"},
		{"a -> b\nb -> a", "a may import itself in the end"},
		{"a", `line 1: want PACKAGE -> PACKAGES | PATHS, got "a"`},
		{"any -> b", "any -> b: b has no row"},
	} {
		_, err := parseTable(c.text)
		if got := errText(err); got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
