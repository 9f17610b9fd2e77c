//go:build cgo

package ort

/*
#include "api.h"
#include <stdlib.h>
*/
import "C"

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"unsafe"

	binding "github.com/yalue/onnxruntime_go"
)

// environment is the process's one loaded library.
var environment struct {
	sync.Mutex
	lib Library // with a path once it is loaded
}

// Available reports why onnxruntime cannot be used, nil if it can: the library is found and loads.
func Available() error {
	_, err := Load(Options{})
	return err
}

// Load finds the library, loads it if that has not happened yet, and says which one it is, with the
// version that the library itself reports. Only Options.Library is looked at.
func Load(opt Options) (Library, error) {
	environment.Lock()
	defer environment.Unlock()
	loaded := environment.lib
	if loaded.Path != "" && opt.Library == "" {
		return loaded, nil
	}
	lib, err := Find(opt)
	if err != nil {
		return Library{}, err
	}
	if loaded.Path != "" {
		if !sameFile(loaded.Path, lib.Path) {
			return Library{}, fmt.Errorf("%w: %s is loaded already: a process can use one library, so %s has to wait for another",
				ErrLibrary, loaded.Path, lib.Path)
		}
		return loaded, nil
	}
	if err := lib.load(); err != nil {
		return Library{}, err
	}
	environment.lib = lib
	return lib, nil
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return a == b
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// load makes the library this process's onnxruntime and fills in its version.
func (l *Library) load() error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s (%s): %w", ErrLibrary, l.Path, l.Source, fmt.Errorf(format, args...))
	}
	if binding.IsInitialized() {
		return fail("another part of this program has initialised onnxruntime already")
	}
	base, err := openLibrary(l.Path)
	if err != nil {
		return fail("cannot be loaded: %w", err)
	}
	l.Version = C.GoString(C.otl_version(base))
	if !versionOK(l.Version) {
		return fail("it is version %s, needed is %s or newer: run `onnxtool ort install`, or name another with %s",
			l.Version, MinVersion, EnvLibrary)
	}
	if C.otl_use(base, apiVersion) == 0 {
		return fail("version %s has no API %d", l.Version, apiVersion)
	}
	binding.SetSharedLibraryPath(l.Path)
	// Its own words on standard error would only repeat what the errors say.
	if err := binding.InitializeEnvironment(binding.WithLogLevelFatal()); err != nil {
		return fail("%w", err)
	}
	if err := binding.DisableTelemetry(); err != nil {
		return fail("%w", err)
	}
	return nil
}

// take turns the message of a C function into an error and frees it.
func take(msg *C.char) error {
	if msg == nil {
		return nil
	}
	defer C.free(unsafe.Pointer(msg))
	return errors.New(C.GoString(msg))
}
