// Package atomicfile replaces files whole: a reader, or a program that starts after a crash, sees the old
// content or the new, never a part.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// Write replaces the file at path by what write produces. The data goes to a temporary file in the same
// folder, is flushed to the disk, and takes the file's name in one step. On any error the file stays as it
// was and the temporary file is removed. An existing file keeps its permissions, a new one gets 0666 less
// the process's umask. Where path is a symbolic link the file it leads to is replaced, not the link.
// A path that names something else than a regular file (a folder, a device) is an error.
// What a killed process left of its temporary file the next Write of the same path removes, on systems where a lock
// tells it from one that is being written.
func Write(path string, write func(io.Writer) error) (err error) {
	path, perm, err := target(path)
	if err != nil {
		return err
	}
	sweep(filepath.Dir(path), filepath.Base(path))
	f, err := createTemp(path, perm)
	if err != nil {
		return err
	}
	renamed := false
	defer func() { // also where write panics
		f.Close()
		if !renamed {
			os.Remove(f.Name())
		}
	}()
	w := bufio.NewWriterSize(named{f, path}, 1<<16)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return faultOf(path, err)
	}
	if !canLock { // Windows renames no open file; a lock lasts until the file is closed
		if err := f.Close(); err != nil {
			return err
		}
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	renamed = true
	return syncDir(filepath.Dir(path))
}

// named is a temporary file whose errors name the file that it becomes.
type named struct {
	*os.File
	path string
}

// Write implements [io.Writer].
func (n named) Write(p []byte) (int, error) {
	k, err := n.File.Write(p)
	return k, faultOf(n.path, err)
}

// faultOf makes an error that of the file at path: the temporary file's name says nothing to anyone.
func faultOf(path string, err error) error {
	if fault := (*fs.PathError)(nil); errors.As(err, &fault) {
		return &fs.PathError{Op: fault.Op, Path: path, Err: fault.Err}
	}
	return err
}

// Check returns the error that Write would meet before it writes: a folder that is missing or takes no files, a path
// that names something else than a regular file. It leaves nothing behind.
func Check(path string) error {
	path, perm, err := target(path)
	if err != nil {
		return err
	}
	f, err := createTemp(path, perm)
	if err != nil {
		return err
	}
	f.Close()
	return os.Remove(f.Name())
}

// newFile stands for the permissions that the system gives a new file.
const newFile fs.FileMode = 1 << 31

// target resolves symbolic links and returns the permissions that the new file shall have.
func target(path string) (string, fs.FileMode, error) {
	if path == "" {
		return "", 0, errors.New("no file name")
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if to, err := os.Readlink(path); err == nil {
			return "", 0, fmt.Errorf("%s is a symbolic link to %s, which does not exist", path, to)
		}
		return path, newFile, nil
	}
	if err != nil {
		return "", 0, err
	}
	if !info.Mode().IsRegular() {
		return "", 0, fmt.Errorf("%s is not a regular file", path)
	}
	real, err := filepath.EvalSymlinks(path)
	return real, info.Mode().Perm(), err
}

// createTemp makes a file beside path with the given permissions. os.CreateTemp would always give 0600,
// and the process's umask cannot be read without changing it for every thread.
func createTemp(path string, perm fs.FileMode) (*os.File, error) {
	dir, base := filepath.Split(path)
	for try := 0; ; try++ {
		name := filepath.Join(dir, fmt.Sprintf(".%s.%08x.tmp", base, rand.Uint32()))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) && try < 1000 {
			continue
		}
		if fault := (*fs.PathError)(nil); errors.As(err, &fault) {
			fault.Op = "create"
		}
		if err != nil {
			return nil, faultOf(path, err)
		}
		if lock(f) && try < 1000 {
			f.Close()
			continue
		}
		if perm == newFile {
			return f, nil
		}
		if err := chmod(f, perm); err != nil {
			f.Close()
			os.Remove(name)
			return nil, err
		}
		return f, nil
	}
}
