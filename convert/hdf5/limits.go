package hdf5

import (
	"fmt"
	"sync/atomic"
)

// Options of [Open]. The zero value is ready for files from strangers.
type Options struct {
	Limits Limits
}

// Limits bound what one [File] may cost. A zero field means its default.
//
// The file as a whole has a budget of Base + Ratio*size bytes. Whatever is decoded (metadata,
// names, attribute values, elements of datasets) is charged to it, once for each object, so that
// reading a dataset twice is free but a thousand datasets laid over the same bytes are not.
// Elements are charged at the larger of their sizes in the file and in memory. A chunk may take
// half of the budget at most, because decoding holds it twice.
type Limits struct {
	// Base is the part of the budget that every file has, whatever its size. Default 16 MiB.
	Base int64
	// Ratio is how many decoded bytes each byte of the file justifies. Default 4. Raise it for
	// files that compress better than this.
	Ratio int64
	// Dataset is the most bytes that the elements of one dataset may take in memory. Default 1 TiB.
	Dataset int64
	// Attribute is the most bytes that the value of one attribute may take. Default 256 MiB.
	Attribute int64
	// Objects is how many groups, datasets and committed datatypes may be opened. Default 1<<20.
	Objects int64
	// Name is the most bytes of a link's or an attribute's name. Default 65535.
	Name int
	// Depth is the most components of a path, in calls and in soft links, and the deepest group
	// that Walk enters. Default 256.
	Depth int
	// SoftLinks is how many soft links one Open may pass through, as in HDF5. Default 16.
	SoftLinks int
}

// Bounds that no real file comes near, so they are not options.
const (
	maxRank      = 32 // H5S_MAX_RANK
	maxTypeDepth = 16 // types in types
	maxTreeDepth = 64 // levels of a B-tree or of indirect blocks
	maxFilters   = 32 // H5Z_MAX_NFILTERS
	workFactor   = 16 // bytes that decoding may produce, in budgets: bounds time, not memory
)

func (l Limits) withDefaults() Limits {
	def := func(p *int64, v int64) {
		if *p <= 0 {
			*p = v
		}
	}
	def(&l.Base, 16<<20)
	def(&l.Ratio, 4)
	def(&l.Dataset, 1<<40)
	def(&l.Attribute, 256<<20)
	def(&l.Objects, 1<<20)
	if l.Name <= 0 {
		l.Name = 65535
	}
	if l.Depth <= 0 {
		l.Depth = 256
	}
	if l.SoftLinks <= 0 {
		l.SoftLinks = 16
	}
	return l
}

// budget counts down what may still be decoded. It is safe for concurrent use.
type budget struct {
	total int64 // bytes
	left  atomic.Int64
	work  atomic.Int64
}

func (b *budget) init(l Limits, size int64) {
	b.total = l.Base
	if room := (1<<62 - l.Base) / l.Ratio; size > room {
		b.total = 1 << 62
	} else {
		b.total += l.Ratio * size
	}
	b.left.Store(b.total)
	b.work.Store(min(b.total, 1<<62/workFactor) * workFactor)
}

// charge takes n bytes for what.
func (b *budget) charge(n int64, what string) error {
	for {
		left := b.left.Load()
		if n < 0 || n > left {
			return fmt.Errorf("%w: %s needs %d bytes, %d of %d are left (Limits.Base, Limits.Ratio)",
				ErrLimit, what, n, left, b.total)
		}
		if b.left.CompareAndSwap(left, left-n) {
			return nil
		}
	}
}

// labour takes n bytes of decoding work.
func (b *budget) labour(n int64) error {
	if n < 0 || b.work.Add(-n) < 0 {
		return fmt.Errorf("%w: decoding takes more work than the file's size justifies (Limits.Base, Limits.Ratio)", ErrLimit)
	}
	return nil
}
