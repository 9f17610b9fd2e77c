//go:build cgo && !windows

package ort

/*
#cgo linux LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdlib.h>

typedef const void *(*get_base)(void);
static const void *call_get_base(void *f) { return ((get_base)f)(); }
*/
import "C"

import (
	"errors"
	"unsafe"
)

// openLibrary loads a shared library for good and returns its OrtApiBase.
func openLibrary(path string) (unsafe.Pointer, error) {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	handle := C.dlopen(name, C.RTLD_NOW|C.RTLD_LOCAL)
	if handle == nil {
		return nil, errors.New(C.GoString(C.dlerror()))
	}
	symbol := C.CString("OrtGetApiBase")
	defer C.free(unsafe.Pointer(symbol))
	f := C.dlsym(handle, symbol)
	if f == nil {
		C.dlclose(handle)
		return nil, errors.New("it is no onnxruntime: it has no function OrtGetApiBase")
	}
	base := C.call_get_base(f)
	if base == nil {
		return nil, errors.New("OrtGetApiBase returned nothing")
	}
	return unsafe.Pointer(base), nil
}
