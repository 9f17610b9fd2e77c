//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package onnxio

import (
	"os"
	"syscall"
)

const canMap = true

// doNotWait keeps opening a pipe from waiting for its other end.
const doNotWait = syscall.O_NONBLOCK

// mapFile maps the first size bytes of a file, read-only.
func mapFile(f *os.File, size int) ([]byte, error) {
	return syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ, syscall.MAP_PRIVATE)
}

func unmap(b []byte) error { return syscall.Munmap(b) }
