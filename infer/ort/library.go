package ort

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// EnvLibrary is the environment variable that names the library, or the folder that holds it.
const EnvLibrary = "ONNXRUNTIME_SHARED_LIBRARY_PATH"

// Source says which of the places that Find looks at a library was in.
type Source string

// The places, in the order in which Find looks.
const (
	FromOption      Source = "option"
	FromEnvironment Source = "environment"
	FromCache       Source = "cache"
	FromPip         Source = "pip"
	FromSystem      Source = "system"
)

// Library is an onnxruntime shared library.
type Library struct {
	Path string `json:"path"`
	// Version as the library reports it, or as far as its file tells; empty if that says nothing.
	Version string `json:"version"`
	Source  Source `json:"source"`
}

// Find looks for the shared library: Options.Library, the variable [EnvLibrary], what [Install] got,
// the onnxruntime package of the Python on the path, the system's folders for libraries. The first one
// that exists is it: a library that was named and does not exist is an error, not a reason to look on.
func Find(opt Options) (Library, error) {
	for _, named := range []struct {
		path   string
		source Source
	}{{opt.Library, FromOption}, {os.Getenv(EnvLibrary), FromEnvironment}} {
		if named.path == "" {
			continue
		}
		path, err := resolve(named.path)
		if err != nil {
			return Library{}, fmt.Errorf("%w: the %s names %s: %w", ErrLibrary, named.source, named.path, err)
		}
		return newLibrary(path, named.source), nil
	}
	for _, place := range []struct {
		source Source
		dirs   func() []string
	}{{FromCache, cacheDirs}, {FromPip, pipDirs}, {FromSystem, systemDirs}} {
		for _, dir := range place.dirs() {
			if path := inDir(dir); path != "" {
				return newLibrary(path, place.source), nil
			}
		}
	}
	return Library{}, fmt.Errorf("%w: looked at %s, the cache, Python's packages and the system: run `onnxtool ort install`, or name a library with %s",
		ErrNotFound, EnvLibrary, EnvLibrary)
}

func newLibrary(path string, source Source) Library {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return Library{Path: path, Version: versionOf(path), Source: source}
}

// resolve returns the library that a path leads to: itself, or in it where it is a folder.
func resolve(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return path, nil
	}
	if found := inDir(path); found != "" {
		return found, nil
	}
	return "", fmt.Errorf("the folder holds no %s", fileName(runtime.GOOS))
}

// fileName is what the library is called on an operating system, where nobody numbers it.
func fileName(goos string) string {
	switch goos {
	case "windows":
		return "onnxruntime.dll"
	case "darwin", "ios":
		return "libonnxruntime.dylib"
	}
	return "libonnxruntime.so"
}

// inDir returns the library in a folder, empty if there is none. Of several numbered ones it is the newest.
func inDir(dir string) string {
	patterns := []string{fileName(runtime.GOOS)}
	switch runtime.GOOS {
	case "windows":
	case "darwin", "ios":
		patterns = append(patterns, "libonnxruntime.*.dylib")
	default:
		patterns = append(patterns, "libonnxruntime.so.*")
	}
	for _, pattern := range patterns {
		found, _ := filepath.Glob(filepath.Join(dir, pattern)) // the folder's own name is no pattern worth an error
		found = slices.DeleteFunc(found, func(p string) bool {
			info, err := os.Stat(p)
			return err != nil || !info.Mode().IsRegular()
		})
		if len(found) > 0 {
			return slices.MaxFunc(found, func(a, b string) int { return compareVersions(nameVersion(a), nameVersion(b)) })
		}
	}
	return ""
}

func cacheDirs() []string {
	dir, err := cacheDir()
	if err != nil {
		return nil
	}
	return []string{dir}
}

// pipDirs asks the Python on the path, that of an active virtual environment first, where its onnxruntime is.
func pipDirs() []string {
	var pythons []string
	if env := os.Getenv("VIRTUAL_ENV"); env != "" {
		pythons = append(pythons, filepath.Join(env, "bin", "python"), filepath.Join(env, "Scripts", "python.exe"))
	}
	pythons = append(pythons, "python3", "python")
	var dirs []string
	for _, name := range pythons {
		python, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		// find_spec looks the package up without running any of it.
		out, err := exec.CommandContext(ctx, python, "-c",
			"import importlib.util as u; s = u.find_spec('onnxruntime'); print(s.origin if s and s.origin else '')").Output()
		cancel()
		if origin := strings.TrimSpace(string(out)); err == nil && origin != "" {
			dirs = append(dirs, filepath.Join(filepath.Dir(origin), "capi"))
		}
	}
	return dirs
}

func systemDirs() []string {
	var dirs []string
	switch runtime.GOOS {
	case "windows":
		// Not System32: the onnxruntime.dll there is Windows' own, of another age.
		if exe, err := os.Executable(); err == nil {
			dirs = append(dirs, filepath.Dir(exe))
		}
		return append(dirs, filepath.SplitList(os.Getenv("PATH"))...)
	case "darwin", "ios":
		dirs = filepath.SplitList(os.Getenv("DYLD_LIBRARY_PATH"))
		return append(dirs, "/opt/homebrew/lib", "/usr/local/lib", "/usr/lib")
	}
	dirs = filepath.SplitList(os.Getenv("LD_LIBRARY_PATH"))
	dirs = append(dirs, "/usr/local/lib", "/usr/local/lib64", "/opt/onnxruntime/lib")
	if triple := triples[runtime.GOARCH]; triple != "" {
		dirs = append(dirs, "/usr/lib/"+triple, "/lib/"+triple)
	}
	return append(dirs, "/usr/lib64", "/usr/lib", "/lib64", "/lib")
}

// triples names the folders of libraries that Debian and its relatives have for an architecture.
var triples = map[string]string{
	"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu", "arm": "arm-linux-gnueabihf",
	"386": "i386-linux-gnu", "riscv64": "riscv64-linux-gnu", "ppc64le": "powerpc64le-linux-gnu", "s390x": "s390x-linux-gnu",
}

// parts returns the leading numbers of a version: 1.24.3-rc1 is 1, 24, 3.
func parts(v string) []int {
	var out []int
	for _, s := range strings.Split(v, ".") {
		digits := s[:len(s)-len(strings.TrimLeft(s, "0123456789"))]
		n, err := strconv.Atoi(digits)
		if err != nil {
			break
		}
		out = append(out, n)
		if digits != s {
			break
		}
	}
	return out
}

func compareVersions(a, b string) int { return slices.Compare(parts(a), parts(b)) }

// versionOK reports whether a library of this version has the API that is needed.
func versionOK(v string) bool { return compareVersions(v, MinVersion) >= 0 }

// versionOf returns a library's version without loading it, as far as the file tells.
func versionOf(path string) string {
	if v := elfVersion(path); v != "" {
		return v
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return nameVersion(path)
}

// nameVersion returns the version in a file's name: libonnxruntime.so.1.24.4, libonnxruntime.1.24.4.dylib.
func nameVersion(path string) string {
	name := strings.TrimSuffix(filepath.Base(path), ".dylib")
	for _, prefix := range []string{"libonnxruntime.so.", "libonnxruntime."} {
		if v, ok := strings.CutPrefix(name, prefix); ok && len(parts(v)) > 0 {
			return v
		}
	}
	return ""
}
