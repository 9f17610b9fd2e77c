package main

import (
	"os"
	"path/filepath"

	"github.com/onnxtool/onnxtool/internal/atomicfile"
)

// writable reports, before work that takes long, why files could not be written after it. An empty name is none.
func writable(files ...string) error {
	for _, f := range files {
		if f == "" {
			continue
		}
		if f == "-" {
			return usagef("- is no file here, and nothing is written to the standard output; ./- names a file of that name")
		}
		if err := atomicfile.Check(f); err != nil {
			return err
		}
	}
	return nil
}

// writableIn makes a folder and is writable for files in it. An empty folder is none.
func writableIn(dir string, files ...string) error {
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, f := range files {
		if err := writable(filepath.Join(dir, f)); err != nil {
			return err
		}
	}
	return nil
}
