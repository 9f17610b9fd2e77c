package ops

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/internal/op"
)

// TestList checks that the list of operators is sorted and that each is documented.
func TestList(t *testing.T) {
	order := func(a, b *op.Def) int { return cmp.Or(cmp.Compare(a.Domain, b.Domain), cmp.Compare(a.Name, b.Name)) }
	for i, d := range All {
		if d.Doc == "" {
			t.Errorf("%s has no Doc", d.Name)
		}
		if i > 0 && order(All[i-1], d) >= 0 {
			t.Errorf("%s is listed after %s", d.Name, All[i-1].Name)
		}
	}
}

// TestFolder reads the package's files: every definition must be listed, and every operator tested.
func TestFolder(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	defined, listed, tested := map[string]string{}, map[string]bool{}, map[string]bool{}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case strings.HasSuffix(name, "_test.go"):
			ast.Inspect(f, func(n ast.Node) bool {
				if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
					s, _ := strconv.Unquote(l.Value)
					tested[s] = true
				}
				return true
			})
		case name == "ops.go":
			ast.Inspect(f, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					listed[id.Name] = true
				}
				return true
			})
		default:
			for v := range definitions(f) {
				defined[v] = name
			}
		}
	}
	for v, file := range defined {
		if !listed[v] {
			t.Errorf("%s: %s is not in the list in ops.go", file, v)
		}
	}
	for _, d := range All {
		if !tested[d.Name] {
			t.Errorf("%s has no test", d.Name)
		}
	}
}

// definitions returns the package variables that hold operators: those initialised with &op.Def{...}
// or named op followed by a capital letter.
func definitions(f *ast.File) map[string]bool {
	out := map[string]bool{}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			for i, id := range v.Names {
				named := len(id.Name) > 2 && strings.HasPrefix(id.Name, "op") && id.Name[2] >= 'A' && id.Name[2] <= 'Z'
				if named || i < len(v.Values) && isDef(v.Values[i]) {
					out[id.Name] = true
				}
			}
		}
	}
	return out
}

func isDef(e ast.Expr) bool {
	u, ok := e.(*ast.UnaryExpr)
	if !ok {
		return false
	}
	c, ok := u.X.(*ast.CompositeLit)
	if !ok {
		return false
	}
	sel, ok := c.Type.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Def"
}
