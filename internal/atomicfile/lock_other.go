//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package atomicfile

import "os"

// canLock says that nothing is locked here, so a killed process's temporary file stays: nobody knows whose it is.
const canLock = false

func lock(*os.File) (taken bool) { return false }

func sweep(dir, base string) {}
