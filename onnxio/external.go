package onnxio

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/onnxtool/onnxtool/onnxio/tensor"
)

// ErrPath is wrapped by errors about external data that is refused for where it is: outside the
// model's folder, behind a link, or in something that is no regular file.
var ErrPath = errors.New("path not allowed")

// ExternalInfo tells where a tensor's elements are in another file.
type ExternalInfo struct {
	Location string // path below the model's folder, with slashes
	Offset   int64  // of the first byte
	Length   int64  // in bytes; -1 where the model does not say
	Checksum string // SHA-1 of the file in hexadecimal; empty where the model does not say
}

// External returns where the elements are that DataLocation says to be in another file. It checks
// the form of the entries alone.
func (m *Tensor) External() (ExternalInfo, error) {
	info := ExternalInfo{Length: -1}
	seen := map[string]bool{}
	for _, e := range m.ExternalData {
		if e == nil || seen[e.Key] {
			return info, m.errorf("external_data repeats a key")
		}
		seen[e.Key] = true
		var err error
		switch e.Key {
		case "location":
			info.Location = e.Value
		case "offset":
			info.Offset, err = strconv.ParseInt(e.Value, 10, 64)
			if err != nil || info.Offset < 0 {
				return info, m.errorf("external_data has offset %q", e.Value)
			}
		case "length":
			info.Length, err = strconv.ParseInt(e.Value, 10, 64)
			if err != nil || info.Length < 0 {
				return info, m.errorf("external_data has length %q", e.Value)
			}
		case "checksum":
			info.Checksum = e.Value
		}
	}
	if err := checkLocation(info.Location); err != nil {
		return info, fmt.Errorf("tensor %q: external data %q: %w", m.Name, info.Location, err)
	}
	return info, nil
}

// checkLocation refuses a path that is not plainly one below the model's folder on every system.
func checkLocation(p string) error {
	switch {
	case p == "":
		return fmt.Errorf("%w: no location", ErrPath)
	case strings.ContainsAny(p, "\\\x00"):
		return fmt.Errorf("%w: it has a backslash or a zero byte", ErrPath)
	case path.IsAbs(p) || strings.Contains(p, ":"):
		return fmt.Errorf("%w: it is not relative", ErrPath)
	}
	for part := range strings.SplitSeq(p, "/") {
		if part == ".." {
			return fmt.Errorf("%w: it leads out of a folder", ErrPath)
		}
	}
	if !filepath.IsLocal(filepath.FromSlash(p)) || path.Clean(p) == "." || strings.HasSuffix(p, "/") {
		return fmt.Errorf("%w: it names no file below the model's folder", ErrPath)
	}
	return nil
}

// external returns the bytes of a tensor whose elements are in another file.
func (m *Tensor) external(d tensor.DType, n int) ([]byte, error) {
	info, need, err := m.externalRange(d, n)
	if err != nil {
		return nil, err
	}
	b, err := m.source.slice(info, need)
	if err != nil {
		return nil, fmt.Errorf("tensor %q: external data %s: %w", m.Name, info.Location, err)
	}
	return b, nil
}

// externalRange returns where the elements are and how many bytes they take.
func (m *Tensor) externalRange(d tensor.DType, n int) (ExternalInfo, int64, error) {
	info, err := m.External()
	switch {
	case err != nil:
		return info, 0, err
	case d == tensor.String:
		return info, 0, m.errorf("strings cannot be external data")
	case tooMany(d, n):
		return info, 0, m.errorf("%d elements are too many", n)
	}
	need := int64(RawSize(d, n))
	if info.Length >= 0 && info.Length != need {
		return info, 0, m.errorf("external_data has length %d, %d elements of %v take %d bytes", info.Length, n, d, need)
	}
	return info, need, nil
}

// hasExternal checks that the elements are in another file, without reading them.
func (m *Tensor) hasExternal(d tensor.DType, n int) error {
	info, need, err := m.externalRange(d, n)
	if err != nil || m.source == nil || m.source.dir == "" {
		return err
	}
	m.source.mu.Lock()
	defer m.source.mu.Unlock()
	if _, err := m.source.find(info, need); err != nil {
		return fmt.Errorf("tensor %q: external data %s: %w", m.Name, info.Location, err)
	}
	return nil
}

