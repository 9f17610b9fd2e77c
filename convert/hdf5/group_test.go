package hdf5

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestOpenPaths(t *testing.T) {
	tests := []struct {
		path string
		want any // the path of the object, or an error
		says string
	}{
		{"/", "/", ""},
		{"", "/", ""},
		{".", "/", ""},
		{"some/x", "/some/x", ""},
		{"/some//./x/", "/some/x", ""},
		{"links/to_x", "/links/to_x", ""},
		{"links/relative", "/links/relative", ""},
		{"links/via/value", "/links/via/value", ""},
		{"links/hop10", "/links/hop10", ""},
		{"links/self/self/self/inner", "/links/self/self/self/inner", ""},
		{"links/root/links/root/some", "/links/root/links/root/some", ""},
		{"names/..", "/names/..", ""},
		{"deep/" + deepPath(40) + "/bottom", "/deep/" + deepPath(40) + "/bottom", ""},
		{"none", fs.ErrNotExist, `no "none"`},
		{"some/x/y", ErrNotExist, "not a group"},
		{"links/to_some", ErrNotExist, `".."`},
		{"links/dangling", ErrNotExist, "/nowhere/at/all"},
		{"links/loop", ErrLimit, "16 soft links"},
		{"links/ping", ErrLimit, "16 soft links"},
		{"links/hop0", ErrLimit, "16 soft links"},
		{"links/outside", ErrExternal, `external link "outside" to "/etc/passwd:/a/b"`},
		{"links/outside/deeper", ErrExternal, "external link"},
		{strings.Repeat("links/self/", 300), ErrLimit, "components"},
	}
	for _, name := range []string{"earliest_groups", "v108_groups", "v110_groups"} {
		f := openFixture(t, name)
		for _, tt := range tests {
			o, err := f.Root().Open(tt.path)
			switch want := tt.want.(type) {
			case string:
				if err != nil || o.Path() != want {
					t.Errorf("%s %.40q: %v %v", name, tt.path, o, err)
				}
			case error:
				if !errors.Is(err, want) || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("%s %.40q: error %v, want %v with %q", name, tt.path, err, want, tt.says)
				}
			}
		}
	}
}

func deepPath(n int) string {
	var s []string
	for i := range n {
		s = append(s, fmt.Sprintf("level%d", i))
	}
	return strings.Join(s, "/")
}

func TestNames(t *testing.T) {
	f := openFixture(t, "v110_groups")
	g, err := f.Root().Group("ordered")
	if err != nil {
		t.Fatal(err)
	}
	if got := g.Names(); !slices.Equal(got, []string{"alpha", "mid", "zeta"}) {
		t.Errorf("names %v", got)
	}
	links := g.Links()
	slices.SortFunc(links, func(a, b Link) int { return int(a.Order - b.Order) })
	if got := fmt.Sprint(links[0].Name, links[1].Name, links[2].Name); got != "zetaalphamid" {
		t.Errorf("in order of creation: %s", got)
	}
	if g, _ = f.Root().Group("many"); len(g.Names()) != 700 {
		t.Errorf("%d names", len(g.Names()))
	}
	if _, err := f.Root().Group("some/x"); !errors.Is(err, ErrType) {
		t.Errorf("a dataset as a group: %v", err)
	}
	if _, err := f.Root().Dataset("some"); !errors.Is(err, ErrType) {
		t.Errorf("a group as a dataset: %v", err)
	}
}

func TestWalk(t *testing.T) {
	f := openFixture(t, "v110_groups")
	var paths []string
	err := f.Root().Walk(func(path string, o Object, err error) error {
		paths = append(paths, path)
		if path == "/deep/level0" || path == "/many" {
			return SkipGroup
		}
		return nil
	})
	if err != nil || !slices.IsSorted(paths[:2]) || len(paths) > 70 || slices.Contains(paths, "/deep/level0/level1") {
		t.Errorf("%v %q", err, paths)
	}
	stop := errors.New("stop")
	if err := f.Root().Walk(func(string, Object, error) error { return stop }); err != stop {
		t.Errorf("stopped with %v", err)
	}
}

// TestRefused opens what leads outside the file: CVE-2026-1669, keras #23168.
func TestRefused(t *testing.T) {
	f := openFixture(t, "refused")
	for path, says := range map[string]string{"virtual": "virtual dataset", "external": "external storage", "a/b/c/link": "external link"} {
		if _, err := f.Root().Open(path); !errors.Is(err, ErrExternal) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if d, err := f.Root().Dataset("fine"); err != nil || d.Len() != 1 {
		t.Errorf("fine: %v", err)
	}
}

func TestFilterErrors(t *testing.T) {
	f := openFixture(t, "v110_chunks")
	for path, says := range map[string]string{"lzf": "filter LZF", "scaleoffset": "filter scaleoffset", "nbit": "filter nbit"} {
		d, err := f.Root().Dataset("filters/" + path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Bytes(); !errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestConcurrent reads one file from several goroutines.
func TestConcurrent(t *testing.T) {
	for _, name := range []string{"v110_chunks", "shared", "earliest_types"} {
		f := openFixture(t, name)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				f.Root().Walk(func(path string, o Object, err error) error {
					if err != nil {
						t.Error(err)
						return err
					}
					o.Attrs()
					if d, ok := o.(*Dataset); ok {
						d.Bytes()
						d.Strings()
					}
					return nil
				})
			})
		}
		wg.Wait()
	}
}
