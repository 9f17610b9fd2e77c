package keras_test

import (
	"fmt"
	"log"

	"github.com/onnxtool/onnxtool/convert/keras"
	"github.com/onnxtool/onnxtool/onnxio"
)

// Convert a Keras file and save it as ONNX.
func ExampleConvert() {
	m, err := keras.Convert("model.keras", keras.Options{})
	if err != nil {
		log.Fatal(err) // everything that cannot be converted, all at once
	}
	if err := onnxio.Save("model.onnx", m, onnxio.SaveOptions{}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(m.Graph.Node), "nodes")
}
