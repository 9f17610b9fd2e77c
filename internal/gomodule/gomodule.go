// Package gomodule fetches modules through the go command, for the files in them that are no code.
package gomodule

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Download lets the go command fetch a module by path@version into its cache, where it stays, and returns
// the folder. sum is the hash that `go mod download -json` must give, as in go.sum; empty is any.
// An error wraps exec.ErrNotFound where there is no go command.
func Download(ctx context.Context, module, sum string) (dir string, err error) {
	empty, err := os.MkdirTemp("", "onnxtool-module-*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(empty)
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", module)
	// Outside of any module, whose go.mod would have a say.
	cmd.Dir, cmd.Env = empty, append(os.Environ(), "GO111MODULE=on", "GOWORK=off", "GOFLAGS=-mod=mod")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	runErr := cmd.Run()
	var got struct{ Dir, Sum, Error string }
	if err := json.Unmarshal(stdout.Bytes(), &got); err != nil && runErr == nil {
		return "", fmt.Errorf("go mod download: %w", err)
	}
	switch {
	case got.Error != "":
		return "", fmt.Errorf("go mod download: %s", got.Error)
	case runErr != nil:
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		return "", fmt.Errorf("go mod download: %w %s", runErr, lines[len(lines)-1])
	case got.Dir == "":
		return "", fmt.Errorf("go mod download did not say where %s is", module)
	case sum != "" && got.Sum != sum:
		return "", fmt.Errorf("%s has the hash %s, expected is %s", module, got.Sum, sum)
	}
	return got.Dir, nil
}
