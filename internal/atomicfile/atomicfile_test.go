package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// onlyFile fails where anything else than the named file is left in its folder.
func onlyFile(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != filepath.Base(path) {
			t.Errorf("%s is left behind", e.Name())
		}
	}
}

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	for _, want := range []string{"first", "second, longer", "", strings.Repeat("x", 1<<20)} {
		if err := Write(path, text(want)); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); got != want {
			t.Errorf("got %d bytes, want %d", len(got), len(want))
		}
	}
	onlyFile(t, path)
}

func TestFailureKeepsOldFile(t *testing.T) {
	broken := errors.New("broken")
	for _, old := range []string{"old", ""} {
		path := filepath.Join(t.TempDir(), "f")
		if old != "" {
			if err := Write(path, text(old)); err != nil {
				t.Fatal(err)
			}
		}
		err := Write(path, func(w io.Writer) error {
			if _, err := w.Write(make([]byte, 1<<17)); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) {
			t.Errorf("got error %v", err)
		}
		if old != "" && read(t, path) != old {
			t.Error("the old content is gone")
		}
		if _, err := os.Stat(path); old == "" && err == nil {
			t.Error("a failed write made the file")
		}
		onlyFile(t, path)
	}
}

func TestPanicKeepsOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := Write(path, text("old")); err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic is swallowed")
			}
		}()
		_ = Write(path, func(io.Writer) error { panic("bug") })
	}()
	if read(t, path) != "old" {
		t.Error("the old content is gone")
	}
	onlyFile(t, path)
}

func TestPermissions(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no permission bits")
	}
	dir := t.TempDir()
	plain, path := filepath.Join(dir, "plain"), filepath.Join(dir, "f")
	if err := os.WriteFile(plain, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, text("a")); err != nil {
		t.Fatal(err)
	}
	mode := func(p string) os.FileMode {
		info, err := os.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	if got, want := mode(path), mode(plain); got != want {
		t.Errorf("a new file has %v, want %v as any other", got, want)
	}
	for _, want := range []os.FileMode{0o600, 0o755, 0o640} {
		if err := os.Chmod(path, want); err != nil {
			t.Fatal(err)
		}
		if err := Write(path, text("b")); err != nil {
			t.Fatal(err)
		}
		if got := mode(path); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

func TestSymlink(t *testing.T) {
	dir := t.TempDir()
	file, link, dangling := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "dangling")
	if err := os.Symlink("file", link); err != nil {
		t.Skip(err)
	}
	if err := os.Symlink("nowhere", dangling); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(link, text("new")); err != nil {
		t.Fatal(err)
	}
	if got := read(t, file); got != "new" {
		t.Errorf("the link's file holds %q", got)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	if err := Write(dangling, text("x")); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("dangling link: got %v", err)
	}
}

func TestBadPaths(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "none", "f"), ""} {
		called := false
		err := Write(path, func(io.Writer) error { called = true; return nil })
		if err == nil || called {
			t.Errorf("%q: got error %v, called %v", path, err, called)
		}
	}
}

// TestLeftovers puts beside a file what killed processes leave, what another is writing, and files of others.
func TestLeftovers(t *testing.T) {
	if !canLock {
		t.Skip("no locks")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "f.npz")
	stays := []string{"f.npz", ".f.npz.1234567.tmp", ".f.npz.0123456g.tmp", ".g.npz.01234567.tmp", "f.npz.01234567.tmp"}
	for _, name := range append(stays, ".f.npz.01234567.tmp", ".f.npz.89abcdef.tmp") {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("f.npz", filepath.Join(dir, ".f.npz.aaaaaaaa.tmp")); err != nil {
		t.Fatal(err)
	}
	err := Write(path, func(io.Writer) error { return Write(path, text("inner")) }) // the outer one's file is not the inner one's
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, e := range entries {
		left = append(left, e.Name())
	}
	stays = append(stays, ".f.npz.aaaaaaaa.tmp")
	slices.Sort(stays)
	if !slices.Equal(left, stays) {
		t.Errorf("left are %v, want %v", left, stays)
	}
}

// TestTogether writes one file from many goroutines: each succeeds, and the file is one of theirs.
func TestTogether(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	var g sync.WaitGroup
	for i := range 8 {
		g.Go(func() {
			for range 25 {
				if err := Write(path, text(strings.Repeat(string(rune('a'+i)), 5000))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	g.Wait()
	if s := read(t, path); len(s) != 5000 || strings.Trim(s, s[:1]) != "" {
		t.Errorf("the file holds %d bytes of several", len(s))
	}
	onlyFile(t, path)
}

// TestErrorNames: an error of the temporary file names the file that was asked for.
func TestErrorNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	f, err := os.Open(os.DevNull) // not for writing
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := (named{f, path}).Write([]byte("x")); err == nil || !strings.HasPrefix(err.Error(), "write "+path+": ") {
		t.Errorf("the error is %v", err)
	}
}
