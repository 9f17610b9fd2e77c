package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"image/color"
	"io"
	"regexp"
	"strconv"
	"strings"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{"number": isNumber}).Parse(pageText))

// drawn is a picture as the page has it.
type drawn struct {
	Caption string
	Wide    bool
	SVG     template.HTML
}

// WriteHTML writes the report as one page without references to anything outside of it. It follows the reader's
// choice of a light or a dark screen, and prints.
func (r Report) WriteHTML(w io.Writer) error {
	if err := r.check(); err != nil {
		return err
	}
	v := struct {
		Report
		Drawn  []drawn
		Styles template.CSS
	}{r, nil, styles()}
	for _, p := range r.Pictures {
		svg, err := renderSVG(p.Figure, false)
		if err != nil {
			return fmt.Errorf("picture %s: %w", p.Name, err)
		}
		inline, wide := inlined(svg, p.Caption)
		v.Drawn = append(v.Drawn, drawn{p.Caption, wide, inline})
	}
	return page.Execute(w, v)
}

// themed are the colours that a dark page changes, as they are in the pictures and what they become.
var themed = []struct {
	name        string
	light, dark color.NRGBA
}{
	{"paper", paper, color.NRGBA{0x16, 0x1b, 0x22, 255}},
	{"ink", ink, color.NRGBA{0xe6, 0xea, 0xf0, 255}},
	{"faint", faint, color.NRGBA{0x9a, 0xa4, 0xb2, 255}},
	{"hair", hair, color.NRGBA{0x2d, 0x34, 0x3e, 255}},
	{"blue", blue, color.NRGBA{0x4d, 0xa8, 0xe8, 255}},
	{"vermilion", vermilion, color.NRGBA{0xf2, 0x85, 0x3c, 255}},
	{"green", green, color.NRGBA{0x2f, 0xc0, 0x97, 255}},
	{"purple", purple, color.NRGBA{0xd9, 0x7f, 0xb4, 255}},
}

// styles sets the colours for both kinds of screen.
func styles() template.CSS {
	var light, dark strings.Builder
	for _, t := range themed {
		fmt.Fprintf(&light, "--%s:#%02X%02X%02X;", t.name, t.light.R, t.light.G, t.light.B)
		fmt.Fprintf(&dark, "--%s:#%02X%02X%02X;", t.name, t.dark.R, t.dark.G, t.dark.B)
	}
	return template.CSS(fmt.Sprintf(":root{color-scheme:light dark;--page:#F6F7F9;%s}\n@media (prefers-color-scheme:dark){:root{--page:#0D1117;%s}}", light.String(), dark.String()))
}

var (
	svgColour = regexp.MustCompile(`(fill|stroke):#([0-9A-F]{6})`)
	svgSize   = regexp.MustCompile(`<svg width="([0-9.]+)pt" height="([0-9.]+)pt"`)
)

// inlined makes a picture part of a page: it takes the page's colours and scales. wide tells that it needs more
// than half of the page.
func inlined(svg []byte, caption string) (html template.HTML, wide bool) {
	svg = svg[bytes.Index(svg, []byte("<svg")):]
	svg = svgColour.ReplaceAllFunc(svg, func(m []byte) []byte {
		kind, hex, _ := strings.Cut(string(m), ":#")
		v, _ := strconv.ParseUint(hex, 16, 32)
		for _, t := range themed {
			if near(uint8(v>>16), t.light.R) && near(uint8(v>>8), t.light.G) && near(uint8(v), t.light.B) && v != 0xfffffe {
				return []byte(kind + ":var(--" + t.name + ")")
			}
		}
		return m
	})
	svg = svgSize.ReplaceAllFunc(svg, func(m []byte) []byte {
		parts := svgSize.FindSubmatch(m)
		width, _ := strconv.ParseFloat(string(parts[1]), 64)
		wide = width > 420
		return fmt.Appendf(nil, `<svg role="img" aria-label="%s" style="max-width:%.0fpx"`, template.HTMLEscapeString(caption), width*1.5)
	})
	return template.HTML(svg), wide
}

// near tells colours apart by more than what the drawing library rounds off.
func near(a, b uint8) bool { return a-b <= 1 || b-a <= 1 }

// isNumber tells whether a cell stands to the right.
func isNumber(s string) bool {
	s = strings.NewReplacer(",", "", "−", "-", " %", "", "%", "").Replace(s)
	_, err := strconv.ParseFloat(s, 64)
	return err == nil || s == "–"
}
