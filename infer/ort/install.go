package ort

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/onnxtool/onnxtool/internal/atomicfile"
)

// A Go module that carries the library for Linux: the go command fetches it and checks it against the
// checksum database, and the library's own sum is pinned below.
const (
	pinnedModule  = "github.com/k2-fsa/sherpa-onnx-go-linux"
	pinnedRelease = "v1.12.40"
	pinnedVersion = "1.24.4" // of onnxruntime
)

// build is the library for one platform.
type build struct {
	file   string // inside the module
	sha256 string
}

var builds = map[string]build{
	"linux/amd64": {"lib/x86_64-unknown-linux-gnu/libonnxruntime.so", "88468d42d3381c18a7bd3f99a01f07293ff8c9e38f71fd5bcc5fa08c101d31bf"},
	"linux/arm64": {"lib/aarch64-unknown-linux-gnu/libonnxruntime.so", "7b31d696ba5020ae72c967e499e802af8123778f1540237bff155db15fe0d7d7"},
}

// Install gets the library for this machine into the user's cache, where Find sees it: through
// `go mod download` of a pinned module, whose library has to have the pinned SHA-256. A library that is
// there already and has it is left alone. progress, which may be nil, is told in words what happens.
//
// On platforms that no Go module serves the error says how else to get the library.
func Install(ctx context.Context, progress func(string)) (Library, error) {
	if progress == nil {
		progress = func(string) {}
	}
	platform := runtime.GOOS + "/" + runtime.GOARCH
	b, ok := builds[platform]
	if !ok {
		return Library{}, fmt.Errorf("%w: no Go module carries it for %s: %s", ErrLibrary, platform, otherWays(runtime.GOOS, runtime.GOARCH))
	}
	dir, err := cacheDir()
	if err != nil {
		return Library{}, fmt.Errorf("%w: no folder to put it into: %w", ErrLibrary, err)
	}
	dst := filepath.Join(dir, fileName(runtime.GOOS))
	if checkSum(dst, b.sha256) == nil {
		progress("onnxruntime " + pinnedVersion + " is there already")
		return Library{Path: dst, Version: pinnedVersion, Source: FromCache}, nil
	}
	progress(fmt.Sprintf("go mod download %s@%s (once, about 40 MB)", pinnedModule, pinnedRelease))
	src, err := download(ctx)
	if err != nil {
		return Library{}, err
	}
	if err := copyChecked(filepath.Join(src, filepath.FromSlash(b.file)), dst, b.sha256); err != nil {
		return Library{}, fmt.Errorf("%w: %w", ErrLibrary, err)
	}
	progress("onnxruntime " + pinnedVersion + " is in " + dst)
	return Library{Path: dst, Version: pinnedVersion, Source: FromCache}, nil
}

// otherWays says how to get the library where Install cannot.
func otherWays(goos, goarch string) string {
	arch := map[string]string{"amd64": "x64"}[goarch]
	if arch == "" {
		arch = goarch
	}
	npm := ""
	switch {
	case goos == "darwin" && goarch == "arm64":
		npm = "node_modules/onnxruntime-node/bin/napi-v6/darwin/arm64/libonnxruntime." + npmVersion + ".dylib"
	case goos == "windows" && (goarch == "amd64" || goarch == "arm64"):
		npm = `node_modules\onnxruntime-node\bin\napi-v6\win32\` + arch + `\onnxruntime.dll`
	}
	way := "`pip install onnxruntime` puts it where it is found, if its version is " + MinVersion + " or newer"
	if npm != "" {
		way += "; or `npm install onnxruntime-node@" + npmVersion + "` and set " + EnvLibrary + " to " + npm
	}
	return way
}

// npmVersion is a release of the npm package onnxruntime-node whose library fits.
const npmVersion = "1.24.3"

// download fetches the module and returns the folder that it is in.
func download(ctx context.Context) (string, error) {
	goCmd, err := exec.LookPath("go")
	if err != nil {
		return "", fmt.Errorf("%w: it is fetched by the go command, which is not installed: %s", ErrLibrary, otherWays(runtime.GOOS, runtime.GOARCH))
	}
	cmd := exec.CommandContext(ctx, goCmd, "mod", "download", "-json", pinnedModule+"@"+pinnedRelease)
	cmd.Dir = os.TempDir() // outside of any module, whose go.mod would have a say
	cmd.Env = append(os.Environ(), "GO111MODULE=on", "GOWORK=off", "GOFLAGS=-mod=mod")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	runErr := cmd.Run()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	var got struct{ Dir, Error string }
	if err := json.Unmarshal(stdout.Bytes(), &got); err != nil && runErr == nil {
		return "", fmt.Errorf("%w: go mod download: %w", ErrLibrary, err)
	}
	switch {
	case got.Error != "":
		return "", fmt.Errorf("%w: go mod download: %s", ErrLibrary, got.Error)
	case runErr != nil:
		return "", fmt.Errorf("%w: go mod download: %s: %w", ErrLibrary, lastLine(stderr.String()), runErr)
	case got.Dir == "":
		return "", fmt.Errorf("%w: go mod download did not say where the module is", ErrLibrary)
	}
	return got.Dir, nil
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
