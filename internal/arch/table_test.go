package arch

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// row is what one package may import.
type row struct {
	inside []string // packages of the module
	exact  bool     // only those, not what they may import in turn
	others []string // import paths of other modules, as prefixes
}

// table is imports.txt.
type table struct {
	rows    map[string]row
	any     []string            // what every package may import
	modules map[string][]string // the other modules that a package may link in the end
}

// parseTable reads the syntax that imports.txt explains.
func parseTable(text string) (*table, error) {
	t := &table{rows: map[string]row{}, modules: map[string][]string{}}
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
			continue
		case words[0] == "modules" && len(words) >= 2:
			t.modules[words[1]] = words[2:]
			continue
		case len(words) < 3 || words[1] != "->" && words[1] != "=>":
			return nil, fmt.Errorf("line %d: want PACKAGE -> PACKAGES | PATHS, got %q", i+1, line)
		}
		name, r := words[0], row{exact: words[1] == "=>"}
		inside, others, _ := strings.Cut(strings.Join(words[2:], " "), "|")
		r.inside, r.others = names(inside), names(others)
		if name == "any" {
			t.any = r.inside
			continue
		}
		if _, twice := t.rows[name]; twice {
			return nil, fmt.Errorf("line %d: %s has two rows", i+1, name)
		}
		t.rows[name] = r
	}
	return t, t.validate()
}

func names(s string) []string {
	return slices.DeleteFunc(strings.Fields(s), func(w string) bool { return w == "-" })
}

// validate reports a row that names a package without a row, and rows that lead in a circle.
func (t *table) validate() error {
	for _, name := range slices.Sorted(maps.Keys(t.rows)) {
		for _, to := range t.rows[name].inside {
			if _, ok := t.rows[to]; !ok && to != "public" {
				return fmt.Errorf("%s -> %s: %s has no row", name, to, to)
			}
		}
		if t.reaches(name, name, map[string]bool{}) {
			return fmt.Errorf("%s may import itself in the end", name)
		}
	}
	for _, to := range t.any {
		if _, ok := t.rows[to]; !ok {
			return fmt.Errorf("any -> %s: %s has no row", to, to)
		}
	}
	return nil
}

// reaches reports whether the rows lead from one package to another in one step or more.
func (t *table) reaches(from, to string, seen map[string]bool) bool {
	for _, next := range t.rows[from].inside {
		if next == to {
			return true
		}
		if !seen[next] {
			seen[next] = true
			if t.reaches(next, to, seen) {
				return true
			}
		}
	}
	return false
}

// allowsInside reports whether from may import to, both in the module.
func (t *table) allowsInside(from, to string) bool {
	if slices.Contains(t.any, to) {
		return true
	}
	r := t.rows[from]
	if slices.Contains(r.inside, to) || slices.Contains(r.inside, "public") && public(to) {
		return true
	}
	return !r.exact && t.reaches(from, to, map[string]bool{})
}

// allowsOther reports whether from may import a package of another module.
func (t *table) allowsOther(from, path string) bool {
	return slices.ContainsFunc(t.rows[from].others, func(p string) bool {
		return path == p || strings.HasPrefix(path, p+"/")
	})
}

func public(pkg string) bool {
	return !strings.HasPrefix(pkg, "cmd/") && !slices.Contains(strings.Split(pkg, "/"), "internal")
}

// check returns a finding for every import that the table does not grant. imports maps a package's folder to
// its import paths; module is the module's path.
func (t *table) check(module string, imports map[string][]string) []string {
	var findings []string
	add := func(format string, args ...any) { findings = append(findings, fmt.Sprintf(format, args...)) }
	for _, pkg := range slices.Sorted(maps.Keys(imports)) {
		if _, ok := t.rows[pkg]; !ok {
			add("%s: no row in internal/arch/imports.txt; give it one that says what it may import", pkg)
			continue
		}
		for _, path := range imports[pkg] {
			first, _, _ := strings.Cut(path, "/")
			to, inside := strings.CutPrefix(path, module+"/")
			switch {
			case path == "C" && !t.allowsOther(pkg, path):
				add("%s: imports C, which is not among its third-party packages in internal/arch/imports.txt", pkg)
			case inside && !t.allowsInside(pkg, to):
				add("%s: imports %s, which its row in internal/arch/imports.txt does not grant", pkg, to)
			case !inside && strings.Contains(first, ".") && !t.allowsOther(pkg, path):
				add("%s: imports %s, which is not among its third-party packages in internal/arch/imports.txt", pkg, path)
			}
		}
	}
	return findings
}
