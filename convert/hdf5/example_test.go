package hdf5_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/onnxtool/onnxtool/convert/hdf5"
)

// Example lists a file and reads a dataset and an attribute of it.
func Example() {
	z, err := os.Open("testdata/userblock.h5.gz") // an ordinary .h5 is opened as it is
	if err != nil {
		log.Fatal(err)
	}
	defer z.Close()
	r, err := gzip.NewReader(z)
	if err != nil {
		log.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		log.Fatal(err)
	}

	f, err := hdf5.Open(bytes.NewReader(b), int64(len(b)), hdf5.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(f.Root().Names())
	x, err := f.Root().Dataset("x")
	if err != nil {
		log.Fatal(err)
	}
	v, err := x.ReadFloat32()
	fmt.Println(x.Type(), x.Shape(), v, err)
	text, ok, err := f.Root().Attr("text")
	if !ok || err != nil {
		log.Fatal(ok, err)
	}
	fmt.Println(text.Text())
	// Output:
	// [g h s x z]
	// float32 [5] [0 1 2 3 4] <nil>
	// hello <nil>
}