// slice returns n bytes of a file below the model's folder.
func (s *source) slice(info ExternalInfo, n int64) ([]byte, error) {
	if s == nil || s.dir == "" {
		return nil, errors.New("the model was not loaded from a file, and LoadOptions.Dir is not set")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.find(info, n)
	if err != nil {
		return nil, err
	}
	return f.read(info.Offset, int(n))
}

// find returns the open file that has n bytes at an offset. The lock is held.
func (s *source) find(info ExternalInfo, n int64) (*sideFile, error) {
	if s.closed {
		return nil, errClosed
	}
	location := path.Clean(info.Location)
	f := s.files[location]
	if f == nil {
		var err error
		if f, err = s.open(location); err != nil {
			return nil, err
		}
		if s.files == nil {
			s.files = map[string]*sideFile{}
		}
		s.files[location] = f
	}
	if n > f.size || info.Offset > f.size-n || n > math.MaxInt {
		return nil, fmt.Errorf("%w: %d bytes from %d on are not in a file of %d bytes", ErrMalformed, n, info.Offset, f.size)
	}
	return f, nil
}

// sideFile is an open file of external data.
type sideFile struct {
	f      *os.File // nil if mapped
	mapped []byte
	size   int64
}

func (f *sideFile) read(offset int64, n int) ([]byte, error) {
	if f.mapped != nil {
		return f.mapped[offset : offset+int64(n) : offset+int64(n)], nil
	}
	b := make([]byte, n)
	if _, err := f.f.ReadAt(b, offset); err != nil && n > 0 {
		return nil, err
	}
	return b, nil
}

// open opens a file below the model's folder that is a regular one, not a link, and has no other
// name: a hard link would show any file of the disk whose owner is the one who unpacked the model.
// The checks are made again on the open file, so a swap in between does not help.
func (s *source) open(p string) (*sideFile, error) {
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	name := filepath.FromSlash(p)
	before, err := plainFile(root, p)
	if err != nil {
		return nil, err
	}
	f, err := root.OpenFile(name, os.O_RDONLY|doNotWait, 0)
	if err != nil {
		return nil, err
	}
	side, err := checkOpen(f, before)
	if err != nil {
		f.Close()
		return nil, err
	}
	if side.size >= mapFrom && canMap && int64(int(side.size)) == side.size {
		if b, err := mapFile(f, int(side.size)); err == nil {
			s.maps = append(s.maps, b)
			side.mapped = b
			return side, f.Close()
		}
	}
	side.f = f
	return side, nil
}

// plainFile checks that no part of a path is a link and the last is a regular file.
func plainFile(root *os.Root, p string) (os.FileInfo, error) {
	parts := strings.Split(p, "/")
	for i := range parts {
		at := path.Join(parts[:i+1]...)
		info, err := root.Lstat(filepath.FromSlash(at))
		if err != nil {
			return nil, err
		}
		switch mode := info.Mode(); {
		case mode&os.ModeSymlink != 0:
			return nil, fmt.Errorf("%w: %s is a symbolic link; put the file itself there", ErrPath, at)
		case i < len(parts)-1 && !mode.IsDir(), i == len(parts)-1 && !mode.IsRegular():
			return nil, fmt.Errorf("%w: %s is no regular file", ErrPath, at)
		}
		if i == len(parts)-1 {
			return info, nil
		}
	}
	return nil, os.ErrNotExist
}

func checkOpen(f *os.File, before os.FileInfo) (*sideFile, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || !os.SameFile(before, info) {
		return nil, fmt.Errorf("%w: it was replaced while it was opened", ErrPath)
	}
	links, err := linksTo(f, info)
	if err != nil {
		return nil, err
	}
	if links > 1 {
		return nil, fmt.Errorf("%w: it is a hard link (the file has %d names); put a copy there", ErrPath, links)
	}
	return &sideFile{size: info.Size()}, nil
}
