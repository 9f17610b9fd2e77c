package models_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/models"
	"github.com/onnxtool/onnxtool/onnxio/tensor"
	"github.com/onnxtool/onnxtool/train/data"
)

// TestAutoencoder trains on the embedded digits and holds the parts against the whole.
func TestAutoencoder(t *testing.T) {
	for _, variant := range []string{"plain", "denoising"} {
		tr, task := fit(t, "autoencoder", models.Options{Path: "digits", Variant: variant})
		if n := tr.NumParams(); n != 64*50+50+50*64+64 {
			t.Errorf("%s: %d parameters", variant, n)
		}
		if l := figure(t, tr, task.Validation, 0); l > .40 {
			t.Errorf("%s: validation loss %.4f, want at most .40", variant, l)
		}
		some, err := task.Validation.Slice(0, 3)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := tr.Predict(t.Context(), some.Inputs())
		if err != nil {
			t.Fatal(err)
		}
		code := runPart(t, tr, task.Parts[0], some.Inputs())
		got := tensor.Data[float32](runPart(t, tr, task.Parts[1], code)["reconstruction"])
		x, score := tensor.Data[float32](some.Target()), make([]float64, 3)
		for i, v := range tensor.Data[float32](whole[0]) {
			if d := got[i] - v; d > 1e-6 || d < -1e-6 {
				t.Fatalf("pixel %d: decoder after encoder %v, whole %v", i, got[i], v)
			}
			score[i/64] += float64(v-x[i]) * float64(v-x[i]) / 64
		}
		for i, v := range tensor.Data[float32](runPart(t, tr, task.Parts[2], some.Inputs())["score"]) {
			if d := float64(v) - score[i]; d > 1e-6 || d < -1e-6 {
				t.Errorf("image %d: score %v, want %v", i, v, score[i])
			}
		}
	}
	if n := parameters(prepare(t, "autoencoder", models.Options{Path: idxFolder(t, 28, 28)})); n != 79234 {
		t.Errorf("%d parameters for 28x28, want 79234", n)
	}
}

// idxFolder writes a few images in MNIST's files, one of them compressed.
func idxFolder(t *testing.T, h, w int) string {
	t.Helper()
	dir := t.TempDir()
	for name, shape := range map[string][]int{
		"train-images-idx3-ubyte": {6, h, w}, "train-labels-idx1-ubyte.gz": {6},
		"t10k-images.idx3-ubyte": {4, h, w}, "t10k-labels-idx1-ubyte": {4},
	} {
		x := tensor.Zeros[uint8](shape...)
		for i := range x.Data() {
			x.Data()[i] = uint8(i % 10)
		}
		var b bytes.Buffer
		if err := data.WriteIDX(&b, x); err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(name) == ".gz" {
			var z bytes.Buffer
			w := gzip.NewWriter(&z)
			w.Write(b.Bytes())
			w.Close()
			b = z
		}
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func Example_images() {
	r, err := models.Lookup("autoencoder")
	if err != nil {
		panic(err)
	}
	task, err := r.Prepare(models.Options{Path: "digits", Latent: 3}) // or "mnist", "fashion", a folder
	if err != nil {
		panic(err)
	}
	fmt.Println(task.Train.Len(), "images,", task.Validation.Len(), "for validation")
	for _, p := range task.Parts {
		fmt.Println(p.Name+":", p.About)
	}
	// Output:
	// 1437 images, 360 for validation
	// encoder: from an image to its code
	// decoder: from a code to the image
	// anomaly: how far an image is from its reconstruction: mean squared error of the pixels
}

// TestVAE trains each form on the embedded digits and holds the parts against each other.
func TestVAE(t *testing.T) {
	for variant, size := range map[string]struct{ rows, epochs, batch int }{"dense": {500, 6, 16}, "conv": {64, 6, 8}, "asymmetric": {200, 8, 16}} {
		task := prepare(t, "vae", models.Options{Path: "digits", Variant: variant, Rows: size.rows})
		task.Epochs, task.Batch = size.epochs, size.batch
		tr := fitTask(t, task, 1)
		start, trained := 64*math.Ln2, figure(t, tr, task.Validation, 0)
		if !(trained > 10 && trained < .9*start) {
			t.Errorf("%s: minus the ELBO is %.2f nats, %.2f before training", variant, trained, start)
		}
		some, err := task.Validation.Slice(0, 5)
		if err != nil {
			t.Fatal(err)
		}
		code := runPart(t, tr, task.Parts[0], some.Inputs())
		if s := code["log_var"].Shape(); !s.Equal(tensor.Shape{5, 2}) {
			t.Errorf("%s: log_var has the shape %v", variant, s)
		}
		got := tensor.Data[float32](runPart(t, tr, task.Parts[1], map[string]tensor.Any{"z": code["mu"]})["reconstruction"])
		want := tensor.Data[float32](runPart(t, tr, task.Parts[2], some.Inputs())["reconstruction"])
		for i := range want {
			if d := got[i] - want[i]; d > 1e-6 || d < -1e-6 {
				t.Fatalf("%s: pixel %d: decoder %v, deterministic whole %v", variant, i, got[i], want[i])
			}
		}
	}
	if n := parameters(prepare(t, "vae", models.Options{Path: idxFolder(t, 28, 28)})); n != 784*256+256+2*(256*2+2)+2*256+256+256*784+784 {
		t.Errorf("%d parameters for 28x28", n)
	}
	if _, err := recipe(t, "vae").Prepare(models.Options{Path: idxFolder(t, 6, 6), Variant: "conv"}); err == nil {
		t.Error("images of 6x6 are taken for the convolutions")
	}
}

func recipe(t *testing.T, name string) *models.Recipe {
	t.Helper()
	r, err := models.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestPhotos trains on a folder of images; what it lacks is said of both kinds of folders.
func TestPhotos(t *testing.T) {
	task := prepare(t, "autoencoder", models.Options{Path: "../train/data/images/testdata/images"})
	if s := task.Train.Target().Shape(); !s.Equal(tensor.Shape{8, 28, 28}) || task.Validation.Len() != 1 {
		t.Errorf("training images %v, %d for validation", s, task.Validation.Len())
	}
	if c := task.Images.Classes; len(c) != 4 || c[0] != "Ant" {
		t.Errorf("classes %v", c)
	}
	_, err := recipe(t, "autoencoder").Prepare(models.Options{Path: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "train-images-idx3-ubyte") || !strings.Contains(err.Error(), "has no images") {
		t.Errorf("an empty folder: error %v", err)
	}
}
