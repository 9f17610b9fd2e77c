package onnxio

import (
	"errors"
	"fmt"
	"strings"
)

// Finding is something that is wrong with a model.
type Finding struct {
	Path    string // where: node[3] If "gate" then_branch: node[0] Add
	Text    string // what
	Warning bool   // allowed by ONNX, or by custom, but likely a mistake
	cause   error
}

// String returns the finding in one line.
func (f Finding) String() string {
	s := f.Text
	if f.Path != "" {
		s = f.Path + ": " + s
	}
	if f.Warning {
		s = "warning: " + s
	}
	return s
}

// Findings lists what is wrong with a model.
type Findings []Finding

// Err returns an error that names every finding that is no warning, a line each, nil if there is
// none. It wraps [ErrMalformed], and [ErrUnsupported] where the model is newer than this package.
func (f Findings) Err() error {
	var lines []string
	e := &checkError{}
	for _, x := range f {
		if !x.Warning {
			lines = append(lines, x.String())
			e.causes = append(e.causes, x.cause)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	e.text = "invalid model: " + strings.Join(lines, "\n")
	if len(lines) > 1 {
		e.text = fmt.Sprintf("invalid model, %d findings:\n\t%s", len(lines), strings.Join(lines, "\n\t"))
	}
	return e
}

type checkError struct {
	text   string
	causes []error
}

func (e *checkError) Error() string   { return e.text }
func (e *checkError) Unwrap() []error { return e.causes }

// mostFindings bounds the list, so that a hostile model cannot make it huge.
const mostFindings = 1000

// Check reports everything that is wrong with a model's structure, all at once: required fields,
// names that are not unique or not defined before their use, cycles, operator sets that are not
// imported or not yet known, attributes without the value of their type, tensors whose elements are
// not as many as their dimensions say, sparse tensors, subgraphs, functions, training graphs, and
// external data. It knows no operators: whether a node's inputs and attributes are those of its
// operator is the matter of infer.
//
// The rules are those of onnx.checker, and in addition: graph outputs are defined, functions do not
// call themselves, attribute names are unique in a node.
func Check(m *Model) Findings {
	c := &checker{}
	if m == nil {
		c.report("", "there is no model")
		return c.found
	}
	c.model(m)
	return c.found
}

type checker struct {
	found     Findings
	ir        int64
	functions map[functionID]*Function
}

func (c *checker) add(f Finding) {
	if len(c.found) == mostFindings {
		f = Finding{Text: "more findings are left out", cause: ErrMalformed}
	}
	if len(c.found) <= mostFindings {
		c.found = append(c.found, f)
	}
}

func (c *checker) report(path, format string, args ...any) {
	c.add(Finding{Path: path, Text: fmt.Sprintf(format, args...), cause: ErrMalformed})
}

func (c *checker) warn(path, format string, args ...any) {
	c.add(Finding{Path: path, Text: fmt.Sprintf(format, args...), cause: ErrMalformed, Warning: true})
}

func (c *checker) future(path, format string, args ...any) {
	c.add(Finding{Path: path, Text: fmt.Sprintf(format, args...), cause: ErrUnsupported})
}

// reportError reports an error of a tensor, an attribute or a file.
func (c *checker) reportError(path string, err error) {
	cause := ErrMalformed
	for _, known := range []error{ErrUnsupported, ErrPath, ErrLimit} {
		if errors.Is(err, known) {
			cause = known
		}
	}
	c.add(Finding{Path: path, Text: err.Error(), cause: cause})
}

// at extends a path.
func at(path, format string, args ...any) string {
	s := fmt.Sprintf(format, args...)
	if path == "" {
		return s
	}
	return path + " " + s
}

func (c *checker) model(m *Model) {
	c.ir = m.IRVersion
	switch {
	case m.IRVersion <= 0:
		c.report("", "ir_version is %d", m.IRVersion)
	case m.IRVersion > IRVersion:
		c.future("", "ir_version %d is newer than %d, the newest that this program knows", m.IRVersion, IRVersion)
	}
	opsets := c.opsets("", m.OpsetImport)
	switch {
	case m.IRVersion >= 3 && len(m.OpsetImport) == 0:
		c.report("", "opset_import is missing")
	case m.IRVersion < 3 && len(m.OpsetImport) > 0:
		c.report("", "opset_import is not allowed with ir_version %d", m.IRVersion)
	case m.IRVersion < 3:
		opsets[""] = 1
	}
	c.metadata("metadata_props", m.MetadataProps)
	c.registerFunctions(m.Functions)
	var main *scope
	if m.Graph == nil {
		c.report("", "there is no graph")
	} else {
		main = c.graph(m.Graph, "", &scope{opsets: opsets, main: true})
	}
	for i, f := range m.Functions {
		if f != nil {
			c.function(f, fmt.Sprintf("function[%d] %s", i, f.Name), opsets)
		}
	}
	c.recursion(m.Functions)
	for i, t := range m.TrainingInfo {
		if t != nil && main != nil {
			c.training(m.Graph, t, fmt.Sprintf("training_info[%d]", i), main)
		}
	}
}

// newest are the newest versions of the operator sets that came with OpsetVersion.
var newest = map[string]int64{"": OpsetVersion, "ai.onnx.ml": 5, "ai.onnx.preview.training": 1}

// opsets returns the imported version of each domain.
func (c *checker) opsets(path string, list []*OperatorSetID) map[string]int64 {
	set := map[string]int64{}
	for i, o := range list {
		p := at(path, "opset_import[%d]", i)
		if o == nil {
			c.report(p, "is nil")
			continue
		}
		d := NormalDomain(o.Domain)
		if v, twice := set[d]; twice && v != o.Version {
			c.report(p, "domain %q is imported in versions %d and %d", o.Domain, v, o.Version)
		}
		set[d] = o.Version
		if last, known := newest[d]; o.Version < 1 {
			c.report(p, "domain %q has version %d", o.Domain, o.Version)
		} else if known && o.Version > last {
			c.future(p, "version %d of domain %q is newer than %d, the newest that this program knows", o.Version, o.Domain, last)
		}
	}
	return set
}

func (c *checker) metadata(path string, list []*StringStringEntry) {
	seen := map[string]bool{}
	for i, e := range list {
		switch {
		case e == nil:
			c.report(path, "entry %d is nil", i)
		case seen[e.Key]:
			c.report(path, "key %q is not unique", e.Key)
		default:
			seen[e.Key] = true
		}
	}
}

// training checks the graphs of a training step. They see the names of the main graph.
func (c *checker) training(g *Graph, t *TrainingInfo, path string, main *scope) {
	variables := map[string]bool{}
	for _, x := range g.Initializer {
		if x != nil {
			variables[x.Name] = true
		}
	}
	if t.Algorithm != nil {
		for _, x := range t.Algorithm.Initializer {
			if x != nil {
				variables[x.Name] = true
			}
		}
	}
	for _, part := range []struct {
		name    string
		graph   *Graph
		binding []*StringStringEntry
	}{
		{"initialization", t.Initialization, t.InitializationBinding}, {"algorithm", t.Algorithm, t.UpdateBinding},
	} {
		p := at(path, "%s", part.name)
		outputs := map[string]bool{}
		if part.graph != nil {
			outer := &scope{opsets: main.opsets, main: true}
			if part.name == "algorithm" {
				outer.outer, outer.main = main, false
			}
			c.graph(part.graph, p+":", outer)
			for _, o := range part.graph.Output {
				if o != nil {
					outputs[o.Name] = true
				}
			}
		}
		for i, b := range part.binding {
			switch {
			case b == nil:
				c.report(p, "binding %d is nil", i)
			case !variables[b.Key]:
				c.report(p, "binding %d sets %q, which is no initializer", i, b.Key)
			case !outputs[b.Value]:
				c.report(p, "binding %d takes %q, which is no output", i, b.Value)
			}
		}
	}
}
