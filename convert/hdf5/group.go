package hdf5

import (
	"errors"
	"fmt"
	"strings"
)

// Object is a *[Group], a *[Dataset] or a *[Committed] datatype.
type Object interface {
	// Path returns the path by which the object was reached.
	Path() string
	// ID tells objects apart: two paths with the same ID lead to the same object.
	ID() uint64
	// Attr returns an attribute, and false where the object has none of that name.
	Attr(name string) (Attribute, bool, error)
	// Attrs returns the attributes by name.
	Attrs() ([]Attribute, error)
}

// object is what all kinds of objects have.
type object struct {
	*node
	path string
}

// Path returns the path by which the object was reached.
func (o object) Path() string { return o.path }

// ID tells objects apart: two paths with the same ID lead to the same object.
func (o object) ID() uint64 { return o.head.addr }

// Group is a group: links by name to other objects.
type Group struct{ object }

// Committed is a datatype with a name of its own.
type Committed struct{ object }

// Type returns the datatype.
func (c *Committed) Type() *Type { return c.typ }

// Names returns the names of the members, sorted by bytes.
func (g *Group) Names() []string {
	s := make([]string, len(g.links))
	for i, l := range g.links {
		s[i] = l.Name
	}
	return s
}

// Links returns the members, sorted by name, without opening them.
func (g *Group) Links() []Link { return append([]Link(nil), g.links...) }

// Group opens the group at a path from g.
func (g *Group) Group(path string) (*Group, error) {
	o, err := g.Open(path)
	if err != nil {
		return nil, err
	}
	if g, ok := o.(*Group); ok {
		return g, nil
	}
	return nil, at(o.Path(), fmt.Errorf("%w: %s, not a group", ErrType, what(o)))
}

// Dataset opens the dataset at a path from g.
func (g *Group) Dataset(path string) (*Dataset, error) {
	o, err := g.Open(path)
	if err != nil {
		return nil, err
	}
	if d, ok := o.(*Dataset); ok {
		return d, nil
	}
	return nil, at(o.Path(), fmt.Errorf("%w: %s, not a dataset", ErrType, what(o)))
}

func what(o Object) string {
	switch o.(type) {
	case *Group:
		return "a group"
	case *Dataset:
		return "a dataset"
	}
	return "a committed datatype"
}

// Open opens the object at a path: names separated by slashes, from the root where the path starts
// with one. Soft links are followed within [Limits]; external links give an error that matches
// [ErrExternal]. As in HDF5, "." is the group itself and ".." is a name like any other.
func (g *Group) Open(name string) (Object, error) {
	p := pathOf(g.path, name)
	hops := 0
	n, err := g.node.walk(name, &hops)
	if err != nil {
		return nil, at(p, err)
	}
	return n.object(p), nil
}

// pathOf joins paths as Open reads them: without touching "..".
func pathOf(base, name string) string {
	if strings.HasPrefix(name, "/") {
		base = ""
	}
	var b strings.Builder
	b.WriteString(strings.TrimRight(base, "/"))
	for part := range strings.SplitSeq(name, "/") {
		if part != "" && part != "." {
			b.WriteString("/" + part)
		}
	}
	if b.Len() == 0 {
		return "/"
	}
	return b.String()
}

func (n *node) object(path string) Object {
	o := object{n, path}
	switch n.kind {
	case groupNode:
		return &Group{o}
	case dataNode:
		return &Dataset{o}
	}
	return &Committed{o}
}

// walk resolves a path from the group n. hops counts soft links over the whole resolution.
func (n *node) walk(name string, hops *int) (*node, error) {
	if c := strings.Count(name, "/"); c > n.f.limits.Depth {
		return nil, fmt.Errorf("%w: path of %d components (Limits.Depth)", ErrLimit, c+1)
	}
	if strings.HasPrefix(name, "/") {
		n = n.f.root.node
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part == "." {
			continue
		}
		if n.kind != groupNode {
			return nil, fmt.Errorf("%w: %q is looked for in what is not a group", ErrNotExist, part)
		}
		l, ok := n.link(part)
		if !ok {
			return nil, fmt.Errorf("%w: no %q", ErrNotExist, part)
		}
		var err error
		if n, err = n.follow(l, hops); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// follow returns what a link of the group n leads to.
func (n *node) follow(l Link, hops *int) (*node, error) {
	switch l.Kind {
	case HardLink:
		return n.f.node(l.addr)
	case SoftLink:
		if *hops++; *hops > n.f.limits.SoftLinks {
			return nil, fmt.Errorf("%w: more than %d soft links (Limits.SoftLinks)", ErrLimit, n.f.limits.SoftLinks)
		}
		if l.Target == "" {
			return nil, malformed("soft link %q is empty", l.Name)
		}
		to, err := n.walk(l.Target, hops)
		return to, in(fmt.Sprintf("soft link %q to %q", l.Name, l.Target), err)
	case ExternalLink:
		return nil, external("external link %q to %q", l.Name, l.Target)
	}
	return nil, unsupported("user-defined link %q of %s", l.Name, l.Target)
}

// SkipGroup, returned by the function given to [Group.Walk], skips the members of a group.
//
//lint:ignore ST1012 it is no failure; io/fs has SkipDir
var SkipGroup = errors.New("skip this group")

// Walk calls fn for g and for every object below it, each once, in order of names, groups before
// their members. Soft links are not followed: what they lead to comes up under its own name. For a
// member that cannot be opened (damaged, external, unsupported) fn gets the path, a nil Object and
// the error. Walk stops when fn returns an error other than [SkipGroup] and returns it.
func (g *Group) Walk(fn func(path string, o Object, err error) error) error {
	return g.walkAll(fn, map[uint64]bool{}, 0)
}

func (g *Group) walkAll(fn func(string, Object, error) error, seen map[uint64]bool, depth int) error {
	if depth > g.f.limits.Depth {
		return fn(g.path, nil, at(g.path, fmt.Errorf("%w: groups nested more than %d deep (Limits.Depth)", ErrLimit, depth-1)))
	}
	seen[g.ID()] = true
	if err := fn(g.path, g, nil); err != nil {
		if err == SkipGroup {
			return nil
		}
		return err
	}
	for _, l := range g.links {
		if l.Kind == SoftLink || l.Kind == HardLink && seen[l.addr] {
			continue
		}
		p := strings.TrimSuffix(g.path, "/") + "/" + l.Name
		hops := 0
		n, err := g.follow(l, &hops)
		if err != nil {
			err = fn(p, nil, at(p, err))
		} else {
			seen[n.head.addr] = true
			switch o := n.object(p).(type) {
			case *Group:
				err = o.walkAll(fn, seen, depth+1)
			default:
				err = fn(p, o, nil)
			}
		}
		if err != nil && err != SkipGroup {
			return err
		}
	}
	return nil
}
