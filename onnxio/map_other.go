//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package onnxio

import (
	"errors"
	"os"
)

const canMap = false

const doNotWait = 0

func mapFile(*os.File, int) ([]byte, error) { return nil, errors.ErrUnsupported }

func unmap([]byte) error { return nil }
