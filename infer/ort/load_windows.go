//go:build cgo && windows

package ort

import (
	"errors"
	"syscall"
	"unsafe"
)

// openLibrary loads a shared library for good and returns its OrtApiBase.
func openLibrary(path string) (unsafe.Pointer, error) {
	handle, err := syscall.LoadLibrary(path)
	if err != nil {
		return nil, err
	}
	f, err := syscall.GetProcAddress(handle, "OrtGetApiBase")
	if err != nil {
		syscall.FreeLibrary(handle)
		return nil, errors.New("it is no onnxruntime: it has no function OrtGetApiBase")
	}
	base, _, _ := syscall.SyscallN(f)
	if base == 0 {
		return nil, errors.New("OrtGetApiBase returned nothing")
	}
	// The address is that of a static struct inside the library: Go's collector has no part in it.
	return *(*unsafe.Pointer)(unsafe.Pointer(&base)), nil
}
