package keras_test

import (
	"fmt"

	"github.com/onnxtool/onnxtool/convert/keras"
)

// A variational autoencoder samples z = mean + exp(log_var/2)*noise in a layer of its own class. A service
// wants the same answer each time: z = mean.
func ExampleOptions_layers() {
	_, err := keras.Convert("vae.keras", keras.Options{Layers: map[string]keras.LayerFunc{
		"Sampling": func(l *keras.Layer) []*keras.Value { return l.Inputs[:1] },
	}})
	fmt.Println(err)

	// The same by the layer's name, without Go: onnxtool convert vae.keras -o vae.onnx --replace z=x0
	_, err = keras.Convert("vae.keras", keras.Options{Replace: map[string]string{"z": "x0"}})
	fmt.Println(err)
	// Output:
	// stat vae.keras: no such file or directory
	// stat vae.keras: no such file or directory
}
