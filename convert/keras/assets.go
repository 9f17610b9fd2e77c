package keras

import (
	"archive/zip"
	"slices"

	"github.com/onnxtool/onnxtool/internal/op"
)

// maxAsset bounds a layer's file.
const maxAsset = 256 << 20

// assets are the files of a .keras archive; a .h5 file has none.
type assets struct{ files map[string]*zip.File }

// read returns a layer's file: assets/layers/<group>/<name>, nested models in between. The path is made
// of the model's structure and looked up among the archive's own names; nothing is unpacked to disk.
func (a assets) read(path []position, name string) ([]byte, error) {
	for _, pick := range []func(p position) string{
		func(p position) string { return p.group },
		func(p position) string { return p.name },
	} {
		dir := "assets"
		for _, p := range path {
			dir += "/layers/" + pick(p)
		}
		if f := a.files[dir+"/"+name]; f != nil {
			return unzip(f, f.Name, maxAsset)
		}
	}
	return nil, op.Unsupportedf("the vocabulary is not in the file: adapt the layer and save as .keras, or give it as a list")
}

// asset reads one of the layer's files.
func (x *emit) asset(name string) ([]byte, error) {
	return x.converter.assets.read(append(slices.Clone(x.path), x.at), name)
}
