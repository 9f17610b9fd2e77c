package ops

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/internal/op"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// The official schemas, as testdata/README.md describes them.
type (
	officialSchemas struct{ Schemas []officialSchema }
	officialSchema  struct {
		Domain, Name string
		Since        int `json:"since_version"`
		Deprecated   bool
		Inputs       []officialParam
		Outputs      []officialParam
		Attributes   []officialAttr
		Types        map[string][]string `json:"type_constraints"`
	}
	officialParam struct {
		Name        string
		Type        string `json:"type_str"`
		Option      string
		Min         int  `json:"min_arity"`
		Homogeneous bool `json:"is_homogeneous"`
	}
	officialAttr struct {
		Name, Type string
		Required   bool
		Default    any
	}
)

// oldest is the opset from which on every version of an operator is read.
func oldest(domain string) int {
	if domain == "" {
		return 7
	}
	return 1
}

func loadSchemas(t *testing.T) map[string][]officialSchema {
	t.Helper()
	f, err := os.Open("../../testdata/onnx/schemas.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var all officialSchemas
	if err := json.NewDecoder(z).Decode(&all); err != nil {
		t.Fatal(err)
	}
	by := map[string][]officialSchema{}
	for _, s := range all.Schemas {
		k := op.Domain(s.Domain) + "::" + s.Name
		by[k] = append(by[k], s)
	}
	return by
}

// TestSchemas holds every operator and version against ONNX's own schema: parameters, attributes,
// defaults, type constraints, and that no version in force from opset 7 on is missing.
func TestSchemas(t *testing.T) {
	official := loadSchemas(t)
	for _, d := range All {
		want := official[d.Domain+"::"+d.Name]
		if len(want) == 0 {
			if !strings.Contains(d.Domain, "onnxtool") {
				t.Errorf("%s: no such operator in domain %q", d.Name, d.Domain)
			}
			continue
		}
		t.Run(d.Name, func(t *testing.T) { compareVersions(t, d, want) })
	}
}

func compareVersions(t *testing.T, d *op.Def, want []officialSchema) {
	slices.SortFunc(want, func(a, b officialSchema) int { return b.Since - a.Since })
	have := map[int]op.Schema{}
	for _, s := range d.Schemas() {
		have[s.Since] = s
	}
	for _, w := range want {
		h, ok := have[w.Since]
		delete(have, w.Since)
		switch {
		case ok:
			for _, e := range compareSchema(h, w) {
				t.Errorf("%s-%d: %s", d.Name, w.Since, e)
			}
		case !w.Deprecated:
			t.Errorf("%s-%d is missing", d.Name, w.Since)
		}
		if w.Since <= oldest(d.Domain) {
			break
		}
	}
	for since := range have {
		if since >= oldest(d.Domain) {
			t.Errorf("%s-%d: there is no such version", d.Name, since)
		}
	}
}

func compareSchema(h op.Schema, w officialSchema) (errs []string) {
	errs = append(errs, compareParams("input", h.In, w.Inputs)...)
	errs = append(errs, compareParams("output", h.Out, w.Outputs)...)
	errs = append(errs, compareAttrs(h.Attrs, w.Attributes)...)
	for v, types := range w.Types {
		if !usesType(w, v) {
			continue
		}
		var want []string
		for _, s := range types {
			if d, ok := parseTypeString(s); ok { // sequences, optionals and maps are no tensors
				want = append(want, d.ONNX())
			}
		}
		var have []string
		for _, d := range h.Types[v] {
			have = append(have, d.ONNX())
		}
		slices.Sort(want)
		slices.Sort(have)
		if !slices.Equal(have, want) {
			errs = append(errs, fmt.Sprintf("type %s: have %v beyond, lack %v", v, minus(have, want), minus(want, have)))
		}
	}
	return errs
}

func usesType(w officialSchema, v string) bool {
	return slices.ContainsFunc(slices.Concat(w.Inputs, w.Outputs), func(p officialParam) bool { return p.Type == v })
}

func minus(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// parseTypeString parses tensor(float).
func parseTypeString(s string) (tensor.DType, bool) {
	s, ok := strings.CutPrefix(s, "tensor(")
	if !ok {
		return 0, false
	}
	return tensor.ParseDType(strings.TrimSuffix(s, ")"))
}

func compareParams(what string, have []op.Param, want []officialParam) (errs []string) {
	if len(have) != len(want) {
		return []string{fmt.Sprintf("%d %ss, official are %d", len(have), what, len(want))}
	}
	for i, h := range have {
		w := want[i]
		name := fmt.Sprintf("%s %d (%s)", what, i, w.Name)
		if h.Name != w.Name {
			errs = append(errs, fmt.Sprintf("%s is named %s", name, h.Name))
		}
		if h.Optional != (w.Option == "optional") || h.Variadic != (w.Option == "variadic") {
			errs = append(errs, fmt.Sprintf("%s is %s", name, w.Option))
		}
		if h.Variadic && (h.Min != w.Min || h.Hetero == w.Homogeneous) {
			errs = append(errs, fmt.Sprintf("%s has min %d, hetero %v; official are %d, %v", name, h.Min, h.Hetero, w.Min, !w.Homogeneous))
		}
		typ := w.Type
		if d, ok := parseTypeString(typ); ok {
			typ = d.ONNX()
		}
		if h.Type != typ {
			errs = append(errs, fmt.Sprintf("%s has type %s, official is %s", name, h.Type, typ))
		}
	}
	return errs
}

func compareAttrs(have []op.AttrDef, want []officialAttr) (errs []string) {
	by := map[string]op.AttrDef{}
	for _, a := range have {
		by[a.Name] = a
	}
	for _, w := range want {
		h, ok := by[w.Name]
		delete(by, w.Name)
		kind := strings.TrimSuffix(w.Type, "_proto")
		switch {
		case !ok:
			errs = append(errs, "no attribute "+w.Name)
		case h.Kind.String() != kind:
			errs = append(errs, fmt.Sprintf("attribute %s is %v, official is %s", w.Name, h.Kind, kind))
		case h.Required != w.Required:
			errs = append(errs, fmt.Sprintf("attribute %s: required is %v", w.Name, w.Required))
		case plain(h.Default) != plain(officialDefault(h.Kind, w.Default)):
			errs = append(errs, fmt.Sprintf("attribute %s has default %v, official is %v", w.Name, plain(h.Default), plain(w.Default)))
		}
	}
	for name := range by {
		errs = append(errs, "attribute "+name+" is not official")
	}
	return errs
}

// officialDefault gives a float from JSON the precision that it had.
func officialDefault(k op.AttrKind, v any) any {
	if f, ok := v.(float64); ok && k == op.FloatKind {
		return float32(f)
	}
	return v
}

func plain(v any) string {
	if v == nil {
		return "none"
	}
	return fmt.Sprint(v)
}
