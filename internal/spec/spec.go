// Package spec reads settings that are written as name:key=value,key=value, the way a command line
// names losses and optimizers: "huber:delta=0.7", "adam:beta_1=0.8,amsgrad=true".
package spec

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/internal/nearest"
)

// Spec is a name with arguments. Each argument is taken by the method of its type; Done reports the
// first that did not parse and those that nobody took.
type Spec struct {
	Name  string // in lower case
	args  map[string]string
	given map[string]bool
	known []string
	err   error
}

// Parse reads name:key=value,... A key without a value is true: "sgd:nesterov". Commas inside
// brackets do not separate: "boundaries=[10,50]".
func Parse(s string) (*Spec, error) {
	name, rest, _ := strings.Cut(s, ":")
	p := &Spec{Name: strings.ToLower(strings.TrimSpace(name)), args: map[string]string{}, given: map[string]bool{}}
	if p.Name == "" {
		return nil, fmt.Errorf("%q has no name: expected name:key=value, with more after commas", s)
	}
	for _, a := range split(rest) {
		key, value, ok := strings.Cut(a, "=")
		key = strings.ToLower(strings.TrimSpace(key))
		if !ok {
			value = "true"
		}
		if key == "" {
			return nil, fmt.Errorf("%q: argument %q has no key", s, a)
		}
		if _, twice := p.args[key]; twice {
			return nil, fmt.Errorf("%q: %s is given twice", s, key)
		}
		p.args[key] = strings.TrimSpace(value)
		p.given[key] = !strings.EqualFold(p.args[key], "none")
	}
	return p, nil
}

// With returns the text of a spec with an argument set, in the place of one of the same key.
func With(s, key, value string) string {
	name, rest, _ := strings.Cut(s, ":")
	var args []string
	for _, a := range split(rest) {
		if k, _, _ := strings.Cut(a, "="); !strings.EqualFold(strings.TrimSpace(k), key) {
			args = append(args, a)
		}
	}
	return name + ":" + strings.Join(append(args, key+"="+value), ",")
}

// split cuts at the commas outside brackets; no arguments are none.
func split(s string) []string {
	var out []string
	depth, start := 0, 0
	for i, r := range s {
		switch r {
		case '[':
			depth++
		case ']':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, s[start:i])
				start = i + 1
			}
		}
	}
	if strings.TrimSpace(s[start:]) == "" {
		return out
	}
	return append(out, s[start:])
}

// take returns the text of an argument and whether it was given. None, as Python writes it, is not.
func (p *Spec) take(key string) (string, bool) {
	p.known = append(p.known, key)
	v, ok := p.args[key]
	delete(p.args, key)
	return v, ok && p.given[key]
}

// Text returns an argument as it was written, "" where it was not, and leaves it to be taken.
func (p *Spec) Text(key string) string { return p.args[key] }

// Args returns all arguments as they were written.
func (p *Spec) Args() map[string]string { return maps.Clone(p.args) }

// Given reports whether an argument was given, and not as None.
func (p *Spec) Given(key string) bool { return p.given[key] }

func (p *Spec) fail(key, value, want string) {
	if p.err == nil {
		p.err = fmt.Errorf("%s: %s=%s is not %s", p.Name, key, value, want)
	}
}

// Float sets dst where the argument is given.
func (p *Spec) Float(key string, dst *float64) {
	if s, ok := p.take(key); ok {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			p.fail(key, s, "a number")
			return
		}
		*dst = v
	}
}

// Int sets dst where the argument is given.
func (p *Spec) Int(key string, dst *int) {
	if s, ok := p.take(key); ok {
		v, err := strconv.Atoi(s)
		if err != nil {
			p.fail(key, s, "a whole number")
			return
		}
		*dst = v
	}
}

// Bool sets dst where the argument is given: true, false, 1, 0, True, False.
func (p *Spec) Bool(key string, dst *bool) {
	if s, ok := p.take(key); ok {
		v, err := strconv.ParseBool(strings.ToLower(s))
		if err != nil {
			p.fail(key, s, "true or false")
			return
		}
		*dst = v
	}
}

// String sets dst where the argument is given, to None too.
func (p *Spec) String(key string, dst *string) {
	if s, _ := p.take(key); s != "" {
		*dst = s
	}
}

// Strings sets dst where the argument is given: [a,b], or one without brackets.
func (p *Spec) Strings(key string, dst *[]string) {
	s, ok := p.take(key)
	if !ok {
		return
	}
	s = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	*dst = nil
	for _, e := range split(s) {
		*dst = append(*dst, strings.TrimSpace(e))
	}
}

// Fail records what is wrong with an argument, unless something is already.
func (p *Spec) Fail(err error) {
	if p.err == nil {
		p.err = fmt.Errorf("%s: %w", p.Name, err)
	}
}

// Done returns the first error: an argument that did not parse, or one that nothing takes.
func (p *Spec) Done() error {
	if p.err != nil {
		return p.err
	}
	if len(p.args) == 0 {
		return nil
	}
	var errs []error
	var left []string
	for k := range p.args {
		left = append(left, k)
	}
	slices.Sort(left)
	slices.Sort(p.known)
	for _, k := range left {
		has := "it has none"
		if len(p.known) > 0 {
			has = "it has " + strings.Join(slices.Compact(p.known), ", ")
		}
		errs = append(errs, fmt.Errorf("%s has no argument %q%s; %s", p.Name, k, nearest.Hint(k, p.known), has))
	}
	return errors.Join(errs...)
}
