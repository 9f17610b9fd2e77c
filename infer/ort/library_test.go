package ort

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// isolate points everything that Find looks at to an empty folder, except the system's own.
func isolate(t *testing.T) string {
	dir := t.TempDir()
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "LocalAppData"} {
		t.Setenv(name, filepath.Join(dir, "home"))
	}
	t.Setenv("PATH", filepath.Join(dir, "bin"))
	for _, name := range []string{"VIRTUAL_ENV", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", EnvLibrary} {
		t.Setenv(name, "")
	}
	return dir
}

func touch(t *testing.T, path string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFindOrder(t *testing.T) {
	dir := isolate(t)
	name := fileName(runtime.GOOS)
	option := touch(t, filepath.Join(dir, "option", "any.name"))
	environ := touch(t, filepath.Join(dir, "environ", name))
	cache, err := cacheDir()
	if err != nil {
		t.Fatal(err)
	}
	cached := touch(t, filepath.Join(cache, name))
	venv := filepath.Join(dir, "venv")
	piped := touch(t, filepath.Join(dir, "site", "onnxruntime", "capi", name))
	if runtime.GOOS != "windows" {
		script := touch(t, filepath.Join(venv, "bin", "python"))
		os.WriteFile(script, []byte("#!/bin/sh\necho "+filepath.Join(dir, "site", "onnxruntime", "__init__.py")+"\n"), 0o755)
		os.Chmod(script, 0o755)
	}
	system := touch(t, filepath.Join(dir, "system", name))

	check := func(opt Options, source Source, path string) {
		t.Helper()
		lib, err := Find(opt)
		if err != nil || lib.Source != source || lib.Path != path {
			t.Errorf("%v: got %+v, %v, want %s", source, lib, err, path)
		}
	}
	t.Setenv(EnvLibrary, filepath.Dir(environ)) // a folder will do
	check(Options{Library: option}, FromOption, option)
	check(Options{}, FromEnvironment, environ)
	t.Setenv(EnvLibrary, "")
	t.Setenv("VIRTUAL_ENV", venv)
	t.Setenv("LD_LIBRARY_PATH", filepath.Dir(system))
	check(Options{}, FromCache, cached)
	os.Remove(cached)
	if runtime.GOOS != "linux" {
		return
	}
	check(Options{}, FromPip, piped)
	os.Remove(piped)
	check(Options{}, FromSystem, system)
}

func TestFindErrors(t *testing.T) {
	dir := isolate(t)
	empty := filepath.Join(dir, "empty")
	os.Mkdir(empty, 0o755)
	touch(t, filepath.Join(dir, "system", fileName(runtime.GOOS)))
	t.Setenv("LD_LIBRARY_PATH", filepath.Join(dir, "system"))
	for _, c := range []struct{ name, option, env, want string }{
		{"option missing", filepath.Join(dir, "none.so"), "", "the option names"},
		{"folder without", empty, "", "holds no " + fileName(runtime.GOOS)},
		{"environment missing", "", filepath.Join(dir, "none.so"), "the environment names"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(EnvLibrary, c.env)
			_, err := Find(Options{Library: c.option})
			if !errors.Is(err, ErrLibrary) || errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestVersions(t *testing.T) {
	for v, ok := range map[string]bool{"1.24": true, "1.24.4": true, "1.100.0": true, "2.0": true, "1.25.0-dev.3": true,
		"1.23.2": false, "1.9": false, "": false, "x": false} {
		if versionOK(v) != ok {
			t.Errorf("versionOK(%q) = %v", v, !ok)
		}
	}
	for name, want := range map[string]string{"libonnxruntime.so.1.24.4": "1.24.4", "libonnxruntime.1.24.3.dylib": "1.24.3",
		"libonnxruntime.so": "", "libonnxruntime.dylib": "", "onnxruntime.dll": "", "libonnxruntime_providers.so.1.2": ""} {
		if got := nameVersion("/some/" + name); got != want {
			t.Errorf("nameVersion(%s) = %q, want %q", name, got, want)
		}
	}
}

func TestInDirPrefersNewest(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("names differ")
	}
	dir := t.TempDir()
	touch(t, filepath.Join(dir, "libonnxruntime.so.1.9.0"))
	newest := touch(t, filepath.Join(dir, "libonnxruntime.so.1.24.0"))
	if got := inDir(dir); got != newest {
		t.Errorf("got %s", got)
	}
}

func TestCopyChecked(t *testing.T) {
	dir := t.TempDir()
	src := touch(t, filepath.Join(dir, "src"))
	dst := filepath.Join(dir, "deep", "dst")
	if err := copyChecked(src, dst, strings.Repeat("0", 64)); err == nil || !strings.Contains(err.Error(), "pinned is 000") {
		t.Errorf("a wrong sum gave %v", err)
	}
	if _, err := os.Stat(dst); err == nil {
		t.Error("a file with the wrong sum was installed")
	}
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	if err := copyChecked(src, dst, empty); err != nil {
		t.Fatal(err)
	}
	if err := checkSum(dst, empty); err != nil {
		t.Error(err)
	}
}

func TestUnpack1(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "a.tgz")
	f, err := os.Create(archive)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	w := tar.NewWriter(z)
	for _, h := range []*tar.Header{{Name: "package/lib", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}, {Name: "package/lib", Typeflag: tar.TypeReg, Size: 3, Mode: 0o644}} {
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
	}
	w.Write([]byte("lib"))
	if err := errors.Join(w.Close(), z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	dst := filepath.Join(dir, "out")
	if err := unpack1(archive, "package/lib", dst); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(dst); string(b) != "lib" {
		t.Errorf("got %q, %v", b, err)
	}
	if err := unpack1(archive, "package/other", dst); err == nil || !strings.Contains(err.Error(), "package/other is not in a.tgz") {
		t.Errorf("got %v", err)
	}
}

// TestInstallWithoutClient holds that the message says what is missing and how else to go on.
func TestInstallWithoutClient(t *testing.T) {
	isolate(t)
	_, err := Install(t.Context(), nil)
	if !errors.Is(err, ErrLibrary) || !strings.Contains(err.Error(), "pip install onnxruntime") {
		t.Errorf("got %v", err)
	}
}
