//go:build !windows && !plan9

package onnxio

import (
	"errors"
	"os"
	"syscall"
)

// linksTo returns the number of names that the file has.
func linksTo(_ *os.File, info os.FileInfo) (uint64, error) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, errors.New("this system does not tell the file's number of links")
	}
	return uint64(st.Nlink), nil
}
