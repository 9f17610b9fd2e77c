package keras

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/onnxtool/onnxtool/internal/op"
)

// files are those of a model: members of a .keras archive, or what lies in one folder. Names are looked
// up among those that there are; nothing is unpacked to disk and nothing outside is opened.
type files interface {
	// open returns a file of at most limit bytes. The error is fs.ErrNotExist where there is none.
	open(name string, limit int64) (part, error)
	// names lists them.
	names() []string
}

// part is one of them, open, of size bytes.
type part struct {
	io.ReaderAt
	size int64
}

// bytes reads a part whole.
func (p part) bytes(name string) ([]byte, error) {
	b := make([]byte, p.size)
	if n, err := p.ReadAt(b, 0); int64(n) < p.size {
		return nil, op.Malformedf("%s: %v", name, err)
	}
	return b, nil
}

// load reads a part of at most limit bytes.
func load(p files, name string, limit int64) ([]byte, error) {
	f, err := p.open(name, limit)
	if err != nil {
		return nil, err
	}
	return f.bytes(name)
}

// archive is a .keras file.
type archive struct {
	r     io.ReaderAt
	size  int64
	files map[string]*zip.File
}

func newArchive(r io.ReaderAt, size int64) (*archive, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, op.Malformedf("%v", err)
	}
	a := &archive{r: r, size: size, files: map[string]*zip.File{}}
	for _, f := range z.File {
		if a.files[f.Name] != nil {
			return nil, op.Malformedf("two files %s in the archive", f.Name)
		}
		a.files[f.Name] = f
	}
	return a, nil
}

func (a *archive) names() []string { return slices.Sorted(maps.Keys(a.files)) }

// open reads a member, which must not have more than limit bytes whatever it says. What is stored as it is,
// such as Keras's weights, stays in the file; its checksum is verified all the same.
func (a *archive) open(name string, limit int64) (part, error) {
	f := a.files[name]
	if f == nil {
		return part{}, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	if strings.HasSuffix(name, ".json") { // Keras does not compress it, and decoded it takes ten times its text
		limit = min(limit, 4<<20+a.size)
	}
	// A ratio above this is a bomb: weights hardly compress, JSON by 20.
	if f.UncompressedSize64 > uint64(limit) || f.UncompressedSize64 > 1<<20+200*f.CompressedSize64 {
		return part{}, fmt.Errorf("%w: %s unpacks to %d bytes", op.ErrLimit, name, f.UncompressedSize64)
	}
	r, err := f.Open()
	if err != nil {
		return part{}, op.Malformedf("%s: %v", name, err)
	}
	defer r.Close()
	var b bytes.Buffer
	var to io.Writer = &b
	stored := f.Method == zip.Store
	if stored {
		to = io.Discard
	} else {
		b.Grow(int(f.UncompressedSize64))
	}
	n, err := io.Copy(to, io.LimitReader(r, limit+1))
	if err != nil {
		return part{}, op.Malformedf("%s: %v", name, err)
	}
	if n > limit {
		return part{}, fmt.Errorf("%w: %s unpacks to more than %d bytes", op.ErrLimit, name, limit)
	}
	if !stored {
		return part{bytes.NewReader(b.Bytes()), n}, nil
	}
	at, err := f.DataOffset()
	if err != nil {
		return part{}, op.Malformedf("%s: %v", name, err)
	}
	return part{io.NewSectionReader(a.r, at, n), n}, nil
}

// folder is a folder with a model's files, which stay open until it is closed.
type folder struct {
	root   *os.Root
	byName map[string]part
	opened []part
}

func newFolder(dir string) (*folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &folder{root: root, byName: map[string]part{}}, nil
}

func (d *folder) close() {
	for _, p := range d.opened {
		p.ReaderAt.(*os.File).Close()
	}
	d.root.Close()
}

func (d *folder) names() []string {
	list, err := fs.ReadDir(d.root.FS(), ".")
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range list {
		out = append(out, e.Name())
	}
	return out
}

// open opens a regular file in the folder; a symbolic link cannot lead out of it.
func (d *folder) open(name string, limit int64) (part, error) {
	if !fs.ValidPath(name) {
		return part{}, op.Malformedf("%q is no path inside the folder", name)
	}
	if p, ok := d.byName[name]; ok && p.size <= limit {
		return p, nil
	}
	info, err := d.root.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return part{}, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	if err != nil {
		return part{}, err
	}
	if !info.Mode().IsRegular() {
		return part{}, op.Malformedf("%s is not a regular file", name)
	}
	if info.Size() > limit {
		return part{}, fmt.Errorf("%w: %s has %d bytes", op.ErrLimit, name, info.Size())
	}
	f, err := d.root.Open(name)
	if err != nil {
		return part{}, err
	}
	p := part{f, info.Size()}
	d.opened, d.byName[name] = append(d.opened, p), p
	return p, nil
}
