// Package hdf5 reads HDF5 files: groups, datasets and attributes, from any [io.ReaderAt], without
// cgo and without trusting a byte of what it reads.
//
// It follows the HDF5 File Format Specification 3.0 and covers what h5py and Keras write, and the
// rest of the format as far as numbers and strings go:
//
//   - superblocks 0 to 3, user blocks, address and length sizes of 2, 4 and 8 bytes;
//   - groups old (symbol tables) and new (link messages, dense storage in fractal heaps);
//   - datasets compact, contiguous and chunked, with every chunk index the format has (B-tree 1
//     and 2, single chunk, implicit, fixed array, extensible array), and the filters deflate,
//     shuffle and fletcher32;
//   - integers of 1 to 8 bytes, floats up to 64 bits in any IEEE-like layout (half, bfloat16), both
//     byte orders, booleans as h5py stores them, enumerations, fixed and variable-length strings,
//     opaque elements, arrays of these; committed and shared datatypes; fill values;
//   - attributes in object headers and in dense storage.
//
// What it does not read is refused by name with an error that matches [ErrUnsupported]: compound,
// time, complex and variable-length types other than strings, references as anything but bytes,
// the filters szip, nbit, scale-offset, LZF and third parties', multi-file drivers. What would
// reach outside the file, namely external links, external storage and virtual datasets, matches
// [ErrExternal] and is never followed.
//
// Every checksum that the file carries is verified. Memory and work are held to a multiple of the
// file's size by [Limits], so a small file cannot ask for a large allocation.
//
//	f, err := hdf5.Open(file, size, hdf5.Options{})
//	...
//	kernel, err := f.Root().Dataset("model_weights/dense/kernel:0")
//	...
//	w, err := kernel.ReadFloat32()
package hdf5
