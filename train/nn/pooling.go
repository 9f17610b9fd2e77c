package nn

import "github.com/onnxtool/onnxtool/internal/op"

// MaxPooling1D is the greatest number of each window of each channel of series [batch, steps, channels].
type MaxPooling1D struct {
	Name       string
	PoolSize   int    // 2 where zero
	Strides    int    // PoolSize where zero
	Padding    string // valid (default), same
	DataFormat string
}

// LayerName implements [Named].
func (l *MaxPooling1D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *MaxPooling1D) Build(b *Builder, in ...*Value) []*Value {
	return b.pool("MaxPool", in[0], window{"MaxPooling1D", []int{l.PoolSize}, []int{l.Strides}, nil, l.Padding, l.DataFormat})
}

// MaxPooling2D is the greatest number of each window of each channel of images [batch, height, width, channels].
type MaxPooling2D struct {
	Name       string
	PoolSize   [2]int // 2 where zero
	Strides    [2]int // PoolSize where zero
	Padding    string // valid (default), same
	DataFormat string
}

// LayerName implements [Named].
func (l *MaxPooling2D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *MaxPooling2D) Build(b *Builder, in ...*Value) []*Value {
	return b.pool("MaxPool", in[0], window{"MaxPooling2D", l.PoolSize[:], l.Strides[:], nil, l.Padding, l.DataFormat})
}

// MaxPooling3D is the greatest number of each window of each channel of volumes [batch, depth, height, width, channels].
type MaxPooling3D struct {
	Name       string
	PoolSize   [3]int // 2 where zero
	Strides    [3]int // PoolSize where zero
	Padding    string // valid (default), same
	DataFormat string
}

// LayerName implements [Named].
func (l *MaxPooling3D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *MaxPooling3D) Build(b *Builder, in ...*Value) []*Value {
	return b.pool("MaxPool", in[0], window{"MaxPooling3D", l.PoolSize[:], l.Strides[:], nil, l.Padding, l.DataFormat})
}

// AveragePooling1D is the mean of each window of each channel of series [batch, steps, channels]; what lies outside does not count.
type AveragePooling1D struct {
	Name       string
	PoolSize   int    // 2 where zero
	Strides    int    // PoolSize where zero
	Padding    string // valid (default), same
	DataFormat string
}

// LayerName implements [Named].
func (l *AveragePooling1D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *AveragePooling1D) Build(b *Builder, in ...*Value) []*Value {
	return b.pool("AveragePool", in[0], window{"AveragePooling1D", []int{l.PoolSize}, []int{l.Strides}, nil, l.Padding, l.DataFormat})
}

// AveragePooling2D is the mean of each window of each channel of images [batch, height, width, channels]; what lies outside does not count.
type AveragePooling2D struct {
	Name       string
	PoolSize   [2]int // 2 where zero
	Strides    [2]int // PoolSize where zero
	Padding    string // valid (default), same
	DataFormat string
}

// LayerName implements [Named].
func (l *AveragePooling2D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *AveragePooling2D) Build(b *Builder, in ...*Value) []*Value {
	return b.pool("AveragePool", in[0], window{"AveragePooling2D", l.PoolSize[:], l.Strides[:], nil, l.Padding, l.DataFormat})
}

// AveragePooling3D is the mean of each window of each channel of volumes [batch, depth, height, width, channels]; what lies outside does not count.
type AveragePooling3D struct {
	Name       string
	PoolSize   [3]int // 2 where zero
	Strides    [3]int // PoolSize where zero
	Padding    string // valid (default), same
	DataFormat string
}

// LayerName implements [Named].
func (l *AveragePooling3D) LayerName() string { return l.Name }

// Build implements [Layer].
func (l *AveragePooling3D) Build(b *Builder, in ...*Value) []*Value {
	return b.pool("AveragePool", in[0], window{"AveragePooling3D", l.PoolSize[:], l.Strides[:], nil, l.Padding, l.DataFormat})
}

// pool emits a pooling.
func (b *Builder) pool(name string, x *Value, w window) []*Value {
	size, strides := make([]int, len(w.size)), make([]int, len(w.size))
	for i := range size {
		size[i], strides[i] = w.size[i], w.strides[i]
		if size[i] == 0 {
			size[i] = 2
		}
		if strides[i] == 0 {
			strides[i] = size[i]
		}
	}
	w.size, w.strides = size, strides
	if w.padding == "causal" || !w.fill(b, x) {
		b.Fail(op.Unsupportedf("%s with padding causal", w.layer))
		return []*Value{x}
	}
	v := b.channelsFirst(x, w.format)
	return []*Value{b.dataFormat(b.Emit(1, name, []*Value{v}, w.attrs(v)...)[0], w.format)}
}
