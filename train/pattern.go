package train

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// patterns are names with the wildcards of path.Match, which do not match a slash. A pattern of k parts
// between slashes is held against the whole name and against any k parts of it in a row: conv* matches
// conv2d/kernel, dense/* matches model/dense/kernel.
type patterns struct {
	list []string
	used map[string]bool
}

func newPatterns(list []string) (*patterns, error) {
	for _, p := range list {
		if _, err := path.Match(p, ""); err != nil {
			return nil, fmt.Errorf("train: pattern %q: %w", p, err)
		}
	}
	return &patterns{list, map[string]bool{}}, nil
}

// match reports whether one of the names matches, and notes the patterns that do.
func (p *patterns) match(names ...string) bool {
	found := false
	for _, pattern := range p.list {
		if slices.ContainsFunc(names, func(n string) bool { return matches(pattern, n) }) {
			p.used[pattern], found = true, true
		}
	}
	return found
}

// unused returns the first pattern that matched nothing.
func (p *patterns) unused() (string, bool) {
	for _, pattern := range p.list {
		if !p.used[pattern] {
			return pattern, true
		}
	}
	return "", false
}

func matches(pattern, name string) bool {
	if ok, _ := path.Match(pattern, name); ok {
		return true
	}
	parts, k := strings.Split(name, "/"), strings.Count(pattern, "/")+1
	for i := 0; i+k <= len(parts); i++ {
		if ok, _ := path.Match(pattern, strings.Join(parts[i:i+k], "/")); ok {
			return true
		}
	}
	return false
}
