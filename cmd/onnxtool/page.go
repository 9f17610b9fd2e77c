package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"slices"
)

//go:embed page.html
var pageHTML []byte

// pageData marks where the page's data goes.
var pageData = []byte("/*DATA*/")

// box is a node, input or output with its place on the page.
type box struct {
	Kind   string   `json:"kind"` // node, input, output
	Title  string   `json:"title"`
	Op     string   `json:"op"`
	Detail []string `json:"detail"`
	X      float64  `json:"x"`
	Y      float64  `json:"y"`

	layer int
	order float64
	from  []int // boxes whose values it reads
	names []string
}

// arrow leads a value from one box to another.
type arrow struct {
	From int    `json:"from"`
	To   int    `json:"to"`
	Text string `json:"text"`
}

const (
	columnWidth = 240
	rowHeight   = 110
)

// writeHTML writes the graph as a page that needs nothing else.
func (a *anatomy) writeHTML(w io.Writer) error {
	boxes, arrows := a.layout()
	doc, err := json.Marshal(struct { // Marshal escapes what could end the script
		Model   string   `json:"model"`
		Summary []string `json:"summary"`
		Boxes   []*box   `json:"boxes"`
		Arrows  []arrow  `json:"arrows"`
	}{a.Model, []string{a.Producer, plural(len(a.Nodes), "node"), plural(int(a.Parameters), "parameter"), countText(a.MACs) + " multiply-adds"}, boxes, arrows})
	if err != nil {
		return err
	}
	before, after, ok := bytes.Cut(pageHTML, pageData)
	if !ok {
		return errors.New("the page has no place for its data")
	}
	_, err = w.Write(slices.Concat(before, doc, after))
	return err
}

// layout puts each box below all that it reads from, and near them.
func (a *anatomy) layout() ([]*box, []arrow) {
	boxes := a.boxes()
	maker := map[string]int{}
	for i, b := range boxes {
		if b.Kind == "output" {
			continue
		}
		for _, name := range b.names {
			maker[name] = i
		}
	}
	arrows := []arrow{}
	link := func(to int, value string) {
		from, ok := maker[value]
		if !ok || from == to {
			return
		}
		boxes[to].from = append(boxes[to].from, from)
		arrows = append(arrows, arrow{from, to, value + " " + a.row(value).text})
	}
	first := len(a.Inputs)
	for k, n := range a.Nodes {
		for _, in := range n.Inputs {
			if in != "" {
				link(first+k, in)
			}
		}
	}
	for k, v := range a.Outputs {
		link(first+len(a.Nodes)+k, v.Name)
	}
	place(boxes)
	return boxes, arrows
}

func (a *anatomy) boxes() []*box {
	var boxes []*box
	for _, v := range a.Inputs {
		boxes = append(boxes, &box{Kind: "input", Title: v.Name, Op: v.text, names: []string{v.Name}, Detail: []string{"input " + v.Name, v.text}})
	}
	for i := range a.Nodes {
		n := &a.Nodes[i]
		b := &box{Kind: "node", Title: n.title(), Op: n.fullOp()}
		for _, name := range n.Inputs {
			if name == "" {
				b.Detail = append(b.Detail, "input (left out)")
				continue
			}
			text := "input " + name + "  " + a.row(name).text
			if a.constants[name] != nil {
				text += "  (weight)"
			}
			b.Detail = append(b.Detail, text)
		}
		for _, v := range n.Outputs {
			b.names = append(b.names, v.Name)
			b.Detail = append(b.Detail, "output "+v.Name+"  "+v.text)
		}
		for _, at := range n.Attributes {
			b.Detail = append(b.Detail, "attribute "+at)
		}
		b.Detail = append(b.Detail, plural(int(n.Parameters), "parameter"), countText(n.MACs)+" multiply-adds")
		boxes = append(boxes, b)
	}
	for _, v := range a.Outputs {
		boxes = append(boxes, &box{Kind: "output", Title: v.Name, Op: v.text, names: []string{v.Name}, Detail: []string{"output " + v.Name, v.text}})
	}
	return boxes
}

// place gives boxes their layers, the longest way from a box that reads nothing, and orders each layer by
// where the boxes that it reads from are. Boxes come in the order of the graph, so one pass does for the
// layers; a graph that is out of order is drawn as well as that goes.
func place(boxes []*box) {
	var layers [][]*box
	for _, b := range boxes {
		for _, from := range b.from {
			b.layer = max(b.layer, boxes[from].layer+1)
		}
		for len(layers) <= b.layer {
			layers = append(layers, nil)
		}
		layers[b.layer] = append(layers[b.layer], b)
	}
	widest := 0
	for _, l := range layers {
		widest = max(widest, len(l))
	}
	for depth, l := range layers {
		for _, b := range l {
			sum := 0.0
			for _, from := range b.from {
				sum += boxes[from].X
			}
			if b.order = 0; len(b.from) > 0 {
				b.order = sum / float64(len(b.from))
			}
		}
		slices.SortStableFunc(l, func(x, y *box) int {
			switch {
			case x.order < y.order:
				return -1
			case x.order > y.order:
				return 1
			}
			return 0
		})
		for i, b := range l {
			b.X = (float64(i) + float64(widest-len(l))/2) * columnWidth
			b.Y = float64(depth) * rowHeight
		}
	}
}
