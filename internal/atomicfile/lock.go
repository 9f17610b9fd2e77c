//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package atomicfile

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// canLock says that a file being written is locked, until it has its name. The system frees the lock of a process
// that was killed, so what has none was left behind.
const canLock = true

// lock locks a file that was just made, and reports whether another process was faster, which removes it, or has.
// Where the file system has no locks the file stays without.
func lock(f *os.File) (taken bool) {
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == syscall.EWOULDBLOCK {
		return true
	}
	mine, err := f.Stat()
	if err != nil {
		return true
	}
	there, err := os.Lstat(f.Name())
	return err != nil || !os.SameFile(mine, there)
}

// mostSwept is how many entries of a folder sweep looks at: who writes very many files into one shall not list all
// of them for each.
const mostSwept = 4096

// sweep removes the temporary files for base that killed processes left in the folder. What cannot be removed stays.
func sweep(dir, base string) {
	d, err := os.Open(dir)
	if err != nil {
		return
	}
	defer d.Close()
	entries, _ := d.ReadDir(mostSwept) // those before an error
	for _, e := range entries {
		if isTemp(e.Name(), base) && e.Type().IsRegular() {
			removeUnlocked(filepath.Join(dir, e.Name()))
		}
	}
}

// isTemp reports whether a file has a name that createTemp gives for base.
func isTemp(name, base string) bool {
	tag, before := strings.CutPrefix(name, "."+base+".")
	tag, after := strings.CutSuffix(tag, ".tmp")
	return before && after && len(tag) == 8 && strings.Trim(tag, "0123456789abcdef") == ""
}

func removeUnlocked(path string) {
	f, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return
	}
	defer f.Close()
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
		os.Remove(path)
	}
}
