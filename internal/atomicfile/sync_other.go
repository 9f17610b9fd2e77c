//go:build !unix

package atomicfile

import (
	"io/fs"
	"os"
)

// syncDir does nothing: these systems have no such call.
func syncDir(string) error { return nil }

// chmod does nothing: these systems have no permission bits to keep.
func chmod(*os.File, fs.FileMode) error { return nil }
