package hdf5

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// TestBombs reads small files of large shapes (CVE-2026-0897).
func TestBombs(t *testing.T) {
	b := unzip(t, "bombs.h5.gz")
	for _, name := range []string{"shape", "shape_late", "shape_strings", "many_chunks", "chunk", "ratio"} {
		used := allocated(func() {
			f, err := Open(bytes.NewReader(b), int64(len(b)), Options{})
			if err != nil {
				t.Fatal(err)
			}
			d, err := f.Root().Dataset(name)
			switch {
			case err != nil: // more than 32 bits can count
			case name == "shape_strings":
				_, err = d.Strings()
			default:
				_, err = d.Bytes()
			}
			if !errors.Is(err, ErrLimit) {
				t.Errorf("%s: %v, want a limit", name, err)
			}
		})
		if used > uint64(10*len(b)+64<<20) {
			t.Errorf("%s: %d bytes allocated for a file of %d", name, used, len(b))
		}
	}
}

func TestLimits(t *testing.T) {
	bombs, groups := unzip(t, "bombs.h5.gz"), unzip(t, "v108_groups.h5.gz")
	attrs, early := unzip(t, "v108_attrs.h5.gz"), unzip(t, "earliest_groups.h5.gz")
	dataset := func(name string) func(*File) error {
		return func(f *File) error {
			d, err := f.Root().Dataset(name)
			if err == nil {
				_, err = d.Bytes()
			}
			return err
		}
	}
	object := func(name string) func(*File) error {
		return func(f *File) error {
			_, err := f.Root().Open(name)
			return err
		}
	}
	walk := func(f *File) error {
		return f.Root().Walk(func(_ string, _ Object, err error) error {
			if errors.Is(err, ErrExternal) {
				return nil
			}
			return err
		})
	}
	attr := func(path, name string) func(*File) error {
		return func(f *File) error {
			o, err := f.Root().Open(path)
			if err == nil {
				_, _, err = o.Attr(name)
			}
			return err
		}
	}
	tests := []struct {
		name   string
		file   []byte
		limits Limits
		do     func(*File) error
		want   string // in the error; "" for none
	}{
		{"ratio", bombs, Limits{}, dataset("ratio"), "Limits.Ratio"},
		{"ratio raised", bombs, Limits{Ratio: 1 << 14}, dataset("ratio"), ""},
		{"base raised", bombs, Limits{Base: 1 << 28}, dataset("ratio"), ""},
		{"chunk", bombs, Limits{}, dataset("chunk"), "a chunk"},
		{"slivers", bombs, Limits{Base: 2 << 20, Ratio: 1}, dataset("slivers"), "work"},
		{"slivers as usual", bombs, Limits{}, dataset("slivers"), ""},
		{"dataset", bombs, Limits{Base: 1 << 30, Dataset: 1 << 20}, dataset("ratio"), "Limits.Dataset"},
		{"wider in memory", bombs, Limits{Base: 1 << 28}, func(f *File) error {
			d, err := f.Root().Dataset("ratio")
			if err == nil {
				_, err = Read[float64](d)
			}
			return err
		}, "Limits.Base"},
		{"objects", groups, Limits{Objects: 20}, walk, "Limits.Objects"},
		{"depth of a walk", groups, Limits{Depth: 30}, walk, "Limits.Depth"},
		{"depth of a path", groups, Limits{Depth: 3}, object("some/x/y/z/q/r"), "Limits.Depth"},
		{"soft links", groups, Limits{}, object("links/hop0"), "Limits.SoftLinks"},
		{"soft links raised", groups, Limits{SoftLinks: 20}, object("links/hop0"), ""},
		{"name", groups, Limits{Name: 100}, object("names"), "Limits.Name"},
		{"name, old group", early, Limits{Name: 100}, object("names"), "Limits.Name"},
		{"attribute", attrs, Limits{Attribute: 1 << 16}, attr("large", "huge"), "Limits.Attribute"},
		{"attribute within", attrs, Limits{Attribute: 1 << 20}, attr("large", "huge"), ""},
		{"attribute name", attrs, Limits{Name: 9}, attr("few", "a1"), ""},
		{"attribute name", attrs, Limits{Name: 9}, attr("keras", "model_config"), "Limits.Name"},
		{"everything", groups, Limits{Base: 1, Ratio: 1}, walk, "Limits.Base"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Open(bytes.NewReader(tt.file), int64(len(tt.file)), Options{Limits: tt.limits})
			if err == nil {
				err = tt.do(f)
			}
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// TestBudgetOnce reads everything a hundred times: what was charged once is free.
func TestBudgetOnce(t *testing.T) {
	for _, name := range []string{"v110_chunks", "earliest_chunks", "v110_types"} {
		f := openFixture(t, name)
		count := func() (n int) {
			f.Root().Walk(func(_ string, o Object, _ error) error {
				if d, ok := o.(*Dataset); ok {
					if _, err := d.Bytes(); err == nil {
						n++
					}
					if _, err := d.Strings(); err == nil {
						n++
					}
				}
				return nil
			})
			return n
		}
		first := count()
		left := f.budget.left.Load()
		for range 5 {
			if n := count(); n != first || n == 0 {
				t.Errorf("%s: %d values, at first %d", name, n, first)
			}
		}
		if l := f.budget.left.Load(); l != left {
			t.Errorf("%s: reading again cost %d bytes", name, left-l)
		}
	}
}
