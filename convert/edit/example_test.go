package edit_test

import (
	"fmt"
	"log"

	"github.com/onnxtool/onnxtool/convert/edit"
	"github.com/onnxtool/onnxtool/onnxio"
)

// The model wants a scaled number and a vendor's index; the service has the number as measured and the vendor's name.
func ExamplePreprocess() {
	model, err := onnxio.ParseText(`<ir_version: 8, opset_import: ["" : 18]>
net (float[n,1] x, int64[n,1] index) => (float[n,1,1] y) <float[3,1] table = {0.1, 0.2, 0.3}> {
  e = Gather(table, index)
  y = Mul(e, x)
}`)
	if err != nil {
		log.Fatal(err)
	}
	vendors, err := edit.ParseDictionary([]byte(`{"[UNK]": 0, "anna": 1, "ben": 2}`))
	if err != nil {
		log.Fatal(err)
	}
	service, err := edit.Preprocess(model, []edit.Input{
		{Name: "x", Columns: []edit.Column{{Name: "weight"}}, Scale: &edit.Scaler{Offset: []float64{40}, Factor: []float64{.1}}},
		{Name: "index", Columns: []edit.Column{{Name: "vendor", Map: vendors}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, in := range service.Graph.Input {
		fmt.Println(in.Name, in.Type.TensorType.DType())
	}
	// Output:
	// weight f32
	// vendor string
}
