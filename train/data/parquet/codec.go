package parquet

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

// The most that a byte decompresses to: a copy of Snappy's takes 3 bytes and gives 64, a length in LZ4 grows by 255
// with each byte.
const (
	snappyRatio = 64
	lz4Ratio    = 255
)

// decompress returns what b holds, which must be size bytes. Memory is taken as it is filled, or where size is within
// what b can hold.
func (r *Reader) decompress(codec format.CompressionCodec, b []byte, size int) ([]byte, error) {
	switch codec {
	case format.Uncompressed:
		return b, checkSize(len(b), size)
	case format.Snappy:
		n, err := snappy.DecodedLen(b)
		if err != nil {
			return nil, fmt.Errorf("snappy: %w", err)
		}
		if n != size {
			return nil, checkSize(n, size)
		}
		if n > snappyRatio*len(b) {
			return nil, fmt.Errorf("snappy: %d bytes cannot hold %d", len(b), size)
		}
		out, err := snappy.Decode(nil, b)
		return out, wrap("snappy", err)
	case format.Lz4Raw:
		if size > lz4Ratio*len(b) {
			return nil, fmt.Errorf("lz4: %d bytes cannot hold %d", len(b), size)
		}
		out := make([]byte, size)
		n, err := lz4.UncompressBlock(b, out)
		if err != nil {
			return nil, wrap("lz4", err)
		}
		return out, checkSize(n, size)
	case format.Zstd:
		if r.zstd == nil {
			var err error
			if r.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(maxPage)); err != nil {
				return nil, err
			}
		}
		if err := r.zstd.Reset(bytes.NewReader(b)); err != nil {
			return nil, wrap("zstd", err)
		}
		return readExactly("zstd", r.zstd, size)
	case format.Gzip:
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil, wrap("gzip", err)
		}
		return readExactly("gzip", z, size)
	case format.Brotli:
		return readExactly("brotli", brotli.NewReader(bytes.NewReader(b)), size)
	case format.Lz4:
		return nil, errors.New("compression LZ4 is the deprecated one of Hadoop: write the file with LZ4_RAW, ZSTD or SNAPPY")
	}
	return nil, fmt.Errorf("compression %v is not supported: write the file with ZSTD or SNAPPY", codec)
}

// readExactly reads all of r, which must be size bytes.
func readExactly(codec string, r io.Reader, size int) ([]byte, error) {
	var out bytes.Buffer
	n, err := out.ReadFrom(io.LimitReader(r, int64(size)+1))
	if err != nil {
		return nil, wrap(codec, err)
	}
	return out.Bytes(), checkSize(int(n), size)
}

func checkSize(n, size int) error {
	switch {
	case n > size:
		return fmt.Errorf("the page decompresses to more than the %d bytes that its header says", size)
	case n < size:
		return fmt.Errorf("the page decompresses to %d bytes, its header says %d", n, size)
	}
	return nil
}

func wrap(codec string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", codec, err)
	}
	return nil
}
