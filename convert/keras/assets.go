package keras

import (
	"errors"
	"io/fs"
	"slices"

	"github.com/onnxtool/onnxtool/internal/op"
)

// maxAsset bounds a layer's file.
const maxAsset = 256 << 20

// assets are the files that layers have beside their weights; a .h5 file has none.
type assets struct{ files files }

// read returns a layer's file: assets/layers/<group>/<name>, nested models in between. The path is made
// of the model's structure and looked up among the model's; nothing is unpacked to disk.
func (a assets) read(weights store, path []position, name string) ([]byte, error) {
	dirs := [3]string{"assets", "assets", "assets"}
	for _, p := range path {
		dirs[0] += "/layers/" + p.group
		dirs[1] += "/layers/" + p.name
	}
	if s, ok := weights.(*treeStore); ok {
		dirs[2] += s.checkpoints(path)
	}
	for _, dir := range dirs {
		if a.files == nil || !fs.ValidPath(dir) {
			continue
		}
		if b, err := load(a.files, dir+"/"+name, maxAsset); !errors.Is(err, fs.ErrNotExist) {
			return b, err
		}
	}
	return nil, op.Unsupportedf("the vocabulary is not in the file: adapt the layer and save as .keras, or give it as a list")
}

// asset reads one of the layer's files.
func (x *emit) asset(name string) ([]byte, error) {
	return x.converter.assets.read(x.converter.store, append(slices.Clone(x.path), x.at), name)
}
